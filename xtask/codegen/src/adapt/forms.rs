//! Bodies of `application/x-www-form-urlencoded`, and what `encoding` says of the members of forms and of multipart bodies.

use std::collections::HashSet;

use openapi::reference::resolve;
use serde_json::{Map, Value};

use super::parameter_forms::{Kind, kind};
use crate::conversion::is_decimal;
use crate::media::is_json;
use crate::requests::{Member, Style};

/// How deeply members are looked for in compositions.
const MAX_DEPTH: usize = 16;

/// Whether a body is an object, so that it has members.
pub(super) fn is_object(document: &Value, schema: &Value) -> bool {
    kind(document, schema, 0) == Kind::Object
}

/// Whether progenitor's form is that of OpenAPI: an object of scalars.
pub(super) fn is_flat(document: &Value, schema: &Value, depth: usize) -> bool {
    let Some(schema) = resolve(document, schema).filter(|_| depth < MAX_DEPTH) else { return false };
    let mut members = compositions(schema);
    let mut properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let further = match schema.get("additionalProperties") {
        Some(Value::Bool(false)) => true,
        Some(further @ Value::Object(_)) => is_scalar(document, further, 0),
        // Without properties, everything is a further one.
        further => further.is_none() && (schema.get("properties").is_some() || !compositions(schema).is_empty()),
    };
    further
        && properties.all(|(_, property)| is_scalar(document, property, 0))
        && members.drain(..).all(|member| is_flat(document, member, depth + 1))
}

fn is_scalar(document: &Value, schema: &Value, depth: usize) -> bool {
    let Some(schema) = resolve(document, schema).filter(|_| depth < MAX_DEPTH) else { return false };
    let members = compositions(schema);
    match schema.get("type").and_then(Value::as_str) {
        // Its digits are in the JSON text only.
        Some("number") if schema.as_object().is_some_and(is_decimal) => false,
        Some(kind) => !matches!(kind, "object" | "array"),
        None if schema.get("enum").is_some() => true,
        None => !members.is_empty() && members.into_iter().all(|member| is_scalar(document, member, depth + 1)),
    }
}

fn compositions(schema: &Value) -> Vec<&Value> {
    ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|key| schema.get(key)?.as_array()).flatten().collect()
}

/// The members of a body with what `encoding` says of them, in the order of the document.
pub(super) fn members(document: &Value, schema: &Value, encoding: &Map<String, Value>) -> Vec<Member> {
    let mut names = vec![];
    collect(document, schema, 0, &mut names, &mut HashSet::new());
    names.into_iter().map(|name| member(encoding.get(&name).unwrap_or(&Value::Null), name)).collect()
}

fn collect(document: &Value, schema: &Value, depth: usize, names: &mut Vec<String>, visited: &mut HashSet<String>) {
    let Some(schema) = resolve(document, schema).filter(|_| depth < MAX_DEPTH) else { return };
    for (name, _) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        if visited.insert(name.clone()) {
            names.push(name.clone());
        }
    }
    for member in compositions(schema) {
        collect(document, member, depth + 1, names, visited);
    }
}

fn member(encoding: &Value, name: String) -> Member {
    let text = |key: &str| encoding.get(key).and_then(Value::as_str);
    let is_styled = ["style", "explode", "allowReserved"].iter().any(|key| encoding.get(*key).is_some());
    let style = Style::of_formats(encoding).or_else(|| text("style").and_then(Style::named)).unwrap_or(Style::Form);
    let explode = encoding.get("explode").and_then(Value::as_bool).unwrap_or(style == Style::Form);
    let content_type = text("contentType").map(str::trim).filter(|kind| is_sendable(kind)).map(str::to_owned);
    Member { name, content_type, style: is_styled.then_some((style, explode)) }
}

/// Whether a media type is a single one that a header can carry.
fn is_sendable(kind: &str) -> bool {
    kind.contains('/') && !kind.contains(['*', ',']) && kind.chars().all(|c| c == ' ' || c.is_ascii_graphic())
}

/// Whether the text of a JSON value is of this media type.
pub(super) fn is_text_or_json(kind: &str) -> bool {
    is_json(kind) || crate::media::essence(kind).starts_with("text/")
}
