//! Parameters that are more than a text: lists, objects, JSON, cookies, and styles other than those of their place.

use openapi::reference::resolve;
use serde_json::{Map, Value, json};

use super::parameter_forms::{Kind, kind, nests, single};
use crate::media::{essence, is_json, rank};
use crate::requests::{COLLECTION_FORMATS, Place, Style, Styled};
use crate::rule::Adapted;

/// How a parameter is written that progenitor would write otherwise; `None` for all others. Rules `parameter-style`,
/// `parameter-nesting` and `parameter-media-type`.
///
/// The parameter keeps its schema and loses the keywords of its style.
pub(super) fn apply(
    document: &Value,
    parameter: &mut Value,
    pointer: &str,
    name: &str,
    done: &mut Adapted,
) -> Option<Styled> {
    let place = Place::named(parameter["in"].as_str().unwrap_or_default())?;
    let wire = parameter.as_object_mut()?.shift_remove(WIRE_NAME).and_then(|name| Some(name.as_str()?.to_owned()));
    let content = take_content(parameter, pointer, name, done);
    let has_content = content.is_some();
    if !has_content && parameter.get("schema").is_none_or(Value::is_null) {
        parameter["schema"] = json!({ "type": "string" });
        done.applied("parameter-text", pointer, format!("`{name}` is a string: it has no schema"));
    }
    let style = content.unwrap_or_else(|| style_of(parameter, place, pointer, name, done));
    let explode = parameter.get("explode").and_then(Value::as_bool).unwrap_or(style == Style::Form);
    let reserved = place == Place::Query && parameter.get("allowReserved") == Some(&Value::Bool(true));
    let kind = kind(document, &parameter["schema"], 0);
    let is_default = match place {
        Place::Query => kind == Kind::Scalar || kind == Kind::List && explode,
        Place::Path | Place::Header => kind == Kind::Scalar,
        Place::Cookie => false,
    };
    let is_choice = is_choice(document, &parameter["schema"]);
    let is_any = place == Place::Query && is_any(document, &parameter["schema"]);
    if is_default && style == Style::of_place(place) && !has_content && !reserved && !is_choice && !is_any {
        return None;
    }
    let is_nested = kind == Kind::DeepList || kind == Kind::Object && nests(document, &parameter["schema"]);
    match style {
        Style::Json | Style::Delimited(_) => {}
        Style::DeepObject if is_nested || kind == Kind::List => {
            let note = format!("lists inside `{name}` have their indices in brackets, which OpenAPI does not define");
            done.applied("parameter-nesting", pointer, note);
        }
        Style::DeepObject => {}
        _ if is_nested => {
            let note = format!(
                "lists and objects inside `{name}` are JSON text: OpenAPI does not define how they are written"
            );
            done.lost("parameter-nesting", pointer, note);
        }
        _ => {}
    }
    if let Some(object) = parameter.as_object_mut() {
        object.retain(|key, _| {
            !matches!(key.as_str(), "style" | "explode" | "allowReserved" | "example" | "examples" | COLLECTION_FORMATS)
        });
        return Some(Styled { place, name: wire.unwrap_or_else(|| name.to_owned()), style, explode, reserved });
    }
    None
}

/// The name on the wire of a path parameter whose name in the path is another.
pub(super) const WIRE_NAME: &str = "x-name-on-the-wire";

/// The style, which is that of the place if OpenAPI does not define the given one there.
fn style_of(parameter: &Value, place: Place, pointer: &str, name: &str, done: &mut Adapted) -> Style {
    if let Some(style) = Style::of_formats(parameter) {
        return style;
    }
    let Some(text) = parameter.get("style").and_then(Value::as_str) else { return Style::of_place(place) };
    match Style::named(text).filter(|style| style.is_for(place)) {
        Some(style) => style,
        None => {
            let note = format!("`{name}` has the default style of its place: OpenAPI does not define `{text}` there");
            done.lost("parameter-style", pointer, note);
            Style::of_place(place)
        }
    }
}

/// Takes the schema of a parameter's media type, and returns the style if it has one.
fn take_content(parameter: &mut Value, pointer: &str, name: &str, done: &mut Adapted) -> Option<Style> {
    let place = Place::named(parameter["in"].as_str().unwrap_or_default())?;
    let content = parameter.as_object_mut()?.shift_remove("content")?;
    let content = content.as_object().cloned().unwrap_or_else(Map::new);
    let (media, inner) = content.into_iter().min_by_key(|(media, _)| rank(media)).unwrap_or_default();
    let schema = inner.get("schema").cloned();
    if is_json(&media) {
        parameter["schema"] = schema.unwrap_or_else(|| json!({}));
        return Some(Style::Json);
    }
    parameter["schema"] = json!({ "type": "string" });
    if !essence(&media).starts_with("text/") {
        let note = format!("`{name}` is a string that the caller encodes as `{media}`");
        done.lost("parameter-media-type", pointer, note);
    }
    Some(Style::of_place(place))
}

/// Whether a schema allows any JSON, or a list of it. The generator's code for the query writes numbers with the digits of an `f64`.
fn is_any(document: &Value, schema: &Value) -> bool {
    let Some(resolved) = resolve(document, schema) else { return false };
    match resolved.get("type").and_then(Value::as_str) {
        Some("array") => resolved.get("items").is_none_or(|items| is_any(document, items)),
        Some(_) => false,
        None => !["enum", "const", "allOf", "anyOf", "oneOf"].iter().any(|key| resolved.get(*key).is_some()),
    }
}

/// Whether a schema is one of several types, which have no common text in Rust.
fn is_choice(document: &Value, schema: &Value) -> bool {
    let Some(resolved) = resolve(document, schema) else { return false };
    let is_composed = ["anyOf", "oneOf"].iter().any(|key| resolved.get(*key).is_some());
    is_composed
        && resolved.get("type").is_none()
        && single(document, schema).is_none_or(|one| one.get("type").is_none())
}
