//! Successes or errors with several bodies: an enum for each operation, with a variant for each status that the document names.
//!
//! progenitor made a struct with a field for each status with a body, and a method that reads every body as that struct. The
//! struct becomes the enum, and the method reads the body that its status has.

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::Result;
use diagnostics::text::Markdown;
use openapi::Document;
use quote::{ToTokens, format_ident};
use syn::visit_mut::{self, VisitMut};
use syn::{
    Arm, Attribute, Expr, ExprMatch, File, Ident, Item, ItemEnum, ItemStruct, Lit, Pat, Type, Variant, parse_quote,
};

use super::corrections::inherent_methods;
use super::methods;
use super::types::{derives, from_outside, items, items_mut, names};
use super::unexpected::unexpected;
use crate::by_status::{Outcome, StatusBody};
use crate::operation::Operation;
use crate::rule::Adapted;

/// Traits that the enum has if the struct has them. It is not read or written as a whole.
const DERIVES: [&str; 4] = ["Clone", "Debug", "PartialEq", "Eq"];

/// Makes the enums, and lets the methods read into them.
///
/// # Errors
///
/// Fails if the output of progenitor is not as expected.
pub(super) fn tell_apart(
    document: &Document,
    file: &mut File,
    operations: &[Operation],
    adapted: &Adapted,
) -> Result<()> {
    let unexpected = |what: String| unexpected(document, "by_status.rs", &what);
    let mut enums: BTreeMap<Ident, ItemEnum> = BTreeMap::new();
    if adapted.by_status.is_empty() {
        return Ok(());
    }
    let (names, structs) = (names(file), structs(file));
    let methods = inherent_methods(file).filter(|method| method.sig.asyncness.is_some());
    for (function, operation) in methods.zip(operations) {
        let Some(by_status) = adapted.by_status.get(&operation.id) else { continue };
        for outcome in Outcome::ALL {
            let statuses = by_status.of(outcome);
            if statuses.is_empty() {
                continue;
            }
            let of = |what: &str| unexpected(format!("{} of {}: {what}", outcome.name(), operation.id));
            let kinds = methods::outcome(&function.sig.output);
            let kind = kinds.and_then(|(success, error)| match outcome {
                Outcome::Success => name(&success),
                Outcome::Error => name(&error),
            });
            let inner = kind.and_then(|kind| structs.get(&kind)).ok_or_else(|| of("it has no type"))?;
            let bodies = Bodies { outcome, inner, statuses, names: &names };
            let kind = bodies.enumeration(operation).ok_or_else(|| of("a field of its type is missing"))?;
            let mut arms = Arms { bodies: &bodies, read: 0 };
            arms.visit_block_mut(&mut function.block);
            let expected = statuses.iter().filter(|it| it.has_body).map(|it| it.answers.len()).sum::<usize>();
            if arms.read != expected {
                return Err(of(&format!("{} of {expected} bodies are read", arms.read)).into());
            }
            if enums.insert(kind.ident.clone(), kind).is_some() {
                return Err(of("another operation has its type").into());
            }
        }
    }
    for items in items_mut(file) {
        items.retain(|item| {
            let owner = if let Item::Impl(inner) = item { name(&inner.self_ty) } else { None };
            owner.is_none_or(|owner| !enums.contains_key(&owner))
        });
        for item in items {
            if let Item::Struct(inner) = item
                && let Some(kind) = enums.remove(&inner.ident)
            {
                *item = Item::Enum(kind);
            }
        }
    }
    Ok(())
}

/// The name of a type.
fn name(kind: &Type) -> Option<Ident> {
    match kind {
        Type::Path(path) => path.path.segments.last().map(|last| last.ident.clone()),
        _ => None,
    }
}

/// The structs of the module `types`.
fn structs(file: &File) -> BTreeMap<Ident, ItemStruct> {
    let structs = items(file).filter_map(|item| match item {
        Item::Struct(inner) => Some((inner.ident.clone(), inner.clone())),
        _ => None,
    });
    structs.collect()
}

/// The bodies of an operation's successes or errors.
struct Bodies<'a> {
    outcome: Outcome,
    /// The struct that progenitor made.
    inner: &'a ItemStruct,
    statuses: &'a [StatusBody],
    /// The types of its module.
    names: &'a BTreeSet<String>,
}

impl Bodies<'_> {
    /// The enum in place of the struct; `None` if a field is missing.
    fn enumeration(&self, operation: &Operation) -> Option<ItemEnum> {
        let mut variants = Vec::new();
        for status in self.statuses {
            let ident = format_ident!("{}", status.variant());
            let docs = docs(&Markdown::code(&status.name), &status.description);
            let variant: Variant = if status.has_body {
                let kind = self.kind(status)?;
                parse_quote!(#(#docs)* #ident(#kind))
            } else {
                parse_quote!(#(#docs)* #ident)
            };
            variants.push(variant);
        }
        let derives =
            DERIVES.into_iter().filter(|name| derives(&self.inner.attrs, name)).map(|name| format_ident!("{name}"));
        let title = format!(
            "The {} of {} that the document describes, by the status of the response.",
            match self.outcome {
                Outcome::Success => "successes",
                Outcome::Error => "errors",
            },
            Markdown::code(&operation.id).as_str()
        );
        let ident = &self.inner.ident;
        Some(parse_quote! {
            #[doc = #title]
            #[derive(#(#derives),*)]
            #[non_exhaustive]
            pub enum #ident { #(#variants),* }
        })
    }

    /// The type of the body of a status.
    fn kind(&self, status: &StatusBody) -> Option<&Type> {
        let property = StatusBody::property(&status.name);
        let field = self.inner.fields.iter().find(|field| field.ident.as_ref().is_some_and(|own| *own == property))?;
        Some(&field.ty)
    }

    /// Reads the response of this status.
    fn read(&self, status: &StatusBody) -> Option<Expr> {
        let (kind, variant) = (&self.inner.ident, format_ident!("{}", status.variant()));
        let read: Expr = if status.has_body {
            let body = from_outside(self.names, self.kind(status)?.clone());
            parse_quote!(ResponseValue::<#body>::from_response(response).await?.map(types::#kind::#variant))
        } else {
            parse_quote!(ResponseValue::empty(response).map(|()| types::#kind::#variant))
        };
        Some(match self.outcome {
            Outcome::Success => read,
            Outcome::Error => parse_quote!(#read.and_then(|body| Err(Error::ErrorResponse(body)))),
        })
    }
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
    bodies: &'a Bodies<'a>,
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
            let status = self.bodies.statuses.iter().find(|it| it.has_body && it.answers.contains(&answer));
            if let Some(read) = status.and_then(|status| self.bodies.read(status)) {
                *arm.body = read;
                self.read += 1;
            }
        }
        let without = self.bodies.statuses.iter().filter(|status| !status.has_body);
        let without = without.flat_map(|status| {
            let arm = |answer: &String| Some((pattern(answer)?, self.bodies.read(status)?));
            status.answers.iter().filter_map(arm).map(|(pattern, read)| -> Arm { parse_quote!(#pattern => { #read }) })
        });
        matched.arms.splice(0..0, without.collect::<Vec<_>>());
        // A status comes before the range that it is in, and everything before the rest.
        matched.arms.sort_by_key(|arm| match &arm.pat {
            Pat::Lit(_) => 0,
            Pat::Range(_) => 1,
            _ => 2,
        });
    }
}

/// The pattern for a status or a range of them.
fn pattern(answer: &str) -> Option<Pat> {
    Some(match answer.strip_suffix("XX") {
        Some(first) => {
            let first = first.parse::<u16>().ok()? * 100;
            let last = first + 99;
            parse_quote!(#first..=#last)
        }
        None => {
            let code = answer.parse::<u16>().ok()?;
            parse_quote!(#code)
        }
    })
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
