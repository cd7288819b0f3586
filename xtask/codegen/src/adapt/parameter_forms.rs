//! What a parameter's value may look like, so that it can be written into a path, a header or the query.

use openapi::reference::resolve;
use serde_json::{Map, Value, json};

use crate::rule::Adapted;

/// Why HTTP cannot carry a parameter.
pub(super) fn inexpressible(parameter: &Value, name: &str) -> Option<&'static str> {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    match parameter.get("in").and_then(Value::as_str) {
        _ if name.is_empty() => Some("has no name"),
        Some("header") if !name.chars().all(is_token) => Some("has a name that is not valid in a header"),
        Some("cookie") if !name.chars().all(is_token) => Some("has a name that is not valid in a cookie"),
        Some("header" | "cookie" | "query" | "path") => None,
        _ => Some("is in a place that OpenAPI does not define"),
    }
}

/// How much room a value takes in a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Scalar,
    List,
    DeepList,
    Object,
}

pub(super) fn kind(document: &Value, schema: &Value, depth: usize) -> Kind {
    let Some(schema) = resolve(document, schema).filter(|_| depth < 16) else {
        return Kind::Object;
    };
    let of = |inner: &Value| kind(document, inner, depth + 1);
    match schema.get("type").and_then(Value::as_str) {
        Some("object") => return Kind::Object,
        Some("array") => {
            let items = schema.get("items").map_or(Kind::Scalar, of);
            return if items == Kind::Scalar { Kind::List } else { Kind::DeepList };
        }
        Some(_) => return Kind::Scalar,
        None => {}
    }
    if ["properties", "additionalProperties"].iter().any(|key| schema.get(*key).is_some()) {
        return Kind::Object;
    }
    if schema.get("items").is_some() {
        return Kind::List;
    }
    let members = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|key| schema.get(key)?.as_array()).flatten();
    members.map(of).max().unwrap_or(Kind::Scalar)
}

/// Whether an object has lists or objects as members.
pub(super) fn nests(document: &Value, schema: &Value) -> bool {
    let Some(schema) = resolve(document, schema) else { return false };
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten().map(|(_, inner)| inner);
    let further = schema.get("additionalProperties").filter(|inner| inner.is_object());
    let members = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|key| schema.get(key)?.as_array()).flatten();
    properties.chain(further).any(|inner| kind(document, inner, 0) != Kind::Scalar)
        || members.into_iter().filter(|inner| inner.get("$ref").is_none()).any(|inner| nests(document, inner))
}

/// Rule `parameter-text`: what is written into a path or header is a plain scalar; a composition in the query a text.
pub(super) fn scalar(document: &Value, parameter: &mut Value, pointer: &str, name: &str, done: &mut Adapted) {
    let place = parameter["in"].as_str().unwrap_or_default().to_owned();
    if let Some(object) = parameter.as_object_mut() {
        object.shift_remove("explode");
        object.shift_remove("style");
        object.shift_remove("allowReserved");
    }
    let Some(schema) = resolve(document, &parameter["schema"]).cloned() else { return };
    let composed = ["allOf", "anyOf", "oneOf", "not"].iter().any(|key| schema.get(*key).is_some());
    let typed = schema.get("type").is_some();
    if place == "query" && (typed || !composed) {
        return;
    }
    let single = single(document, &schema);
    let new = match single.as_ref().and_then(|schema| schema.get("type")).and_then(Value::as_str) {
        Some(kind) if place != "query" => {
            let mut new = single.clone().unwrap_or_default();
            new.retain(|key, _| {
                matches!(key.as_str(), "type" | "enum" | "format" | "description" | "minimum" | "maximum")
            });
            if new.get("enum").is_some() && (kind != "string" || new.contains_key("format")) {
                new.shift_remove("enum");
            }
            new
        }
        Some(_) => return,
        None if place == "query" && kind(document, &schema, 0) != Kind::Scalar => {
            let mut map = Map::new();
            map.insert("type".to_owned(), "array".into());
            map.insert("items".to_owned(), json!({ "type": "string" }));
            done.lost(
                "parameter-text",
                pointer,
                format!("`{name}` is a list of strings: its type has no single text form"),
            );
            map
        }
        None => {
            let mut map = Map::new();
            map.insert("type".to_owned(), "string".into());
            if typed || composed {
                done.lost("parameter-text", pointer, format!("`{name}` is a string: its type has no single text form"));
            } else {
                done.applied("parameter-text", pointer, format!("`{name}` is a string: it has no type"));
            }
            map
        }
    };
    let same = parameter["schema"].get("$ref").is_some() && Value::Object(new.clone()) == schema;
    if !same && Value::Object(new.clone()) != parameter["schema"] {
        if new.get("type") == schema.get("type") && !composed && Value::Object(new.clone()) != schema {
            done.applied(
                "parameter-text",
                pointer,
                format!("`{name}` keeps its type and values; other constraints are left to the server"),
            );
        }
        parameter["schema"] = new.into();
    }
}

/// The one schema behind a composition of one.
pub(super) fn single(document: &Value, schema: &Value) -> Option<Map<String, Value>> {
    let mut schema = resolve(document, schema)?;
    for _ in 0..8 {
        let one = ["allOf", "anyOf", "oneOf"].into_iter().find_map(|key| schema.get(key)?.as_array());
        match one.map(Vec::as_slice) {
            Some([one]) => schema = resolve(document, one)?,
            _ => break,
        }
    }
    schema.as_object().cloned()
}
