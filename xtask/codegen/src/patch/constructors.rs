//! Constructors of objects, so that a new optional member breaks no caller.

use syn::{Expr, ExprPath, Field, Fields, File, FnArg, Ident, Item, ItemImpl, ItemStruct, Type, parse_quote};

use super::any_json::is_any;
use super::success::is_named;
use super::types::{derives, items_mut};
use crate::attributes::serde_entry;

/// Marks all objects as `#[non_exhaustive]`, and gives each a `new` that takes its required members, or `Default` if it has
/// none.
pub(super) fn add(file: &mut File) {
    for items in items_mut(file) {
        let has_default = |name: &Ident, items: &[Item]| {
            items.iter().any(|item| matches!(item, Item::Impl(inner) if is_default(inner) && is_named(&inner.self_ty, &name.to_string())))
        };
        let written = items.iter().filter_map(|item| match item {
            Item::Struct(object) if has_default(&object.ident, items) => Some(object.ident.clone()),
            _ => None,
        });
        let written = written.collect::<Vec<_>>();
        let mut all = Vec::with_capacity(items.len());
        for mut item in std::mem::take(items) {
            let added = match &mut item {
                Item::Struct(object) => constructor(object, &written),
                _ => None,
            };
            all.push(item);
            all.extend(added.map(Item::Impl));
        }
        *items = all;
    }
}

fn is_default(item: &ItemImpl) -> bool {
    let path = item.trait_.as_ref().map(|(_, path, _)| path);
    path.is_some_and(|path| path.segments.last().is_some_and(|last| last.ident == "Default"))
}

/// Prepares an object; returns the implementation to add.
fn constructor(object: &mut ItemStruct, written: &[Ident]) -> Option<ItemImpl> {
    let Fields::Named(fields) = &object.fields else { return None };
    let mut arguments: Vec<FnArg> = Vec::new();
    let mut values: Vec<syn::FieldValue> = Vec::new();
    let mut is_plain = true;
    for field in &fields.named {
        let name = field.ident.as_ref()?;
        let value: Expr = match value_if_absent(field) {
            Some(value) => {
                is_plain &= value == default();
                value
            }
            None => {
                let (kind, value) = argument(name, &field.ty);
                arguments.push(parse_quote!(#name: #kind));
                value
            }
        };
        values.push(parse_quote!(#name: #value));
    }
    let name = &object.ident;
    object.attrs.push(parse_quote!(#[non_exhaustive]));
    if !arguments.is_empty() {
        return Some(parse_quote! {
            impl #name {
                #[doc = " A value with these required members. Optional members are absent."]
                pub fn new(#(#arguments),*) -> Self {
                    Self { #(#values),* }
                }
            }
        });
    }
    if written.contains(name) || derives(&object.attrs, "Default") {
        None
    } else if is_plain {
        object.attrs.push(parse_quote!(#[derive(Default)]));
        None
    } else {
        Some(parse_quote! {
            impl ::std::default::Default for #name {
                fn default() -> Self {
                    Self { #(#values),* }
                }
            }
        })
    }
}

fn default() -> Expr {
    parse_quote!(::std::default::Default::default())
}

/// The value of a member that may be absent.
fn value_if_absent(field: &Field) -> Option<Expr> {
    let entry = |name: &str| serde_entry(&field.attrs, name);
    if let Some(Some(Expr::Lit(literal))) = entry("default")
        && let syn::Lit::Str(path) = &literal.lit
    {
        let path = path.parse::<ExprPath>().ok()?;
        return Some(parse_quote!(#path()));
    }
    ["default", "skip_serializing_if", "flatten"].iter().any(|name| entry(name).is_some()).then(default)
}

/// The type of an argument for a member of this type, and the member's value.
fn argument(name: &Ident, kind: &Type) -> (Type, Expr) {
    if is_named(kind, "String") || is_any(kind) {
        return (
            parse_quote!(impl ::std::convert::Into<#kind>),
            parse_quote!(::std::convert::Into::<#kind>::into(#name).into()),
        );
    }
    (kind.clone(), parse_quote!(#name.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn becomes(before: &str, after: &str) {
        let read = |code: &str| syn::parse_str::<File>(&format!("pub mod types {{ {code} }}")).expect("valid code");
        let mut file = read(before);
        add(&mut file);
        assert_eq!(prettyplease::unparse(&file), prettyplease::unparse(&read(after)));
    }

    #[test]
    fn required_members_are_arguments() {
        becomes(
            "pub struct A {
                pub a: ::std::string::String, pub b: E, pub c: ::std::option::Option<u8>,
                #[serde(skip_serializing_if = \"::std::option::Option::is_none\")] pub d: ::std::option::Option<u8>,
                #[serde(default)] pub e: Vec<u8>,
                #[serde(default = \"defaults::default_u64::<i64, 5>\")] pub f: i64,
                #[serde(flatten)] pub g: F,
            }
            pub struct New(pub i64);
            pub enum E { A }",
            "#[non_exhaustive] pub struct A {
                pub a: ::std::string::String, pub b: E, pub c: ::std::option::Option<u8>,
                #[serde(skip_serializing_if = \"::std::option::Option::is_none\")] pub d: ::std::option::Option<u8>,
                #[serde(default)] pub e: Vec<u8>,
                #[serde(default = \"defaults::default_u64::<i64, 5>\")] pub f: i64,
                #[serde(flatten)] pub g: F,
            }
            impl A {
                /// A value with these required members. Optional members are absent.
                pub fn new(
                    a: impl ::std::convert::Into<::std::string::String>, b: E, c: ::std::option::Option<u8>
                ) -> Self {
                    Self {
                        a: ::std::convert::Into::<::std::string::String>::into(a).into(), b: b.into(), c: c.into(),
                        d: ::std::default::Default::default(), e: ::std::default::Default::default(),
                        f: defaults::default_u64::<i64, 5>(), g: ::std::default::Default::default()
                    }
                }
            }
            pub struct New(pub i64);
            pub enum E { A }",
        );
    }

    #[test]
    fn an_object_without_required_members_has_a_default() {
        becomes(
            "#[derive(Clone)] pub struct A { #[serde(flatten)] pub a: M }
             #[derive(Clone, Default)] pub struct B { #[serde(default)] pub b: u8 }
             pub struct C { #[serde(default = \"defaults::c\")] pub c: u8, #[serde(flatten)] pub d: M }
             pub struct D { #[serde(default = \"defaults::d\")] pub d: u8 }
             impl ::std::default::Default for D { fn default() -> Self { Self { d: defaults::d() } } }
             pub struct E {}",
            "#[derive(Clone)] #[non_exhaustive] #[derive(Default)] pub struct A { #[serde(flatten)] pub a: M }
             #[derive(Clone, Default)] #[non_exhaustive] pub struct B { #[serde(default)] pub b: u8 }
             #[non_exhaustive] pub struct C { #[serde(default = \"defaults::c\")] pub c: u8, #[serde(flatten)] pub d: M }
             impl ::std::default::Default for C { fn default() -> Self {
                 Self { c: defaults::c(), d: ::std::default::Default::default() } } }
             #[non_exhaustive] pub struct D { #[serde(default = \"defaults::d\")] pub d: u8 }
             impl ::std::default::Default for D { fn default() -> Self { Self { d: defaults::d() } } }
             #[non_exhaustive] #[derive(Default)] pub struct E {}",
        );
    }
}
