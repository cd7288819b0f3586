//! Decides whether two schemas certainly have no common value.

use std::collections::HashSet;

use openapi::reference::target;
use serde_json::{Map, Value};

use super::schema::comparable;

/// How deep the evidence may lie.
const DEPTH: u32 = 5;

/// Whether no value is accepted by both, for a reason that can be seen; `false` if in doubt.
pub(super) fn disjoint(document: &Value, one: &Value, other: &Value) -> bool {
    within(document, one, other, DEPTH)
}

fn within(document: &Value, one: &Value, other: &Value, depth: u32) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let (one, other) = (parts(document, one, depth), parts(document, other, depth));
    // Both accept `null`, whatever else they say.
    if one.iter().all(|part| may_be_null(part)) && other.iter().all(|part| may_be_null(part)) {
        return false;
    }
    let kinds = (kind(&one), kind(&other));
    if let (Some(first), Some(second)) = kinds {
        let numbers = ["integer", "number"];
        if first != second && !(numbers.contains(&first) && numbers.contains(&second)) {
            return true;
        }
    }
    let values = |parts: &[&Map<String, Value>]| {
        let lists = parts.iter().filter_map(|part| part.get("enum")?.as_array());
        lists.map(|list| list.iter().map(comparable).collect()).collect::<Vec<HashSet<_>>>()
    };
    let (first, second) = (values(&one), values(&other));
    if first.iter().any(|first| second.iter().any(|second| first.is_disjoint(second))) {
        return true;
    }
    let objects = kinds.0 == Some("object") || kinds.1 == Some("object");
    objects && (by_property(document, &one, &other, depth) || closed(&one, &other) || closed(&other, &one))
}

/// Whether a property that both require cannot be the same in both.
fn by_property(document: &Value, one: &[&Map<String, Value>], other: &[&Map<String, Value>], depth: u32) -> bool {
    let (required_one, required_other) = (required(one), required(other));
    fn property<'a>(part: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
        part.get("properties").and_then(|all| all.get(name))
    }
    one.iter().flat_map(|part| part.get("properties").and_then(Value::as_object).into_iter().flatten()).any(
        |(name, first)| {
            required_one.contains(name.as_str())
                && required_other.contains(name.as_str())
                && other
                    .iter()
                    .filter_map(|part| property(part, name))
                    .any(|second| within(document, first, second, depth))
        },
    )
}

/// Whether one requires a property that the other has no place for.
fn closed(one: &[&Map<String, Value>], other: &[&Map<String, Value>]) -> bool {
    other.iter().filter(|part| part.get("additionalProperties") == Some(&Value::Bool(false))).any(|shut| {
        let has = |name: &str| shut.get("properties").is_some_and(|all| all.get(name).is_some());
        required(one).into_iter().any(|name| !has(name))
    })
}

/// The members that have to be there.
fn required<'a>(parts: &[&'a Map<String, Value>]) -> HashSet<&'a str> {
    let lists = parts.iter().filter_map(|part| part.get("required")?.as_array());
    lists.flatten().filter_map(Value::as_str).collect()
}

fn may_be_null(part: &Map<String, Value>) -> bool {
    part.get("nullable") == Some(&Value::Bool(true)) || !part.contains_key("type")
}

/// The type that a value has to have.
fn kind<'a>(parts: &[&'a Map<String, Value>]) -> Option<&'a str> {
    parts.iter().find_map(|part| part.get("type").and_then(Value::as_str))
}

/// The schemas that all have to hold: this one, what it refers to, and the members of `allOf`.
fn parts<'a>(document: &'a Value, schema: &'a Value, depth: u32) -> Vec<&'a Map<String, Value>> {
    let Some(object) = schema.as_object() else { return vec![] };
    let mut found = vec![object];
    let Some(depth) = depth.checked_sub(1) else { return found };
    let to = object.get("$ref").and_then(Value::as_str).and_then(|text| target(document, text));
    let members = object.get("allOf").and_then(Value::as_array).into_iter().flatten();
    // A `nullable` beside these overrules them; then they prove nothing.
    if object.get("nullable") != Some(&Value::Bool(true)) {
        found.extend(to.into_iter().chain(members).flat_map(|inner| parts(document, inner, depth)));
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn schemas_without_a_common_value_are_recognized() {
        let text = json!({ "type": "string" });
        let tagged = |tag: &str| json!({ "type": "object", "required": ["t"], "properties": { "t": { "type": "string", "enum": [tag] } } });
        let document = json!({ "a": tagged("a"), "b": tagged("b") });
        for (one, other, apart) in [
            (text.clone(), json!({ "type": "integer" }), true),
            (json!({ "type": "number" }), json!({ "type": "integer" }), false),
            (text.clone(), json!({}), false),
            (text.clone(), text.clone(), false),
            (json!({ "type": "string", "nullable": true }), json!({ "type": "integer", "nullable": true }), false),
            (json!({ "type": "string", "nullable": true }), json!({ "type": "integer" }), true),
            (json!({ "type": "string", "enum": ["a"] }), json!({ "enum": ["b"], "type": "string" }), true),
            (json!({ "type": "number", "enum": [1] }), json!({ "type": "number", "enum": [1.0] }), false),
            (tagged("a"), tagged("b"), true),
            (tagged("a"), tagged("a"), false),
            (json!({ "$ref": "#/a" }), json!({ "allOf": [{ "$ref": "#/b" }, {}] }), true),
            (
                json!({ "type": "object", "required": ["x"] }),
                json!({ "type": "object", "properties": { "y": {} }, "additionalProperties": false }),
                true,
            ),
            (
                json!({ "type": "object", "required": ["y"] }),
                json!({ "type": "object", "properties": { "y": {} }, "additionalProperties": false }),
                false,
            ),
        ] {
            assert_eq!(disjoint(&document, &one, &other), apart, "{one} {other}");
            assert_eq!(disjoint(&document, &other, &one), apart, "{other} {one}");
        }
    }
}
