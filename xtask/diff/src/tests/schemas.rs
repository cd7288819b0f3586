//! Kinds of changes of schemas; each row is a schema for requests and responses.

use serde_json::{Value, json};

use super::{Case, around, check};

/// Before, after, names of the kinds that are found in both directions, and ids of what is found beside.
fn table() -> Vec<(Value, Value, &'static [&'static str], &'static [&'static str])> {
    let property = |schema: Value| json!({ "properties": { "p": schema } });
    let beside = |schema: Value| json!({ "properties": { "p": schema, "q": { "type": "string" } } });
    let needed = |schema: Value| json!({ "properties": { "p": schema }, "required": ["p"] });
    let choice = |list: &[Value]| json!({ "oneOf": list });
    let (t, u) = (json!({ "$ref": "#/components/schemas/T" }), json!({ "$ref": "#/components/schemas/U" }));
    let v = json!({ "type": "object", "title": "V", "properties": { "v": {} } });
    let text = || json!({ "type": "string" });
    vec![
        (text(), json!({ "type": "integer" }), &["type-changed"], &[]),
        (json!({ "type": "integer" }), json!({ "type": "number" }), &["type-widened"], &[]),
        (json!({ "type": ["string", "integer"] }), text(), &["type-narrowed"], &[]),
        (json!({}), text(), &["type-narrowed"], &[]),
        // Every integer is a number.
        (json!({ "type": ["integer", "number"] }), json!({ "type": "number" }), &[], &["other-changed"]),
        (json!({ "type": "number" }), json!({ "type": ["number", "integer"] }), &[], &["other-changed"]),
        (
            needed(json!({ "type": ["integer", "number", "null"] })),
            needed(json!({ "type": ["null", "number"] })),
            &[],
            &["other-changed"],
        ),
        (
            property(json!({ "type": "array", "items": { "type": ["integer", "number"] } })),
            property(json!({ "type": "array", "items": { "type": "number" } })),
            &[],
            &["other-changed"],
        ),
        (needed(text()), needed(json!({ "type": ["string", "null"] })), &["became-nullable"], &[]),
        (needed(json!({ "type": "string", "nullable": true })), needed(text()), &["no-longer-nullable"], &[]),
        (
            property(text()),
            property(json!({ "anyOf": [text(), { "type": "null" }] })),
            &["optional-became-nullable"],
            &[],
        ),
        (property(json!({ "type": ["string", "null"] })), property(text()), &["optional-no-longer-nullable"], &[]),
        (text(), json!({ "type": "string", "format": "uuid" }), &["format-changed"], &[]),
        (json!({ "type": "number" }), json!({ "type": "number", "format": "decimal" }), &["format-changed"], &[]),
        (text(), json!({ "type": "string", "format": "phone" }), &["format-note-changed"], &[]),
        (text(), json!({ "type": "string", "contentEncoding": "base64" }), &["content-encoding-changed"], &[]),
        (text(), json!({ "type": "string", "enum": ["a"] }), &["values-restricted"], &[]),
        (json!({ "type": "string", "const": "a" }), text(), &["values-opened"], &[]),
        (json!({ "enum": ["a", "b"] }), json!({ "enum": ["a", "b", "c"] }), &["enum-value-added"], &[]),
        (json!({ "enum": ["a"] }), json!({ "enum": ["a", "b"] }), &["constant-extended"], &[]),
        (json!({ "enum": ["a", "b"] }), json!({ "enum": ["b"] }), &["enum-value-removed"], &[]),
        (
            property(text()),
            json!({ "properties": { "p": text(), "q": text() }, "required": ["q"] }),
            &["required-property-added"],
            &[],
        ),
        (property(text()), json!({ "properties": { "p": text(), "q": text() } }), &["optional-property-added"], &[]),
        (json!({ "properties": { "p": text(), "q": text() } }), property(text()), &["property-removed"], &[]),
        (property(text()), needed(text()), &["property-became-required"], &[]),
        (needed(text()), property(text()), &["property-became-optional"], &[]),
        (beside(text()), beside(json!({ "type": "string", "readOnly": true })), &["became-read-only"], &[]),
        (beside(json!({ "type": "string", "readOnly": true })), beside(text()), &["no-longer-read-only"], &[]),
        (beside(text()), beside(json!({ "type": "string", "writeOnly": true })), &["became-write-only"], &[]),
        (beside(json!({ "type": "string", "writeOnly": true })), beside(text()), &["no-longer-write-only"], &[]),
        (
            json!({ "type": "object", "additionalProperties": false }),
            json!({ "type": "object" }),
            &["map-allowed"],
            &[],
        ),
        (
            json!({ "type": "object" }),
            json!({ "type": "object", "additionalProperties": false }),
            &["map-forbidden"],
            &[],
        ),
        (
            json!({ "properties": { "p": text() }, "additionalProperties": false }),
            property(text()),
            &["additional-properties-allowed"],
            &[],
        ),
        (
            property(text()),
            json!({ "properties": { "p": text() }, "additionalProperties": false }),
            &["additional-properties-forbidden"],
            &[],
        ),
        (
            json!({ "type": "object" }),
            json!({ "type": "object", "additionalProperties": text() }),
            &["additional-properties-typed"],
            &[],
        ),
        (
            json!({ "type": "object", "additionalProperties": text() }),
            json!({ "type": "object" }),
            &["additional-properties-untyped"],
            &[],
        ),
        (
            json!({ "additionalProperties": text() }),
            json!({ "additionalProperties": { "type": "integer" } }),
            &["type-changed"],
            &[],
        ),
        (property(text()), property(json!({ "type": "string", "default": "a" })), &["default-changed"], &[]),
        (property(json!({ "type": "string", "default": "a" })), property(text()), &["default-changed"], &[]),
        (
            property(json!({ "type": "string", "default": "a" })),
            property(json!({ "type": "string", "default": "b" })),
            &["default-changed"],
            &[],
        ),
        (needed(text()), needed(json!({ "type": "string", "default": "b" })), &["default-changed"], &[]),
        (json!({ "enum": ["a", "b"], "default": "a" }), json!({ "enum": ["a", "b"] }), &["default-changed"], &[]),
        (text(), json!({ "type": "string", "maxLength": 3 }), &["text-limit-added"], &[]),
        (json!({ "type": "string", "pattern": "a" }), text(), &["text-limit-removed"], &[]),
        (
            json!({ "type": "string", "maxLength": 3 }),
            json!({ "type": "string", "maxLength": 2 }),
            &["length-tightened"],
            &[],
        ),
        (
            json!({ "type": "string", "minLength": 3 }),
            json!({ "type": "string", "minLength": 2 }),
            &["length-loosened"],
            &[],
        ),
        (
            json!({ "type": "string", "pattern": "a" }),
            json!({ "type": "string", "pattern": "b" }),
            &["pattern-changed"],
            &[],
        ),
        (
            json!({ "type": "number", "minimum": 3 }),
            json!({ "type": "number", "exclusiveMinimum": 3 }),
            &["range-tightened"],
            &[],
        ),
        (
            json!({ "type": "number", "maximum": 3 }),
            json!({ "type": "number", "maximum": 4 }),
            &["range-loosened"],
            &[],
        ),
        (json!({ "type": "number", "multipleOf": 3 }), json!({ "type": "number" }), &["multiple-of-changed"], &[]),
        (
            json!({ "type": "integer" }),
            json!({ "type": "integer", "minimum": 0 }),
            &["range-tightened", "integer-type-changed"],
            &[],
        ),
        (
            json!({ "type": "array", "items": {} }),
            json!({ "type": "array", "items": {}, "maxItems": 3 }),
            &["count-tightened"],
            &[],
        ),
        (json!({ "type": "object", "minProperties": 3 }), json!({ "type": "object" }), &["count-loosened"], &[]),
        (json!({ "type": "array" }), json!({ "type": "array", "uniqueItems": true }), &["unique-items-required"], &[]),
        (json!({ "type": "array", "uniqueItems": true }), json!({ "type": "array" }), &["unique-items-dropped"], &[]),
        (json!({ "type": "array" }), json!({ "type": "array", "items": text() }), &["type-narrowed"], &[]),
        (choice(&[t.clone(), u.clone()]), choice(&[t.clone(), u.clone(), v.clone()]), &["variant-added"], &[]),
        (choice(&[t.clone(), u.clone(), v.clone()]), choice(&[v.clone(), t.clone()]), &["variant-removed"], &[]),
        (choice(&[t.clone(), u.clone()]), json!({ "anyOf": [t.clone(), u.clone()] }), &["union-rule-changed"], &[]),
        (choice(&[t.clone(), u.clone()]), json!({}), &["union-kind-changed"], &[]),
        (
            choice(&[t.clone(), u.clone()]),
            json!({ "oneOf": [t.clone(), u.clone()], "discriminator": { "propertyName": "k" } }),
            &["discriminator-changed"],
            &[],
        ),
        (
            json!({ "type": "object" }),
            json!({ "type": "object", "not": { "required": ["a"] } }),
            &["assertion-added"],
            &[],
        ),
        (json!({ "type": "array", "contains": text() }), json!({ "type": "array" }), &["assertion-removed"], &[]),
        (
            json!({ "type": "array", "minContains": 1 }),
            json!({ "type": "array", "minContains": 2 }),
            &["assertion-changed"],
            &[],
        ),
        (text(), json!({ "type": "string", "deprecated": true }), &["schema-deprecated"], &[]),
        (json!({ "type": "string", "deprecated": true }), text(), &["schema-undeprecated"], &[]),
        (text(), json!({ "type": "string", "title": "a" }), &["schema-title-changed"], &[]),
        (text(), json!({ "type": "string", "description": "a" }), &["schema-description-changed"], &[]),
        (text(), json!({ "type": "string", "examples": ["a"] }), &["schema-example-changed"], &[]),
        (property(t.clone()), property(text()), &[], &["schema-inlined"]),
        (property(text()), property(json!({ "allOf": [t.clone()] })), &[], &["schema-named"]),
        (property(t.clone()), property(u.clone()), &["type-changed"], &["schema-renamed"]),
    ]
}

pub(super) fn rows() -> Vec<Case> {
    let rows = table().into_iter().map(|(before, after, both, beside)| {
        let both = both.iter().flat_map(|name| [format!("request-{name}"), format!("response-{name}")]);
        let beside = beside.iter().map(|id| (*id).to_owned());
        Case { before: around(&before), after: around(&after), ids: both.chain(beside).collect() }
    });
    rows.collect()
}

#[test]
fn every_kind_of_change_of_a_schema_is_found_in_both_directions() {
    check(&rows());
}

#[test]
fn another_spelling_of_the_same_schema_is_no_change() {
    for (before, after) in [
        (json!({ "type": "string", "nullable": true }), json!({ "type": ["null", "string"] })),
        (
            json!({ "properties": { "a": {}, "b": {} } }),
            json!({ "type": "object", "properties": { "b": {}, "a": {} } }),
        ),
        (
            json!({ "required": ["a", "b"], "properties": { "a": {}, "b": {} } }),
            json!({ "required": ["b", "a"], "properties": { "a": {}, "b": {} } }),
        ),
        (
            json!({ "properties": { "a": {}, "b": {} } }),
            json!({ "allOf": [{ "properties": { "a": {} } }, { "properties": { "b": true } }] }),
        ),
        (
            json!({ "type": "integer", "minimum": 1, "exclusiveMinimum": true }),
            json!({ "type": "integer", "exclusiveMinimum": 1 }),
        ),
        (json!({ "enum": ["a", "b"] }), json!({ "oneOf": [{ "const": "b" }, { "const": "a" }] })),
    ] {
        let found = super::ids(&around(&before), &around(&after));
        assert!(found.is_empty() || found == ["other-changed"], "{before} {after}: {found:?}");
    }
}
