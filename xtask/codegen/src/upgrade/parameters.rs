//! Parameters in the path, the query and headers: their keywords become a schema, and `collectionFormat` a style.

use openapi::pointer::child;
use serde_json::{Map, Value};

use super::change::Change;

/// The keywords of a parameter that describe its values.
const SCHEMA: [&str; 19] = [
    "type",
    "format",
    "items",
    "default",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "enum",
    "multipleOf",
    "x-nullable",
    "x-example",
    "x-enumNames",
];

/// Rewrites one parameter that is not a body.
pub(super) fn apply(parameter: &mut Value, pointer: &str, change: &mut Change) {
    let Some(object) = parameter.as_object_mut().filter(|object| !object.contains_key("$ref")) else { return };
    let place = object.get("in").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut schema = schema_of(object, pointer, change);
    if let Some(format) = list_format(&mut schema) {
        style(object, &place, &format, pointer, change);
    }
    object.insert("schema".to_owned(), schema.into());
    change.moved(child(pointer, "schema"), change.source(pointer));
}

/// Takes the keywords that describe values out of a parameter, a header or a form field, as a schema with its
/// `collectionFormat`.
pub(super) fn schema_of(object: &mut Map<String, Value>, pointer: &str, change: &mut Change) -> Map<String, Value> {
    let mut schema = Map::new();
    for key in SCHEMA.into_iter().chain(["collectionFormat"]) {
        schema.extend(object.shift_remove(key).map(|value| (key.to_owned(), value)));
    }
    if let Some(example) = schema.shift_remove("x-example") {
        object.entry("example").or_insert(example);
    }
    if let Some(items) = schema.get_mut("items") {
        inner_formats(items, &child(pointer, "items"), change);
    }
    schema
}

/// Takes the format of a list out of its schema, `csv` unless another is given; `None` for other schemas.
pub(super) fn list_format(schema: &mut Map<String, Value>) -> Option<String> {
    let format = schema.shift_remove("collectionFormat");
    let is_list = schema.get("type").is_some_and(|kind| kind == "array");
    let text = format.as_ref().and_then(Value::as_str).unwrap_or("csv");
    (format.is_some() || is_list).then(|| text.to_owned())
}

/// Rule `inner-lists`: OpenAPI 3 says nothing about how lists inside of lists are written.
fn inner_formats(items: &mut Value, pointer: &str, change: &mut Change) {
    let Some(object) = items.as_object_mut() else { return };
    let format = object.shift_remove("collectionFormat");
    if format.is_some() && object.get("type").is_some_and(|kind| kind == "array") {
        change.lost("inner-lists", pointer, "`collectionFormat` of a list inside of a list was dropped");
    }
    if let Some(items) = object.get_mut("items") {
        inner_formats(items, &child(pointer, "items"), change);
    }
}

/// Rule `collection-format`: how a list is written.
fn style(parameter: &mut Map<String, Value>, place: &str, format: &str, pointer: &str, change: &mut Change) {
    let is_query = place == "query" || place == "formData";
    let (style, explode) = match format {
        "multi" if is_query => ("form", true),
        "ssv" if is_query => ("spaceDelimited", false),
        "pipes" if is_query => ("pipeDelimited", false),
        "csv" if is_query => ("form", false),
        "csv" => ("simple", false),
        other => {
            change.lost_format(other, pointer);
            (if is_query { "form" } else { "simple" }, false)
        }
    };
    parameter.insert("style".to_owned(), style.into());
    parameter.insert("explode".to_owned(), explode.into());
}
