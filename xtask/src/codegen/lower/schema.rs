//! Rules for schemas, one function each.

use serde_json::{Map, Value, json};

use super::Row;
use super::document::names;

/// What a rule did, if it did something.
type Done = Option<String>;
type Schema = Map<String, Value>;

/// Applies the rules to one schema whose own subschemas have been lowered already.
pub(super) fn apply(value: &mut Value, pointer: &str, rows: &mut Vec<Row>) {
    let Some(schema) = value.as_object_mut() else { return };
    let mut did = |rule: &'static str, loses_meaning: bool, done: Done| {
        rows.extend(done.map(|note| Row { rule, pointer: pointer.to_owned(), loses_meaning, note }));
    };
    did("schema-identity", false, identity(schema));
    if schema.contains_key("$ref") {
        did("reference-siblings", schema.contains_key("default"), reference_siblings(schema));
        return;
    }
    did("nullable-honoured", false, nullable_honoured(schema));
    did("examples", false, examples(schema));
    did("null-type", false, null_type(schema));
    did("null-member", false, null_member(schema));
    did("const", false, constant(schema));
    did("exclusive-minimum", false, exclusive(schema, "minimum", "exclusiveMinimum", |limit, other| limit >= other));
    did("exclusive-maximum", false, exclusive(schema, "maximum", "exclusiveMaximum", |limit, other| limit <= other));
}

/// `$schema`, `$id` and `$comment` say nothing about an instance.
fn identity(schema: &mut Schema) -> Done {
    let dropped = ["$schema", "$id", "$comment"].map(str::to_owned).into_iter();
    let dropped = dropped.filter(|key| schema.shift_remove(key).is_some()).collect::<Vec<_>>();
    (!dropped.is_empty()).then(|| format!("{} was dropped: it describes no value", names(dropped.iter())))
}

/// 3.0 ignores everything beside `$ref`; only annotations get here, see `unsupported`.
fn reference_siblings(schema: &mut Schema) -> Done {
    let dropped = names(schema.keys().filter(|key| *key != "$ref"));
    schema.retain(|key, _| key == "$ref");
    (!dropped.is_empty()).then(|| format!("{dropped} beside `$ref` fell away; the type has its own description"))
}

/// `nullable` is no keyword of 3.1, but those who write it mean it.
fn nullable_honoured(schema: &mut Schema) -> Done {
    (schema.get("nullable") == Some(&Value::Bool(true)))
        .then(|| "`nullable` means nothing in 3.1; it was taken at its word".to_owned())
}

/// `examples: [a, b]` becomes `example: a`.
fn examples(schema: &mut Schema) -> Done {
    let examples = schema.shift_remove("examples")?;
    let list = examples.as_array().cloned().unwrap_or_default();
    let count = list.len();
    if let (Some(first), false) = (list.into_iter().next(), schema.contains_key("example")) {
        schema.insert("example".to_owned(), first);
    }
    Some(format!("of {count} `examples` the first became `example`"))
}

/// `type: [T]` becomes `type: T`, `type: [T, "null"]` becomes `type: T` with `nullable`.
fn null_type(schema: &mut Schema) -> Done {
    let types = schema.get("type")?.as_array()?;
    let nullable = types.iter().any(|name| name == "null");
    let mut others = types.iter().filter(|name| *name != "null").cloned();
    let (Some(only), None) = (others.next(), others.next()) else {
        return None;
    };
    let note = format!("a list of types became `type: {}`", only.as_str().unwrap_or_default());
    schema.insert("type".to_owned(), only);
    if !nullable {
        return Some(note);
    }
    schema.insert("nullable".to_owned(), true.into());
    Some(format!("{note} with `nullable`"))
}

/// A member `type: null` of `anyOf` or `oneOf` becomes `nullable`; a single member that is left moves up.
fn null_member(schema: &mut Schema) -> Done {
    let is_null = |member: &Value| member.as_object().is_some_and(is_null_only);
    let key = ["anyOf", "oneOf"]
        .into_iter()
        .find(|key| schema.get(*key).and_then(Value::as_array).is_some_and(|members| members.iter().any(is_null)))?;
    let mut members = schema.get(key)?.as_array()?.clone();
    members.retain(|member| !is_null(member));
    if members.is_empty() {
        return None;
    }
    schema.insert("nullable".to_owned(), true.into());
    let [only] = members.as_slice() else {
        schema.insert(key.to_owned(), members.into());
        return Some(format!("the null member of `{key}` became `nullable`"));
    };
    schema.shift_remove(key);
    match only.as_object() {
        Some(only) if !only.contains_key("$ref") && !only.keys().any(|key| clashes(schema, key)) => {
            for (key, value) in only {
                schema.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
        _ if !schema.contains_key("allOf") => {
            schema.insert("allOf".to_owned(), json!([only]));
        }
        _ => {
            schema.insert(key.to_owned(), json!([only]));
        }
    }
    Some(format!("the null member of `{key}` became `nullable`, the other one moved up"))
}

fn is_null_only(member: &Schema) -> bool {
    let annotation = |key: &String| matches!(key.as_str(), "description" | "title");
    member.get("type").is_some_and(|name| name == "null") && member.keys().all(|key| key == "type" || annotation(key))
}

/// Whether moving a member up would change what the schema above says; its texts win over the member's.
fn clashes(schema: &Schema, key: &str) -> bool {
    schema.contains_key(key) && !matches!(key, "description" | "title" | "example" | "nullable" | "deprecated")
}

/// `const: v` becomes an `enum` of one value, its type inferred if the schema does not say it.
fn constant(schema: &mut Schema) -> Done {
    if schema.get("const")?.is_null() {
        return None;
    }
    let value = schema.shift_remove("const")?;
    if !schema.contains_key("type") {
        let name = match &value {
            Value::Bool(_) => Some("boolean"),
            Value::Number(number) if number.is_f64() => Some("number"),
            Value::Number(_) => Some("integer"),
            Value::String(_) => Some("string"),
            _ => None,
        };
        if let Some(name) = name {
            schema.insert("type".to_owned(), name.into());
        }
    }
    let note = format!("`const` became an `enum` of the one value {value}");
    schema.insert("enum".to_owned(), json!([value]));
    Some(note)
}

/// A limit of its own becomes the limit with a mark beside it; of two limits the stricter stays.
fn exclusive(schema: &mut Schema, key: &str, exclusive: &str, stricter: fn(f64, f64) -> bool) -> Done {
    let limit = schema.get(exclusive).filter(|limit| limit.is_number()).cloned()?;
    let inclusive = schema.get(key).and_then(Value::as_f64);
    let wins = match (limit.as_f64(), inclusive) {
        (Some(limit), Some(inclusive)) => stricter(limit, inclusive),
        _ => true,
    };
    if wins {
        schema.insert(key.to_owned(), limit);
        schema.insert(exclusive.to_owned(), true.into());
    } else {
        schema.shift_remove(exclusive);
    }
    Some(format!("the number in `{exclusive}` became the form of 3.0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[(Value, Value, &[&str])]) {
        for (before, after, rules) in rows {
            let mut value = before.clone();
            let mut report = Vec::new();
            apply(&mut value, "/x", &mut report);
            assert_eq!(value, *after, "{before}");
            assert_eq!(report.iter().map(|row| row.rule).collect::<Vec<_>>(), *rules, "{before}");
            assert!(report.iter().all(|row| row.pointer == "/x"));
        }
    }

    #[test]
    fn identity_keywords_are_dropped() {
        table(&[(
            json!({ "$schema": "s", "$id": "i", "$comment": "c", "type": "string" }),
            json!({ "type": "string" }),
            &["schema-identity"],
        )]);
    }

    #[test]
    fn annotations_beside_a_reference_fall_away() {
        table(&[
            (json!({ "$ref": "#/a" }), json!({ "$ref": "#/a" }), &[]),
            (json!({ "$ref": "#/a", "description": "d" }), json!({ "$ref": "#/a" }), &["reference-siblings"]),
        ]);
        let mut report = Vec::new();
        apply(&mut json!({ "$ref": "#/a", "default": 1 }), "/x", &mut report);
        assert!(report[0].loses_meaning);
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
    fn a_list_of_types_becomes_one_type() {
        table(&[
            (json!({ "type": ["string"] }), json!({ "type": "string" }), &["null-type"]),
            (json!({ "type": ["string", "null"] }), json!({ "type": "string", "nullable": true }), &["null-type"]),
            (
                json!({ "type": ["null", "array"], "items": {} }),
                json!({ "type": "array", "items": {}, "nullable": true }),
                &["null-type"],
            ),
            (json!({ "type": ["string", "integer"] }), json!({ "type": ["string", "integer"] }), &[]),
        ]);
    }

    #[test]
    fn a_null_member_becomes_nullable() {
        let nothing = json!({ "type": "null" });
        table(&[
            (
                json!({ "anyOf": [{ "$ref": "#/a" }, nothing], "description": "d" }),
                json!({ "description": "d", "nullable": true, "allOf": [{ "$ref": "#/a" }] }),
                &["null-member"],
            ),
            (
                json!({ "oneOf": [nothing, { "type": "string", "description": "inner" }], "description": "outer" }),
                json!({ "description": "outer", "nullable": true, "type": "string" }),
                &["null-member"],
            ),
            (
                json!({ "oneOf": [{ "$ref": "#/a" }, { "$ref": "#/b" }, nothing] }),
                json!({ "oneOf": [{ "$ref": "#/a" }, { "$ref": "#/b" }], "nullable": true }),
                &["null-member"],
            ),
            (
                json!({ "anyOf": [{ "properties": { "b": {} } }, nothing], "properties": { "a": {} } }),
                json!({ "properties": { "a": {} }, "nullable": true, "allOf": [{ "properties": { "b": {} } }] }),
                &["null-member"],
            ),
            (json!({ "anyOf": [nothing] }), json!({ "anyOf": [nothing] }), &[]),
        ]);
    }

    #[test]
    fn a_constant_becomes_an_enum_of_one() {
        table(&[
            (json!({ "type": "string", "const": "a" }), json!({ "type": "string", "enum": ["a"] }), &["const"]),
            (json!({ "const": 1 }), json!({ "type": "integer", "enum": [1] }), &["const"]),
            (json!({ "const": 1.5 }), json!({ "type": "number", "enum": [1.5] }), &["const"]),
            (json!({ "const": true }), json!({ "type": "boolean", "enum": [true] }), &["const"]),
            (json!({ "const": null }), json!({ "const": null }), &[]),
        ]);
    }

    #[test]
    fn exclusive_limits_take_the_form_of_3_0() {
        table(&[
            (
                json!({ "exclusiveMinimum": 5 }),
                json!({ "minimum": 5, "exclusiveMinimum": true }),
                &["exclusive-minimum"],
            ),
            (
                json!({ "minimum": 5, "exclusiveMinimum": 5 }),
                json!({ "minimum": 5, "exclusiveMinimum": true }),
                &["exclusive-minimum"],
            ),
            (json!({ "minimum": 7, "exclusiveMinimum": 5 }), json!({ "minimum": 7 }), &["exclusive-minimum"]),
            (
                json!({ "exclusiveMaximum": 5 }),
                json!({ "maximum": 5, "exclusiveMaximum": true }),
                &["exclusive-maximum"],
            ),
            (json!({ "maximum": 3, "exclusiveMaximum": 5 }), json!({ "maximum": 3 }), &["exclusive-maximum"]),
            (json!({ "minimum": 1, "exclusiveMinimum": true }), json!({ "minimum": 1, "exclusiveMinimum": true }), &[]),
        ]);
    }

    #[test]
    fn nullable_in_3_1_is_honoured_and_told() {
        table(&[(
            json!({ "type": "string", "nullable": true }),
            json!({ "type": "string", "nullable": true }),
            &["nullable-honoured"],
        )]);
    }
}
