//! The field for members that a schema allows but does not name.

use syn::visit_mut::{self, VisitMut};
use syn::{Field, File, Ident, ItemImpl, ItemStruct, Member, Type, parse_quote};

use super::success::{first, is_named};
use crate::attributes::{renamed, serde_entry};
use crate::names::{FURTHER, further_name, pascal};
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
        let mut name = FIELD.to_owned();
        while names.contains(&name) {
            name.push('_');
        }
        let mut fields = Vec::from_iter(rename(further, &name));
        let property = self.adapted.properties.iter().find(|(name, _)| owner == pascal(name));
        if let Some(stand_in) = property.and_then(|(_, names)| further_name(names)) {
            let held = item.fields.iter_mut().find(|field| renamed(&field.attrs).as_deref() == Some(stand_in));
            fields.extend(held.and_then(|field| rename(field, FURTHER)));
        }
        self.renamed.push(Renamed { owner, fields });
    }
}

/// Renames a field; returns both names.
fn rename(field: &mut Field, name: &str) -> Option<(Ident, Ident)> {
    let new = quote::format_ident!("{name}");
    field.ident.replace(new.clone()).map(|old| (old, new))
}

/// The type for further members of this map.
fn further_type(kind: &Type) -> Option<Type> {
    let mut kind = kind.clone();
    if is_named(&kind, "Map") {
        return Some(parse_quote!(::auth_transport::FurtherMembers));
    }
    first(&mut kind, "HashMap")?;
    let Type::Path(path) = &kind else { return None };
    let syn::PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else { return None };
    let value = arguments.args.iter().nth(1)?;
    Some(parse_quote!(::auth_transport::FurtherMembers<#value>))
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
            "struct A { a: u8, #[serde(flatten)] pub extra: ::serde_json::Map<String, ::serde_json::Value> }
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
                 #[serde(flatten)] pub extra: ::serde_json::Map<String, ::serde_json::Value> }
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
}
