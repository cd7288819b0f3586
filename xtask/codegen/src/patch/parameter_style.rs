//! Parameter styles as expressions of generated code.

use quote::format_ident;
use syn::{Expr, parse_quote};

use crate::requests::Style;

/// `ParameterStyle` of `auth-transport`.
pub(super) fn style(style: &Style) -> Expr {
    let variant = format_ident!("{}", style.variant());
    match style {
        Style::Delimited(delimiters) => {
            parse_quote!(::auth_transport::ParameterStyle::#variant(&[#(#delimiters),*]))
        }
        _ => parse_quote!(::auth_transport::ParameterStyle::#variant),
    }
}
