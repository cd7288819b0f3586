//! Places in the document that have to become a hand-written type, and the proof that they did.

use std::collections::{BTreeSet, HashMap};

use diagnostics::Problem;
use openapi::Document;
use quote::ToTokens;
use syn::visit::{self, Visit};

use crate::attributes::renamed;
use crate::conversion::{Conversion, Converted};
use crate::names::pascal;

/// Every converted that did not get its type.
pub(crate) fn check(document: &Document, conversions: &[Converted], file: &syn::File) -> Vec<Problem> {
    let mut fields = Fields::default();
    fields.visit_file(file);
    let unmapped = conversions.iter().filter(|converted| !fields.prove(converted));
    unmapped
        .map(|converted| {
            let Conversion { format, name, .. } = converted.conversion;
            document
                .problem(
                    &converted.pointer,
                    format!("`format: {format}` did not become `{name}` in the generated code"),
                )
                .remedy("this is a fault of the generator: move the property to a named schema with an overlay action")
        })
        .collect()
}

/// The types of the fields of all structs, each once.
#[derive(Default)]
struct Fields {
    by_wire: HashMap<String, BTreeSet<String>>,
    by_owner: HashMap<String, BTreeSet<String>>,
    by_both: HashMap<(String, String), BTreeSet<String>>,
}

impl Fields {
    fn prove(&self, converted: &Converted) -> bool {
        let name = converted.conversion.name;
        let mapped = |kind: &String| kind.split(|c: char| !c.is_alphanumeric()).any(|word| word == name);
        let owner = converted.component.as_ref().map(|component| pascal(component));
        let all = |kinds: Option<&BTreeSet<String>>| kinds.is_some_and(|kinds| kinds.iter().all(mapped));
        match (&converted.property, owner) {
            (Some(property), Some(owner)) => all(self.by_both.get(&(owner, property.clone()))),
            (Some(property), None) => all(self.by_wire.get(property)),
            (None, owner) => owner.and_then(|owner| self.by_owner.get(&owner)).into_iter().flatten().any(mapped),
        }
    }

    /// Notes a field of a type, with its name on the wire.
    fn add(&mut self, owner: String, wire: Option<String>, kind: String) {
        if let Some(wire) = wire {
            self.by_wire.entry(wire.clone()).or_default().insert(kind.clone());
            self.by_both.entry((owner.clone(), wire)).or_default().insert(kind.clone());
        }
        self.by_owner.entry(owner).or_default().insert(kind);
    }
}

impl<'ast> Visit<'ast> for Fields {
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        for field in &item.fields {
            let name = field.ident.as_ref().map(|ident| ident.to_string().trim_start_matches("r#").to_owned());
            self.add(item.ident.to_string(), renamed(&field.attrs).or(name), field.ty.to_token_stream().to_string());
        }
        visit::visit_item_struct(self, item);
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        let kind = item.ty.to_token_stream().to_string();
        self.add(item.ident.to_string(), None, kind);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversion::CONVERSIONS;

    fn proven(pointer: &str, code: &str) -> bool {
        let converted = Converted::at(CONVERSIONS[0], pointer).expect("a converted");
        let document = Document::parse("specs/a.json", "{}".to_owned()).expect("valid JSON");
        check(&document, &[converted], &syn::parse_str(code).expect("valid code")).is_empty()
    }

    #[test]
    fn a_slot_is_proven_by_the_field_of_its_struct() {
        let pointer = "/components/schemas/token_request/properties/client-secret";
        let field = |kind: &str, owner: &str| {
            format!(
                "struct {owner} {{ #[serde(default, rename = \"client-secret\", skip_serializing_if = \"x\")] s: {kind} }}"
            )
        };
        assert!(proven(pointer, &field("::auth_transport::Secret", "TokenRequest")));
        assert!(proven(pointer, &field("Option<Vec<::auth_transport::Secret>>", "TokenRequest")));
        assert!(!proven(pointer, &field("String", "TokenRequest")));
        assert!(!proven(pointer, &field("SecretThing", "TokenRequest")));
        assert!(!proven(pointer, &field("::auth_transport::Secret", "Other")));
        assert!(!proven(pointer, ""));
    }

    #[test]
    fn slots_in_unnamed_schemas_are_proven_by_the_name_of_the_property() {
        let pointer = "/paths/~1a/post/requestBody/content/x/schema/properties/pin";
        assert!(proven(pointer, "struct A { pin: Secret }"));
        assert!(!proven(pointer, "struct A { pin: Secret } struct B { pin: String }"));
    }

    #[test]
    fn a_component_may_be_a_slot_itself() {
        assert!(proven("/components/schemas/Key", "struct Key(pub ::auth_transport::Secret);"));
        assert!(!proven("/components/schemas/Key", "struct Key(pub String);"));
    }
}
