//! Parts that the shapes are built from.

use serde_json::{Map, Value, json};

pub(super) fn overlay(actions: Vec<Value>) -> Value {
    json!({ "overlay": "1.1.0", "info": { "title": "t", "version": "1" }, "actions": actions })
}

pub(super) fn name(i: usize) -> String {
    format!("S{i}")
}

pub(super) fn list(n: usize, one: impl Fn(usize) -> Value) -> Vec<Value> {
    (0..n).map(one).collect()
}

pub(super) fn map(n: usize, one: impl Fn(usize) -> (String, Value)) -> Value {
    Value::Object((0..n).map(one).collect::<Map<_, _>>())
}

/// A reference to the schema with this number; past the last one there is a text.
pub(super) fn to(i: usize, n: usize) -> Value {
    if i < n { json!({ "$ref": format!("#/components/schemas/{}", name(i)) }) } else { json!({ "type": "object" }) }
}

pub(super) fn around(i: usize, n: usize) -> Value {
    to(i % n, n)
}

pub(super) fn object(i: usize) -> Value {
    json!({ "type": "object", "properties": { format!("p{i}"): { "type": "string" } } })
}

/// Names that are one in Rust.
pub(super) fn collides(i: usize) -> String {
    let mark = |at: usize| if i >> at & 1 == 0 { '_' } else { '-' };
    ('a'..='q').enumerate().flat_map(|(at, letter)| [letter, mark(at)]).chain(['z']).collect()
}

pub(super) fn empty_document(version: &str) -> Value {
    json!({
        "openapi": version,
        "info": { "title": "t", "version": "1" },
        "servers": [{ "url": "https://a.example/v1" }],
        "paths": { "/a": { "get": operation("getA") } },
        "components": { "schemas": { "A": object(0) } },
    })
}

pub(super) fn operation(id: &str) -> Value {
    json!({ "operationId": id, "tags": ["t"], "responses": { "200": { "description": "ok", "content": {
        "application/json": { "schema": { "$ref": "#/components/schemas/A" } } } } } })
}

/// One schema, which is the answer of an operation.
pub(super) fn schema(version: &str, schema: Value) -> (Value, Option<Value>) {
    let mut value = empty_document(version);
    value["components"]["schemas"]["A"] = schema;
    (value, None)
}

/// Several schemas, the first of which is the answer of an operation.
pub(super) fn schemas(n: usize, version: &str, one: impl Fn(usize) -> Value) -> (Value, Option<Value>) {
    let mut value = empty_document(version);
    value["components"]["schemas"] = map(n, |i| (name(i), one(i)));
    value["components"]["schemas"]["A"] = json!({ "type": "object", "properties": { "s": to(0, n) } });
    (value, None)
}

/// Operations at paths of their own.
pub(super) fn paths(n: usize, one: impl Fn(usize) -> Value) -> (Value, Option<Value>) {
    let mut value = empty_document("3.0.3");
    value["paths"] = map(n, |i| (format!("/p{i}"), json!({ "get": one(i) })));
    (value, None)
}

/// One operation with these members.
pub(super) fn one_operation(members: Value) -> (Value, Option<Value>) {
    let mut value = empty_document("3.0.3");
    let mut one = operation("getA");
    for (key, member) in members.as_object().into_iter().flatten() {
        one[key] = member.clone();
    }
    value["paths"]["/a"]["get"] = one;
    (value, None)
}
