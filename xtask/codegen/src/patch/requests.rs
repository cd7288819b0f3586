//! Replaces the code that sends parameters and bodies which `auth-transport` encodes.
//!
//! | before | after |
//! |---|---|
//! | `.query(&progenitor_client::QueryParam::new("ids", &ids))` | `auth_transport::Parameter::new("ids", …).add_to_query(&mut request, &ids)?;` |
//! | `.json(&body)` | `auth_transport::multipart_body(builder, "multipart/form-data", &body, &[…])?` |

use std::collections::BTreeMap;

use quote::{ToTokens, format_ident};
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprMethodCall, FnArg, ImplItemFn, Lit, Pat, Stmt, Type, parse_quote};

use super::parameter_style::style;
use super::request_bodies;
use crate::requests::{Place, Styled};
use crate::rule::Wire;

/// What was replaced in a method.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Replaced {
    /// The parameters, of which the path has these many.
    pub(super) parameters: usize,
    pub(super) of_path: usize,
    pub(super) bodies: usize,
}

impl Replaced {
    /// What was not found in a method, if anything.
    pub(super) fn missing(&self, wire: &Wire) -> Option<String> {
        let parameters = wire.styled.len();
        if self.parameters != parameters {
            return Some(format!("{} of {parameters} parameters", parameters - self.parameters.min(parameters)));
        }
        (self.bodies == 0 && wire.form.is_some()).then(|| "its body".to_owned())
    }
}

/// Replaces the code of one method.
pub(super) fn correct(function: &mut ImplItemFn, wire: &Wire) -> Replaced {
    let mut replaced = Replaced::default();
    let added = take_parameters(function, &wire.styled, &mut replaced);
    add_after_request(function, added);
    replaced.bodies = request_bodies::encode(function, wire);
    replaced
}

/// Lets callers pass a slice in the place of a reference to a vector.
pub(super) fn take_slices(function: &mut ImplItemFn) {
    struct Slices;
    impl VisitMut for Slices {
        fn visit_type_reference_mut(&mut self, reference: &mut syn::TypeReference) {
            if let Type::Path(path) = &*reference.elem
                && let Some(last) = path.path.segments.last().filter(|last| last.ident == "Vec")
                && let syn::PathArguments::AngleBracketed(arguments) = &last.arguments
                && let Some(syn::GenericArgument::Type(item)) = arguments.args.first()
            {
                *reference.elem = parse_quote!([#item]);
            }
        }
    }
    for input in &mut function.sig.inputs {
        // A list as a body is an argument of its own type.
        if let FnArg::Typed(input) = input
            && !matches!(&*input.pat, Pat::Ident(pat) if pat.ident == "body")
        {
            Slices.visit_type_mut(&mut input.ty);
        }
    }
}

/// Removes the code of the parameters, and returns that which sends them.
fn take_parameters(function: &mut ImplItemFn, styled: &BTreeMap<String, Styled>, replaced: &mut Replaced) -> Vec<Stmt> {
    let mut added = vec![];
    let request = request(function).map_or_else(|| format_ident!("request"), |(_, name)| name);
    for (name, styled) in styled {
        let parameter = parameter(styled);
        let argument = match styled.place {
            Place::Path => {
                let mut segments = Segments { name, parameter: &parameter, count: 0 };
                segments.visit_block_mut(&mut function.block);
                replaced.of_path += segments.count;
                replaced.parameters += usize::from(segments.count > 0);
                continue;
            }
            Place::Query | Place::Cookie => {
                let mut queries = Queries { name, argument: None };
                queries.visit_block_mut(&mut function.block);
                queries.argument
            }
            Place::Header => take_header(function, name),
        };
        let Some(argument) = argument else { continue };
        let add = match styled.place {
            Place::Header => format_ident!("add_to_headers"),
            Place::Cookie => format_ident!("add_to_cookies"),
            Place::Query | Place::Path => format_ident!("add_to_query"),
        };
        added.push(parse_quote!(#parameter.#add(&mut #request, &#argument)?;));
        replaced.parameters += 1;
    }
    added
}

/// The statement that builds the request, and the name of the request.
fn request(function: &ImplItemFn) -> Option<(usize, syn::Ident)> {
    function.block.stmts.iter().enumerate().find_map(|(index, stmt)| {
        let Stmt::Local(local) = stmt else { return None };
        let Pat::Ident(pat) = &local.pat else { return None };
        let Expr::Try(built) = &*local.init.as_ref()?.expr else { return None };
        let is_built = matches!(&*built.expr, Expr::MethodCall(call) if call.method == "build");
        is_built.then(|| (index, pat.ident.clone()))
    })
}

fn add_after_request(function: &mut ImplItemFn, added: Vec<Stmt>) {
    if let Some((index, _)) = request(function) {
        function.block.stmts.splice(index + 1..index + 1, added);
    }
}

/// `::auth_transport::Parameter::new(..)`.
fn parameter(styled: &Styled) -> Expr {
    let name = &styled.name;
    let style = style(&styled.style);
    let mut parameter: Expr = parse_quote!(::auth_transport::Parameter::new(#name, #style));
    if styled.explode {
        parameter = parse_quote!(#parameter.exploded());
    }
    if styled.reserved {
        parameter = parse_quote!(#parameter.with_reserved());
    }
    parameter
}

/// Replaces `encode_path(&name.to_string())`.
struct Segments<'a> {
    name: &'a str,
    parameter: &'a Expr,
    count: usize,
}

impl VisitMut for Segments<'_> {
    fn visit_macro_mut(&mut self, mac: &mut syn::Macro) {
        type Arguments = syn::punctuated::Punctuated<Expr, syn::Token![,]>;
        if !mac.path.is_ident("format") {
            return;
        }
        let Ok(mut arguments) = mac.parse_body_with(Arguments::parse_terminated) else { return };
        let wanted = crate::names::snake(self.name);
        for argument in &mut arguments {
            if let Some(ident) = encoded(argument)
                && ident.to_string().trim_start_matches("r#") == wanted.trim_start_matches("r#")
            {
                let parameter = self.parameter;
                *argument = parse_quote!(#parameter.segment(&#ident)?);
                self.count += 1;
            }
        }
        mac.tokens = quote::quote!(#arguments);
    }
}

/// `name` of `encode_path(&name.to_string())`.
fn encoded(argument: &Expr) -> Option<syn::Ident> {
    let Expr::Call(call) = argument else { return None };
    if !matches!(&*call.func, Expr::Path(path) if path.path.is_ident("encode_path")) {
        return None;
    }
    let Some(Expr::Reference(reference)) = call.args.first() else { return None };
    let Expr::MethodCall(text) = &*reference.expr else { return None };
    let Expr::Path(path) = &*text.receiver else { return None };
    path.path.get_ident().cloned()
}

/// Removes `.query(&QueryParam::new("name", &name))`.
struct Queries<'a> {
    name: &'a str,
    argument: Option<syn::Ident>,
}

impl VisitMut for Queries<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::MethodCall(call) = expr
            && call.method == "query"
            && let Some(argument) = self.of_query(call)
        {
            self.argument = Some(argument);
            *expr = (*call.receiver).clone();
        }
        visit_mut::visit_expr_mut(self, expr);
    }
}

impl Queries<'_> {
    fn of_query(&self, call: &ExprMethodCall) -> Option<syn::Ident> {
        let Some(Expr::Reference(reference)) = call.args.first() else { return None };
        let Expr::Call(new) = &*reference.expr else { return None };
        let (name, value) = (new.args.first()?, new.args.get(1)?);
        let is_it =
            matches!(name, Expr::Lit(literal) if matches!(&literal.lit, Lit::Str(text) if text.value() == self.name));
        match value {
            Expr::Reference(value) if is_it => match &*value.expr {
                Expr::Path(path) => path.path.get_ident().cloned(),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Removes the statement that appends a header, and returns the argument whose value it is.
fn take_header(function: &mut ImplItemFn, name: &str) -> Option<syn::Ident> {
    let appends = format!("append ({name:?} ,");
    let at = function.block.stmts.iter().position(|stmt| stmt.to_token_stream().to_string().contains(&appends))?;
    let Stmt::Expr(stmt, _) = function.block.stmts.remove(at) else { return None };
    match stmt {
        // `if let Some(value) = name { .. }`
        Expr::If(conditional) => match &*conditional.cond {
            Expr::Let(binding) => match &*binding.expr {
                Expr::Path(path) => path.path.get_ident().cloned(),
                _ => None,
            },
            _ => None,
        },
        // `header_map.append("name", name.to_string().try_into()?);`
        Expr::MethodCall(call) => {
            let mut value = call.args.last()?;
            loop {
                value = match value {
                    Expr::Try(inner) => &inner.expr,
                    Expr::MethodCall(inner) => &inner.receiver,
                    Expr::Path(path) => return path.path.get_ident().cloned(),
                    _ => return None,
                };
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requests::Style;
    use crate::requests::{BodyForm, Member};

    fn run(wire: &Wire, code: &str) -> (Replaced, String) {
        let mut function: ImplItemFn = syn::parse_str(code).expect("valid code");
        let replaced = correct(&mut function, wire);
        (replaced, function.to_token_stream().to_string().replace(' ', ""))
    }

    fn styled(place: Place, style: Style, explode: bool) -> Styled {
        Styled { place, name: "wire".to_owned(), style, explode, reserved: false }
    }

    #[test]
    fn parameters_are_added_to_the_request_or_are_segments_of_its_path() {
        let styled = BTreeMap::from([
            ("a".to_owned(), styled(Place::Query, Style::DeepObject, true)),
            ("b-b".to_owned(), styled(Place::Header, Style::Simple, false)),
            ("c".to_owned(), styled(Place::Header, Style::Json, false)),
            ("d".to_owned(), styled(Place::Cookie, Style::Form, true)),
            ("e".to_owned(), styled(Place::Path, Style::Matrix, true)),
        ]);
        let wire = Wire { styled, ..Wire::default() };
        let code = r#"async fn f<'a>(&'a self) -> R {
            let url = format!("{}/x/{}/{}", self.baseurl, encode_path(&e.to_string()), encode_path(&id.to_string()),);
            header_map.append("b-b", b_b.to_string().try_into()?);
            if let Some(value) = c { header_map.append("c", value.to_string().try_into()?); }
            #[allow(unused_mut)]
            let mut _request = self.client.get(url)
                .query(&progenitor_client::QueryParam::new("a", &a))
                .query(&progenitor_client::QueryParam::new("other", &other))
                .query(&progenitor_client::QueryParam::new("d", &d))
                .headers(header_map).build()?;
        }"#;
        let (replaced, code) = run(&wire, code);
        assert_eq!(replaced, Replaced { parameters: 5, of_path: 1, bodies: 0 });
        for part in [
            "::auth_transport::Parameter::new(\"wire\",::auth_transport::ParameterStyle::Matrix).exploded().segment(&e)?,encode_path(&id.to_string())",
            "get(url).query(&progenitor_client::QueryParam::new(\"other\",&other)).headers(header_map).build()?;::auth_transport",
            "ParameterStyle::DeepObject).exploded().add_to_query(&mut_request,&a)?;",
            "ParameterStyle::Simple).add_to_headers(&mut_request,&b_b)?;",
            "ParameterStyle::Json).add_to_headers(&mut_request,&c)?;",
            "ParameterStyle::Form).exploded().add_to_cookies(&mut_request,&d)?;}",
        ] {
            assert!(code.contains(part), "no {part} in {code}");
        }
        assert!(!code.contains("append"), "{code}");
    }

    #[test]
    fn bodies_are_encoded_with_what_the_document_says_of_their_members() {
        let member = |content_type: Option<&str>, style| Member {
            name: "m".to_owned(),
            content_type: content_type.map(str::to_owned),
            style,
        };
        let multipart = BodyForm::Multipart("multipart/form-data".to_owned(), vec![member(Some("image/png"), None)]);
        let form = BodyForm::Form(vec![member(None, Some((Style::DeepObject, true)))]);
        let json = "let request = self.client.post(url).json(&body).build()?;";
        let urlencoded = "let request = self.client.post(url).form_urlencoded(&body)?.build()?;";
        for (form, code, optional_body, expected) in [
            (
                &multipart,
                json,
                false,
                "multipart_body(builder,\"multipart/form-data\",&body,&[::auth_transport::Encoding::of(\"m\").with_content_type(\"image/png\")])?}.build()?",
            ),
            (
                &multipart,
                json,
                true,
                "letbuilder=self.client.post(url);matchbody{Some(body)=>::auth_transport::multipart_body(",
            ),
            (
                &form,
                urlencoded,
                false,
                ".body(::auth_transport::form_body(&body,&[::auth_transport::Encoding::of(\"m\").with_style(::auth_transport::ParameterStyle::DeepObject,true)])?)}.build()?",
            ),
            (&form, urlencoded, true, "None=>builder}}.build()?"),
        ] {
            let wire = Wire { form: Some(form.clone()), optional_body, ..Wire::default() };
            let (replaced, code) = run(&wire, &format!("async fn f(&self, body: &'a types::B) -> R {{ {code} }}"));
            assert_eq!(replaced.bodies, 1, "{code}");
            assert!(code.contains(expected), "no {expected} in {code}");
        }
    }

    #[test]
    fn an_optional_body_of_bytes_has_a_type_without_parameters() {
        let wire = Wire { optional_body: true, ..Wire::default() };
        let code = "async fn f<'a, B: Into<reqwest::Body>>(&'a self, body: B) -> R {
            let request = self.client.put(url).header(CONTENT_TYPE, V).body(body).build()?; }";
        let (replaced, code) = run(&wire, code);
        assert_eq!(replaced.bodies, 1);
        assert!(code.starts_with("asyncfnf<'a>(&'aself,body:::reqwest::Body)"), "{code}");
        assert!(code.contains("Some(body)=>builder.header(CONTENT_TYPE,V).body(body),None=>builder}"), "{code}");
    }

    #[test]
    fn lists_are_slices() {
        let code = "async fn f(&self, a: &'a Vec<i64>, b: Option<&'a ::std::vec::Vec<types::T>>, body: &'a Vec<u8>) {}";
        let mut function: ImplItemFn = syn::parse_str(code).expect("valid code");
        take_slices(&mut function);
        let code = function.sig.to_token_stream().to_string().replace(' ', "");
        assert_eq!(code, "asyncfnf(&self,a:&'a[i64],b:Option<&'a[types::T]>,body:&'aVec<u8>)");
    }
}
