//! JSON bodies, which the call reads.

use syn::visit_mut::{self, VisitMut};
use syn::{Expr, File, PathArguments, parse_quote};

/// Lets the call read all bodies, so that its reader knows the operation and sees what differs from the document.
pub(super) fn read(file: &mut File) {
    Bodies.visit_file_mut(file);
}

struct Bodies;

impl VisitMut for Bodies {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        let Expr::Call(call) = expr else { return };
        let Expr::Path(function) = &*call.func else { return };
        let segments = &function.path.segments;
        if segments.len() != 2 || segments[1].ident != "from_response" {
            return;
        }
        let arguments = &call.args;
        *expr = match &segments[0].arguments {
            // `ResponseValue::<T>::from_response(response)`
            PathArguments::AngleBracketed(kind) => {
                let kind = &kind.args;
                parse_quote!(self.inner.read::<#kind, _>(#arguments))
            }
            _ => parse_quote!(self.inner.read(#arguments)),
        };
    }
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;

    use super::*;

    #[test]
    fn bodies_of_successes_and_errors_are_read_by_the_call() {
        let mut file = syn::parse_str::<File>(
            "fn f() { match status {
                200u16 => ResponseValue::from_response(response).await,
                201u16 => ResponseValue::<types::A>::from_response(response).await?.map(Some),
                204u16 => Ok(ResponseValue::empty(response)),
                _ => Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)),
            } }",
        )
        .expect("valid code");
        read(&mut file);
        let expected = syn::parse_str::<File>(
            "fn f() { match status {
                200u16 => self.inner.read(response).await,
                201u16 => self.inner.read::<types::A, _>(response).await?.map(Some),
                204u16 => Ok(ResponseValue::empty(response)),
                _ => Err(Error::ErrorResponse(self.inner.read(response).await?)),
            } }",
        );
        assert_eq!(file.to_token_stream().to_string(), expected.expect("valid code").to_token_stream().to_string());
    }
}
