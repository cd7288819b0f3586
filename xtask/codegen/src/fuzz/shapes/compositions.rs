//! Shapes that grow in compositions of schemas.

use serde_json::json;

use super::Shape;
use super::builders::{around, list, map, name, object, schema, schemas, to};

/// The shapes, by name.
pub(super) const SHAPES: &[(&str, Shape)] = &[
    ("all-of-chain", |n| schemas(n, "3.0.3", |i| json!({ "allOf": [to(i + 1, n), object(i)] }))),
    ("all-of-diamonds", |n| schemas(n, "3.0.3", |i| json!({ "allOf": [to(i + 1, n), to(i + 1, n), object(i)] }))),
    ("all-of-cycle", |n| schemas(n, "3.0.3", |i| json!({ "allOf": [around(i + 1, n), object(i)] }))),
    ("all-of-list", |n| schema("3.0.3", json!({ "allOf": list(n, object) }))),
    ("all-of-list-required", |n| {
        let part = |i: usize| {
            let mut part = object(i);
            part["required"] = json!([format!("p{i}")]);
            part
        };
        schema("3.0.3", json!({ "allOf": list(n, part) }))
    }),
    ("all-of-nested-properties", |n| {
        schemas(n, "3.0.3", |i| {
            let part =
                |own: usize| json!({ "properties": { "x": to(i + 1, n), format!("p{own}"): { "type": "string" } } });
            json!({ "allOf": [part(0), part(1)] })
        })
    }),
    ("any-of-diamonds", |n| schemas(n, "3.0.3", |i| json!({ "anyOf": [to(i + 1, n), to(i + 1, n), object(i)] }))),
    ("one-of-diamonds", |n| schemas(n, "3.0.3", |i| json!({ "oneOf": [to(i + 1, n), to(i + 1, n), object(i)] }))),
    ("one-of-cycle", |n| schemas(n, "3.0.3", |i| json!({ "oneOf": [around(i + 1, n), object(i)] }))),
    ("one-of-list", |n| schema("3.0.3", json!({ "oneOf": list(n, object) }))),
    ("one-of-references", |n| {
        let (mut value, _) = schemas(n, "3.0.3", object);
        value["components"]["schemas"]["A"] = json!({ "oneOf": list(n, |i| to(i, n)) });
        (value, None)
    }),
    ("any-of-with-base", |n| {
        schema("3.0.3", json!({ "type": "object", "properties": { "b": {} }, "anyOf": list(n, object) }))
    }),
    ("products-of-alternatives", |n| {
        let choice = |i: usize| json!({ "oneOf": [object(2 * i), object(2 * i + 1)] });
        schema("3.0.3", json!({ "allOf": list(n, choice) }))
    }),
    ("discriminator", |n| {
        let (mut value, _) = schemas(n, "3.0.3", object);
        let mapping = map(n, |i| (format!("tag{i}"), name(i).into()));
        value["components"]["schemas"]["A"] =
            json!({ "oneOf": list(n, |i| to(i, n)), "discriminator": { "propertyName": "kind", "mapping": mapping } });
        (value, None)
    }),
    ("null-members-in-diamonds", |n| {
        schemas(n, "3.1.0", |i| json!({ "anyOf": [to(i + 1, n), { "items": to(i + 1, n) }, { "type": "null" }] }))
    }),
    ("merged-properties", |n| {
        let part = |kind: &str| {
            let all = map(n, |i| (format!("p{i}"), json!({ "type": kind, "minimum": i })));
            json!({ "type": "object", "properties": all, "required": list(n, |i| format!("p{i}").into()) })
        };
        schema("3.0.3", json!({ "allOf": [part("number"), part("integer")] }))
    }),
    ("values-of-two-parts", |n| {
        let part = || json!({ "type": "string", "enum": list(n, |i| format!("v{i}").into()) });
        let mut other = part();
        other["enum"].as_array_mut().into_iter().for_each(|all| all.reverse());
        schema("3.0.3", json!({ "allOf": [part(), other] }))
    }),
];
