//! Rules for the keywords beside `$ref`, which 3.0 ignores.

use std::collections::HashSet;

use openapi::reference::target;
use serde_json::{Value, json};

use super::effect::WIDENED;
use super::effect::{Done, Effect, Schema};
use super::place::Place;
use crate::lower::words::names;

/// Rule `repeated-constraint`: what only repeats the schema that is referred to falls away.
pub(super) fn repeated(schema: &mut Schema, place: Place<'_>) -> Vec<Effect> {
    let mut repeated = Vec::new();
    for named in chain(schema, place) {
        let repeats = |(key, value): &(&String, &Value)| {
            independent(key, schema) && named.get(*key).is_some_and(|said| said == *value || is_part(key, value, said))
        };
        repeated.extend(schema.iter().filter(repeats).map(|(key, _)| key.clone()));
        schema.retain(|key, _| !repeated.contains(key));
    }
    let note = || format!("{} beside `$ref` was dropped: the target has the same", names(repeated.iter()));
    if repeated.is_empty() { vec![] } else { vec![Effect::exact(note())] }
}

/// What a schema refers to, what that refers to, and so on; nothing if it comes back to the schema.
fn chain<'a>(schema: &Schema, place: Place<'a>) -> Vec<&'a Schema> {
    let mut chain = Vec::new();
    let mut reference = schema.get("$ref").and_then(Value::as_str).map(str::to_owned);
    while let Some(text) = reference {
        let Some(named) = target(place.source, &text).and_then(Value::as_object) else { break };
        if text.strip_prefix('#') == Some(place.pointer) || chain.len() > 16 {
            return vec![];
        }
        chain.push(named);
        reference = named.get("$ref").and_then(Value::as_str).map(str::to_owned);
    }
    chain
}

/// Whether a keyword means the same without its neighbours, and they without it.
fn independent(key: &str, schema: &Schema) -> bool {
    const TIED: [&str; 11] = [
        "$ref",
        "additionalProperties",
        "contains",
        "else",
        "if",
        "maxContains",
        "minContains",
        "patternProperties",
        "prefixItems",
        "then",
        "unevaluatedProperties",
    ];
    let alone = |others: &[&str]| !others.iter().any(|other| schema.contains_key(*other));
    match key {
        "properties" => alone(&["additionalProperties", "patternProperties", "unevaluatedProperties"]),
        "items" => alone(&["prefixItems", "unevaluatedItems"]),
        key => !TIED.contains(&key) && alone(&["unevaluatedProperties", "unevaluatedItems"]),
    }
}

/// Whether a list of required properties is a part of another.
fn is_part(key: &str, value: &Value, said: &Value) -> bool {
    let lists = (key == "required").then_some((value, said));
    let lists = lists.and_then(|(value, said)| Some((value.as_array()?, said.as_array()?)));
    lists.is_some_and(|(value, said)| {
        let said = said.iter().collect::<HashSet<_>>();
        value.iter().all(|name| said.contains(name))
    })
}

/// Rule `reference-siblings`: `$ref` with siblings becomes `allOf` with them beside it.
pub(super) fn siblings(schema: &mut Schema, _: Place<'_>) -> Done {
    let siblings = names(schema.keys().filter(|key| *key != "$ref" && *key != WIDENED));
    if !schema.contains_key("$ref") || siblings.is_empty() {
        return None;
    }
    let reference = schema.shift_remove("$ref")?;
    let mut members = vec![json!({ "$ref": reference })];
    if let Some(Value::Array(others)) = schema.shift_remove("allOf") {
        members.extend(others);
    }
    schema.shift_insert(0, "allOf".to_owned(), members.into());
    Some(Effect::exact(format!("`$ref` with {siblings} beside it became `allOf`")).at("$ref"))
}

#[cfg(test)]
mod tests {
    use super::super::tests::table;
    use super::*;

    #[test]
    fn keywords_beside_a_reference_are_kept() {
        table(&[
            (json!({ "$ref": "#/a" }), json!({ "$ref": "#/a" }), &[]),
            (
                json!({ "$ref": "#/a", "description": "d", "default": 1 }),
                json!({ "allOf": [{ "$ref": "#/a" }], "description": "d", "default": 1 }),
                &["reference-siblings"],
            ),
            (
                json!({ "$ref": "#/a", "maxLength": 3, "allOf": [{ "pattern": "^a" }] }),
                json!({ "allOf": [{ "$ref": "#/a" }, { "pattern": "^a" }], "maxLength": 3 }),
                &["reference-siblings"],
            ),
            (json!({ "$ref": "#/a", "contains": {} }), json!({ "$ref": "#/a" }), &["lost-assertion!"]),
        ]);
    }

    #[test]
    fn keywords_that_repeat_the_target_are_dropped() {
        table(&[
            (
                json!({ "$ref": "#/a", "type": "string", "minLength": 1 }),
                json!({ "$ref": "#/a" }),
                &["repeated-constraint"],
            ),
            (
                json!({ "$ref": "#/a", "type": "string", "minLength": 2, "title": "t" }),
                json!({ "allOf": [{ "$ref": "#/a" }], "minLength": 2, "title": "t" }),
                &["repeated-constraint", "reference-siblings"],
            ),
        ]);
        assert!(is_part("required", &json!(["a"]), &json!(["a", "b"])));
        assert!(!is_part("required", &json!(["c"]), &json!(["a", "b"])));
    }
}
