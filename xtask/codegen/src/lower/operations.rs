//! Rules for the nodes of operations.

use openapi::pointer::child;
use openapi::walk::{self, NodeKind};
use serde_json::{Value, json};

use super::schema;
use crate::rule::AppliedRule;

/// Applies the rules for one node that is no schema.
pub(super) fn apply(value: &mut Value, node: NodeKind, pointer: &str, applied: &mut Vec<AppliedRule>) {
    let mut applied = |rule: &'static str, key: &str, note: String| {
        let pointer = if key.is_empty() { pointer.to_owned() } else { format!("{pointer}/{key}") };
        applied.push(AppliedRule { name: rule, pointer, loses_meaning: false, note });
    };
    match node {
        NodeKind::Operation if responses(value) => {
            applied(
                "responses",
                "",
                "no response is declared; a `default` that accepts anything was added, because 3.0 requires one"
                    .to_owned(),
            );
        }
        NodeKind::Response if description(value, node) => {
            applied("response-description", "", "an empty `description` was added to a response".to_owned());
        }
        _ => {}
    }
    for (key, note) in media_types(value, node) {
        applied("media-type", &key, note);
    }
    for (key, note) in binary(value, node) {
        applied("binary-content", &key, note);
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
fn description(value: &mut Value, node: NodeKind) -> bool {
    let Some(response) = value.as_object_mut() else { return false };
    let missing = !response.contains_key("description") && !response.get("$ref").is_some_and(Value::is_string);
    if missing && node == NodeKind::Response {
        response.insert("description".to_owned(), "".into());
    }
    missing
}

/// Rule `media-type`: without a schema it may be anything that the media type allows.
fn media_types(value: &mut Value, node: NodeKind) -> Vec<(String, String)> {
    let mut done = Vec::new();
    for (name, media_type) in content(value, node) {
        let Some(media_type) = media_type.as_object_mut() else { continue };
        if media_type.contains_key("schema") || walk::is_reference(NodeKind::MediaType, &json!(media_type)) {
            continue;
        }
        let (schema, words) = anything(name);
        media_type.insert("schema".to_owned(), schema);
        done.push((child("content", name), format!("`{name}` has no schema; it accepts {words}")));
    }
    done
}

/// Rule `binary-content`: a body of bytes, which 3.1 describes by its media type alone.
fn binary(value: &mut Value, node: NodeKind) -> Vec<(String, String)> {
    let mut done = Vec::new();
    for (name, media_type) in content(value, node) {
        let Some(schema) = media_type.get_mut("schema").and_then(Value::as_object_mut) else { continue };
        let (bytes, words) = anything(name);
        if words != BYTES || !schema.contains_key("contentMediaType") || !schema::says_only(schema, "contentMediaType")
        {
            continue;
        }
        let media_type = schema.shift_remove("contentMediaType").unwrap_or_default();
        schema.extend(bytes.as_object().cloned().unwrap_or_default());
        let key = child(&child(&child("content", name), "schema"), "contentMediaType");
        done.push((
            key,
            format!("`contentMediaType: {}` became `format: binary`", media_type.as_str().unwrap_or_default()),
        ));
    }
    done
}

/// The media types of a node that has them.
fn content(value: &mut Value, node: NodeKind) -> impl Iterator<Item = (&String, &mut Value)> {
    let has_content =
        matches!(node, NodeKind::RequestBody | NodeKind::Response | NodeKind::Parameter | NodeKind::Header);
    value.get_mut("content").filter(|_| has_content).and_then(Value::as_object_mut).into_iter().flatten()
}

/// What a media type of which nothing more is known may be.
const BYTES: &str = "any bytes";

/// The widest schema of a media type.
fn anything(media_type: &str) -> (Value, &'static str) {
    let name = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json = name.ends_with("/json") || name.ends_with("+json");
    match name.as_str() {
        _ if is_json => (json!({}), "any JSON"),
        "application/x-www-form-urlencoded" | "multipart/form-data" => (json!({ "type": "object" }), "any object"),
        name if name.starts_with("text/") => (json!({ "type": "string" }), "any text"),
        _ => (json!({ "type": "string", "format": "binary" }), BYTES),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(mut value: Value, node: NodeKind) -> (Value, Vec<AppliedRule>) {
        let mut rows = Vec::new();
        apply(&mut value, node, "/x", &mut rows);
        (value, rows)
    }

    #[test]
    fn an_operation_has_responses() {
        for before in [json!({}), json!({ "responses": {} })] {
            let (after, rows) = run(before, NodeKind::Operation);
            assert_eq!(after, json!({ "responses": { "default": { "description": "Not declared." } } }));
            assert_eq!(rows.len(), 1);
        }
        assert_eq!(run(json!({ "responses": { "200": {} } }), NodeKind::Operation).1, []);
    }

    #[test]
    fn a_response_has_a_description() {
        assert_eq!(run(json!({}), NodeKind::Response).0, json!({ "description": "" }));
        assert_eq!(run(json!({ "$ref": "#/a" }), NodeKind::Response).1, []);
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
            let (after, rows) = run(json!({ "content": { name: { "example": 1 } } }), NodeKind::RequestBody);
            assert_eq!(after["content"][name], json!({ "example": 1, "schema": schema }));
            assert_eq!(rows[0].pointer, format!("/x/content/{}", name.replace('/', "~1")));
        }
        assert_eq!(run(json!({ "content": { "a/b": { "schema": true } } }), NodeKind::RequestBody).1, []);
    }

    #[test]
    fn a_body_told_by_its_media_type_is_binary() {
        let body = |name: &str, schema: Value| json!({ "description": "", "content": { name: { "schema": schema } } });
        for name in ["application/octet-stream", "image/png", "*/*"] {
            let before = body(name, json!({ "contentMediaType": name, "description": "Bytes." }));
            for node in [NodeKind::RequestBody, NodeKind::Response] {
                let (after, rows) = run(before.clone(), node);
                let schema = json!({ "description": "Bytes.", "type": "string", "format": "binary" });
                assert_eq!(after, body(name, schema));
                assert_eq!((rows.len(), rows[0].name, rows[0].loses_meaning), (1, "binary-content", false));
                let name = name.replace('/', "~1");
                assert_eq!(rows[0].pointer, format!("/x/content/{name}/schema/contentMediaType"));
            }
        }
        for (name, schema) in [
            // Text, JSON and forms are what they are.
            ("text/plain", json!({ "contentMediaType": "text/plain" })),
            ("application/json", json!({ "contentMediaType": "image/png" })),
            // An encoding makes it a text.
            ("image/png", json!({ "contentMediaType": "image/png", "contentEncoding": "base64" })),
            ("image/png", json!({ "contentMediaType": "image/png", "type": "string" })),
            ("image/png", json!({})),
        ] {
            let before = body(name, schema);
            assert_eq!(run(before.clone(), NodeKind::RequestBody), (before, vec![]));
        }
    }
}
