//! Decimal numbers: `format: decimal` on a number or a string.

use openapi::reference::resolve;
use openapi::walk::{self, NodeKind};
use serde_json::{Map, Value};

use crate::conversion::is_decimal;
use crate::rule::Adapted;

/// Members that a decimal number keeps; the others are rules about its value.
const KEPT: [&str; 12] = [
    "type",
    "format",
    "nullable",
    "title",
    "description",
    "example",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "externalDocs",
    "xml",
];

/// Limits of numbers, which no type checks and another rule reports.
const LIMITS: [&str; 5] = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];

/// Applies rule `decimal`: the type of a decimal number checks no limits, and one in a parameter is a text.
pub(super) fn apply(value: &mut Value, done: &mut Adapted) {
    let document = value.clone();
    walk::change(value, NodeKind::Document, "", &mut |inner, node, pointer| match node {
        NodeKind::Schema => {
            if let Some(schema) = inner.as_object_mut().filter(|schema| is_decimal(schema)) {
                let gone = strip(schema).into_iter().filter(|key| !LIMITS.contains(&key.as_str()));
                let gone = gone.collect::<Vec<_>>();
                if !gone.is_empty() {
                    done.lost("decimal", pointer, format!("{} of a decimal number was dropped", gone.join(", ")));
                }
            }
        }
        NodeKind::Parameter => {
            if let Some(schema) = inner.get_mut("schema") {
                as_text(&document, schema, 0);
            }
        }
        _ => {}
    });
}

fn strip(schema: &mut Map<String, Value>) -> Vec<String> {
    let gone = schema.keys().filter(|key| !KEPT.contains(&key.as_str()) && !key.starts_with("x-"));
    let gone = gone.cloned().collect::<Vec<_>>();
    gone.iter().for_each(|key| {
        schema.shift_remove(key);
    });
    gone
}

/// A number in a parameter has no quotes, as a string has none there, so the type for strings has the same text.
fn as_text(document: &Value, schema: &mut Value, depth: usize) {
    let Some(target) = resolve(document, schema).and_then(Value::as_object) else { return };
    if is_decimal(target) {
        let mut text = target.clone();
        strip(&mut text);
        text.insert("type".to_owned(), "string".into());
        *schema = text.into();
    } else if let Some(items) = schema.get_mut("items").filter(|_| depth == 0) {
        as_text(document, items, depth + 1);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_decimal_number_has_no_limits_and_is_a_text_in_a_parameter() {
        let mut value = json!({
            "paths": { "/a": { "get": { "parameters": [
                { "name": "a", "in": "query", "schema": { "$ref": "#/components/schemas/A" } },
                { "name": "b", "in": "query", "schema": { "type": "array", "items": { "type": "number", "format": "decimal" } } },
                { "name": "c", "in": "query", "schema": { "type": "number" } },
            ] } } },
            "components": { "schemas": {
                "A": { "type": "number", "format": "decimal", "minimum": 0, "multipleOf": 0.01, "description": "d" },
                "B": { "type": "string", "format": "decimal", "pattern": "^[0-9]+$" },
                "C": { "type": "number", "minimum": 0 },
            } },
        });
        let mut done = Adapted::default();
        apply(&mut value, &mut done);
        let text = json!({ "type": "string", "format": "decimal" });
        assert_eq!(
            value["components"]["schemas"],
            json!({
                "A": { "type": "number", "format": "decimal", "description": "d" },
                "B": text,
                "C": { "type": "number", "minimum": 0 },
            })
        );
        let parameters = &value["paths"]["/a"]["get"]["parameters"];
        assert_eq!(parameters[0]["schema"], json!({ "type": "string", "format": "decimal", "description": "d" }));
        assert_eq!(
            (&parameters[1]["schema"]["items"], &parameters[2]["schema"]),
            (&text, &json!({ "type": "number" }))
        );
        let notes = done.rules.iter().map(|rule| rule.note.as_str()).collect::<Vec<_>>();
        assert_eq!(notes, ["pattern of a decimal number was dropped"]);
    }
}
