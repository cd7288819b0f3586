//! Changes to the generated code, each of which breaks loudly if progenitor's output is no longer as expected.

use std::collections::BTreeMap;

use diagnostics::Result;
use diagnostics::text::Markdown;
use openapi::Document;
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Block, Expr, ImplItem, Item, ItemImpl, Stmt, parse_quote};

use super::unexpected::unexpected;
use super::{empty, paths, requests, streams, wire};
use crate::attributes::doc_text;
use crate::attributes::is_doc;
use crate::by_status::Outcome;
use crate::operation::Operation;
use crate::rule::Adapted;

/// Applies all changes.
///
/// # Errors
///
/// Fails if one of them does not apply exactly as often as it should.
pub(super) fn correct(
    document: &Document,
    file: &mut syn::File,
    operations: &[Operation],
    adapted: &Adapted,
) -> Result<()> {
    let unexpected = |what: String| unexpected(document, "corrections.rs", &what);
    let constructors = remove_constructor(file);
    if constructors != 1 {
        return Err(unexpected(format!("{constructors} constructors that build a client of their own")).into());
    }
    let mut methods = 0;
    for method in inherent_methods(file).filter(|method| method.sig.asyncness.is_some()) {
        let operation = operations.get(methods);
        methods += 1;
        let parts = operation.map_or(0, |operation| operation.path.matches('{').count());
        wire::name_methods(method);
        paths::keep_empty_segments(method, operation.map_or("", |operation| operation.path.as_str()));
        let of_operation = operation.and_then(|operation| adapted.wire.get(&operation.id));
        let replaced = of_operation.map(|wire| requests::correct(method, wire)).unwrap_or_default();
        requests::take_slices(method);
        if let Some(missing) = of_operation.and_then(|wire| replaced.missing(wire)) {
            return Err(unexpected(format!("`{}` does not send {missing}", method.sig.ident)).into());
        }
        let encoded = paths::encode(method) + replaced.of_path;
        if encoded != parts {
            return Err(
                unexpected(format!("`{}` encodes {encoded} of {parts} parts of its path", method.sig.ident)).into()
            );
        }
        if let Some(wire) = of_operation {
            wire::correct(method, wire);
        }
        let empty = operation.and_then(|operation| Some(adapted.wire.get(&operation.id)?.empty.as_slice()));
        let redirects = operation.map(|operation| operation.redirects.as_slice());
        let (empty, redirects) = (empty.unwrap_or_default(), redirects.unwrap_or_default());
        let by_status = operation.and_then(|operation| adapted.by_status.get(&operation.id));
        let is_told_apart = by_status.is_some_and(|by_status| !by_status.of(Outcome::Success).is_empty());
        let has_some = !empty.is_empty() || !redirects.is_empty();
        if is_told_apart {
            // They are variants.
            empty::describe(method, redirects);
        } else if has_some && !empty::allow(method, empty, redirects) {
            let what = format!("`{}` has no answer that can be left out", method.sig.ident);
            return Err(unexpected(what).into());
        }
        streams::hand_on(method);
        let removed = remove_version_header(&mut method.block);
        if removed != 1 {
            return Err(unexpected(format!("`{}` sends {removed} version headers", method.sig.ident)).into());
        }
    }
    if methods != operations.len() {
        return Err(unexpected(format!("{methods} methods for {} operations", operations.len())).into());
    }
    derive_schemas(file);
    let renamed = wire::rename_fields(file, &adapted.properties);
    let expected = adapted.properties.values().map(BTreeMap::len).sum::<usize>();
    if renamed != expected {
        return Err(
            unexpected(format!("{renamed} of {expected} fields have the names that the document gives them")).into()
        );
    }
    file.items.retain(|item| !matches!(item, Item::Mod(module) if module.ident == "prelude"));
    Docs.visit_file_mut(file);
    Ok(())
}

/// Derives `JsonSchema` where the generator writes it down for an older version of schemars.
fn derive_schemas(file: &mut syn::File) {
    for item in &mut file.items {
        let Item::Mod(syn::ItemMod { content: Some((_, items)), .. }) = item else { continue };
        let mut owners = Vec::new();
        items.retain(|item| match item {
            Item::Impl(inner) => {
                let is = inner
                    .trait_
                    .as_ref()
                    .is_some_and(|(_, path, _)| path.segments.last().is_some_and(|last| last.ident == "JsonSchema"));
                owners.extend(is.then(|| inner.self_ty.to_token_stream().to_string()));
                !is
            }
            _ => true,
        });
        for item in items {
            let (ident, attrs) = match item {
                Item::Struct(item) => (&item.ident, &mut item.attrs),
                Item::Enum(item) => (&item.ident, &mut item.attrs),
                _ => continue,
            };
            if owners.iter().any(|owner| ident == owner) {
                attrs.insert(0, parse_quote!(#[derive(::schemars::JsonSchema)]));
            }
        }
    }
}

/// Removes `Client::new`: it builds a client that follows redirects, which would post the secret to another origin.
fn remove_constructor(file: &mut syn::File) -> usize {
    let mut removed = 0;
    for item in inherent_impls(file) {
        let before = item.items.len();
        item.items.retain(|inner| !matches!(inner, ImplItem::Fn(function) if function.sig.ident == "new"));
        removed += before - item.items.len();
    }
    removed
}

fn inherent_impls(file: &mut syn::File) -> impl Iterator<Item = &mut ItemImpl> {
    file.items.iter_mut().filter_map(|item| match item {
        Item::Impl(inner) if inner.trait_.is_none() => Some(inner),
        _ => None,
    })
}

pub(super) fn inherent_methods(file: &mut syn::File) -> impl Iterator<Item = &mut syn::ImplItemFn> {
    inherent_impls(file).flat_map(|inner| &mut inner.items).filter_map(|item| match item {
        ImplItem::Fn(function) => Some(function),
        _ => None,
    })
}

/// Removes the `api-version` header that no server asked for, and the header map if nothing else is in it.
fn remove_version_header(block: &mut Block) -> usize {
    let before = block.stmts.len();
    block.stmts.retain(|stmt| !stmt.to_token_stream().to_string().contains("from_static (\"api-version\")"));
    let removed = before - block.stmts.len();
    let mentions = |stmt: &Stmt| words(stmt.to_token_stream()).iter().filter(|word| *word == "header_map").count();
    // One for its `let`, one where the request takes it.
    if block.stmts.iter().map(mentions).sum::<usize>() == 2 {
        block.stmts.retain(|stmt| !stmt.to_token_stream().to_string().starts_with("let mut header_map"));
        TakeHeaders.visit_block_mut(block);
    }
    removed
}

fn words(tokens: TokenStream) -> Vec<String> {
    let text = tokens.to_string();
    text.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_owned).collect()
}

/// `request.headers(header_map)` becomes `request`.
struct TakeHeaders;

impl VisitMut for TakeHeaders {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        if let Expr::MethodCall(call) = expr
            && call.method == "headers"
            && call.args.to_token_stream().to_string() == "header_map"
        {
            *expr = (*call.receiver).clone();
        }
    }
}

/// Rewrites doc comments so that rustdoc runs nothing of them: one `///` line each.
struct Docs;

impl VisitMut for Docs {
    fn visit_attributes_mut(&mut self, attrs: &mut Vec<Attribute>) {
        let Some(text) = doc_text(attrs) else { return };
        let at = attrs.iter().position(is_doc).unwrap_or_default();
        attrs.retain(|attr| !is_doc(attr));
        let text = Markdown::description(&text);
        for (index, line) in text.as_str().lines().enumerate() {
            let line = format!(" {line}").trim_end().to_owned();
            attrs.insert(at + index, parse_quote!(#[doc = #line]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const METHOD: &str = r#"
        pub async fn get_it(&self) -> R {
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map.append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
            let mut request = self.client.get(url).headers(header_map).build()?;
        }"#;

    fn run(methods: &str, operations: usize) -> Result<String> {
        let code = format!(
            "/// A <b> [c]\npub struct Client; impl Client {{ pub fn new() {{}} pub fn new_with_client() {{}} }}\n\
             impl Client {{ {methods} }} pub mod prelude {{}}"
        );
        let document = Document::parse("specs/a.json", "{}".to_owned()).expect("valid JSON");
        let mut file = syn::parse_str(&code).expect("valid code");
        let operations = (0..operations).map(|_| Operation::get("getIt", "/a")).collect::<Vec<_>>();
        correct(&document, &mut file, &operations, &Adapted::default()).map(|()| prettyplease::unparse(&file))
    }

    #[test]
    fn the_version_header_goes_and_its_map_with_it() {
        let code = run(METHOD, 1).expect("as expected");
        assert!(!code.contains("header_map") && !code.contains("api-version"), "{code}");
        assert!(code.contains("self.client.get(url).build()?"), "{code}");
    }

    #[test]
    fn other_headers_stay() {
        let other = METHOD.replace("let mut request", "header_map.append(\"x\", x); let mut request");
        let code = run(&other, 1).expect("as expected");
        assert!(code.contains("header_map.append(\"x\", x)") && code.contains(".headers(header_map)"), "{code}");
        assert!(!code.contains("api-version"), "{code}");
    }

    #[test]
    fn what_must_not_be_called_is_gone() {
        let code = run(METHOD, 1).expect("as expected");
        assert!(
            !code.contains("fn new()") && code.contains("fn new_with_client()") && !code.contains("prelude"),
            "{code}"
        );
    }

    #[test]
    fn schemas_are_derived_and_not_written_for_an_older_version() {
        let code =
            "pub mod types { struct A(i64); struct B(i64); impl ::schemars::JsonSchema for A { fn f() {} } impl A {} }";
        let mut file = syn::parse_str(code).expect("valid code");
        derive_schemas(&mut file);
        let code = prettyplease::unparse(&file);
        assert!(
            code.contains("#[derive(::schemars::JsonSchema)]\n    struct A(i64);\n    struct B(i64);\n    impl A {}"),
            "{code}"
        );
    }

    #[test]
    fn doc_comments_are_escaped() {
        let code = run(METHOD, 1).expect("as expected");
        assert!(code.starts_with("/// A \\<b> \\[c\\]\n"), "{code}");
    }

    #[test]
    fn other_output_than_expected_is_an_error() {
        for (methods, operations, words) in [
            (METHOD, 2, "1 methods for 2 operations"),
            ("pub async fn get_it() {}", 1, "`get_it` sends 0 version headers"),
            ("pub fn new() {}", 0, "2 constructors"),
        ] {
            let error = run(methods, operations).expect_err(words).to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
