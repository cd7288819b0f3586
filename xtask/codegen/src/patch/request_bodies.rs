//! Replaces the code that encodes a body which `auth-transport` encodes, or which may be absent.

use syn::visit_mut::{self, VisitMut};
use syn::{Expr, FnArg, GenericParam, ImplItemFn, Pat, parse_quote};

use super::parameter_style::style;
use crate::requests::{BodyForm, Member};
use crate::rule::Wire;

/// Replaces the code of one method; returns how many bodies it had.
pub(super) fn encode(function: &mut ImplItemFn, wire: &Wire) -> usize {
    let mut bodies = Bodies { wire, count: 0 };
    bodies.visit_block_mut(&mut function.block);
    if wire.optional_body {
        make_raw_body_optional(function);
    }
    bodies.count
}

/// Replaces the code that encodes the body.
struct Bodies<'a> {
    wire: &'a Wire,
    count: usize,
}

impl VisitMut for Bodies<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        let is_form = matches!(self.wire.form, Some(BodyForm::Form(_)));
        let is_multipart = matches!(self.wire.form, Some(BodyForm::Multipart(..)));
        let receiver = match expr {
            // `form_urlencoded(..)?` is handled as a whole.
            Expr::Try(inner) => match &*inner.expr {
                Expr::MethodCall(call) if is_form && call.method == "form_urlencoded" => &call.receiver,
                _ => return,
            },
            Expr::MethodCall(call) if is_multipart && call.method == "json" => &call.receiver,
            Expr::MethodCall(call) if self.wire.optional_body && call.method == "body" => {
                // The header is sent only with a body.
                let Expr::MethodCall(header) = &*call.receiver else { return };
                let (receiver, arguments) = (&header.receiver, &header.args);
                *expr = parse_quote!({
                    let builder = #receiver;
                    match body { Some(body) => builder.header(#arguments).body(body), None => builder }
                });
                self.count += 1;
                return;
            }
            _ => return,
        };
        let encoded: Expr = match &self.wire.form {
            Some(BodyForm::Form(members)) => {
                let encodings = members.iter().map(encoding);
                parse_quote!(builder
                    .header(
                        ::reqwest::header::CONTENT_TYPE,
                        ::reqwest::header::HeaderValue::from_static("application/x-www-form-urlencoded")
                    )
                    .body(::auth_transport::form_body(&body, &[#(#encodings),*])?))
            }
            Some(BodyForm::Multipart(kind, members)) => {
                let encodings = members.iter().map(encoding);
                parse_quote!(::auth_transport::multipart_body(builder, #kind, &body, &[#(#encodings),*])?)
            }
            None => return,
        };
        *expr = if self.wire.optional_body {
            parse_quote!({ let builder = #receiver; match body { Some(body) => #encoded, None => builder } })
        } else {
            parse_quote!({ let builder = #receiver; #encoded })
        };
        self.count += 1;
    }
}

fn encoding(member: &Member) -> Expr {
    let name = &member.name;
    let mut encoding: Expr = parse_quote!(::auth_transport::Encoding::of(#name));
    if let Some(kind) = &member.content_type {
        encoding = parse_quote!(#encoding.with_content_type(#kind));
    }
    if let Some((kind, explode)) = &member.style {
        let kind = style(kind);
        encoding = parse_quote!(#encoding.with_style(#kind, #explode));
    }
    encoding
}

/// Gives an optional body of bytes a type that `None` has as well: a type parameter could not be inferred from it.
fn make_raw_body_optional(function: &mut ImplItemFn) {
    let is_generic = |param: &GenericParam| matches!(param, GenericParam::Type(param) if param.ident == "B");
    if !function.sig.generics.params.iter().any(is_generic) {
        return;
    }
    let params = std::mem::take(&mut function.sig.generics.params);
    function.sig.generics.params = params.into_iter().filter(|param| !is_generic(param)).collect();
    for input in &mut function.sig.inputs {
        if let FnArg::Typed(input) = input
            && matches!(&*input.pat, Pat::Ident(pat) if pat.ident == "body")
        {
            *input.ty = parse_quote!(::reqwest::Body);
        }
    }
}
