//! The field for members that a schema allows but does not name.

use quote::{format_ident, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Field, Fields, File, Ident, Item, ItemImpl, ItemStruct, Member, Type, parse_quote};

use super::any_json::is_any;
use super::reached;
use super::success::is_named;
use super::types::{derives, items_mut, remove_derive};
use crate::attributes::{remove_entries, renamed, serde_entry};
use crate::names::{FURTHER, further_name, pascal};
use crate::operation::Operation;
use crate::rule::Adapted;

/// The name of the field, unless a property has it.
const FIELD: &str = "further_members";

/// Gives the field a type that shows no values and a name that leaves all of the document's names to its properties.
pub(super) fn name(file: &mut File, adapted: &Adapted) {
    let mut structs = Structs { adapted, renamed: vec![] };
    structs.visit_file_mut(file);
    // The generator writes out `Default` where a property has a default.
    Impls(&structs.renamed).visit_file_mut(file);
}

/// The fields of a type: the name that the generator gave, the one that it has.
struct Renamed {
    owner: Ident,
    fields: Vec<(Ident, Ident)>,
}

struct Structs<'a> {
    adapted: &'a Adapted,
    renamed: Vec<Renamed>,
}

impl VisitMut for Structs<'_> {
    fn visit_item_struct_mut(&mut self, item: &mut ItemStruct) {
        let owner = item.ident.clone();
        let names = item.fields.iter().filter_map(|field| field.ident.as_ref().map(ToString::to_string));
        let names = names.collect::<Vec<_>>();
        let Some(further) = item.fields.iter_mut().find(|field| serde_entry(&field.attrs, "flatten").is_some()) else {
            return;
        };
        let Some(kind) = further_type(&further.ty) else { return };
        further.ty = kind;
        further.attrs.insert(0, parse_quote!(#[doc = " Members that the schema allows but does not name."]));
        let mut fields = Vec::from_iter(rename(further, &free_name(&names)));
        let property = self.adapted.properties.iter().find(|(name, _)| owner == pascal(name));
        if let Some(stand_in) = property.and_then(|(_, names)| further_name(names)) {
            let held = item.fields.iter_mut().find(|field| renamed(&field.attrs).as_deref() == Some(stand_in));
            fields.extend(held.and_then(|field| rename(field, FURTHER)));
        }
        self.renamed.push(Renamed { owner, fields });
    }
}

/// A name for the field beside fields with these names.
fn free_name(names: &[String]) -> String {
    let mut name = FIELD.to_owned();
    while names.contains(&name) {
        name.push('_');
    }
    name
}

/// Renames a field; returns both names.
fn rename(field: &mut Field, name: &str) -> Option<(Ident, Ident)> {
    let new = format_ident!("{name}");
    field.ident.replace(new.clone()).map(|old| (old, new))
}

/// The type for further members of this map.
fn further_type(kind: &Type) -> Option<Type> {
    let Type::Path(path) = kind else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "HashMap" || last.ident == "BTreeMap")?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    let Some(syn::GenericArgument::Type(value)) = arguments.args.iter().nth(1) else { return None };
    Some(if is_any(value) {
        parse_quote!(::auth_transport::FurtherMembers)
    } else {
        parse_quote!(::auth_transport::FurtherMembers<#value>)
    })
}

struct Impls<'a>(&'a [Renamed]);

impl VisitMut for Impls<'_> {
    fn visit_item_impl_mut(&mut self, item: &mut ItemImpl) {
        let Some(renamed) = self.0.iter().find(|renamed| is_named(&item.self_ty, &renamed.owner.to_string())) else {
            return;
        };
        Values(&renamed.fields).visit_item_impl_mut(item);
    }
}

struct Values<'a>(&'a [(Ident, Ident)]);

impl VisitMut for Values<'_> {
    fn visit_expr_struct_mut(&mut self, value: &mut syn::ExprStruct) {
        visit_mut::visit_expr_struct_mut(self, value);
        for field in &mut value.fields {
            let new = self.0.iter().find(|(old, _)| field.member == Member::Named(old.clone()));
            if let Some((_, new)) = new {
                field.member = Member::Named(new.clone());
            }
        }
    }
}

/// Gives all objects that answers are made of the field, except those of token endpoints.
pub(super) fn add_to_answers(file: &mut File, operations: &[Operation]) {
    let is_kept = |index: usize| operations.get(index).is_some_and(|operation| !operation.requests_tokens);
    let answers = reached::from_answers_of(file, is_kept);
    let mut added = Vec::new();
    for item in items_mut(file).flatten() {
        let Item::Struct(item) = item else { continue };
        if answers.contains(&item.ident.to_string()) {
            added.extend(add(item).map(|field| (item.ident.clone(), field)));
        }
    }
    for item in items_mut(file).flatten() {
        let Item::Impl(item) = item else { continue };
        if let Some((_, field)) = added.iter().find(|(owner, _)| is_named(&item.self_ty, &owner.to_string())) {
            Literals(field).visit_item_impl_mut(item);
        }
    }
}

/// Gives an object the field, unless it has it; returns its name.
fn add(item: &mut ItemStruct) -> Option<Ident> {
    let Fields::Named(fields) = &mut item.fields else { return None };
    if fields.named.iter().any(|field| serde_entry(&field.attrs, "flatten").is_some()) {
        return None;
    }
    remove_entries(&mut item.attrs, &["deny_unknown_fields"]);
    let names = fields.named.iter().filter_map(|field| field.ident.as_ref().map(ToString::to_string));
    let name = format_ident!("{}", free_name(&names.collect::<Vec<_>>()));
    fields.named.push(parse_quote! {
        #[doc = " Members that the document does not describe."]
        #[serde(flatten)]
        #[schemars(skip)]
        pub #name: ::auth_transport::FurtherMembers
    });
    Some(name)
}

/// Adds the field to `Self { field: value }`.
struct Literals<'a>(&'a Ident);

impl VisitMut for Literals<'_> {
    fn visit_expr_struct_mut(&mut self, literal: &mut syn::ExprStruct) {
        visit_mut::visit_expr_struct_mut(self, literal);
        if literal.path.is_ident("Self") {
            let name = self.0;
            literal.fields.push(parse_quote!(#name: ::std::default::Default::default()));
        }
    }
}

/// Replaces `Deserialize` and `Serialize` of objects with the field: flattened fields read numbers with the digits of an `f64`.
///
/// The fields are read and written by what serde derives for a struct beside the object, which has the same fields.
pub(super) fn keep_digits(file: &mut File) {
    for items in items_mut(file) {
        let mut all = Vec::with_capacity(items.len());
        for mut item in std::mem::take(items) {
            let added = match &mut item {
                Item::Struct(object) => read_beside(object),
                _ => None,
            };
            all.push(item);
            all.extend(added);
        }
        *items = all;
    }
}

/// Removes what serde derives for an object with the field; returns what replaces it.
fn read_beside(object: &mut ItemStruct) -> Option<Item> {
    let mut flattened = object.fields.iter().filter(|field| serde_entry(&field.attrs, "flatten").is_some());
    let further = flattened.next().filter(|field| is_named(&field.ty, "FurtherMembers"))?;
    if flattened.next().is_some() {
        return None;
    }
    let (field, kind) = (further.ident.clone()?, further.ty.clone());
    let is_skipped = further.attrs.iter().any(|attr| attr.path().is_ident("schemars"));
    let reader = if is_skipped { format_ident!("reader") } else { format_ident!("open_reader") };
    let owner = object.ident.clone();
    let name = owner.to_string();
    let fields = object.fields.iter().map(|field| {
        let Field { ident, ty, .. } = field;
        let is_further = serde_entry(&field.attrs, "flatten").is_some();
        let skip: Option<Attribute> = is_further.then(|| parse_quote!(#[serde(skip)]));
        let attrs = field.attrs.iter().filter(|attr| !is_further && is_of_reading(attr));
        quote!(#(#attrs)* #skip #ident: #ty)
    });
    let fields = fields.collect::<Vec<_>>();
    let of_object = object.attrs.iter().filter(|attr| is_of_reading(attr)).collect::<Vec<_>>();
    let item = parse_quote! {
        const _: () = {
            #[derive(::serde::Deserialize, ::serde::Serialize)]
            #[serde(remote = #name, rename = #name)]
            #(#of_object)*
            struct __Members { #(#fields),* }
            impl<'de> ::serde::Deserialize<'de> for #owner {
                fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                    let mut further = <#kind>::new();
                    let object = __Members::deserialize(further.#reader(deserializer))?;
                    Ok(Self { #field: further, ..object })
                }
            }
            impl ::serde::Serialize for #owner {
                fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                    __Members::serialize(self, self.#field.writer(serializer))
                }
            }
        };
    };
    remove_derive(&mut object.attrs, "Deserialize");
    remove_derive(&mut object.attrs, "Serialize");
    if !derives(&object.attrs, "JsonSchema") {
        object.attrs.retain(|attr| !is_of_serde(attr));
        object.fields.iter_mut().for_each(|field| field.attrs.retain(|attr| !is_of_serde(attr)));
    } else if is_skipped {
        let further = object.fields.iter_mut().filter(|inner| inner.ident.as_ref() == Some(&field));
        further.for_each(|further| remove_entries(&mut further.attrs, &["flatten"]));
    }
    Some(item)
}

/// Whether an attribute changes what serde derives.
fn is_of_reading(attr: &Attribute) -> bool {
    ["serde", "deprecated"].iter().any(|name| attr.path().is_ident(name))
}

/// Whether an attribute is only for what serde and schemars derive.
fn is_of_serde(attr: &Attribute) -> bool {
    ["serde", "schemars"].iter().any(|name| attr.path().is_ident(name))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn run(code: &str, properties: &[(&str, &str)]) -> String {
        let properties = properties.iter().map(|(new, old)| ((*new).to_owned(), (*old).to_owned()));
        let properties = BTreeMap::from([("a".to_owned(), properties.collect())]);
        let adapted = Adapted { properties, ..Adapted::default() };
        let mut file = syn::parse_str(code).expect("valid code");
        name(&mut file, &adapted);
        prettyplease::unparse(&file)
    }

    #[track_caller]
    fn becomes(before: &str, properties: &[(&str, &str)], after: &str) {
        let after = prettyplease::unparse(&syn::parse_str(after).expect("valid code"));
        assert_eq!(run(before, properties), after);
    }

    #[test]
    fn further_members_have_a_type_of_their_own() {
        becomes(
            "struct A { a: u8, #[serde(flatten)] pub extra: ::std::collections::BTreeMap<String, ::auth_transport::Json> }
             struct B { #[serde(flatten)] pub extra: ::std::collections::HashMap<String, Option<i64>> }
             struct C { #[serde(flatten)] pub other: D, extra: ::std::collections::HashMap<String, i64> }",
            &[],
            "struct A { a: u8, /// Members that the schema allows but does not name.
                 #[serde(flatten)] pub further_members: ::auth_transport::FurtherMembers }
             struct B { /// Members that the schema allows but does not name.
                 #[serde(flatten)] pub further_members: ::auth_transport::FurtherMembers<Option<i64>> }
             struct C { #[serde(flatten)] pub other: D, extra: ::std::collections::HashMap<String, i64> }",
        );
    }

    #[test]
    fn properties_keep_their_names() {
        becomes(
            "struct A { #[serde(rename = \"extra-2\")] pub extra_2: u8, pub further_members: u8,
                 #[serde(flatten)] pub extra: ::std::collections::BTreeMap<String, ::auth_transport::Json> }
             impl ::std::default::Default for A { fn default() -> Self {
                 Self { extra_2: Default::default(), further_members: 1, extra: Default::default() } } }",
            &[("extra-2", "extra")],
            "struct A { #[serde(rename = \"extra-2\")] pub extra: u8, pub further_members: u8,
                 /// Members that the schema allows but does not name.
                 #[serde(flatten)] pub further_members_: ::auth_transport::FurtherMembers }
             impl ::std::default::Default for A { fn default() -> Self {
                 Self { extra: Default::default(), further_members: 1, further_members_: Default::default() } } }",
        );
    }

    fn answers(types: &str, requests_tokens: bool) -> String {
        let answer = "impl Client { async fn a(&self) -> Result<ResponseValue<types::A>, Error<()>> {} }";
        let mut file = syn::parse_str(&format!("pub mod types {{ {types} }} {answer}")).expect("valid code");
        add_to_answers(&mut file, &[Operation { requests_tokens, ..Operation::get("a", "/a") }]);
        let code = prettyplease::unparse(&file);
        code.split_once("impl Client").map_or(code.clone(), |(types, _)| types.to_owned())
    }

    fn of_types(types: &str) -> String {
        prettyplease::unparse(&syn::parse_str(&format!("pub mod types {{ {types} }}")).expect("valid code"))
    }

    #[test]
    fn objects_of_answers_have_the_field_unless_they_have_it_or_hold_a_token() {
        let before = "#[serde(deny_unknown_fields)] pub struct A { pub b: Vec<B>, pub further_members: u8, pub o: O }
            impl ::std::default::Default for A { fn default() -> Self { Self { b: x(), further_members: 1, o: y() } } }
            pub struct B {}
            pub struct O { #[serde(flatten)] pub further_members: ::auth_transport::FurtherMembers }
            pub struct Sent { pub a: u8 }";
        let field = |name: &str| {
            format!(
                "#[doc = \" Members that the document does not describe.\"] #[serde(flatten)] #[schemars(skip)]
                 pub {name}: ::auth_transport::FurtherMembers"
            )
        };
        let after = format!(
            "pub struct A {{ pub b: Vec<B>, pub further_members: u8, pub o: O, {} }}
            impl ::std::default::Default for A {{ fn default() -> Self {{ Self {{
                b: x(), further_members: 1, o: y(), further_members_: ::std::default::Default::default() }} }} }}
            pub struct B {{ {} }}
            pub struct O {{ #[serde(flatten)] pub further_members: ::auth_transport::FurtherMembers }}
            pub struct Sent {{ pub a: u8 }}",
            field("further_members_"),
            field("further_members"),
        );
        assert_eq!(answers(before, false), of_types(&after));
        assert_eq!(answers(before, true), of_types(before));
    }

    #[test]
    fn an_object_with_the_field_is_read_by_a_struct_beside_it() {
        let read = |fields: &str| {
            let code = format!(
                "pub mod types {{ #[derive(::schemars::JsonSchema, ::serde::Deserialize, ::serde::Serialize, Clone)]
                 pub struct A {{ /// A member.
                     #[serde(rename = \"a-b\")] #[deprecated] pub a: u8, {fields} }} }}"
            );
            let mut file = syn::parse_str(&code).expect("valid code");
            keep_digits(&mut file);
            prettyplease::unparse(&file).split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let further = "#[serde(flatten)] pub further: ::auth_transport::FurtherMembers<i64>";
        for (fields, words) in [
            (
                further.to_owned(),
                [
                    "#[derive(::schemars::JsonSchema, Clone)] pub struct A { /// A member. #[serde(rename = \"a-b\")] #[deprecated] \
                     pub a: u8, #[serde(flatten)] pub further: ::auth_transport::FurtherMembers<i64>, }",
                    "#[serde(remote = \"A\", rename = \"A\")] struct __Members { #[serde(rename = \"a-b\")] #[deprecated] a: u8, \
                     #[serde(skip)] further: ::auth_transport::FurtherMembers<i64>, }",
                    "further.open_reader(deserializer)",
                ],
            ),
            (
                format!("#[schemars(skip)] {further}"),
                ["#[schemars(skip)] pub further:", "further.reader(deserializer)", "self.further.writer(serializer)"],
            ),
        ] {
            let code = read(&fields);
            assert!(words.iter().all(|words| code.contains(words)), "{code}");
        }
        let other = read(&format!("#[serde(flatten)] pub other: B, {further}"));
        assert!(!other.contains("__Members"), "{other}");
    }
}
