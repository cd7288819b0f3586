//! Request bodies: one media type with a schema.

use std::collections::BTreeSet;

use openapi::operations::{each_operation, remove_operations, title};
use openapi::pointer::child;
use openapi::reference::resolve;
use serde_json::{Map, Value, json};

use crate::media::{BINARY, FORM, essence, is_json};
use crate::media::{JSON, TEXT, rank};
use crate::rule::Adapted;

/// Applies the rules of request bodies.
pub(super) fn apply(value: &mut Value, done: &mut Adapted) {
    let snapshot = value.clone();
    let mut gone = BTreeSet::new();
    each_operation(value, &mut |path, method, pointer, operation| {
        let pointer = child(pointer, "requestBody");
        let Some(object) = operation.as_object_mut() else { return };
        let Some(body) = object.get("requestBody") else { return };
        let required = body.get("required") == Some(&Value::Bool(true));
        let content = body.get("content").and_then(Value::as_object).cloned().unwrap_or_default();
        let mut names = content.keys().cloned().collect::<Vec<_>>();
        names.sort_by_key(|name| rank(name));
        let Some(name) = names.first().cloned() else {
            object.shift_remove("requestBody");
            done.applied("body-empty", &pointer, "a body without a media type was dropped");
            return;
        };
        let (media, content_type) = match express(&snapshot, &name, &content[&name]) {
            Ok(expressed) => expressed,
            Err(why) if required => {
                done.leave_out(&title(method, path), &pointer, &format!("its body {why}"));
                gone.insert((path.to_owned(), method.to_owned()));
                return;
            }
            Err(why) => {
                object.shift_remove("requestBody");
                done.lost("body", &pointer, format!("the optional body was dropped: it {why}"));
                return;
            }
        };
        if names.len() > 1 {
            let others = names[1..].iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let same = names[1..].iter().all(|other| content[other].get("schema") == content[&name].get("schema"));
            let note = format!("the body is sent as `{name}`; {others} is not used");
            if same {
                done.applied("body-media-type", &pointer, note)
            } else {
                done.lost("body-media-type", &pointer, note)
            }
        } else if content_type.is_some() {
            done.applied("body-media-type", &pointer, format!("the `Content-Type` header is `{name}`"));
        }
        if content[&name].get("encoding").is_some() {
            done.applied("body-encoding", &pointer, "`encoding` was dropped");
        }
        if content[&name].get("schema").is_none() {
            done.applied("body-schema", &pointer, "a body without a schema may have any value of its media type");
        }
        let raw = matches!(essence(media.0).as_str(), BINARY | TEXT);
        if !required && raw {
            done.lost("body-optional", &pointer, "the optional body is required: the client sends an empty one");
        } else if !required {
            done.applied("body-optional", &pointer, "the body is optional: its argument is an `Option`");
        }
        let id = object.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
        if content_type.is_some() || !required && !raw {
            let wire = done.wire.entry(id).or_default();
            wire.content_type = content_type;
            wire.optional_body = !required && !raw;
        }
        let mut content = Map::new();
        content.insert(media.0.to_owned(), json!({ "schema": media.1 }));
        object["requestBody"]["content"] = content.into();
        object["requestBody"]["required"] = true.into();
    });
    remove_operations(value, &gone);
}

type Expressed = ((&'static str, Value), Option<String>);

/// The media type that the generator knows, with its schema, and the name on the wire if it is another.
fn express(document: &Value, name: &str, media: &Value) -> Result<Expressed, String> {
    let plain = essence(name);
    let schema = media.get("schema").cloned();
    // Parameters belong to the name: `application/json; version=2` is not sent as `application/json`.
    let sendable = name.chars().all(|c| c == ' ' || c.is_ascii_graphic());
    let renamed = |to: &str| (sendable && name.trim() != to).then(|| name.trim().to_owned());
    if is_json(name) {
        return Ok(((JSON, schema.unwrap_or_else(|| json!({}))), renamed(JSON)));
    }
    if plain == FORM {
        let schema =
            schema.unwrap_or_else(|| json!({ "type": "object", "additionalProperties": { "type": "string" } }));
        flat(document, &schema, 0)?;
        return Ok(((FORM, schema), None));
    }
    if plain.starts_with("multipart/") {
        return Err(format!("is `{plain}`, which cannot be encoded"));
    }
    if plain == "*/*" || plain == "application/*" {
        let structured = schema.as_ref().and_then(|schema| resolve(document, schema)).is_some_and(|schema| {
            schema.get("type").is_none_or(|kind| kind != "string")
                && schema.as_object().is_some_and(|it| !it.is_empty())
        });
        if structured {
            return Ok(((JSON, schema.unwrap_or_default()), None));
        }
        return Ok(((BINARY, json!({ "type": "string", "format": "binary" })), None));
    }
    if plain.starts_with("text/") {
        return Ok(((TEXT, json!({ "type": "string" })), renamed(TEXT)));
    }
    if plain.contains('*') || !plain.contains('/') {
        return Err(format!("is `{plain}`, which is not a media type for requests"));
    }
    Ok(((BINARY, json!({ "type": "string", "format": "binary" })), renamed(BINARY)))
}

/// Checks that a form can encode a schema: an object of scalars.
fn flat(document: &Value, schema: &Value, depth: usize) -> Result<(), String> {
    let Some(schema) = resolve(document, schema).filter(|_| depth < 16) else {
        return Err("is a form whose schema cannot be resolved".to_owned());
    };
    for key in ["allOf", "anyOf", "oneOf"] {
        for member in schema.get(key).and_then(Value::as_array).into_iter().flatten() {
            flat(document, member, depth + 1)?;
        }
    }
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        if !scalar(document, property, 0) {
            return Err(format!("is a form whose field `{name}` is a list or an object"));
        }
    }
    if let Some(more) = schema.get("additionalProperties").filter(|more| more.is_object())
        && !scalar(document, more, 0)
    {
        return Err("is a form whose further fields are lists or objects".to_owned());
    }
    Ok(())
}

fn scalar(document: &Value, schema: &Value, depth: usize) -> bool {
    let Some(schema) = resolve(document, schema).filter(|_| depth < 16) else { return false };
    if matches!(schema.get("type").and_then(Value::as_str), Some("object" | "array"))
        || ["properties", "items"].iter().any(|key| schema.get(*key).is_some())
    {
        return false;
    }
    let members = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|key| schema.get(key)?.as_array()).flatten();
    members.into_iter().all(|member| scalar(document, member, depth + 1))
}
