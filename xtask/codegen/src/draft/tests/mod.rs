//! The drafts of overlays, and that they are complete.

mod credentials;
mod documents;
mod names;
mod security;
mod token_endpoint;

use openapi::Document;
use openapi::overlay;
use serde_json::{Value, json};

use super::{Action, actions, add, empty_overlay, is_open, open_reasons};

/// Target and update of each action; what is drafted has to be all, so that a second draft finds nothing.
fn drafted(value: &Value) -> Vec<(String, Value)> {
    let found = actions(value);
    if !found.is_empty() {
        let mut whole = empty_overlay(value, "specs/a.json");
        add(&mut whole, value, &found);
        let overlay = Document::parse("specs/a.overlay.json", whole.to_string()).expect("valid JSON");
        let mut after = value.clone();
        overlay::apply(&overlay, "specs/a.json", &mut after).unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(actions(&after), [], "{after:#}");
    }
    found.iter().map(|action| (action.target(value), action.update.clone())).collect()
}

fn targets(value: &Value) -> Vec<String> {
    drafted(value).into_iter().map(|(target, _)| target).collect()
}

/// A document with these paths and components.
fn document(paths: Value, components: Value) -> Value {
    json!({ "openapi": "3.1.0", "info": { "title": "A", "version": "1" }, "paths": paths, "components": components })
}

/// A token endpoint that lacks nothing, with another answer and other responses.
fn endpoint(answer: Value, more: Value) -> Value {
    let mut responses =
        json!({ "200": { "description": "ok", "content": { "application/json": { "schema": answer } } } });
    let more = more.as_object().expect("responses").clone();
    responses.as_object_mut().expect("responses").extend(more);
    let form = json!({
        "type": "object", "required": ["grant_type"],
        "properties": { "grant_type": { "type": "string" }, "scope": { "type": "string" } },
    });
    let body = json!({ "content": { "application/x-www-form-urlencoded": { "schema": form } } });
    document(
        json!({ "/t": { "post": { "operationId": "ask", "requestBody": body, "responses": responses } } }),
        json!({}),
    )
}

/// An answer that lacks nothing.
fn whole() -> Value {
    json!({ "type": "object", "required": ["access_token", "token_type"], "properties": {
        "access_token": { "type": "string", "format": "password" },
        "token_type": { "type": "string" },
        "expires_in": { "type": "integer", "format": "expires-in" },
        "scope": { "type": "string" },
        "error": { "type": "string" },
    } })
}

/// An error with a body.
fn declared() -> Value {
    json!({ "default": { "description": "no", "content": { "application/json": { "schema": { "type": "object" } } } } })
}

fn published(name: &str) -> Value {
    let file = format!("{}/../../specs/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    Document::parse(&file, std::fs::read_to_string(&file).expect("readable")).expect("valid YAML").value
}
