//! Rewrites OpenAPI 3.1 as 3.0.3, which progenitor reads.
//!
//! - Entry: [`lower`] takes a document and its value after the overlay, changes the value in place, and returns [`Lowered`].
//! - Assumes: the value is a mapping. It may be any version of OpenAPI; versions other than 3.0 and 3.1 are errors.
//! - Guarantees: a lowered schema accepts every value that the schema accepted before; it accepts no other unless a loss is
//!   reported. Every reference leads to a named component. A construct without a rule is an error with its line.
//!
//! | before | after |
//! |---|---|
//! | `type: [string, "null"]` | `type: string`, `nullable: true` |
//!
//! One function per rule, in this order:
//! 1. [`hoist`] and [`inline`], with [`references`]: every reference leads to a named component. These also run for 3.0 documents,
//!    in which they usually find nothing to do.
//! 2. [`unsupported`]: refuses what cannot be lowered.
//! 3. [`document`] and [`security`]: the root of the document.
//! 4. [`schema`] and [`operations`], in one walk. What 3.0 cannot say is dropped before the subschemas are lowered, in the
//!    order of the list `DROPS`; the rest is rewritten after that, in the order of the list `RULES`.
//! 5. [`widened`]: `oneOf` and `not` around schemas that lost an assertion.
//! 6. [`unsupported`] again: no construct of 3.1 is left.

mod disjoint;
mod document;
mod hoist;
mod inline;
mod operations;
mod references;
mod schema;
mod security;
mod unsupported;
mod version;
mod widened;
mod words;

#[cfg(test)]
mod agreement;

use std::collections::HashSet;

use diagnostics::{Problems, Result};
use openapi::pointer::child;
use openapi::walk::{self, NodeKind, Visit};
use openapi::{Document, Origins};
use serde_json::Value;

use crate::rule::AppliedRule;

/// What lowering did to a document.
#[derive(Debug)]
pub(crate) struct Lowered {
    /// The version that the document was written in.
    pub(crate) source_version: String,
    /// What the rules did, in the order in which they did it.
    pub(crate) rules: Vec<AppliedRule>,
}

/// Lowers the value of a document, overlay applied, in place. A 3.0 document stays as it is, but for references that
/// lead into the middle of something.
pub(crate) fn lower(document: &Document, value: &mut Value) -> Result<Lowered> {
    let version = version::read(document, value)?;
    let is_3_1 = version.starts_with("3.1");
    let mut applied = Vec::new();
    let mut origins = Origins::default();
    hoist::hoist(document, value, is_3_1, &mut origins, &mut applied)?;
    Problems::check(inline::inline(document, value, &mut origins, &mut applied))?;
    if is_3_1 {
        Problems::check(unsupported::before(document, value))?;
        document::apply(value, &mut applied);
        security::apply(value, &mut applied);
        each_node(value, &mut applied);
        widened::apply(value, &mut applied);
        Problems::check(unsupported::after(document, value))?;
    }
    let mut visited = HashSet::new();
    for rule in &mut applied {
        rule.pointer = origins.source(&rule.pointer);
    }
    // A node that was copied to several places is reported once.
    applied.retain(|rule| visited.insert(rule.clone()));
    Ok(Lowered { source_version: version, rules: applied })
}

/// The rules for single nodes, in one walk.
fn each_node(value: &mut Value, applied: &mut Vec<AppliedRule>) {
    // This comes first: whether a schema accepts `null` depends on the document before the rules.
    walk::change(value, NodeKind::Document, "", &mut |value, node, pointer| {
        if let Some(note) = Some(value).filter(|_| node == NodeKind::Schema).and_then(schema::null_name) {
            let pointer = child(pointer, "type");
            applied.push(AppliedRule { name: "null-name", pointer, loses_meaning: false, note: note.to_owned() });
        }
    });
    let (source, memo) = (value.clone(), schema::Memo::default());
    walk::rewrite(value, NodeKind::Document, "", &mut |value, node, pointer, step| {
        let place = schema::Place { source: &source, pointer, memo: &memo };
        match (node, step) {
            (NodeKind::Schema, Visit::Enter) => schema::enter(value, place, applied),
            (NodeKind::Schema, Visit::Leave) => schema::leave(value, place, applied),
            (_, Visit::Enter) => {
                document::reference_texts(value, node, pointer, applied);
                operations::apply(value, node, pointer, applied);
            }
            _ => {}
        }
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(value: &Value) -> Result<(Value, Lowered)> {
        let document = Document::parse("specs/a.json", value.to_string()).expect("valid JSON");
        let mut value = document.value.clone();
        lower(&document, &mut value).map(|lowered| (value, lowered))
    }

    #[test]
    fn a_3_0_document_stays_as_it_is() {
        let before = json!({ "openapi": "3.0.1", "components": { "schemas": { "A": { "nullable": true } } } });
        let (after, lowered) = run(&before).expect("passes");
        assert_eq!(after, before);
        assert!(lowered.rules.is_empty());
    }

    #[test]
    fn other_versions_are_refused() {
        for version in ["3.2.0", "2.0", "3.10.0", "4", "3.1x"] {
            let error = run(&json!({ "openapi": version })).expect_err(version).to_string();
            assert!(error.contains("not supported") && error.contains("specs/a.json:1"), "{error}");
        }
        assert!(run(&json!({ "swagger": "2.0" })).is_err());
    }

    #[test]
    fn a_property_may_be_called_like_a_keyword() {
        let schema = json!({ "type": "object", "properties": {
            "const": { "type": "string" }, "examples": { "type": "string" }, "$ref": { "type": "string" },
            "patternProperties": { "type": "string" }, "if": { "type": "string" },
        } });
        let (after, lowered) =
            run(&json!({ "openapi": "3.1.0", "components": { "schemas": { "A": schema } } })).expect("passes");
        assert_eq!(after["components"]["schemas"]["A"], schema);
        assert_eq!(lowered.rules.iter().map(|rule| rule.name).collect::<Vec<_>>(), ["version", "paths"]);
    }

    #[test]
    fn data_inside_examples_and_defaults_is_left_alone() {
        let schema =
            json!({ "type": "object", "default": { "const": 1, "$ref": "#/x" }, "example": { "examples": [1] } });
        let (after, _) =
            run(&json!({ "openapi": "3.1.0", "components": { "schemas": { "A": schema } } })).expect("passes");
        assert_eq!(after["components"]["schemas"]["A"], schema);
    }

    #[test]
    fn a_nullable_type_without_quotes_is_nullable() {
        let yaml = "openapi: 3.1.0\ncomponents: {schemas: {A: {type: [string, null]}}}\n";
        let document = Document::parse("specs/a.yaml", yaml.to_owned()).expect("valid YAML");
        let mut value = document.value.clone();
        lower(&document, &mut value).expect("passes");
        assert_eq!(value["components"]["schemas"]["A"], json!({ "type": "string", "nullable": true }));
    }

    #[test]
    fn a_tuple_loses_its_positions_and_no_mark_remains() {
        let point = json!({ "type": "object", "required": ["x"], "properties": { "x": { "type": "number" } } });
        let before = json!({ "openapi": "3.1.0", "paths": {}, "components": { "schemas": { "Point": point, "A": {
            "type": "object", "properties": {
                "tuple": { "type": "array", "prefixItems": [{ "type": "string" }, { "type": "integer" }] },
                "maybe": { "oneOf": [{ "type": "array", "prefixItems": [point] }, { "type": "null" }] },
            } } } } });
        let (after, lowered) = run(&before).expect("passes");
        assert_eq!(after["components"]["schemas"]["A"]["properties"]["tuple"], json!({ "type": "array", "items": {} }));
        assert!(!after.to_string().contains("widened"), "{after}");
        let lost =
            lowered.rules.iter().filter(|rule| rule.loses_meaning).map(|rule| (rule.name, rule.pointer.as_str()));
        let place = |property: &str| format!("/components/schemas/A/properties/{property}/prefixItems");
        assert_eq!(
            lost.collect::<Vec<_>>(),
            [("prefix-items", place("tuple").as_str()), ("prefix-items", place("maybe/oneOf/0").as_str())]
        );
    }

    #[test]
    fn rules_compose_from_the_inside_out() {
        let before = json!({ "openapi": "3.1.0", "components": { "schemas": { "A": { "type": ["object", "null"],
            "properties": { "b": { "anyOf": [{ "type": ["string"], "const": "x" }, { "type": "null" }] } } } } } });
        let (after, _) = run(&before).expect("passes");
        assert_eq!(
            after["components"]["schemas"]["A"],
            json!({ "type": "object", "nullable": true,
                "properties": { "b": { "nullable": true, "type": "string", "enum": ["x", null] } } })
        );
    }
}
