//! Bodies of bytes: those of successes become streams, those of errors the raw body of the error.

use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprCall, GenericArgument, ImplItemFn, Type, parse_quote};

use super::success::{first, is_stream, value};

/// Lets a method hand on the body of its success by way of the call, and gives its error no type for bytes.
pub(super) fn hand_on(function: &mut ImplItemFn) {
    if let Some(kind) = value(&mut function.sig.output).filter(|kind| is_stream(kind)) {
        *kind = parse_quote!(::auth_transport::ByteStream);
    }
    if let Some(kind) = error(function).filter(|kind| is_stream(kind)) {
        *kind = parse_quote!(());
    }
    Bodies.visit_block_mut(&mut function.block);
}

/// `E` of `Result<_, Error<E>>`.
fn error(function: &mut ImplItemFn) -> Option<&mut Type> {
    let syn::ReturnType::Type(_, output) = &mut function.sig.output else { return None };
    let Type::Path(path) = &mut **output else { return None };
    let last = path.path.segments.last_mut().filter(|last| last.ident == "Result")?;
    let syn::PathArguments::AngleBracketed(arguments) = &mut last.arguments else { return None };
    match arguments.args.last_mut() {
        Some(GenericArgument::Type(kind)) => first(kind, "Error"),
        _ => None,
    }
}

struct Bodies;

impl VisitMut for Bodies {
    fn visit_expr_call_mut(&mut self, call: &mut ExprCall) {
        // `Error::ErrorResponse(ResponseValue::stream(response))`
        if ends_with(&call.func, "ErrorResponse")
            && let Some(Expr::Call(inner)) = call.args.first_mut()
            && ends_with(&inner.func, "stream")
        {
            *inner.func = parse_quote!(ResponseValue::empty);
            return;
        }
        visit_mut::visit_expr_call_mut(self, call);
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Call(call) = expr
            && matches!(&*call.func, Expr::Path(path) if path.path.segments.len() == 2)
            && ends_with(&call.func, "stream")
        {
            let arguments = &call.args;
            *expr = parse_quote!(self.inner.stream(#arguments));
            return;
        }
        visit_mut::visit_expr_mut(self, expr);
    }
}

fn ends_with(function: &Expr, name: &str) -> bool {
    matches!(function, Expr::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == name))
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;

    use super::*;

    #[test]
    fn a_success_of_bytes_is_handed_on_and_an_error_of_bytes_has_no_type() {
        let code = "async fn f(&self) -> Result<ResponseValue<ByteStream>, Error<ByteStream>> { match status {
            200u16 => { Ok(ResponseValue::stream(response)) }
            404u16 => { Err(Error::ErrorResponse(ResponseValue::stream(response))) } _ => Err(rest) } }";
        let mut function: ImplItemFn = syn::parse_str(code).expect("valid code");
        hand_on(&mut function);
        let code = function.to_token_stream().to_string().replace(' ', "");
        for part in [
            "Result<ResponseValue<::auth_transport::ByteStream>,Error<()>>",
            "200u16=>{Ok(self.inner.stream(response))}",
            "404u16=>{Err(Error::ErrorResponse(ResponseValue::empty(response)))}",
        ] {
            assert!(code.contains(part), "no {part} in {code}");
        }
    }

    #[test]
    fn other_methods_stay_as_they_are() {
        let code = "async fn f(&self) -> Result<ResponseValue<types::A>, Error<types::E>> { match status {
            200u16 => { ResponseValue::from_response(response).await } _ => Err(rest) } }";
        let mut function: ImplItemFn = syn::parse_str(code).expect("valid code");
        let before = function.to_token_stream().to_string();
        hand_on(&mut function);
        assert_eq!(function.to_token_stream().to_string(), before);
    }
}
