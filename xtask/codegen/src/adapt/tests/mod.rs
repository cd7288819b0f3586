//! Every rule with a document before and after it, and what it reports; each fixture runs through all stages.

mod bodies;
mod compositions;
mod directions;
mod names;
mod operations;
mod root;
mod schemas;
mod security;
mod unions;

use serde_json::{Value, json};

use super::*;
use crate::home::Home;
use crate::rule::Adapted;

/// A document with one component schema `A`.
fn with_schema(schema: Value, more: Value) -> Value {
    let mut schemas = json!({ "A": schema });
    if let (Some(all), Value::Object(more)) = (schemas.as_object_mut(), more) {
        all.extend(more);
    }
    json!({ "openapi": "3.0.3", "info": { "title": "t", "version": "1" }, "paths": {}, "components": { "schemas": schemas } })
}

/// The schema `A` afterwards, and `rule` or `rule!` for each row, `!` for a loss.
#[track_caller]
fn schema(before: Value, more: Value) -> (Value, Vec<String>) {
    let mut value = with_schema(before, more);
    let done = adapt(&mut value, &Home::alone());
    (value["components"]["schemas"]["A"].clone(), rules(&done))
}

fn rules(done: &Adapted) -> Vec<String> {
    done.rules.iter().map(|rule| format!("{}{}", rule.name, if rule.loses_meaning { "!" } else { "" })).collect()
}

/// A document with one operation at a path.
fn run(path: &str, operation: Value) -> (Value, Adapted) {
    let mut value = with_schema(json!({ "type": "string" }), json!({}));
    value["paths"][path] = json!({ "post": operation });
    let done = adapt(&mut value, &Home::alone());
    (value, done)
}

fn operation(key: &str, inner: Value) -> Value {
    json!({ "operationId": "doIt", key: inner, "responses": { "204": { "description": "" } } })
}
