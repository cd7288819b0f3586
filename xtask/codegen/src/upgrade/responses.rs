//! Responses: their schema becomes that of each media type that the operation produces.

use openapi::pointer::child;
use serde_json::{Map, Value, json};

use super::change::Change;
use super::parameters::{list_formats, schema_of};
use crate::media::JSON;

/// Rewrites one response; `produces` are the media types that the operation answers with.
pub(super) fn apply(response: &mut Value, produces: &[String], pointer: &str, change: &mut Change) {
    let Some(object) = response.as_object_mut().filter(|object| !object.contains_key("$ref")) else { return };
    for (name, header) in object.get_mut("headers").and_then(Value::as_object_mut).into_iter().flatten() {
        let place = child(&child(pointer, "headers"), name);
        let Some(header) = header.as_object_mut() else { continue };
        let mut schema = schema_of(header);
        drop(list_formats(&mut schema));
        header.insert("schema".to_owned(), schema.into());
        change.moved(child(&place, "schema"), change.source(&place));
    }
    let schema = object.shift_remove("schema");
    let examples = object.shift_remove("examples");
    let examples = examples.as_ref().and_then(Value::as_object).cloned().unwrap_or_default();
    if schema.is_none() && examples.is_empty() {
        return;
    }
    let is_file = schema.as_ref().is_some_and(|schema| schema.get("type").is_some_and(|kind| kind == "file"));
    let mut kinds = produces.to_vec();
    if kinds.is_empty() {
        let of_examples = examples.keys().filter(|kind| kind.contains('/')).cloned();
        kinds.extend(of_examples);
    }
    if kinds.is_empty() {
        kinds.push(if is_file { "application/octet-stream" } else { JSON }.to_owned());
    }
    let source = change.source(pointer);
    let mut content = Map::new();
    for kind in kinds {
        let place = child(&child(pointer, "content"), &kind);
        let mut media = Map::new();
        media.extend(schema.clone().map(|schema| ("schema".to_owned(), schema)));
        media.extend(examples.get(&kind).map(|example| ("example".to_owned(), example.clone())));
        change.moved(child(&place, "schema"), child(&source, "schema"));
        change.moved(place, source.clone());
        content.insert(kind, media.into());
    }
    object.insert("content".to_owned(), content.into());
    object.entry("description").or_insert_with(|| json!(""));
}
