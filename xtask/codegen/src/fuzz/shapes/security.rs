//! Shapes that grow in servers and security.

use serde_json::{Value, json};

use super::Shape;
use super::builders::{empty_document, list, map, one_operation, operation, paths};

/// The shapes, by name.
pub(super) const SHAPES: &[(&str, Shape)] = &[
    ("servers", |n| {
        let mut value = empty_document("3.0.3");
        value["servers"] = list(n, |i| json!({ "url": format!("https://s{i}.example/v1") })).into();
        (value, None)
    }),
    ("servers-of-paths", |n| {
        paths(n, |i| {
            let mut one = operation(&format!("get{i}"));
            one["servers"] = json!([{ "url": format!("https://s{i}.example/v1") }]);
            one
        })
    }),
    ("server-variables", |n| {
        let mut value = empty_document("3.0.3");
        let url = format!(
            "https://{}example",
            list(n, |i| format!("{{v{i}}}.").into()).iter().filter_map(Value::as_str).collect::<String>()
        );
        let variables = map(n, |i| (format!("v{i}"), json!({ "default": format!("x{i}") })));
        value["servers"] = json!([{ "url": url, "variables": variables }]);
        (value, None)
    }),
    ("values-of-server-variables", |n| {
        let mut value = empty_document("3.0.3");
        value["servers"] = json!([{ "url": "https://{v}.example", "variables": { "v": {
            "default": "x0", "enum": list(n, |i| format!("x{i}").into()) } } }]);
        (value, None)
    }),
    ("security-schemes", |n| {
        let (mut value, _) = paths(n, |i| {
            let mut one = operation(&format!("get{i}"));
            one["security"] = json!([{ format!("key{i}"): [] }]);
            one
        });
        let key = |i: usize| json!({ "type": "apiKey", "in": "header", "name": format!("X-Key-{i}") });
        value["components"]["securitySchemes"] = map(n, |i| (format!("key{i}"), key(i)));
        (value, None)
    }),
    ("alternatives-of-security", |n| {
        let (mut value, _) = one_operation(json!({ "security": list(n, |i| json!({ format!("key{i}"): [] })) }));
        let key = |i: usize| json!({ "type": "apiKey", "in": "header", "name": format!("X-Key-{i}") });
        value["components"]["securitySchemes"] = map(n, |i| (format!("key{i}"), key(i)));
        (value, None)
    }),
    ("bearer-tokens", |n| {
        let (mut value, _) = paths(n, |i| {
            let mut one = operation(&format!("get{i}"));
            one["security"] = json!([{ format!("token{i}"): [] }]);
            one
        });
        value["components"]["securitySchemes"] =
            map(n, |i| (format!("token{i}"), json!({ "type": "http", "scheme": "bearer" })));
        (value, None)
    }),
    ("undescribed-schemes", |n| {
        paths(n, |i| {
            let mut one = operation(&format!("get{i}"));
            one["security"] = json!([{ format!("token{i}"): [] }]);
            one
        })
    }),
];
