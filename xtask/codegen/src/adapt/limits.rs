//! Limits that no Rust type checks.

use openapi::pointer::parts;
use openapi::reference::resolve;
use openapi::walk::{self, NodeKind};
use serde_json::{Map, Value};

use crate::integer::Integer;
use crate::rule::Adapted;

type Schema = Map<String, Value>;

/// Applies rule `limit`: a limit that is not checked is reported once, where the document has it, and documented.
pub(super) fn apply(value: &mut Value, done: &mut Adapted) {
    let snapshot = value.clone();
    // The documentation of an argument is that of its parameter.
    walk::change(value, NodeKind::Document, "", &mut |inner, node, _| {
        let Some(parameter) = inner.as_object_mut().filter(|_| node == NodeKind::Parameter) else { return };
        let schema = parameter.get("schema").and_then(|schema| resolve(&snapshot, schema)?.as_object());
        if let Some(text) = schema.and_then(|schema| text(schema, &unchecked(schema))) {
            document(parameter, &text);
        }
    });
    walk::change(value, NodeKind::Document, "", &mut |inner, node, pointer| {
        let Some(schema) = inner.as_object_mut().filter(|_| node == NodeKind::Schema && !is_left_out(pointer)) else {
            return;
        };
        let keys = unchecked(schema);
        if schema.contains_key("$ref") || keys.is_empty() {
            return;
        }
        if let Some(text) = text(schema, &keys) {
            document(schema, &text);
        }
        forget(schema, &keys);
        report(&keys, pointer, done);
    });
}

/// Adds the row of these keywords.
pub(super) fn report(keys: &[&str], pointer: &str, done: &mut Adapted) {
    let names = keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
    let is = if keys.len() == 1 { "is" } else { "are" };
    done.lost("limit", pointer, format!("{names} {is} not checked"));
}

/// Whether no code is made of a place.
fn is_left_out(pointer: &str) -> bool {
    let parts = parts(pointer);
    let parts = parts.iter().map(String::as_str).collect::<Vec<_>>();
    matches!(
        parts.as_slice(),
        ["components", "headers" | "callbacks", ..]
            | ["components", "responses", _, "headers", ..]
            | ["paths", _, _, "callbacks", ..]
            | ["paths", _, _, "responses", _, "headers", ..]
    )
}

/// A limit that a keyword sets, if it has an effect.
fn limit(schema: &Schema, key: &str) -> Option<f64> {
    schema.get(key)?.as_f64()
}

fn has(schema: &Schema, key: &str) -> bool {
    schema.get(key) == Some(&Value::Bool(true))
}

fn text_of<'a>(schema: &'a Schema, key: &str) -> Option<&'a str> {
    schema.get(key).and_then(Value::as_str)
}

fn integer(schema: &Schema) -> Integer<'_> {
    let step = |key: &str, exclusive: &str, by: f64| {
        limit(schema, key).map(|at| if has(schema, exclusive) { at + by } else { at })
    };
    Integer {
        format: text_of(schema, "format"),
        min: step("minimum", "exclusiveMinimum", 1.0),
        max: step("maximum", "exclusiveMaximum", -1.0),
        is_multiple: limit(schema, "multipleOf").is_some(),
    }
}

/// The keywords that are not checked when a value of this schema is made.
pub(super) fn unchecked(schema: &Schema) -> Vec<&'static str> {
    let kind = text_of(schema, "type");
    let is = |name: &str| kind.is_none_or(|kind| kind == name);
    let format = text_of(schema, "format");
    let mut keys = Vec::new();
    if kind == Some("string") && format == Some("password") {
        keys.extend(lengths(schema));
    }
    // Listed integers are checked, and the list is dropped if one of them is outside of the limits.
    let is_listed = kind == Some("integer") && schema.contains_key("enum");
    if (is("number") || is("integer")) && !is_listed {
        let whole = kind == Some("integer") && format != Some("expires-in");
        let (own, (low, high)) = (integer(schema), integer(schema).range());
        keys.extend(own.min.filter(|min| !whole || own.is_one_sided() || low < *min).map(|_| "minimum"));
        keys.extend(own.max.filter(|max| !whole || own.is_one_sided() || high > *max).map(|_| "maximum"));
        keys.extend(own.is_multiple.then_some("multipleOf"));
    }
    let counts = [("array", "minItems", "maxItems"), ("object", "minProperties", "maxProperties")];
    for (_, least, most) in counts.into_iter().filter(|(name, ..)| is(name)) {
        let (min, max) = (limit(schema, least), limit(schema, most));
        // Such a list is an array.
        if least == "minItems" && min == max && min.is_some_and(is_array_length) && !has(schema, "uniqueItems") {
            continue;
        }
        keys.extend(min.filter(|min| *min > 0.0).map(|_| least));
        keys.extend(max.map(|_| most));
    }
    keys.extend((is("array") && has(schema, "uniqueItems")).then_some("uniqueItems"));
    keys
}

/// The keywords of a text, which a `Secret` does not check.
pub(super) fn lengths(schema: &Schema) -> impl Iterator<Item = &'static str> {
    let least = limit(schema, "minLength").filter(|least| *least > 0.0).map(|_| "minLength");
    let most = limit(schema, "maxLength").map(|_| "maxLength");
    least.into_iter().chain(most).chain(text_of(schema, "pattern").map(|_| "pattern"))
}

/// Whether serde reads arrays of this length.
fn is_array_length(length: f64) -> bool {
    (1.0..=32.0).contains(&length)
}

/// Drops limits of which the generator would make types that are too narrow, or that serde does not read.
fn forget(schema: &mut Schema, keys: &[&str]) {
    if keys.contains(&"minItems") {
        schema.shift_remove("minItems");
        schema.shift_remove("maxItems");
    }
    if text_of(schema, "type") == Some("integer") && integer(schema).is_one_sided() {
        for key in ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"] {
            schema.shift_remove(key);
        }
    }
}

/// What these limits say, as sentences.
fn text(schema: &Schema, keys: &[&str]) -> Option<String> {
    let shown = |key: &str| keys.contains(&key).then(|| schema.get(key).map(ToString::to_string)).flatten();
    let mut sentences = Vec::new();
    let (least, most) = (shown("minimum"), shown("maximum"));
    match (least, most, has(schema, "exclusiveMinimum"), has(schema, "exclusiveMaximum")) {
        (Some(least), Some(most), false, false) => sentences.push(format!("{least} to {most}.")),
        (least, most, is_more, is_less) => {
            sentences.extend(least.map(|it| format!("{} {it}.", if is_more { "More than" } else { "At least" })));
            sentences.extend(most.map(|it| format!("{} {it}.", if is_less { "Less than" } else { "At most" })));
        }
    }
    sentences.extend(shown("multipleOf").map(|it| format!("A multiple of {it}.")));
    for (least, most, what) in [
        ("minItems", "maxItems", "item"),
        ("minProperties", "maxProperties", "member"),
        ("minLength", "maxLength", "character"),
    ] {
        let ending = |count: &str| if count == "1" { "" } else { "s" };
        sentences.extend(match (shown(least), shown(most)) {
            (Some(least), Some(most)) if least == most => Some(format!("{least} {what}{}.", ending(&least))),
            (Some(least), Some(most)) => Some(format!("{least} to {most} {what}{}.", ending(&most))),
            (Some(least), None) => Some(format!("At least {least} {what}{}.", ending(&least))),
            (None, Some(most)) => Some(format!("At most {most} {what}{}.", ending(&most))),
            (None, None) => None,
        });
    }
    sentences.extend(shown("uniqueItems").map(|_| "No item occurs twice.".to_owned()));
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// Adds a paragraph to a description.
fn document(object: &mut Schema, text: &str) {
    let before = text_of(object, "description").unwrap_or_default().trim_end();
    let whole = if before.is_empty() { text.to_owned() } else { format!("{before}\n\n{text}") };
    object.insert("description".to_owned(), whole.into());
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_type_checks_is_not_reported() {
        for (schema, keys, said) in [
            (json!({ "type": "integer", "minimum": 0 }), vec![], ""),
            (json!({ "type": "integer", "minimum": 0, "maximum": 255 }), vec![], ""),
            (json!({ "type": "integer", "minimum": 1, "maximum": 10 }), vec!["maximum"], "At most 10."),
            (json!({ "type": "integer", "maximum": 255 }), vec!["maximum"], "At most 255."),
            (json!({ "type": "integer", "minimum": 2, "maximum": 9 }), vec!["minimum", "maximum"], "2 to 9."),
            (json!({ "type": "integer", "format": "int64", "minimum": 0 }), vec!["minimum"], "At least 0."),
            (
                json!({ "type": "number", "minimum": 0.5, "exclusiveMinimum": true, "maximum": 2, "multipleOf": 0.5 }),
                vec!["minimum", "maximum", "multipleOf"],
                "More than 0.5. At most 2. A multiple of 0.5.",
            ),
            (json!({ "type": "integer", "format": "expires-in", "minimum": 0 }), vec!["minimum"], "At least 0."),
            (json!({ "type": "array", "minItems": 2, "maxItems": 2 }), vec![], ""),
            (json!({ "type": "array", "minItems": 0 }), vec![], ""),
            (json!({ "type": "array", "minItems": 1, "maxItems": 9 }), vec!["minItems", "maxItems"], "1 to 9 items."),
            (json!({ "type": "array", "minItems": 99, "maxItems": 99 }), vec!["minItems", "maxItems"], "99 items."),
            (
                json!({ "type": "array", "minItems": 1, "maxItems": 1, "uniqueItems": true }),
                vec!["minItems", "maxItems", "uniqueItems"],
                "1 item. No item occurs twice.",
            ),
            (json!({ "type": "object", "minProperties": 1 }), vec!["minProperties"], "At least 1 member."),
            (json!({ "type": "string", "minLength": 1, "maxLength": 9, "pattern": "^a" }), vec![], ""),
            (
                json!({ "type": "string", "format": "password", "maxLength": 9, "pattern": "^a" }),
                vec!["maxLength", "pattern"],
                "At most 9 characters.",
            ),
            // It has no effect on another type, and no value that is wrong has any.
            (json!({ "type": "string", "maximum": 9 }), vec![], ""),
            (json!({ "type": "integer", "maximum": "9", "minItems": 1 }), vec![], ""),
            (json!({ "type": "integer", "enum": [1, 2], "maximum": 9 }), vec![], ""),
            (json!({ "maximum": 9 }), vec!["maximum"], "At most 9."),
        ] {
            let schema = schema.as_object().expect("an object");
            assert_eq!(unchecked(schema), keys, "{schema:?}");
            assert_eq!(text(schema, &keys).unwrap_or_default(), said, "{schema:?}");
        }
    }
}
