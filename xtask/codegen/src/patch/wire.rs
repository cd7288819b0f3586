//! Corrects generated methods where progenitor ignores what the document says about the wire.

use std::collections::BTreeMap;

use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprMethodCall, FnArg, ImplItemFn, Lit, LitStr, Pat, parse_quote};

use crate::names::pascal;
use crate::rule::Wire;

/// Sends `OPTIONS` and `TRACE` by their names, as the HTTP client has no functions for them.
pub(super) fn name_methods(function: &mut ImplItemFn) {
    struct Methods;
    impl VisitMut for Methods {
        fn visit_expr_method_call_mut(&mut self, call: &mut ExprMethodCall) {
            visit_mut::visit_expr_method_call_mut(self, call);
            let method: Expr = match call.method.to_string().as_str() {
                "options" => parse_quote!(::reqwest::Method::OPTIONS),
                "trace" => parse_quote!(::reqwest::Method::TRACE),
                _ => return,
            };
            let is_client = matches!(&*call.receiver, Expr::Field(field)
                if matches!(&field.member, syn::Member::Named(name) if name == "client"));
            if is_client {
                call.method = quote::format_ident!("request");
                call.args.insert(0, method);
            }
        }
    }
    Methods.visit_impl_item_fn_mut(function);
}

/// Puts one method right.
pub(super) fn correct(function: &mut ImplItemFn, wire: &Wire) {
    if wire.optional_body {
        for input in &mut function.sig.inputs {
            if let FnArg::Typed(input) = input
                && matches!(&*input.pat, Pat::Ident(pat) if pat.ident == "body")
            {
                let kind = &input.ty;
                *input.ty = parse_quote!(Option<#kind>);
            }
        }
    }
    let mut correct = Correct { wire, accepted: false };
    correct.visit_block_mut(&mut function.block);
    if let (Some(accept), false) = (&wire.accept, correct.accepted) {
        AddAccept(accept).visit_block_mut(&mut function.block);
    }
}

struct Correct<'a> {
    wire: &'a Wire,
    accepted: bool,
}

impl VisitMut for Correct<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        // `form_urlencoded(..)?` is handled as a whole.
        if let Expr::Try(inner) = expr {
            if let Expr::MethodCall(call) = &*inner.expr
                && call.method == "form_urlencoded"
                && self.wire.optional_body
            {
                let receiver = &call.receiver;
                *expr = parse_quote!({
                    let builder = #receiver;
                    match body { Some(body) => builder.form_urlencoded(&body)?, None => builder }
                });
            }
            return;
        }
        let Expr::MethodCall(call) = expr else { return };
        if call.method == "header" {
            self.header(call);
        } else if call.method == "json" {
            let receiver = &call.receiver;
            let typed: Expr = match &self.wire.content_type {
                Some(name) => parse_quote!(builder.header(
                    ::reqwest::header::CONTENT_TYPE,
                    ::reqwest::header::HeaderValue::from_static(#name)
                )),
                None => parse_quote!(builder),
            };
            if self.wire.optional_body {
                *expr = parse_quote!({
                    let builder = #receiver;
                    match body { Some(body) => #typed.json(&body), None => builder }
                });
            } else if self.wire.content_type.is_some() {
                *expr = parse_quote!({ let builder = #receiver; #typed.json(&body) });
            }
        } else if call.method == "append" {
            rename(call.args.first_mut(), &self.wire.parameters);
        }
    }

    fn visit_expr_call_mut(&mut self, call: &mut syn::ExprCall) {
        visit_mut::visit_expr_call_mut(self, call);
        let is_query =
            matches!(&*call.func, Expr::Path(path) if path.path.segments.iter().any(|part| part.ident == "QueryParam"));
        if is_query {
            rename(call.args.first_mut(), &self.wire.parameters);
        }
    }
}

impl Correct<'_> {
    fn header(&mut self, call: &mut ExprMethodCall) {
        let is = |name: &str| matches!(call.args.first(), Some(Expr::Path(path)) if path.path.segments.last().is_some_and(|last| last.ident == name));
        let (accept, content) = (is("ACCEPT"), is("CONTENT_TYPE"));
        let new = match (accept, content) {
            (true, _) => self.wire.accept.as_ref(),
            (_, true) => self.wire.content_type.as_ref(),
            _ => None,
        };
        if let (Some(new), Some(Expr::Call(value))) = (new, call.args.last_mut())
            && let Some(Expr::Lit(literal)) = value.args.first_mut()
            && let Lit::Str(text) = &mut literal.lit
        {
            *text = LitStr::new(new, text.span());
            self.accepted |= accept;
        }
    }
}

fn rename(argument: Option<&mut Expr>, names: &BTreeMap<String, String>) {
    if let Some(Expr::Lit(literal)) = argument
        && let Lit::Str(text) = &mut literal.lit
        && let Some(new) = names.get(&text.value())
    {
        *text = LitStr::new(new, text.span());
    }
}

struct AddAccept<'a>(&'a str);

impl VisitMut for AddAccept<'_> {
    fn visit_expr_method_call_mut(&mut self, call: &mut ExprMethodCall) {
        visit_mut::visit_expr_method_call_mut(self, call);
        if call.method == "build" {
            let (receiver, accept) = (&call.receiver, self.0);
            *call.receiver = parse_quote!(#receiver.header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static(#accept)
            ));
        }
    }
}

/// Gives fields the names on the wire that the document has for them; returns how many it gave.
pub(super) fn rename_fields(file: &mut syn::File, properties: &BTreeMap<String, BTreeMap<String, String>>) -> usize {
    struct Fields<'a>(BTreeMap<String, &'a BTreeMap<String, String>>, usize);
    impl VisitMut for Fields<'_> {
        fn visit_item_struct_mut(&mut self, item: &mut syn::ItemStruct) {
            let Some(names) = self.0.get(&item.ident.to_string()) else { return };
            for attr in item.fields.iter_mut().flat_map(|field| &mut field.attrs) {
                let Some(old) = crate::attributes::renamed(std::slice::from_ref(attr)) else { continue };
                let Some(new) = names.get(&old) else { continue };
                if let syn::Meta::List(list) = &mut attr.meta {
                    let tokens = list.tokens.clone().into_iter().map(|token| match &token {
                        proc_macro2::TokenTree::Literal(literal) if literal.to_string() == format!("{old:?}") => {
                            proc_macro2::Literal::string(new).into()
                        }
                        _ => token,
                    });
                    list.tokens = tokens.collect();
                    self.1 += 1;
                }
            }
        }
    }
    let mut fields = Fields(properties.iter().map(|(name, all)| (pascal(name), all)).collect(), 0);
    fields.visit_file_mut(file);
    fields.1
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;

    use super::*;

    fn run(wire: &Wire, body: &str) -> String {
        let code = format!("async fn f(&self, body: &'a types::B) -> R {{ {body} }}");
        let mut function: ImplItemFn = syn::parse_str(&code).expect("valid code");
        correct(&mut function, wire);
        function.to_token_stream().to_string().replace(' ', "")
    }

    const JSON: &str = "let r = self.client.post(url)
        .header(::reqwest::header::ACCEPT, ::reqwest::header::HeaderValue::from_static(\"application/json\"))
        .json(&body).build()?;";

    #[test]
    fn an_optional_body_is_an_option_and_sent_if_it_is_there() {
        let wire = Wire { optional_body: true, ..Wire::default() };
        let code = run(&wire, JSON);
        assert!(code.contains("body:Option<&'atypes::B>"), "{code}");
        assert!(code.contains("matchbody{Some(body)=>builder.json(&body),None=>builder}}.build()?"), "{code}");
        let code = run(&wire, "let r = self.client.post(url).form_urlencoded(&body)?.build()?;");
        assert!(code.contains("Some(body)=>builder.form_urlencoded(&body)?,None=>builder}}.build()?"), "{code}");
    }

    #[test]
    fn headers_say_what_the_document_says() {
        let wire = Wire {
            accept: Some("application/problem+json".to_owned()),
            content_type: Some("application/merge-patch+json".to_owned()),
            ..Wire::default()
        };
        let code = run(&wire, JSON);
        assert!(
            code.contains("ACCEPT,::reqwest::header::HeaderValue::from_static(\"application/problem+json\")"),
            "{code}"
        );
        assert!(
            code.contains(
                "CONTENT_TYPE,::reqwest::header::HeaderValue::from_static(\"application/merge-patch+json\")).json("
            ),
            "{code}"
        );
        let code = run(&wire, "let r = self.client.get(url).build()?;");
        assert!(code.contains("from_static(\"application/problem+json\")).build()?"), "{code}");
    }

    #[test]
    fn parameters_have_their_own_names_on_the_wire() {
        let parameters = BTreeMap::from([("id_2".to_owned(), "id".to_owned()), ("x_2".to_owned(), "X".to_owned())]);
        let wire = Wire { parameters, ..Wire::default() };
        let code =
            run(&wire, "header_map.append(\"x_2\", v); q(&progenitor_client::QueryParam::new(\"id_2\", &id_2));");
        assert!(code.contains("append(\"X\",v)") && code.contains("QueryParam::new(\"id\",&id_2)"), "{code}");
    }

    #[test]
    fn methods_without_a_function_are_sent_by_their_names() {
        for (before, after) in [
            ("self.client.options(url)", "self.client.request(::reqwest::Method::OPTIONS,url)"),
            ("self.client.trace(url)", "self.client.request(::reqwest::Method::TRACE,url)"),
            ("self.client.get(url)", "self.client.get(url)"),
            ("options.trace(url)", "options.trace(url)"),
        ] {
            let mut function: ImplItemFn = syn::parse_str(&format!("fn f() {{ {before} }}")).expect("valid code");
            name_methods(&mut function);
            let code = function.to_token_stream().to_string().replace(' ', "");
            assert!(code.contains(after), "{code}");
        }
    }

    #[test]
    fn fields_get_their_names_back() {
        let mut file = syn::parse_str("struct AB { #[serde(rename = \"a-2\", default)] a_2: u8 }").expect("valid code");
        let names = BTreeMap::from([("a_b".to_owned(), BTreeMap::from([("a-2".to_owned(), "A".to_owned())]))]);
        assert_eq!(rename_fields(&mut file, &names), 1);
        assert!(file.to_token_stream().to_string().contains("rename = \"A\" , default"));
    }
}
