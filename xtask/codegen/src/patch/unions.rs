//! Enums for unions: they read the member that keeps the most of a value, and write its tag.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Fields, File, Ident, Item, ItemEnum, parse_quote};

use super::types::remove_derive;
use crate::attributes::{is_doc, serde_entry};
use crate::names::pascal;
use crate::shape::{Object, Others, Shape, Shapes, Tag, Union};

/// The module of the tables.
const MODULE: &str = "shapes";

/// Replaces `Deserialize` of untagged enums, which takes the first member that reads anything, and `Serialize` of those with a
/// discriminator.
pub(super) fn choose_members(file: &mut File, shapes: &Shapes) {
    let unions = shapes.named.iter().filter_map(|(name, shape)| match shape {
        Shape::Union(union) => Some((pascal(name), (name.as_str(), union))),
        _ => None,
    });
    let unions = unions.collect::<BTreeMap<_, _>>();
    let mut used = BTreeSet::new();
    for item in &mut file.items {
        let Item::Mod(syn::ItemMod { content: Some((_, items)), ident, .. }) = item else { continue };
        if ident != "types" {
            continue;
        }
        for mut item in std::mem::take(items) {
            let mut added = Vec::new();
            if let Item::Enum(item) = &mut item
                && serde_entry(&item.attrs, "untagged").is_some()
                && let Some((name, union)) = unions.get(&item.ident.to_string())
                && has_members(item, union)
            {
                used.insert((*name).to_owned());
                added.push(reading(item));
                remove_derive(&mut item.attrs, "Deserialize");
                if let Some(tag) = &union.tag {
                    added.push(writing(item, shapes, union, tag));
                    remove_derive(&mut item.attrs, "Serialize");
                    document(item, tag);
                }
            }
            items.push(item);
            items.extend(added);
        }
    }
    if !used.is_empty() {
        file.items.push(tables(shapes, used));
    }
}

/// Whether each variant holds the member at its place.
fn has_members(item: &ItemEnum, union: &Union) -> bool {
    item.variants.len() == union.members.len()
        && item
            .variants
            .iter()
            .all(|variant| matches!(&variant.fields, Fields::Unnamed(fields) if fields.unnamed.len() == 1))
}

fn reading(item: &ItemEnum) -> Item {
    let ident = &item.ident;
    let name = ident.to_string();
    let members = item.variants.iter().map(|variant| &variant.ident);
    let module = format_ident!("{MODULE}");
    parse_quote! {
        impl<'de> ::serde::Deserialize<'de> for #ident {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                static UNION: ::auth_transport::union::Union<#ident> = ::auth_transport::union::Union::new(
                    #name,
                    &super::#module::#ident,
                    &[#(|text| text.read(#ident::#members)),*],
                );
                UNION.read(deserializer)
            }
        }
    }
}

fn writing(item: &ItemEnum, shapes: &Shapes, union: &Union, tag: &Tag) -> Item {
    let ident = &item.ident;
    let property = &tag.property;
    let arms = item.variants.iter().zip(union.members.iter().zip(&tag.values)).map(|(variant, (member, tags))| {
        let variant = &variant.ident;
        match tags.first().filter(|_| has_no_tag(shapes, member, property)) {
            Some(tag) => {
                quote!(Self::#variant(member) => ::auth_transport::union::tagged(serializer, #property, #tag, member))
            }
            None => quote!(Self::#variant(member) => ::serde::Serialize::serialize(member, serializer)),
        }
    });
    parse_quote! {
        impl ::serde::Serialize for #ident {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                match self {
                    #(#arms,)*
                }
            }
        }
    }
}

/// Whether this member of a union is an object that may be without the property. A union of its own writes its own tags.
fn has_no_tag(shapes: &Shapes, member: &Shape, property: &str) -> bool {
    match shapes.resolve(member) {
        Shape::Object(Object { properties, .. }) => {
            !properties.get(property).is_some_and(|(is_required, _)| *is_required)
        }
        _ => false,
    }
}

/// Adds what its discriminator says to the documentation of an enum.
fn document(item: &mut ItemEnum, tag: &Tag) {
    let property = &tag.property;
    let mut text = format!(
        "\n\nThe member `{property}` selects the variant. A variant that does not have it is written with its first value.\n"
    );
    for (variant, tags) in item.variants.iter().zip(&tag.values).filter(|(_, tags)| !tags.is_empty()) {
        let tags = tags.iter().map(|tag| format!("`{tag}`")).collect::<Vec<_>>().join(" or ");
        text += &format!("\n- `{}`: {tags}", variant.ident);
    }
    let at = item.attrs.iter().rposition(is_doc).map_or(0, |at| at + 1);
    item.attrs.insert(at, parse_quote!(#[doc = #text]));
}

/// The tables of these schemas, and of those that they consist of.
fn tables(shapes: &Shapes, used: BTreeSet<String>) -> Item {
    let mut open = used;
    let mut tables = BTreeMap::new();
    while let Some(name) = open.pop_first() {
        let Some(shape) = shapes.named.get(&name).filter(|_| !tables.contains_key(&pascal(&name))) else { continue };
        let ident = ident(&name);
        let value = value(shape, &mut open);
        tables.insert(ident.to_string(), quote!(pub(super) static #ident: Shape = #value;));
    }
    let tables = tables.values();
    let module = format_ident!("{MODULE}");
    parse_quote! {
        /// What the schemas of unions say about JSON.
        #[allow(non_upper_case_globals, unused_imports)]
        mod #module {
            use ::auth_transport::union::{ANY, BOOLEAN, INTEGER, NULL, NUMBER, STRING, Shape, optional, required};
            #(#tables)*
        }
    }
}

fn ident(name: &str) -> Ident {
    format_ident!("{}", pascal(name))
}

/// An expression for a shape; the schemas that it refers to are added to `open`.
fn value(shape: &Shape, open: &mut BTreeSet<String>) -> TokenStream {
    match shape {
        Shape::Any
        | Shape::Named(_)
        | Shape::Null
        | Shape::Boolean
        | Shape::Integer
        | Shape::Number
        | Shape::String => {
            let one = reference(shape, open);
            quote!(Shape::one_of(&[#one]))
        }
        Shape::Listed(values) => quote!(Shape::listed(&[#(#values),*])),
        Shape::List(items) => {
            let items = reference(items, open);
            quote!(Shape::list(#items))
        }
        Shape::Object(Object { properties, others }) => {
            let properties = properties.iter().map(|(name, (is_required, shape))| {
                let shape = reference(shape, open);
                if *is_required { quote!(required(#name, #shape)) } else { quote!(optional(#name, #shape)) }
            });
            let properties = properties.collect::<Vec<_>>();
            match others {
                Others::Dropped => quote!(Shape::object(&[#(#properties),*])),
                Others::Forbidden => quote!(Shape::closed(&[#(#properties),*])),
                Others::Kept(shape) => {
                    let shape = reference(shape, open);
                    quote!(Shape::open(&[#(#properties),*], #shape))
                }
            }
        }
        Shape::Union(Union { members, tag, .. }) => {
            let members = members.iter().map(|member| reference(member, open)).collect::<Vec<_>>();
            match tag {
                None => quote!(Shape::one_of(&[#(#members),*])),
                Some(Tag { property, values, base }) => {
                    let values = values.iter().enumerate();
                    let values = values.flat_map(|(index, tags)| tags.iter().map(move |tag| quote!((#tag, #index))));
                    let base = base.map(|base| quote!(.with_base(#base)));
                    quote!(Shape::tagged(&[#(#members),*], #property, &[#(#values),*]) #base)
                }
            }
        }
    }
}

/// An expression for a reference to a shape.
fn reference(shape: &Shape, open: &mut BTreeSet<String>) -> TokenStream {
    match shape {
        Shape::Any => quote!(&ANY),
        Shape::Null => quote!(&NULL),
        Shape::Boolean => quote!(&BOOLEAN),
        Shape::Integer => quote!(&INTEGER),
        Shape::Number => quote!(&NUMBER),
        Shape::String => quote!(&STRING),
        Shape::Named(name) => {
            open.insert(name.clone());
            let ident = ident(name);
            quote!(&self::#ident)
        }
        other => {
            let value = value(other, open);
            quote!(&#value)
        }
    }
}
