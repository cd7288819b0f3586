//! Responses without a body: if another success has one, the method's value is an `Option`. Documented redirects are such
//! responses.

use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{Arm, Expr, ExprMatch, ImplItemFn, Pat, Type, parse_quote};

use super::success::{is_stream, value};

/// The value of a method for a response without a body.
#[derive(Clone, Copy, PartialEq)]
enum Nothing {
    /// No value, of an `Option`.
    None,
    /// The value of a method that never gives one.
    Unit,
    /// A stream of whatever comes, which is little.
    Stream,
}

/// Lets a method succeed without a body where the answer has one of the statuses `empty` or `redirects`; false if the method is
/// not as expected.
pub(super) fn allow(function: &mut ImplItemFn, empty: &[String], redirects: &[String]) -> bool {
    let Some(kind) = value(&mut function.sig.output) else { return false };
    let nothing = match &*kind {
        Type::Tuple(tuple) if tuple.elems.is_empty() => Nothing::Unit,
        kind if is_stream(kind) => Nothing::Stream,
        // A connection that is upgraded is not redirected.
        Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Upgraded") => return true,
        _ => Nothing::None,
    };
    let statuses = [empty, redirects].concat();
    let mut answers = Answers { statuses: &statuses, kind: kind.clone(), nothing, bodies: 0 };
    if nothing == Nothing::None {
        *kind = parse_quote!(::std::option::Option<#kind>);
    }
    answers.visit_block_mut(&mut function.block);
    let is_done = answers.bodies > 0;
    let codes = list(&statuses);
    add_paragraph(
        function,
        &match nothing {
            Nothing::None => format!("The value is `None` where the server answers with {codes}, without a body."),
            Nothing::Unit | Nothing::Stream => format!("An answer with {codes} is a success as well."),
        },
    );
    describe(function, redirects);
    is_done
}

/// Adds to a method's documentation where redirects with these statuses lead.
pub(super) fn describe(function: &mut ImplItemFn, redirects: &[String]) {
    let elsewhere = redirects.iter().filter(|status| *status != "304").cloned().collect::<Vec<_>>();
    if !elsewhere.is_empty() {
        let codes = list(&elsewhere);
        let text = format!("A redirect with {codes} is not followed: `headers()` of the answer has its `Location`.");
        add_paragraph(function, &text);
    }
}

fn add_paragraph(function: &mut ImplItemFn, text: &str) {
    function.attrs.push(parse_quote!(#[doc = ""]));
    function.attrs.push(parse_quote!(#[doc = #text]));
}

fn list(statuses: &[String]) -> String {
    statuses.iter().map(|status| format!("`{status}`")).collect::<Vec<_>>().join(" or ")
}

/// Rewrites the one `match` on the status of the answer.
struct Answers<'a> {
    statuses: &'a [String],
    kind: Type,
    nothing: Nothing,
    bodies: usize,
}

impl VisitMut for Answers<'_> {
    fn visit_expr_match_mut(&mut self, matched: &mut ExprMatch) {
        visit_mut::visit_expr_match_mut(self, matched);
        let Some(rest) = matched.arms.iter().position(|arm| matches!(arm.pat, Pat::Wild(_))) else { return };
        let mut found = 0;
        if self.nothing == Nothing::None {
            for arm in &mut matched.arms {
                if let Some(read) = read(&mut arm.body) {
                    let kind = &self.kind;
                    *read = parse_quote!(ResponseValue::<#kind>::from_response(response).await?.map(Some));
                    found += 1;
                }
            }
        } else {
            found += usize::from(matched.expr.to_token_stream().to_string().contains("status"));
        }
        if found == 0 {
            return;
        }
        self.bodies += found;
        // The arm of one status comes before those of ranges.
        let (ranges, codes): (Vec<_>, Vec<_>) = self.statuses.iter().partition(|status| status.ends_with("XX"));
        let ranges = ranges.into_iter().filter_map(|status| status.chars().next()?.to_digit(10));
        let ranges = ranges.map(|first| {
            let (from, to) = (first as u16 * 100, first as u16 * 100 + 99);
            self.arm(&parse_quote!(#from..=#to))
        });
        matched.arms.splice(rest..rest, ranges.collect::<Vec<_>>());
        let codes = codes.into_iter().filter_map(|status| status.parse::<u16>().ok());
        let codes = codes.map(|code| self.arm(&parse_quote!(#code)));
        matched.arms.splice(0..0, codes.collect::<Vec<_>>());
    }
}

impl Answers<'_> {
    fn arm(&self, pattern: &Pat) -> Arm {
        match self.nothing {
            Nothing::None => parse_quote!(#pattern => ResponseValue::empty(response).map(|()| None),),
            Nothing::Unit => parse_quote!(#pattern => Ok(ResponseValue::empty(response)),),
            Nothing::Stream => parse_quote!(#pattern => Ok(ResponseValue::stream(response)),),
        }
    }
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

    fn run(arms: &str, output: &str, empty: &[&str], redirects: &[&str]) -> (bool, String) {
        let code = format!("async fn f() -> {output} {{ match status {{ {arms} _ => Err(rest) }} }}");
        let mut function: ImplItemFn = syn::parse_str(&code).expect("valid code");
        let owned = |all: &[&str]| all.iter().map(|status| (*status).to_owned()).collect::<Vec<_>>();
        let done = allow(&mut function, &owned(empty), &owned(redirects));
        (done, function.to_token_stream().to_string().replace(' ', ""))
    }

    const OUTPUT: &str = "Result<ResponseValue<types::A>, Error<types::E>>";
    const ARMS: &str = "200u16 => { ResponseValue::from_response(response).await }
        400u16 => { Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)) }";

    #[test]
    fn a_status_without_body_is_none_and_the_others_are_some() {
        let (done, code) = run(ARMS, OUTPUT, &["204", "2XX"], &[]);
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
    fn a_redirect_is_an_answer_without_a_body_whatever_the_method_gives() {
        let found = "`Location`";
        for (arms, value, redirect, arm) in [
            (ARMS, "types::A", "304", "304u16=>ResponseValue::empty(response).map(|()|None),"),
            ("", "()", "302", "302u16=>Ok(ResponseValue::empty(response)),"),
            (
                "204u16 => { Ok(ResponseValue::empty(response)) }",
                "()",
                "3XX",
                "300u16..=399u16=>Ok(ResponseValue::empty(response)),_",
            ),
            (
                "200u16 => { Ok(ResponseValue::stream(response)) }",
                "ByteStream",
                "302",
                "302u16=>Ok(ResponseValue::stream(response)),",
            ),
        ] {
            let output = format!("Result<ResponseValue<{value}>, Error<()>>");
            let (done, code) = run(arms, &output, &[], &[redirect]);
            assert!(done && code.contains(arm), "no {arm} in {code}");
            assert_eq!(code.contains(found), redirect != "304", "{code}");
        }
    }

    #[test]
    fn a_method_of_another_form_is_told() {
        assert!(!run("200u16 => Ok(ResponseValue::stream(response)),", OUTPUT, &["204"], &[]).0);
        assert!(!run(ARMS, "R", &["204"], &[]).0);
    }
}
