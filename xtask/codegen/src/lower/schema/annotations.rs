//! Rules for keywords that describe a schema and assert nothing.

use serde_json::Value;

use super::effect::WIDENED;
use super::effect::{Done, Effect, Schema, is_annotation};
use super::place::Place;
use crate::lower::unsupported::is_older;
use crate::lower::words::names;

/// Keywords that name a schema, its dialect or its parts; references to them have been resolved before.
const IDENTITY: [&str; 9] = [
    "$schema",
    "$id",
    "$comment",
    "$anchor",
    "$dynamicAnchor",
    "$recursiveAnchor",
    "$vocabulary",
    "$defs",
    "definitions",
];

/// Assertions that 3.0 has, and those of 3.1 that a rule takes.
const ASSERTIONS: [&str; 37] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "contentEncoding",
    "contentMediaType",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "nullable",
    "oneOf",
    "pattern",
    "patternProperties",
    "prefixItems",
    "properties",
    "required",
    "type",
    "unevaluatedItems",
    "unevaluatedProperties",
    "uniqueItems",
    // Without the keyword beside them that they belong to, these say nothing.
    "contains",
    "if",
    "minContains",
    "maxContains",
];

/// Rule `schema-identity`: names of schemas say nothing about a value.
pub(super) fn identity(schema: &mut Schema, _: Place<'_>) -> Vec<Effect> {
    let dropped = IDENTITY.map(str::to_owned).into_iter().filter(|key| schema.shift_remove(key).is_some());
    let dropped = dropped.collect::<Vec<_>>();
    let note = || format!("{} was dropped: it does not constrain values", names(dropped.iter()));
    if dropped.is_empty() { vec![] } else { vec![Effect::exact(note())] }
}

/// Rule `older-dialect`: what an older draft of JSON Schema says is read as 2020-12, which has dropped some keywords.
pub(super) fn older(schema: &mut Schema, _: Place<'_>) -> Vec<Effect> {
    let Some(name) = schema.get("$schema").filter(|name| is_older(name)) else { return vec![] };
    vec![
        Effect::wider(format!("{name} was read as JSON Schema 2020-12, which does not have all of its keywords"))
            .at("$schema"),
    ]
}

/// Rule `unknown-keyword`: what neither version knows says nothing.
pub(super) fn unknown(schema: &mut Schema, _: Place<'_>) -> Vec<Effect> {
    let known = |key: &str| ASSERTIONS.contains(&key) || is_annotation(key) || key == WIDENED;
    let dropped = schema.keys().filter(|key| !known(key)).cloned().collect::<Vec<_>>();
    schema.retain(|key, _| known(key));
    let note = || format!("{} was dropped: it is not a keyword of OpenAPI", names(dropped.iter()));
    if dropped.is_empty() { vec![] } else { vec![Effect::exact(note())] }
}

/// Rule `nullable-honoured`: keeps `nullable`, which is not a keyword of 3.1 but is often written with its meaning in 3.0.
pub(super) fn nullable_honoured(schema: &mut Schema, _: Place<'_>) -> Done {
    (schema.get("nullable") == Some(&Value::Bool(true)))
        .then(|| Effect::exact("warning: `nullable` is not a keyword of 3.1; it was kept").at("nullable"))
}

/// Rule `examples`: `examples: [a, b]` becomes `example: a`.
pub(super) fn examples(schema: &mut Schema, _: Place<'_>) -> Done {
    let examples = schema.shift_remove("examples")?;
    let list = examples.as_array().cloned().unwrap_or_default();
    let count = list.len();
    if let (Some(first), false) = (list.into_iter().next(), schema.contains_key("example")) {
        schema.insert("example".to_owned(), first);
    }
    Some(Effect::exact(format!("the first of {count} `examples` became `example`")).at("examples"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::table;

    #[test]
    fn identity_keywords_are_dropped() {
        table(&[(
            json!({ "$schema": "s", "$id": "i", "$comment": "c", "$anchor": "a", "$defs": {}, "type": "string" }),
            json!({ "type": "string" }),
            &["schema-identity"],
        )]);
    }

    #[test]
    fn unknown_keywords_are_dropped_and_extensions_stay() {
        table(&[(
            json!({ "minlength": 1, "dependencies": {}, "x-mine": 1, "type": "string" }),
            json!({ "x-mine": 1, "type": "string" }),
            &["unknown-keyword"],
        )]);
    }

    #[test]
    fn the_first_example_is_kept() {
        table(&[
            (json!({ "examples": ["a", "b"] }), json!({ "example": "a" }), &["examples"]),
            (json!({ "examples": ["a"], "example": "z" }), json!({ "example": "z" }), &["examples"]),
            (json!({ "examples": [] }), json!({}), &["examples"]),
        ]);
    }

    #[test]
    fn nullable_in_3_1_is_honoured_and_told() {
        let schema = json!({ "type": "string", "nullable": true });
        table(&[(schema.clone(), schema, &["nullable-honoured"])]);
    }
}
