//! Shapes that grow in names that collide.

use serde_json::json;

use super::Shape;
use super::builders::{collides, empty_document, list, map, object, one_operation, operation, paths, schema, schemas};

/// The shapes, by name.
pub(super) const SHAPES: &[(&str, Shape)] = &[
    ("titles", |n| {
        schemas(n, "3.0.3", |i| json!({ "title": "same", "type": "object", "properties": { format!("p{i}"): {} } }))
    }),
    ("colliding-schemas", |n| {
        let mut value = empty_document("3.0.3");
        value["components"]["schemas"] = map(n, |i| (collides(i), object(i)));
        value["components"]["schemas"]["A"] = object(0);
        (value, None)
    }),
    ("colliding-properties", |n| {
        let all = map(n, |i| (collides(i), json!({ "type": "string" })));
        schema("3.0.3", json!({ "type": "object", "properties": all, "required": list(n, |i| collides(i).into()) }))
    }),
    ("colliding-operations", |n| paths(n, |i| operation(&collides(i)))),
    ("colliding-parameters", |n| {
        let all = list(n, |i| json!({ "name": collides(i), "in": "query", "schema": { "type": "string" } }));
        one_operation(json!({ "parameters": all }))
    }),
    ("colliding-values", |n| schema("3.0.3", json!({ "type": "string", "enum": list(n, |i| collides(i).into()) }))),
    ("colliding-inline-types", |n| {
        let all = map(n, |i| (collides(i), json!({ "type": "array", "items": object(i) })));
        schema("3.0.3", json!({ "type": "object", "properties": all }))
    }),
    ("colliding-servers", |n| {
        let mut value = empty_document("3.0.3");
        let server = |i: usize| json!({ "url": format!("https://s{i}.example/v1"), "description": "same words" });
        value["servers"] = list(n, server).into();
        (value, None)
    }),
];
