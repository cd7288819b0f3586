//! Variables of paths, which stay inside their segment, or inside their value in a query that is part of the path.

use syn::visit_mut::VisitMut;
use syn::{Expr, ImplItemFn, Lit, parse_quote};

/// Encodes the variables of a path; returns how many there were.
pub(super) fn encode(function: &mut ImplItemFn) -> usize {
    let mut variables = Variables(0);
    variables.visit_impl_item_fn_mut(function);
    variables.0
}

struct Variables(usize);

impl VisitMut for Variables {
    fn visit_macro_mut(&mut self, mac: &mut syn::Macro) {
        type Arguments = syn::punctuated::Punctuated<Expr, syn::Token![,]>;
        if !mac.path.is_ident("format") || !mac.tokens.to_string().contains("encode_path (") {
            return;
        }
        let Ok(mut arguments) = mac.parse_body_with(Arguments::parse_terminated) else { return };
        let query = first_of_query(arguments.first());
        for (index, argument) in arguments.iter_mut().enumerate() {
            if let Expr::Call(call) = argument
                && matches!(&*call.func, Expr::Path(path) if path.path.is_ident("encode_path"))
            {
                let inner = &call.args;
                *argument = if index < query {
                    parse_quote!(::auth_transport::path_segment(#inner)?)
                } else {
                    parse_quote!(::auth_transport::query_value(#inner))
                };
                self.0 += 1;
            }
        }
        mac.tokens = quote::quote!(#arguments);
    }
}

/// The index of the first argument of `format!` that is in the query.
fn first_of_query(format: Option<&Expr>) -> usize {
    match format {
        Some(Expr::Lit(literal)) => match &literal.lit {
            Lit::Str(text) => {
                text.value().split_once('?').map_or(usize::MAX, |(path, _)| path.matches("{}").count() + 1)
            }
            _ => usize::MAX,
        },
        _ => usize::MAX,
    }
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;

    use super::*;

    #[test]
    fn variables_stay_inside_of_their_segment_or_value() {
        let code = "async fn f() { let u = format!(\"{}/a/{}?b={}\", self.baseurl, encode_path(&id.to_string()), encode_path(&b.to_string()),); }";
        let mut function: ImplItemFn = syn::parse_str(code).expect("valid code");
        assert_eq!(encode(&mut function), 2);
        let code = function.to_token_stream().to_string();
        assert!(code.contains("auth_transport :: path_segment (& id . to_string ()) ?"), "{code}");
        assert!(code.contains("auth_transport :: query_value (& b . to_string ())"), "{code}");
    }
}
