//! Request bodies: the parameter `in: body`, and the fields `in: formData`.

use openapi::pointer::child;
use serde_json::{Map, Value, json};

use super::change::Change;
use super::parameters::{list_formats, schema_of, style};
use crate::media::{FORM, JSON};

const MULTIPART: &str = "multipart/form-data";

/// A parameter that is a body or a part of one, and where it was.
pub(super) struct BodyParameter {
    pub(super) value: Map<String, Value>,
    pub(super) pointer: String,
}

impl BodyParameter {
    fn text(&self, key: &str) -> &str {
        self.value.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    fn is_required(&self) -> bool {
        self.value.get("required") == Some(&Value::Bool(true))
    }
}

/// The request body of these parameters; `consumes` are the media types that the operation accepts.
pub(super) fn body(
    parameters: Vec<BodyParameter>,
    consumes: &[String],
    pointer: &str,
    change: &mut Change,
) -> Option<Value> {
    let (bodies, fields): (Vec<_>, Vec<_>) = parameters.into_iter().partition(|it| it.text("in") == "body");
    if let Some(other) = bodies.get(1).or(fields.first().filter(|_| !bodies.is_empty())) {
        let note = format!("the parameter `{}` was dropped: a request has one body", other.text("name"));
        change.lost("second-body", pointer, note);
    }
    match bodies.into_iter().next() {
        Some(body) => Some(of_schema(body, consumes, pointer, change)),
        None if fields.is_empty() => None,
        None => Some(of_fields(fields, consumes, pointer, change)),
    }
}

/// Rule `body`: the parameter `in: body`.
fn of_schema(mut body: BodyParameter, consumes: &[String], pointer: &str, change: &mut Change) -> Value {
    let is_of_form = |kind: &&String| !matches!(kind.as_str(), FORM | MULTIPART);
    let mut kinds = consumes.iter().filter(is_of_form).cloned().collect::<Vec<_>>();
    if kinds.is_empty() {
        kinds.push(JSON.to_owned());
    }
    let schema = body.value.shift_remove("schema");
    change.moved(pointer.to_owned(), body.pointer.clone());
    let mut content = Map::new();
    for kind in kinds {
        let place = child(&child(pointer, "content"), &kind);
        change.moved(child(&place, "schema"), child(&body.pointer, "schema"));
        change.moved(place, body.pointer.clone());
        content.insert(kind, schema.as_ref().map_or_else(|| json!({}), |schema| json!({ "schema": schema })));
    }
    let mut object = Map::new();
    object.extend(body.value.shift_remove("description").map(|text| ("description".to_owned(), text)));
    object.insert("content".to_owned(), content.into());
    if body.is_required() {
        object.insert("required".to_owned(), true.into());
    }
    object.extend(body.value.into_iter().filter(|(key, _)| key.starts_with("x-")));
    change.kept("body", pointer, "the parameter `in: body` became the request body");
    object.into()
}

/// Rule `form`: the fields `in: formData`.
fn of_fields(fields: Vec<BodyParameter>, consumes: &[String], pointer: &str, change: &mut Change) -> Value {
    let is_file = |field: &BodyParameter| field.text("type") == "file";
    let has = |kind: &str| consumes.iter().any(|consumed| consumed == kind);
    let is_multipart = fields.iter().any(is_file) || has(MULTIPART) && !has(FORM);
    let kind = if is_multipart { MULTIPART } else { FORM };
    let place = child(&child(&child(pointer, "content"), kind), "schema");
    let (mut properties, mut required, mut encoding) = (Map::new(), Vec::new(), Map::new());
    for field in fields {
        let name = field.text("name").to_owned();
        if field.is_required() {
            required.push(Value::from(name.clone()));
        }
        let pointer = child(&child(&place, "properties"), &name);
        change.moved(pointer.clone(), field.pointer.clone());
        let mut object = field.value;
        let mut schema = schema_of(&mut object);
        // The default of OpenAPI 3 is one field for each item.
        if let Some(formats) = list_formats(&mut schema).filter(|formats| formats != &["multi"]) {
            encoding.insert(name.clone(), style("formData", &formats, &pointer, change).into());
        }
        if schema.get("type").is_some_and(|kind| kind == "file") {
            schema.insert("type".to_owned(), "string".into());
            schema.insert("format".to_owned(), "binary".into());
        }
        schema.extend(object.shift_remove("description").map(|text| ("description".to_owned(), text)));
        schema.extend(object.into_iter().filter(|(key, _)| key.starts_with("x-")));
        properties.insert(name, schema.into());
    }
    let is_needed = !required.is_empty();
    let mut schema =
        Map::from_iter([("type".to_owned(), "object".into()), ("properties".to_owned(), properties.into())]);
    if is_needed {
        schema.insert("required".to_owned(), required.into());
    }
    let mut media = Map::from_iter([("schema".to_owned(), Value::from(schema))]);
    if !encoding.is_empty() {
        media.insert("encoding".to_owned(), encoding.into());
    }
    change.kept("form", pointer, format!("the fields `in: formData` became a request body of `{kind}`"));
    let mut body = json!({ "content": { kind: media } });
    if is_needed {
        body["required"] = true.into();
    }
    body
}
