//! Parameters in the path, the query and headers: their keywords become a schema, and `collectionFormat` a style.

use openapi::pointer::child;
use serde_json::{Map, Value};

use super::change::Change;
use crate::requests::COLLECTION_FORMATS;

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
    let mut schema = schema_of(object);
    if let Some(formats) = list_formats(&mut schema) {
        object.extend(style(&place, &formats, pointer, change));
    }
    object.insert("schema".to_owned(), schema.into());
    change.moved(child(pointer, "schema"), change.source(pointer));
}

/// Takes the keywords that describe values out of a parameter, a header or a form field, as a schema with its
/// `collectionFormat`.
pub(super) fn schema_of(object: &mut Map<String, Value>) -> Map<String, Value> {
    let mut schema = Map::new();
    for key in SCHEMA.into_iter().chain(["collectionFormat"]) {
        schema.extend(object.shift_remove(key).map(|value| (key.to_owned(), value)));
    }
    if let Some(example) = schema.shift_remove("x-example") {
        object.entry("example").or_insert(example);
    }
    schema
}

/// Takes the formats of a list and of the lists in it out of their schemas, the outer one first, `csv` unless another is given;
/// `None` for other schemas.
pub(super) fn list_formats(schema: &mut Map<String, Value>) -> Option<Vec<String>> {
    let format = schema.shift_remove("collectionFormat");
    let is_list = schema.get("type").is_some_and(|kind| kind == "array");
    let inner = schema.get_mut("items").and_then(Value::as_object_mut).and_then(|items| {
        let is_list = items.get("type").is_some_and(|kind| kind == "array");
        list_formats(items).filter(|_| is_list)
    });
    let text = format.as_ref().and_then(Value::as_str).unwrap_or("csv").to_owned();
    (format.is_some() || is_list).then(|| [text].into_iter().chain(inner.unwrap_or_default()).collect())
}

/// How a list is written: a style of OpenAPI 3, or rule `collection-format`: the formats of Swagger as an extension, which
/// the code for parameters and forms obeys.
pub(super) fn style(place: &str, formats: &[String], pointer: &str, change: &mut Change) -> Map<String, Value> {
    let is_query = place == "query" || place == "formData";
    let outer = formats.first().map_or("csv", String::as_str);
    let (style, explode) = match outer {
        "multi" if is_query => ("form", true),
        "ssv" if is_query => ("spaceDelimited", false),
        "pipes" if is_query => ("pipeDelimited", false),
        _ if is_query => ("form", false),
        _ => ("simple", false),
    };
    let mut members = Map::from_iter([("style".to_owned(), style.into()), ("explode".to_owned(), explode.into())]);
    let is_known = |format: &str, is_outer: bool| match format {
        "csv" | "ssv" | "pipes" | "tsv" => true,
        "multi" => is_query && is_outer,
        _ => false,
    };
    if let Some((_, unknown)) = formats.iter().enumerate().find(|(depth, format)| !is_known(format, *depth == 0)) {
        change.lost_format(unknown, pointer);
    } else if formats.len() > 1 || outer == "tsv" || !is_query && outer != "csv" {
        members.insert(COLLECTION_FORMATS.to_owned(), formats.iter().cloned().map(Value::from).collect());
        let note = format!("`collectionFormat: {}` has no style in OpenAPI 3; requests obey it", formats.join("`, `"));
        change.kept("collection-format", pointer, note);
    }
    members
}
