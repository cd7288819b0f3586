//! Shapes that grow in the keywords of schemas.

use serde_json::{Value, json};

use super::Shape;
use super::builders::{empty_document, list, map, name, object, schema, schemas, to};

/// The shapes, by name.
pub(super) const SHAPES: &[(&str, Shape)] = &[
    ("lost-assertions", |n| {
        schemas(
            n,
            "3.1.0",
            |i| json!({ "oneOf": [to(i + 1, n), { "contains": { "const": i } }, { "type": "string" }] }),
        )
    }),
    ("properties", |n| {
        let all = map(n, |i| (format!("p{i}"), json!({ "type": "string" })));
        schema("3.0.3", json!({ "type": "object", "properties": all, "required": list(n, |i| format!("p{i}").into()) }))
    }),
    ("misspelt-requirements", |n| {
        let all = map(n, |i| (format!("pet_{i}"), json!({ "type": "string" })));
        schema(
            "3.0.3",
            json!({ "type": "object", "properties": all, "required": list(n, |i| format!("pet-{i}").into()) }),
        )
    }),
    ("inline-types", |n| {
        let all = map(n, |i| (format!("p{i}"), object(i)));
        schema("3.0.3", json!({ "type": "object", "properties": all }))
    }),
    ("values", |n| schema("3.0.3", json!({ "type": "string", "enum": list(n, |i| format!("v{i}").into()) }))),
    ("numbers", |n| schema("3.0.3", json!({ "type": "integer", "enum": list(n, Value::from) }))),
    ("constants", |n| schema("3.1.0", json!({ "oneOf": list(n, |i| json!({ "const": format!("v{i}") })) }))),
    ("types-in-lists", |n| {
        let all = map(n, |i| (format!("p{i}"), json!({ "type": ["string", "null", "integer"] })));
        schema("3.1.0", json!({ "type": "object", "properties": all }))
    }),
    ("tuples", |n| schema("3.1.0", json!({ "type": "array", "prefixItems": list(n, object) }))),
    ("pattern-properties", |n| {
        let all = map(n, |i| (format!("^x{i}"), object(i)));
        schema("3.1.0", json!({ "type": "object", "patternProperties": all }))
    }),
    ("patterns", |n| {
        let all = map(n, |i| (format!("p{i}"), json!({ "type": "string", "pattern": format!("^(a+)+{i}$") })));
        schema("3.0.3", json!({ "type": "object", "properties": all }))
    }),
    ("credentials", |n| {
        let all = map(n, |i| (format!("p{i}_password"), json!({ "type": "string" })));
        schema("3.0.3", json!({ "type": "object", "properties": all }))
    }),
    ("impossible-schemas", |n| schemas(n, "3.0.3", |_| json!({ "type": "object", "required": [1] }))),
    ("nested-schemas", |n| {
        let nested = (0..n.div_ceil(40)).map(|i| {
            let deep = (0..40).fold(
                object(i),
                |inner, level| json!({ "type": "object", "properties": { format!("l{level}"): inner } }),
            );
            (name(i), deep)
        });
        let mut value = empty_document("3.0.3");
        value["components"]["schemas"] = Value::Object(nested.collect());
        value["components"]["schemas"]["A"] = to(0, 1);
        (value, None)
    }),
    ("examples", |n| {
        schema("3.1.0", json!({ "type": "object", "example": list(n, object), "examples": list(n, object) }))
    }),
];
