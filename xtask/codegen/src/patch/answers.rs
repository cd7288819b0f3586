//! Members of answers, which keep what does not fit their type.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprStruct, Field, Fields, File, Item, ItemImpl, ItemStruct, Member, Type, parse_quote};

use super::nullable::{self, Null};
use super::reached;
use super::success::first;
use crate::attributes::{remove_entries, renamed, serde_entry};
use crate::operation::Operation;

/// The types that hold a secret or stand beside one, so that what comes instead of them may be a secret.
const CONFIDENTIAL: [&str; 2] = ["Secret", "ExpiresIn"];

/// Wraps the members of all types that answers are made of, except those of token endpoints.
///
/// | member | before | after |
/// |---|---|---|
/// | required | `T` | `Received<T>` |
/// | optional | `Option<T>`, skipped if it is `None` | `Received<T>`, skipped if it is absent |
/// | nullable | `Option<T>`, `Option<Option<T>>` | `Received<T, Nullable>` |
/// | with a secret inside | `T` | `Received<T, Confidential>` |
///
/// A default of an optional member is not filled in: the server did not send it.
pub(super) fn keep(file: &mut File, value: &Value, operations: &[Operation]) {
    let is_kept = |index: usize| operations.get(index).is_some_and(|operation| !operation.requests_tokens);
    let answers = reached::from_answers_of(file, is_kept);
    let confidential = reached::holding(file, &CONFIDENTIAL);
    let mut wrapping =
        Wrapping { answers, confidential, nulls: nullable::of_properties(value), wrapped: BTreeMap::new() };
    for item in &mut file.items {
        let Item::Mod(syn::ItemMod { ident, content: Some((_, items)), .. }) = item else { continue };
        if ident == "types" {
            items.iter_mut().for_each(|item| wrapping.wrap(item));
            items.iter_mut().for_each(|item| wrapping.make_anew(item));
        }
    }
}

struct Wrapping<'a> {
    answers: BTreeSet<String>,
    confidential: BTreeSet<String>,
    /// For each property of each type, how it can be `null`.
    nulls: BTreeMap<String, BTreeMap<&'a str, Null>>,
    /// The wrapped fields of each type.
    wrapped: BTreeMap<String, BTreeSet<String>>,
}

impl Wrapping<'_> {
    fn wrap(&mut self, item: &mut Item) {
        let Item::Struct(ItemStruct { ident, fields: Fields::Named(fields), .. }) = item else { return };
        let owner = ident.to_string();
        if !self.answers.contains(&owner) {
            return;
        }
        let mut wrapped = BTreeSet::new();
        for field in &mut fields.named {
            if serde_entry(&field.attrs, "flatten").is_some() {
                wrap_further(field);
            } else {
                self.wrap_field(&owner, field);
                wrapped.extend(field.ident.as_ref().map(ToString::to_string));
            }
        }
        self.wrapped.insert(owner, wrapped);
    }

    fn wrap_field(&self, owner: &str, field: &mut Field) {
        let is_optional =
            ["default", "skip_serializing_if"].iter().any(|name| serde_entry(&field.attrs, name).is_some());
        let name = field.ident.as_ref().map(|ident| ident.to_string().trim_start_matches("r#").to_owned());
        let name = renamed(&field.attrs).or(name).unwrap_or_default();
        let null = self.nulls.get(owner).and_then(|nulls| nulls.get(name.as_str())).copied();
        let is_nullable = null.is_some_and(|null| null != Null::Never);
        let mut kind = field.ty.clone();
        while let Some(inner) = first(&mut kind, "Option").cloned() {
            kind = inner;
        }
        let is_confidential = reached::names(&kind).iter().any(|name| self.confidential.contains(name));
        let treatment: Option<Type> = match (is_nullable, is_confidential) {
            (false, false) => None,
            (true, false) => Some(parse_quote!(::auth_transport::Nullable)),
            (false, true) => Some(parse_quote!(::auth_transport::Confidential)),
            (true, true) => Some(parse_quote!(::auth_transport::NullableConfidential)),
        };
        field.ty = match treatment {
            None => parse_quote!(::auth_transport::Received<#kind>),
            Some(treatment) => parse_quote!(::auth_transport::Received<#kind, #treatment>),
        };
        remove_entries(&mut field.attrs, &["default", "skip_serializing_if", "deserialize_with", "with"]);
        field.attrs.push(if is_optional {
            parse_quote!(#[serde(default, skip_serializing_if = "::auth_transport::Received::is_absent")])
        } else {
            parse_quote!(#[serde(skip_serializing_if = "::auth_transport::Received::is_absent")])
        });
    }

    /// Corrects the functions that make a value of a wrapped type.
    fn make_anew(&self, item: &mut Item) {
        let Item::Impl(item) = item else { return };
        if let Some(fields) = owner(item).and_then(|owner| self.wrapped.get(&owner)) {
            Literals { fields }.visit_item_impl_mut(item);
        }
    }
}

/// Wraps the members that a schema allows but does not name, unless they are any JSON.
fn wrap_further(field: &mut Field) {
    if let Some(kind) = first(&mut field.ty, "FurtherMembers") {
        *kind = parse_quote!(::auth_transport::Received<#kind>);
    }
}

fn owner(item: &ItemImpl) -> Option<String> {
    match &*item.self_ty {
        Type::Path(path) => path.path.get_ident().map(ToString::to_string),
        _ => None,
    }
}

/// `Self { field: value }`, in which a value that is no argument is that of an absent member.
struct Literals<'a> {
    fields: &'a BTreeSet<String>,
}

impl VisitMut for Literals<'_> {
    fn visit_expr_struct_mut(&mut self, literal: &mut ExprStruct) {
        visit_mut::visit_expr_struct_mut(self, literal);
        if !literal.path.is_ident("Self") {
            return;
        }
        for value in &mut literal.fields {
            let Member::Named(name) = &value.member else { continue };
            let is_argument = matches!(&value.expr, Expr::MethodCall(call) if call.method == "into");
            if self.fields.contains(&name.to_string()) && !is_argument {
                value.expr = parse_quote!(::std::default::Default::default());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn operation(requests_tokens: bool) -> Operation {
        Operation { requests_tokens, ..Operation::get("a", "/a") }
    }

    /// The types after the members of those in the answer of one operation, `A`, were wrapped.
    fn kept(types: &str, requests_tokens: bool) -> String {
        let answer = "impl Client { async fn a(&self) -> Result<ResponseValue<types::A>, Error<()>> {} }";
        let mut file = syn::parse_str(&format!("pub mod types {{ {types} }} {answer}")).expect("valid code");
        let value = json!({ "components": { "schemas": { "a": { "properties": {
            "n-u": { "type": "string", "nullable": true }, "any": {}
        } } } } });
        keep(&mut file, &value, &[operation(requests_tokens)]);
        prettyplease::unparse(&file)
    }

    #[track_caller]
    fn becomes(before: &str, after: &str) {
        let after = syn::parse_str(&format!("pub mod types {{ {after} }}")).expect("valid code");
        let kept = kept(before, false);
        let types = kept.split_once("impl Client").map_or(kept.as_str(), |(types, _)| types);
        assert_eq!(types, prettyplease::unparse(&after));
    }

    #[test]
    fn members_of_answers_keep_what_does_not_fit() {
        becomes(
            "pub struct A {
                pub required: ::std::vec::Vec<B>,
                #[serde(rename = \"o\", skip_serializing_if = \"::std::option::Option::is_none\")]
                pub optional: ::std::option::Option<u8>,
                #[serde(rename = \"n-u\", default, skip_serializing_if = \"x\", deserialize_with = \"y\")]
                pub n_u: ::std::option::Option<::std::option::Option<u8>>,
                #[serde(default = \"defaults::x\")]
                pub with_default: i64,
                pub any: ::auth_transport::Json,
                pub secret: ::auth_transport::Secret,
                #[serde(flatten)]
                pub further: ::auth_transport::FurtherMembers,
            }
            pub struct B {
                pub c: C,
                #[serde(flatten)]
                pub further: ::auth_transport::FurtherMembers<D>,
            }
            pub struct D { #[serde(flatten)] pub further: ::auth_transport::FurtherMembers }
            pub struct C(pub ::std::vec::Vec<::auth_transport::Secret>);
            pub struct Sent { pub a: u8 }",
            "pub struct A {
                #[serde(skip_serializing_if = \"::auth_transport::Received::is_absent\")]
                pub required: ::auth_transport::Received<::std::vec::Vec<B>, ::auth_transport::Confidential>,
                #[serde(rename = \"o\")]
                #[serde(default, skip_serializing_if = \"::auth_transport::Received::is_absent\")]
                pub optional: ::auth_transport::Received<u8>,
                #[serde(rename = \"n-u\")]
                #[serde(default, skip_serializing_if = \"::auth_transport::Received::is_absent\")]
                pub n_u: ::auth_transport::Received<u8, ::auth_transport::Nullable>,
                #[serde(default, skip_serializing_if = \"::auth_transport::Received::is_absent\")]
                pub with_default: ::auth_transport::Received<i64>,
                #[serde(skip_serializing_if = \"::auth_transport::Received::is_absent\")]
                pub any: ::auth_transport::Received<::auth_transport::Json, ::auth_transport::Nullable>,
                #[serde(skip_serializing_if = \"::auth_transport::Received::is_absent\")]
                pub secret: ::auth_transport::Received<::auth_transport::Secret, ::auth_transport::Confidential>,
                #[serde(flatten)]
                pub further: ::auth_transport::FurtherMembers,
            }
            pub struct B {
                #[serde(skip_serializing_if = \"::auth_transport::Received::is_absent\")]
                pub c: ::auth_transport::Received<C, ::auth_transport::Confidential>,
                #[serde(flatten)]
                pub further: ::auth_transport::FurtherMembers<::auth_transport::Received<D>>,
            }
            pub struct D { #[serde(flatten)] pub further: ::auth_transport::FurtherMembers }
            pub struct C(pub ::std::vec::Vec<::auth_transport::Secret>);
            pub struct Sent { pub a: u8 }",
        );
    }

    #[test]
    fn a_value_is_made_with_its_arguments_and_without_defaults() {
        let wrapped = "#[serde(skip_serializing_if = \"::auth_transport::Received::is_absent\")]";
        becomes(
            "pub struct A { pub a: u8, pub b: u8 }
            pub struct B { pub a: u8 }
            impl A { pub fn new(a: u8) -> Self { Self { a: a.into(), b: defaults::b() } } }
            impl B { pub fn new() -> Self { Self { a: defaults::b() } } }",
            &format!(
                "pub struct A {{ {wrapped} pub a: ::auth_transport::Received<u8>, {wrapped} pub b: ::auth_transport::Received<u8> }}
                pub struct B {{ pub a: u8 }}
                impl A {{ pub fn new(a: u8) -> Self {{ Self {{ a: a.into(), b: ::std::default::Default::default() }} }} }}
                impl B {{ pub fn new() -> Self {{ Self {{ a: defaults::b() }} }} }}"
            ),
        );
    }

    #[test]
    fn answers_of_token_endpoints_stay_strict() {
        assert!(!kept("pub struct A { pub a: u8 }", true).contains("Received"));
    }
}
