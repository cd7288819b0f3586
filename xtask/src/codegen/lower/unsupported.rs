//! What no rule takes: an error with the place, never a silent loss.

use serde_json::{Map, Value};

use crate::codegen::load::Document;
use crate::codegen::node::{self, Node};
use crate::codegen::positions::child;
use crate::problem::Problem;

/// Keywords of 3.0, and those of 3.1 that a rule takes.
const KEYWORDS: &[&str] = &[
    "$comment",
    "$id",
    "$ref",
    "$schema",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "default",
    "deprecated",
    "description",
    "discriminator",
    "enum",
    "example",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "externalDocs",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "nullable",
    "oneOf",
    "pattern",
    "properties",
    "readOnly",
    "required",
    "title",
    "type",
    "uniqueItems",
    "writeOnly",
    "xml",
];

/// Keywords that only describe; beside a `$ref` they may fall away.
const ANNOTATIONS: &[&str] = &[
    "$comment",
    "$id",
    "$schema",
    "default",
    "deprecated",
    "description",
    "example",
    "examples",
    "externalDocs",
    "readOnly",
    "title",
    "writeOnly",
    "xml",
];

/// Dialects whose keywords are those of OpenAPI 3.1.
const DIALECTS: &[&str] =
    &["https://spec.openapis.org/oas/3.1/dialect/base", "https://json-schema.org/draft/2020-12/schema"];

const REMEDY: &str = "replace it with an overlay action, by something that OpenAPI 3.0 can say";

/// What is out of reach in a 3.1 document.
pub(super) fn before(document: &Document, value: &Value) -> Vec<Problem> {
    let mut found = Vec::new();
    node::visit(value, Node::Document, "", &mut |value, node, pointer| {
        let mut refuse = |key: &str, message: String| {
            let place = if key.is_empty() { pointer.to_owned() } else { child(pointer, key) };
            found.push(document.problem(&place, message).remedy(REMEDY));
        };
        match (node, value) {
            (Node::Document, _) => dialect(value, "jsonSchemaDialect", &mut refuse),
            (Node::Components, _) if value.get("pathItems").is_some() => {
                refuse("pathItems", "`pathItems` in components is not supported yet".to_owned());
            }
            (Node::PathItem, _) if value.get("$ref").is_some() => {
                refuse("$ref", "a reference in place of a path item is not supported yet".to_owned());
            }
            (Node::Schema, Value::Object(schema)) => keywords(schema, &mut refuse),
            _ => {}
        }
        for place in boolean_schemas(node, value) {
            refuse(&place, "a boolean in place of a schema is not supported yet".to_owned());
        }
    });
    found
}

/// Members of a node that hold `true` or `false` where a schema stands; `additionalProperties` may, in 3.0 too.
fn boolean_schemas(node: Node, value: &Value) -> Vec<String> {
    let (single, many): (&[&str], &[&str]) = match node {
        Node::Schema => (&["items", "not"], &["properties", "allOf", "anyOf", "oneOf"]),
        Node::Parameter | Node::Header | Node::MediaType => (&["schema"], &[]),
        Node::Components => (&[], &["schemas"]),
        _ => return vec![],
    };
    let has_boolean = |key: &&&str| match value.get(**key) {
        Some(Value::Object(map)) => map.values().any(Value::is_boolean),
        Some(Value::Array(list)) => list.iter().any(Value::is_boolean),
        _ => false,
    };
    let single = single.iter().filter(|key| value.get(**key).is_some_and(Value::is_boolean));
    single.chain(many.iter().filter(has_boolean)).map(|key| (*key).to_owned()).collect()
}

fn dialect(value: &Value, key: &str, refuse: &mut dyn FnMut(&str, String)) {
    let known = |name: &Value| name.as_str().is_some_and(|name| DIALECTS.contains(&name.trim_end_matches('#')));
    if let Some(name) = value.get(key).filter(|name| !known(name)) {
        refuse(key, format!("the dialect {name} is not supported yet"));
    }
}

fn keywords(schema: &Map<String, Value>, refuse: &mut dyn FnMut(&str, String)) {
    let beside_reference = schema.contains_key("$ref");
    for (key, value) in schema {
        let is_extension = key.starts_with("x-");
        if !KEYWORDS.contains(&key.as_str()) && !is_extension {
            refuse(key, format!("the keyword `{key}` is not supported yet"));
        } else if beside_reference && key != "$ref" && !ANNOTATIONS.contains(&key.as_str()) && !is_extension {
            refuse(key, format!("the keyword `{key}` beside `$ref` is not supported yet"));
        } else if key == "type" {
            let kinds = value.as_array().map(|kinds| kinds.iter().filter(|kind| *kind != "null").count());
            if kinds.is_some_and(|kinds| kinds != 1) {
                refuse(key, format!("the types {value} are not supported yet"));
            }
        }
    }
    match schema.get("$schema") {
        Some(Value::String(name)) if DIALECTS.contains(&name.trim_end_matches('#')) => {}
        Some(name) => refuse("$schema", format!("the dialect {name} is not supported yet")),
        None => {}
    }
}

/// What is still 3.1 after all rules: a rule has missed it.
pub(super) fn after(document: &Document, value: &Value) -> Vec<Problem> {
    let mut found = Vec::new();
    node::visit(value, Node::Document, "", &mut |value, node, pointer| {
        let Some(schema) = value.as_object().filter(|_| node == Node::Schema) else {
            return;
        };
        let left = [
            ("type", schema.get("type").is_some_and(|kind| !kind.is_string() || kind == "null")),
            ("const", schema.contains_key("const")),
            ("examples", schema.contains_key("examples")),
            ("exclusiveMinimum", schema.get("exclusiveMinimum").is_some_and(|limit| !limit.is_boolean())),
            ("exclusiveMaximum", schema.get("exclusiveMaximum").is_some_and(|limit| !limit.is_boolean())),
            ("$ref", schema.contains_key("$ref") && schema.len() > 1),
        ];
        for (key, _) in left.into_iter().filter(|(_, is_left)| *is_left) {
            let inner = &schema[key];
            found.push(
                document
                    .problem(&child(pointer, key), format!("`{key}: {inner}` is not supported yet at this place"))
                    .remedy(REMEDY),
            );
        }
    });
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(check: fn(&Document, &Value) -> Vec<Problem>, value: &Value) -> Vec<String> {
        let document = Document::parse("specs/a.json", value.to_string()).expect("valid JSON");
        check(&document, value).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_keyword_without_rule_is_named_with_its_place() {
        for (schema, place) in [
            (json!({ "prefixItems": [{}] }), "A/prefixItems"),
            (json!({ "patternProperties": {} }), "A/patternProperties"),
            (json!({ "if": {} }), "A/if"),
            (json!({ "$dynamicRef": "#x" }), "A/$dynamicRef"),
            (json!({ "contentEncoding": "base64" }), "A/contentEncoding"),
            (json!({ "unevaluatedProperties": false }), "A/unevaluatedProperties"),
            (json!({ "dependentRequired": {} }), "A/dependentRequired"),
            (json!({ "propertyNames": {} }), "A/propertyNames"),
            (json!({ "contains": {} }), "A/contains"),
            (json!({ "$defs": {} }), "A/$defs"),
            (json!({ "misspelt": 1 }), "A/misspelt"),
            (json!({ "type": ["string", "integer"] }), "A/type"),
            (json!({ "type": ["null"] }), "A/type"),
            (json!({ "$schema": "https://json-schema.org/draft-07/schema" }), "A/$schema"),
            (json!({ "$ref": "#/components/schemas/A", "minLength": 1 }), "A/minLength"),
            (json!({ "properties": { "p": true } }), "A/properties"),
            (json!({ "items": false }), "A/items"),
        ] {
            let found = run(before, &json!({ "components": { "schemas": { "A": schema } } }));
            assert_eq!(found.len(), 1, "{schema}: {found:?}");
            assert!(found[0].contains("not supported yet"), "{found:?}");
            assert!(found[0].contains(&format!("specs/a.json:1 (#/components/schemas/{place})")), "{found:?}");
        }
    }

    #[test]
    fn what_a_rule_takes_is_not_refused() {
        let schema = json!({ "type": ["string", "null"], "const": 1, "x-mine": 1, "additionalProperties": false });
        assert_eq!(run(before, &json!({ "components": { "schemas": { "A": schema } } })), [""; 0]);
    }

    #[test]
    fn other_places_of_the_document_are_looked_at() {
        for value in [
            json!({ "jsonSchemaDialect": "https://example.com/mine" }),
            json!({ "components": { "pathItems": {} } }),
            json!({ "paths": { "/a": { "$ref": "#/components/pathItems/A" } } }),
        ] {
            assert_eq!(run(before, &value).len(), 1, "{value}");
        }
    }

    #[test]
    fn a_leftover_is_found() {
        for schema in [json!({ "type": "null" }), json!({ "const": null }), json!({ "exclusiveMinimum": 1 })] {
            let found = run(after, &json!({ "components": { "schemas": { "A": { "items": schema } } } }));
            assert_eq!(found.len(), 1, "{schema}");
            assert!(found[0].contains("/components/schemas/A/items/"), "{found:?}");
        }
    }
}
