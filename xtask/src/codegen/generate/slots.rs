//! Places in the document that have to become a hand-written type, and the proof that they did.

use std::collections::{BTreeSet, HashMap};

use quote::ToTokens;
use schemars::schema::{InstanceType, SchemaObject};
use syn::visit::{self, Visit};

use crate::codegen::accommodate::pascal;
use crate::codegen::load::Document;
use crate::codegen::positions::parts;
use crate::problem::Problem;

/// A schema that becomes a hand-written type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mapping {
    /// The schema's `type`.
    pub(super) kind: &'static str,
    /// The schema's `format`.
    pub(super) format: &'static str,
    name: &'static str,
}

/// All of them.
pub(super) const MAPPINGS: [Mapping; 2] = [
    Mapping { kind: "string", format: "password", name: "Secret" },
    Mapping { kind: "integer", format: "expires-in", name: "ExpiresIn" },
];

impl Mapping {
    /// The type's full path.
    pub(super) fn rust_type(self) -> String {
        format!("::auth_transport::{}", self.name)
    }

    /// The schema in progenitor's words.
    pub(super) fn schema(self) -> SchemaObject {
        let kind = if self.kind == "string" { InstanceType::String } else { InstanceType::Integer };
        SchemaObject {
            instance_type: Some(kind.into()),
            format: Some(self.format.to_owned()),
            ..SchemaObject::default()
        }
    }
}

/// One place of a mapped schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) mapping: Mapping,
    pointer: String,
    /// The component schema that it is in, if it is directly in one.
    component: Option<String>,
    /// The property whose type it is, or is part of.
    property: Option<String>,
}

impl Slot {
    /// The slot at a schema, if it is in a property or a component.
    pub(super) fn at(mapping: Mapping, pointer: &str) -> Option<Self> {
        let parts = parts(pointer);
        let component = match parts.as_slice() {
            [components, schemas, name] if components == "components" && schemas == "schemas" => Some((name, None)),
            [components, schemas, name, properties, property, ..]
                if components == "components" && schemas == "schemas" && properties == "properties" =>
            {
                let is_direct = !parts[5..].iter().any(|part| part == "properties");
                is_direct.then_some((name, Some(property)))
            }
            _ => None,
        };
        let last = parts.iter().rposition(|part| part == "properties").and_then(|at| parts.get(at + 1));
        let (component, property) = match component {
            Some((name, property)) => (Some(name.clone()), property.cloned()),
            None => (None, Some(last?.clone())),
        };
        Some(Self { mapping, pointer: pointer.to_owned(), component, property })
    }
}

/// Whether a hand-written type can stand at a place.
pub(crate) fn can_be_slot(pointer: &str) -> bool {
    Slot::at(MAPPINGS[0], pointer).is_some()
}

/// Every slot that did not get its type.
pub(super) fn check(document: &Document, slots: &[Slot], file: &syn::File) -> Vec<Problem> {
    let mut fields = Fields::default();
    fields.visit_file(file);
    let unmapped = slots.iter().filter(|slot| !fields.prove(slot));
    unmapped
        .map(|slot| {
            let Mapping { format, name, .. } = slot.mapping;
            document
                .problem(&slot.pointer, format!("`format: {format}` did not become `{name}` in the generated code"))
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
    fn prove(&self, slot: &Slot) -> bool {
        let name = slot.mapping.name;
        let mapped = |kind: &String| kind.split(|c: char| !c.is_alphanumeric()).any(|word| word == name);
        let owner = slot.component.as_ref().map(|component| pascal(component));
        let all = |kinds: Option<&BTreeSet<String>>| kinds.is_some_and(|kinds| kinds.iter().all(mapped));
        match (&slot.property, owner) {
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

/// The name that a `#[serde(rename = "..")]` gives.
pub(super) fn renamed(attrs: &[syn::Attribute]) -> Option<String> {
    let mut name = None;
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("serde")) {
        // Other entries of the list are skipped; an entry that cannot be read ends the list.
        let _ = attr.parse_nested_meta(|meta| {
            if meta.path.is_ident("rename") {
                name = Some(meta.value()?.parse::<syn::LitStr>()?.value());
            } else if meta.input.peek(syn::Token![=]) {
                meta.value()?.parse::<syn::Expr>()?;
            }
            Ok(())
        });
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proven(pointer: &str, code: &str) -> bool {
        let slot = Slot::at(MAPPINGS[0], pointer).expect("a slot");
        let document = Document::parse("specs/a.json", "{}".to_owned()).expect("valid JSON");
        check(&document, &[slot], &syn::parse_str(code).expect("valid code")).is_empty()
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
