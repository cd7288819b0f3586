//! Assertions that 3.0 cannot make.

use serde_json::Value;

use super::effect::{Effect, Schema, is_annotation, is_any};
use super::place::Place;

/// Rule `lost-assertion`: `unevaluated…` beside something that evaluates in its turn.
pub(super) fn unevaluated(schema: &mut Schema, _: Place<'_>) -> Vec<Effect> {
    const COMPOSING: [&str; 8] = ["$ref", "allOf", "anyOf", "oneOf", "not", "if", "dependentSchemas", "$recursiveRef"];
    let composes = COMPOSING.iter().any(|key| schema.contains_key(*key));
    let mut effects = Vec::new();
    for (key, base, others) in
        [("unevaluatedProperties", "additionalProperties", None), ("unevaluatedItems", "items", Some("contains"))]
    {
        let composes = composes || others.is_some_and(|other| schema.contains_key(other));
        let Some(value) = schema.get(key) else { continue };
        // A reader may keep properties that `additionalProperties: {}` speaks of, and ignore them without it.
        let is_kept = is_any(value) && key == "unevaluatedProperties" && !schema.contains_key(base);
        if is_kept {
            continue;
        }
        if is_any(value) || schema.contains_key(base) {
            schema.shift_remove(key);
            effects.push(Effect::exact(format!("`{key}` was dropped: it has no effect")).at(key));
        } else if composes {
            schema.shift_remove(key);
            effects.push(lost(key));
        }
    }
    effects
}

/// Rule `lost-assertion`: `contains`, `minContains` and `maxContains`.
pub(super) fn contains(schema: &mut Schema, _: Place<'_>) -> Vec<Effect> {
    let least = schema.shift_remove("minContains");
    let most = schema.shift_remove("maxContains");
    match schema.shift_remove("contains") {
        None if least.is_none() && most.is_none() => vec![],
        None => {
            let key = if least.is_some() { "minContains" } else { "maxContains" };
            vec![
                Effect::exact("`minContains` and `maxContains` were dropped: they have no effect without `contains`")
                    .at(key),
            ]
        }
        Some(_) if most.is_none() && least.and_then(|least| least.as_u64()) == Some(0) => {
            vec![Effect::exact("`contains` was dropped: it has no effect with `minContains: 0`").at("contains")]
        }
        Some(_) => vec![lost("contains")],
    }
}

/// Rule `lost-assertion`: `propertyNames`, unless it only requires strings.
pub(super) fn property_names(schema: &mut Schema, _: Place<'_>) -> Vec<Effect> {
    let Some(names) = schema.shift_remove("propertyNames") else { return vec![] };
    let vacuous = |names: &Schema| {
        names.iter().all(|(key, value)| is_annotation(key) || key == "type" && (value == "string" || is_in(value)))
    };
    if is_any(&names) || names.as_object().is_some_and(vacuous) {
        return vec![Effect::exact("`propertyNames` was dropped: every name is a string").at("propertyNames")];
    }
    vec![lost("propertyNames")]
}

fn is_in(types: &Value) -> bool {
    types.as_array().is_some_and(|types| types.iter().any(|name| name == "string"))
}

/// Rule `lost-assertion`: `dependentRequired` and `dependentSchemas`.
pub(super) fn dependent(schema: &mut Schema, _: Place<'_>) -> Vec<Effect> {
    let mut effects = Vec::new();
    for key in ["dependentRequired", "dependentSchemas"] {
        match schema.shift_remove(key) {
            Some(Value::Object(map)) if map.is_empty() => {
                effects.push(Effect::exact(format!("`{key}` was dropped: it is empty")).at(key));
            }
            Some(_) => effects.push(lost(key)),
            None => {}
        }
    }
    effects
}

/// Rule `lost-assertion`: `if`, `then` and `else`.
pub(super) fn conditions(schema: &mut Schema, _: Place<'_>) -> Vec<Effect> {
    let [condition, then, otherwise] = ["if", "then", "else"].map(|key| schema.shift_remove(key).is_some());
    match (condition, then, otherwise) {
        (true, false, false) => {
            vec![Effect::exact("`if` was dropped: it has no effect without `then` and `else`").at("if")]
        }
        (true, ..) => vec![lost("if")],
        (false, false, false) => vec![],
        (false, then, _) => {
            let key = if then { "then" } else { "else" };
            vec![Effect::exact("`then` and `else` were dropped: they have no effect without `if`").at(key)]
        }
    }
}

fn lost(key: &'static str) -> Effect {
    let what = if key == "if" { "`if`, `then` and `else`" } else { &format!("`{key}`") };
    Effect::wider(format!("{what} was dropped: 3.0 cannot express it, and values are not checked against it")).at(key)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::table;

    #[test]
    fn what_cannot_be_said_is_a_loss() {
        for schema in [
            json!({ "contains": {} }),
            json!({ "contains": {}, "minContains": 0, "maxContains": 2 }),
            json!({ "propertyNames": { "pattern": "^a" } }),
            json!({ "dependentRequired": { "a": ["b"] } }),
            json!({ "dependentSchemas": { "a": {} } }),
            json!({ "if": {}, "then": {} }),
            json!({ "if": {}, "else": {} }),
        ] {
            table(&[(schema, json!({}), &["lost-assertion!"])]);
        }
        table(&[
            (json!({ "unevaluatedProperties": false, "allOf": [{}] }), json!({ "allOf": [{}] }), &["lost-assertion!"]),
            (json!({ "unevaluatedItems": false, "contains": {} }), json!({}), &["lost-assertion!", "lost-assertion!"]),
        ]);
    }

    #[test]
    fn what_says_nothing_is_none() {
        for schema in [
            json!({ "minContains": 2 }),
            json!({ "contains": {}, "minContains": 0 }),
            json!({ "propertyNames": { "type": "string", "description": "d" } }),
            json!({ "propertyNames": true }),
            json!({ "dependentRequired": {} }),
            json!({ "if": {} }),
            json!({ "then": {}, "else": {} }),
            json!({ "unevaluatedItems": true }),
        ] {
            table(&[(schema, json!({}), &["lost-assertion"])]);
        }
        let both = json!({ "unevaluatedProperties": true, "additionalProperties": false, "allOf": [{}] });
        table(&[(both, json!({ "additionalProperties": false, "allOf": [{}] }), &["lost-assertion"])]);
    }
}
