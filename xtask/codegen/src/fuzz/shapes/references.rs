//! Shapes that grow in references and copies.

use serde_json::json;

use super::Shape;
use super::builders::{around, map, object, one_operation, operation, paths, schema, schemas, to};

/// The shapes, by name.
pub(super) const SHAPES: &[(&str, Shape)] = &[
    ("reference-chain", |n| schemas(n, "3.0.3", |i| to(i + 1, n))),
    ("reference-chain-3.1", |n| {
        schemas(n, "3.1.0", |i| {
            let mut schema = to(i + 1, n);
            schema["description"] = format!("d{i}").into();
            schema
        })
    }),
    ("reference-cycle", |n| {
        schemas(n, "3.0.3", |i| json!({ "type": "object", "properties": { "next": around(i + 1, n) } }))
    }),
    ("reference-cycle-required", |n| {
        schemas(
            n,
            "3.0.3",
            |i| json!({ "type": "object", "required": ["next"], "properties": { "next": around(i + 1, n) } }),
        )
    }),
    ("references-into-the-middle", |n| {
        let all = map(n, |i| (format!("r{i}"), json!({ "$ref": format!("#/components/schemas/B/properties/p{i}") })));
        let (mut value, _) = schema("3.0.3", json!({ "type": "object", "properties": all }));
        let own = map(n, |i| (format!("p{i}"), object(i)));
        value["components"]["schemas"]["B"] = json!({ "type": "object", "properties": own });
        (value, None)
    }),
    ("copies-of-definitions", |n| {
        let (mut value, _) = schema("3.1.0", json!({ "$ref": "#/definitions/S0" }));
        let next =
            |i: usize| json!({ "type": "object", "properties": { "x": { "$ref": format!("#/definitions/S{i}") } } });
        value["definitions"] = map(n, |i| (format!("S{i}"), if i + 1 < n { next(i + 1) } else { object(i) }));
        (value, None)
    }),
    ("broken-references", |n| schemas(n, "3.0.3", |i| json!({ "$ref": format!("#/nowhere/{i}") }))),
    ("path-items", |n| {
        let (mut value, _) = one_operation(json!({}));
        for i in 0..n {
            value["paths"][format!("/p{i}")] = json!({ "$ref": format!("#/paths/~1p{}", i + 1) });
        }
        value["paths"][format!("/p{n}")] = json!({ "get": operation("last") });
        (value, None)
    }),
    ("copies-of-path-items", |n| {
        let (mut value, _) = one_operation(json!({}));
        for i in 0..n {
            value["paths"][format!("/p{i}")] = json!({ "$ref": "#/paths/~1a" });
        }
        (value, None)
    }),
    ("common-parameters", |n| {
        let (mut value, _) = paths(n, |i| {
            let mut one = operation(&format!("get{i}"));
            one["parameters"] = json!([{ "$ref": format!("#/components/parameters/P{i}") }]);
            one
        });
        let one = |i: usize| json!({ "name": format!("p{i}"), "in": "query", "schema": { "type": "string" } });
        value["components"]["parameters"] = map(n, |i| (format!("P{i}"), one(i)));
        (value, None)
    }),
];
