//! Shapes that grow in operations, parameters and responses.

use serde_json::{Value, json};

use super::Shape;
use super::builders::{empty_document, list, map, object, one_operation, operation, paths};

/// The shapes, by name.
pub(super) const SHAPES: &[(&str, Shape)] = &[
    ("operations", |n| paths(n, |i| operation(&format!("get{i}")))),
    ("unnamed-operations", |n| {
        paths(n, |_| json!({ "responses": { "200": { "description": "d" }, "404": { "description": "d" } } }))
    }),
    ("tags", |n| {
        let (mut value, _) = paths(n, |i| {
            let mut one = operation(&format!("get{i}"));
            one["tags"] = json!([format!("tag{i}")]);
            one
        });
        value["tags"] = list(n, |i| json!({ "name": format!("tag{i}"), "description": "words" })).into();
        (value, None)
    }),
    ("parameters", |n| {
        let all = list(n, |i| json!({ "name": format!("p{i}"), "in": "query", "schema": { "type": "string" } }));
        one_operation(json!({ "parameters": all }))
    }),
    ("headers", |n| {
        let all = list(n, |i| json!({ "name": format!("p{i}"), "in": "header", "schema": { "type": "string" } }));
        one_operation(json!({ "parameters": all }))
    }),
    ("variables-of-a-path", |n| {
        let mut value = empty_document("3.0.3");
        let path = list(n, |i| format!("/{{v{i}}}").into()).iter().filter_map(Value::as_str).collect::<String>();
        value["paths"] = json!({ path: { "get": operation("get") } });
        (value, None)
    }),
    ("parameters-of-a-path", |n| {
        let (mut value, _) = one_operation(json!({}));
        let one = |i: usize| json!({ "name": format!("p{i}"), "in": "query", "schema": { "type": "string" } });
        value["paths"]["/a"]["parameters"] = list(n, one).into();
        value["paths"]["/a"]["get"]["parameters"] = list(n, |i| one(i + n / 2)).into();
        (value, None)
    }),
    ("media-types", |n| {
        let body = |i: usize| (format!("application/x{i}+json"), json!({ "schema": { "type": "string" } }));
        one_operation(json!({
            "responses": { "200": { "description": "d", "content": map(n, body) } },
            "requestBody": { "content": map(n, body) },
        }))
    }),
    ("responses", |n| {
        let body = |i: usize| json!({ "description": "d", "content": { "application/json": { "schema": object(i) } } });
        paths(
            n.div_ceil(100),
            |of| json!({ "operationId": format!("get{of}"), "responses": map(100, |i| ((400 + i).to_string(), body(i))) }),
        )
    }),
];
