//! Successes without a body beside one with a body: the method's value is an `Option`.

use syn::visit_mut::{self, VisitMut};
use syn::{Arm, Expr, ExprMatch, GenericArgument, ImplItemFn, Pat, PathArguments, ReturnType, Type, parse_quote};

/// Makes the value of a method optional, `None` where the answer has one of these statuses; false if the method is not
/// as expected.
pub(super) fn allow(function: &mut ImplItemFn, statuses: &[String]) -> bool {
    let Some(kind) = value(&mut function.sig.output) else { return false };
    let mut answers = Answers { statuses, kind: kind.clone(), bodies: 0 };
    *kind = parse_quote!(::std::option::Option<#kind>);
    answers.visit_block_mut(&mut function.block);
    let codes = statuses.iter().map(|status| format!("`{status}`")).collect::<Vec<_>>().join(" or ");
    let text = format!("The value is `None` where the server answers with {codes}, without a body.");
    function.attrs.push(parse_quote!(#[doc = ""]));
    function.attrs.push(parse_quote!(#[doc = #text]));
    answers.bodies > 0
}

/// `T` of `Result<ResponseValue<T>, _>`.
fn value(output: &mut ReturnType) -> Option<&mut Type> {
    let ReturnType::Type(_, output) = output else { return None };
    first(first(output, "Result")?, "ResponseValue")
}

/// The first type in the angle brackets of this one.
fn first<'a>(kind: &'a mut Type, name: &str) -> Option<&'a mut Type> {
    let Type::Path(path) = kind else { return None };
    let last = path.path.segments.last_mut().filter(|last| last.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &mut last.arguments else { return None };
    arguments.args.iter_mut().find_map(|argument| match argument {
        GenericArgument::Type(kind) => Some(kind),
        _ => None,
    })
}

/// Rewrites the one `match` on the status of the answer.
struct Answers<'a> {
    statuses: &'a [String],
    kind: Type,
    bodies: usize,
}

impl VisitMut for Answers<'_> {
    fn visit_expr_match_mut(&mut self, matched: &mut ExprMatch) {
        visit_mut::visit_expr_match_mut(self, matched);
        let Some(rest) = matched.arms.iter().position(|arm| matches!(arm.pat, Pat::Wild(_))) else { return };
        let mut found = 0;
        for arm in &mut matched.arms {
            if let Some(read) = read(&mut arm.body) {
                let kind = &self.kind;
                *read = parse_quote!(ResponseValue::<#kind>::from_response(response).await?.map(Some));
                found += 1;
            }
        }
        if found == 0 {
            return;
        }
        self.bodies += found;
        // What is said of one status goes before what is said of all.
        let (ranges, codes): (Vec<_>, Vec<_>) = self.statuses.iter().partition(|status| status.ends_with("XX"));
        matched.arms.splice(rest..rest, ranges.into_iter().map(|_| arm(&parse_quote!(200u16..=299u16))));
        let codes = codes.into_iter().filter_map(|status| status.parse::<u16>().ok());
        matched.arms.splice(0..0, codes.map(|code| arm(&parse_quote!(#code))));
    }
}

fn arm(pattern: &Pat) -> Arm {
    parse_quote!(#pattern => ResponseValue::empty(response).map(|()| None),)
}

/// `ResponseValue::from_response(response).await`, alone: the body of a success.
fn read(body: &mut Expr) -> Option<&mut Expr> {
    if let Expr::Block(block) = body {
        return match block.block.stmts.as_mut_slice() {
            [syn::Stmt::Expr(inner, None)] => read(inner),
            _ => None,
        };
    }
    let is_read = matches!(body, Expr::Await(inner) if matches!(&*inner.base, Expr::Call(call)
        if matches!(&*call.func, Expr::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "from_response"))));
    is_read.then_some(body)
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;

    use super::*;

    fn run(arms: &str, output: &str, statuses: &[&str]) -> (bool, String) {
        let code = format!("async fn f() -> {output} {{ match status {{ {arms} _ => Err(rest) }} }}");
        let mut function: ImplItemFn = syn::parse_str(&code).expect("valid code");
        let statuses = statuses.iter().map(|status| (*status).to_owned()).collect::<Vec<_>>();
        let done = allow(&mut function, &statuses);
        (done, function.to_token_stream().to_string().replace(' ', ""))
    }

    const OUTPUT: &str = "Result<ResponseValue<types::A>, Error<types::E>>";
    const ARMS: &str = "200u16 => { ResponseValue::from_response(response).await }
        400u16 => { Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)) }";

    #[test]
    fn a_status_without_body_is_none_and_the_others_are_some() {
        let (done, code) = run(ARMS, OUTPUT, &["204", "2XX"]);
        assert!(done);
        for part in [
            "Result<ResponseValue<::std::option::Option<types::A>>,Error<types::E>>",
            "{204u16=>ResponseValue::empty(response).map(|()|None),200u16=>{ResponseValue::<types::A>::from_response(response).await?.map(Some)}",
            "ErrorResponse(ResponseValue::from_response(response).await?))}200u16..=299u16=>ResponseValue::empty(response).map(|()|None),_",
        ] {
            assert!(code.contains(part), "no {part} in {code}");
        }
    }

    #[test]
    fn a_method_of_another_form_is_told() {
        assert!(!run("200u16 => Ok(ResponseValue::stream(response)),", OUTPUT, &["204"]).0);
        assert!(!run(ARMS, "R", &["204"]).0);
    }
}
