//! Rules for the properties of objects.

use serde_json::{Value, json};

use super::effect::{Done, Effect, Schema, is_any, is_never};
use super::place::Place;
use crate::lower::words::names;

/// Patterns that every name matches.
const UNIVERSAL: [&str; 7] = ["", "^", "$", ".*", "^.*$", "^.*", ".*$"];

/// Rule `unevaluated-properties`: where nothing composes, or where any value may be there, it is `additionalProperties`.
pub(super) fn unevaluated(schema: &mut Schema, _: Place<'_>) -> Done {
    let value = schema.shift_remove("unevaluatedProperties")?;
    let why = if is_any(&value) { "any value may be there" } else { "nothing composes here" };
    schema.insert("additionalProperties".to_owned(), value);
    let note = format!("`unevaluatedProperties` became `additionalProperties`: {why}");
    Some(Effect::exact(note).at("unevaluatedProperties"))
}

/// Rule `pattern-properties`: all that may stand under some name becomes `additionalProperties`.
pub(super) fn patterns(schema: &mut Schema, _: Place<'_>) -> Done {
    let Value::Object(patterns) = schema.shift_remove("patternProperties")? else {
        return Some(Effect::exact("`patternProperties` was dropped: it is not a mapping").at("patternProperties"));
    };
    let key = "additionalProperties";
    let others = schema.get(key).cloned().unwrap_or(Value::Bool(true));
    let universal = patterns.len() == 1 && patterns.keys().all(|pattern| UNIVERSAL.contains(&pattern.as_str()));
    let list = names(patterns.keys());
    let mut allowed = patterns.into_iter().map(|(_, value)| value).collect::<Vec<_>>();
    if allowed.is_empty() {
        return Some(Effect::exact("`patternProperties` was dropped: it is empty").at("patternProperties"));
    }
    if !universal && !is_never(&others) {
        allowed.push(others);
    }
    let lowered = one_of_these(allowed, Value::Bool(true));
    schema.insert(key.to_owned(), lowered);
    let note = format!("`patternProperties` became `{key}`: names are not checked against {list}");
    let exact = universal && !schema.contains_key("properties");
    Some(if exact { Effect::exact(note) } else { Effect::wider(note) }.at("patternProperties"))
}

/// A schema that accepts what one of these accepts; `anything` where that is everything.
pub(super) fn one_of_these(list: Vec<Value>, anything: Value) -> Value {
    if list.iter().any(is_any) {
        return anything;
    }
    let mut distinct = Vec::new();
    for value in list.into_iter().filter(|value| !is_never(value)) {
        if !distinct.contains(&value) {
            distinct.push(value);
        }
    }
    match distinct.len() {
        0 => json!({ "not": {} }),
        1 => distinct.remove(0),
        _ => json!({ "anyOf": distinct }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::table;
    use super::*;

    #[test]
    fn unevaluated_properties_are_additional_where_both_accept_the_same() {
        table(&[
            (
                json!({ "unevaluatedProperties": false, "properties": { "a": {} } }),
                json!({ "properties": { "a": {} }, "additionalProperties": false }),
                &["unevaluated-properties"],
            ),
            (
                json!({ "unevaluatedProperties": {}, "properties": { "a": {} } }),
                json!({ "properties": { "a": {} }, "additionalProperties": {} }),
                &["unevaluated-properties"],
            ),
            (
                json!({ "unevaluatedProperties": true, "allOf": [{ "type": "object" }] }),
                json!({ "additionalProperties": true, "allOf": [{ "type": "object" }] }),
                &["unevaluated-properties"],
            ),
            (
                json!({ "unevaluatedProperties": true }),
                json!({ "additionalProperties": true }),
                &["unevaluated-properties"],
            ),
            (
                json!({ "unevaluatedProperties": false, "additionalProperties": {} }),
                json!({ "additionalProperties": {} }),
                &["lost-assertion"],
            ),
        ]);
    }

    #[test]
    fn patterns_become_additional_properties_that_accept_no_less() {
        let (text, number) = (json!({ "type": "string" }), json!({ "type": "number" }));
        table(&[
            (
                json!({ "patternProperties": { "^a": text }, "additionalProperties": false }),
                json!({ "additionalProperties": text }),
                &["pattern-properties!"],
            ),
            (
                json!({ "patternProperties": { "^a": text, "^b": number }, "additionalProperties": false }),
                json!({ "additionalProperties": { "anyOf": [text, number] } }),
                &["pattern-properties!"],
            ),
            (
                json!({ "patternProperties": { "^a": text }, "additionalProperties": number }),
                json!({ "additionalProperties": { "anyOf": [text, number] } }),
                &["pattern-properties!"],
            ),
            (
                json!({ "patternProperties": { "^a": text } }),
                json!({ "additionalProperties": true }),
                &["pattern-properties!"],
            ),
            (
                json!({ "patternProperties": { "^.*$": text } }),
                json!({ "additionalProperties": text }),
                &["pattern-properties"],
            ),
            (
                json!({ "patternProperties": { ".*": text }, "properties": { "a": {} } }),
                json!({ "properties": { "a": {} }, "additionalProperties": text }),
                &["pattern-properties!"],
            ),
            (json!({ "patternProperties": {} }), json!({}), &["pattern-properties"]),
        ]);
    }
}
