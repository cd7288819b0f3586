//! Rules for what operations are made of.

use serde_json::{Value, json};

use super::Row;
use crate::codegen::node::{self, Node};
use crate::codegen::positions::child;

/// Applies the rules for one node that is no schema.
pub(super) fn apply(value: &mut Value, node: Node, pointer: &str, rows: &mut Vec<Row>) {
    let mut did = |rule: &'static str, key: &str, note: String| {
        let pointer = if key.is_empty() { pointer.to_owned() } else { format!("{pointer}/{key}") };
        rows.push(Row { rule, pointer, loses_meaning: false, note });
    };
    match node {
        Node::Operation if responses(value) => {
            did("responses", "", "no response is declared; 3.0 wants one, so `default` may be anything".to_owned());
        }
        Node::Response if description(value, node) => {
            did("response-description", "", "a response without `description` got an empty one".to_owned());
        }
        _ => {}
    }
    for (key, note) in media_types(value, node) {
        did("media-type", &key, note);
    }
}

/// Rule `responses`: 3.0 wants at least one.
fn responses(value: &mut Value) -> bool {
    let Some(operation) = value.as_object_mut() else { return false };
    let none =
        operation.get("responses").is_none_or(|responses| responses.as_object().is_some_and(|all| all.is_empty()));
    if none {
        operation.insert("responses".to_owned(), json!({ "default": { "description": "Not declared." } }));
    }
    none
}

/// Rule `response-description`: required, and forgotten by many.
fn description(value: &mut Value, node: Node) -> bool {
    let Some(response) = value.as_object_mut() else { return false };
    let missing = !response.contains_key("description") && !response.get("$ref").is_some_and(Value::is_string);
    if missing && node == Node::Response {
        response.insert("description".to_owned(), "".into());
    }
    missing
}

/// Rule `media-type`: without a schema it may be anything that the media type allows.
fn media_types(value: &mut Value, node: Node) -> Vec<(String, String)> {
    let has_content = matches!(node, Node::RequestBody | Node::Response | Node::Parameter | Node::Header);
    let content = value.get_mut("content").filter(|_| has_content).and_then(Value::as_object_mut);
    let mut done = Vec::new();
    for (name, media_type) in content.into_iter().flatten() {
        let Some(media_type) = media_type.as_object_mut() else { continue };
        if media_type.contains_key("schema") || node::is_reference(Node::MediaType, &json!(media_type)) {
            continue;
        }
        let (schema, words) = anything(name);
        media_type.insert("schema".to_owned(), schema);
        done.push((child("content", name), format!("`{name}` has no schema; it may be {words}")));
    }
    done
}

/// The widest schema of a media type.
fn anything(media_type: &str) -> (Value, &'static str) {
    let name = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json = name.ends_with("/json") || name.ends_with("+json");
    match name.as_str() {
        _ if is_json => (json!({}), "any JSON"),
        "application/x-www-form-urlencoded" | "multipart/form-data" => (json!({ "type": "object" }), "any object"),
        name if name.starts_with("text/") => (json!({ "type": "string" }), "any text"),
        _ => (json!({ "type": "string", "format": "binary" }), "any bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(mut value: Value, node: Node) -> (Value, Vec<Row>) {
        let mut rows = Vec::new();
        apply(&mut value, node, "/x", &mut rows);
        (value, rows)
    }

    #[test]
    fn an_operation_has_responses() {
        for before in [json!({}), json!({ "responses": {} })] {
            let (after, rows) = run(before, Node::Operation);
            assert_eq!(after, json!({ "responses": { "default": { "description": "Not declared." } } }));
            assert_eq!(rows.len(), 1);
        }
        assert_eq!(run(json!({ "responses": { "200": {} } }), Node::Operation).1, []);
    }

    #[test]
    fn a_response_has_a_description() {
        assert_eq!(run(json!({}), Node::Response).0, json!({ "description": "" }));
        assert_eq!(run(json!({ "$ref": "#/a" }), Node::Response).1, []);
    }

    #[test]
    fn a_media_type_has_a_schema() {
        for (name, schema) in [
            ("application/json", json!({})),
            ("application/problem+json; charset=utf-8", json!({})),
            ("text/plain", json!({ "type": "string" })),
            ("image/png", json!({ "type": "string", "format": "binary" })),
            ("multipart/form-data", json!({ "type": "object" })),
        ] {
            let (after, rows) = run(json!({ "content": { name: { "example": 1 } } }), Node::RequestBody);
            assert_eq!(after["content"][name], json!({ "example": 1, "schema": schema }));
            assert_eq!(rows[0].pointer, format!("/x/content/{}", name.replace('/', "~1")));
        }
        assert_eq!(run(json!({ "content": { "a/b": { "schema": true } } }), Node::RequestBody).1, []);
    }
}
