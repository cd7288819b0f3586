//! Errors with several bodies: an enum for each operation, with a variant for each status that the document names.
//!
//! progenitor made a struct with a field for each status with a body, and a method that reads every error as that struct. The
//! struct becomes the enum, and the method reads the body that its status has.

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::Result;
use diagnostics::text::Markdown;
use openapi::Document;
use quote::{ToTokens, format_ident};
use syn::visit_mut::{self, VisitMut};
use syn::{
    Arm, Attribute, Expr, ExprMatch, Fields, Ident, Item, ItemEnum, ItemStruct, Lit, Pat, Type, TypePath, Variant,
    parse_quote,
};

use super::corrections::inherent_methods;
use super::methods::outcome;
use super::types::{items, items_mut};
use super::unexpected::unexpected;
use crate::operation::Operation;
use crate::rule::{Adapted, ErrorStatus};

/// Traits that the enum has if the struct has them. It is not read or written as a whole.
const DERIVES: [&str; 4] = ["Clone", "Debug", "PartialEq", "Eq"];

/// Makes the enums, and lets the methods read into them.
///
/// # Errors
///
/// Fails if the output of progenitor is not as expected.
pub(super) fn by_status(
    document: &Document,
    file: &mut syn::File,
    operations: &[Operation],
    adapted: &Adapted,
) -> Result<()> {
    let unexpected = |what: String| unexpected(document, "errors.rs", &what);
    let mut kinds: BTreeMap<String, (&Operation, &[ErrorStatus])> = BTreeMap::new();
    let types = Types::of(file);
    let methods = inherent_methods(file).filter(|method| method.sig.asyncness.is_some());
    for (function, operation) in methods.zip(operations) {
        let Some(statuses) = adapted.errors.get(&operation.id) else { continue };
        let kind = outcome(&function.sig.output).and_then(|(_, error)| name(&error));
        let Some(kind) = kind else { return Err(unexpected(format!("{} has no error type", operation.id)).into()) };
        let mut arms = Arms { kind: &kind, statuses, types: &types, read: 0 };
        arms.visit_block_mut(&mut function.block);
        let expected = statuses.iter().filter(|it| it.has_body).map(|it| it.answers.len()).sum::<usize>();
        if arms.read != expected {
            let what = format!("{} reads {} of {expected} error bodies", operation.id, arms.read);
            return Err(unexpected(what).into());
        }
        if let Some((other, _)) = kinds.insert(kind.to_string(), (operation, statuses)) {
            return Err(unexpected(format!("{} and {} have the error type {kind}", other.id, operation.id)).into());
        }
    }
    let mut made = 0;
    for items in items_mut(file) {
        items.retain(|item| !matches!(item, Item::Impl(inner) if is_of(&inner.self_ty, &kinds)));
        for item in items {
            if let Item::Struct(inner) = item
                && let Some((operation, statuses)) = kinds.get(&inner.ident.to_string())
                && let Some(kind) = enumeration(inner, operation, statuses)
            {
                *item = Item::Enum(kind);
                made += 1;
            }
        }
    }
    if made == kinds.len() { Ok(()) } else { Err(unexpected(format!("{made} of {} error types", kinds.len())).into()) }
}

/// The name of a type.
fn name(kind: &Type) -> Option<Ident> {
    match kind {
        Type::Path(path) => path.path.segments.last().map(|last| last.ident.clone()),
        _ => None,
    }
}

fn is_of<T>(kind: &Type, kinds: &BTreeMap<String, T>) -> bool {
    name(kind).is_some_and(|name| kinds.contains_key(&name.to_string()))
}

/// The types of the module `types`.
struct Types {
    names: BTreeSet<String>,
    /// The types of the fields of the structs.
    fields: BTreeMap<String, BTreeMap<String, Type>>,
}

impl Types {
    fn of(file: &syn::File) -> Self {
        let mut types = Self { names: BTreeSet::new(), fields: BTreeMap::new() };
        for item in items(file) {
            match item {
                Item::Struct(inner) => {
                    let fields = inner.fields.iter();
                    let fields = fields.filter_map(|field| Some((field.ident.as_ref()?.to_string(), field.ty.clone())));
                    types.fields.insert(inner.ident.to_string(), fields.collect());
                    types.names.insert(inner.ident.to_string());
                }
                Item::Enum(inner) => drop(types.names.insert(inner.ident.to_string())),
                Item::Type(inner) => drop(types.names.insert(inner.ident.to_string())),
                _ => {}
            }
        }
        types
    }

    /// The type of a body as it is called outside of the module.
    fn body(&self, kind: &Ident, status: &ErrorStatus) -> Option<Type> {
        let mut body = self.fields.get(&kind.to_string())?.get(&ErrorStatus::property(&status.name))?.clone();
        Outside(&self.names).visit_type_mut(&mut body);
        Some(body)
    }
}

/// Puts the module before the names of its types.
struct Outside<'a>(&'a BTreeSet<String>);

impl VisitMut for Outside<'_> {
    fn visit_type_path_mut(&mut self, path: &mut TypePath) {
        visit_mut::visit_type_path_mut(self, path);
        if let Some(name) = path.path.get_ident().filter(|name| self.0.contains(&name.to_string())) {
            *path = parse_quote!(types::#name);
        }
    }
}

/// The enum in place of a struct; `None` if a field is missing.
fn enumeration(inner: &ItemStruct, operation: &Operation, statuses: &[ErrorStatus]) -> Option<ItemEnum> {
    let Fields::Named(fields) = &inner.fields else { return None };
    let field = |name: &str| fields.named.iter().find(|field| field.ident.as_ref().is_some_and(|own| own == name));
    let mut variants = Vec::new();
    for status in statuses {
        let ident = format_ident!("{}", status.variant());
        let docs = docs(&Markdown::code(&status.name), &status.description);
        let variant: Variant = if status.has_body {
            let kind = &field(&ErrorStatus::property(&status.name))?.ty;
            parse_quote!(#(#docs)* #ident(#kind))
        } else {
            parse_quote!(#(#docs)* #ident)
        };
        variants.push(variant);
    }
    let own = derived(&inner.attrs);
    let derives =
        DERIVES.into_iter().filter(|name| own.iter().any(|it| it == name)).map(|name| format_ident!("{name}"));
    let title = format!(
        "The errors of {} that the document describes, by the status of the response.",
        Markdown::code(&operation.id).as_str()
    );
    let ident = &inner.ident;
    Some(parse_quote! {
        #[doc = #title]
        #[derive(#(#derives),*)]
        #[non_exhaustive]
        pub enum #ident { #(#variants),* }
    })
}

/// The names of the traits that a type derives.
fn derived(attrs: &[Attribute]) -> Vec<String> {
    let mut names = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("derive")) {
        // An entry that cannot be read ends the list.
        let _ = attr.parse_nested_meta(|meta| {
            names.extend(meta.path.segments.last().map(|last| last.ident.to_string()));
            Ok(())
        });
    }
    names
}

/// The documentation of a variant.
fn docs(status: &Markdown, description: &str) -> Vec<Attribute> {
    let description = Markdown::line(description);
    let text = if description.is_empty() {
        format!(" {}.", status.as_str())
    } else {
        format!(" {}: {}", status.as_str(), description.as_str())
    };
    vec![parse_quote!(#[doc = #text])]
}

/// Rewrites the one `match` on the status of the answer.
struct Arms<'a> {
    kind: &'a Ident,
    statuses: &'a [ErrorStatus],
    types: &'a Types,
    read: usize,
}

impl VisitMut for Arms<'_> {
    fn visit_expr_match_mut(&mut self, matched: &mut ExprMatch) {
        visit_mut::visit_expr_match_mut(self, matched);
        if !matched.expr.to_token_stream().to_string().contains("status") {
            return;
        }
        for arm in &mut matched.arms {
            let Some(answer) = answer(&arm.pat) else { continue };
            let status = self.statuses.iter().find(|it| it.has_body && it.answers.contains(&answer));
            if let Some(body) = status.and_then(|status| self.body(status)) {
                *arm.body = body;
                self.read += 1;
            }
        }
        let without = self.statuses.iter().filter(|status| !status.has_body);
        let without = without.flat_map(|status| status.answers.iter().filter_map(|answer| self.arm(status, answer)));
        matched.arms.splice(0..0, without.collect::<Vec<_>>());
        // A status comes before the range that it is in, and everything before the rest.
        matched.arms.sort_by_key(|arm| match &arm.pat {
            Pat::Lit(_) => 0,
            Pat::Range(_) => 1,
            _ => 2,
        });
    }
}

impl Arms<'_> {
    /// Reads the body of this status.
    fn body(&self, status: &ErrorStatus) -> Option<Expr> {
        let (kind, variant) = (self.kind, format_ident!("{}", status.variant()));
        let body = self.types.body(kind, status)?;
        Some(parse_quote!(ResponseValue::<#body>::from_response(response)
            .await?
            .map(types::#kind::#variant)
            .and_then(|body| Err(Error::ErrorResponse(body)))))
    }

    /// The arm of a status without a body.
    fn arm(&self, status: &ErrorStatus, answer: &str) -> Option<Arm> {
        let (kind, variant) = (self.kind, format_ident!("{}", status.variant()));
        let pattern: Pat = match answer.strip_suffix("XX") {
            Some(first) => {
                let first = first.parse::<u16>().ok()? * 100;
                let last = first + 99;
                parse_quote!(#first..=#last)
            }
            None => {
                let code = answer.parse::<u16>().ok()?;
                parse_quote!(#code)
            }
        };
        Some(parse_quote!(#pattern => {
            let (status, headers) = (response.status(), response.headers().clone());
            Err(Error::ErrorResponse(ResponseValue::new(types::#kind::#variant, status, headers)))
        }))
    }
}

/// The status, or the range of them, that a pattern means.
fn answer(pattern: &Pat) -> Option<String> {
    let number = |literal: &Lit| match literal {
        Lit::Int(number) => number.base10_parse::<u16>().ok(),
        _ => None,
    };
    match pattern {
        Pat::Lit(literal) => number(&literal.lit).map(|code| code.to_string()),
        Pat::Range(range) => match range.start.as_deref() {
            Some(Expr::Lit(literal)) => number(&literal.lit).map(|first| format!("{}XX", first / 100)),
            _ => None,
        },
        _ => None,
    }
}
