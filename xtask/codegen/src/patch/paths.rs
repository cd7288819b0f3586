//! Variables of paths, which stay inside their segment, or inside their value in a query that is part of the path.

use syn::visit_mut::VisitMut;
use syn::{Expr, ImplItemFn, Lit, parse_quote};

/// Encodes the variables of a path; returns how many there were.
pub(super) fn encode(function: &mut ImplItemFn) -> usize {
    let mut variables = Variables(0);
    variables.visit_impl_item_fn_mut(function);
    variables.0
}

/// Restores the empty segments of a path, which progenitor drops.
pub(super) fn keep_empty_segments(function: &mut ImplItemFn, path: &str) {
    if !path.contains("//") {
        return;
    }
    let mut dropped = path.to_owned();
    while dropped.contains("//") {
        dropped = dropped.replace("//", "/");
    }
    let format = |path: &str| format!("{{}}{}", without_names(path));
    let mut texts = Texts([(format(&dropped), format(path)), (format!("to `{dropped}`"), format!("to `{path}`"))]);
    texts.visit_impl_item_fn_mut(function);
}

/// The path with `{}` for each variable.
fn without_names(path: &str) -> String {
    let mut parts = path.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + "{}" + part.split_once('}').map_or("", |(_, rest)| rest))
}

/// Replaces texts: that of `format!`, which is a whole literal, and a part of the documentation.
struct Texts([(String, String); 2]);

impl VisitMut for Texts {
    fn visit_macro_mut(&mut self, mac: &mut syn::Macro) {
        let [(before, after), _] = &self.0;
        let token = |token: proc_macro2::TokenTree| match &token {
            proc_macro2::TokenTree::Literal(literal) if literal.to_string() == format!("{before:?}") => {
                proc_macro2::Literal::string(after).into()
            }
            _ => token,
        };
        mac.tokens = std::mem::take(&mut mac.tokens).into_iter().map(token).collect();
    }

    fn visit_attribute_mut(&mut self, attr: &mut syn::Attribute) {
        let [_, (before, after)] = &self.0;
        if let syn::Meta::NameValue(doc) = &mut attr.meta
            && let Expr::Lit(literal) = &mut doc.value
            && let Lit::Str(text) = &mut literal.lit
        {
            *text = syn::LitStr::new(&text.value().replace(before, after), text.span());
        }
    }
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
    fn empty_segments_are_part_of_a_path() {
        let code = "#[doc = \"Sends a `GET` request to `/a/{id}/`\"] async fn f() { let u = format!(\"{}/a/{}/\", self.baseurl, id,); }";
        let mut function: ImplItemFn = syn::parse_str(code).expect("valid code");
        keep_empty_segments(&mut function, "/a//{id}//");
        let code = function.to_token_stream().to_string();
        assert!(code.contains("\"{}/a//{}//\" ,") && code.contains("request to `/a//{id}//`"), "{code}");
    }

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
