//! Rules for `const` and `enum`.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::effect::{Done, Effect, Schema, conjoin, is_annotation};
use super::place::Place;
use super::types::is_a;

/// Rule `const`: `const: v` becomes an `enum` of one value, its type inferred if the schema does not say it.
pub(super) fn constant(schema: &mut Schema, place: Place<'_>) -> Done {
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
        if value.is_null() && place.accepts_null() {
            schema.insert("nullable".to_owned(), true.into());
        }
    }
    let note = format!("`const` became an `enum` of the one value {value}");
    let others = schema.insert("enum".to_owned(), json!([value]));
    if let Some(others) = others.filter(|list| !list.as_array().is_some_and(|list| list.contains(&value))) {
        conjoin(schema, json!({ "enum": others }));
    }
    Some(Effect::exact(note).at("const"))
}

/// Rule `enum-of-consts`: members of one type that accept one value each are one `enum`.
pub(super) fn alternatives(schema: &mut Schema, _: Place<'_>) -> Done {
    if schema.contains_key("enum") || schema.contains_key("discriminator") {
        return None;
    }
    let found = ["oneOf", "anyOf"].into_iter().find_map(|key| {
        let members = schema.get(key)?.as_array().filter(|members| members.len() > 1)?;
        Some((key, members.iter().map(only_value).collect::<Option<Vec<_>>>()?))
    });
    let (key, found) = found?;
    let mut values: Vec<Value> = Vec::new();
    let mut known = HashSet::new();
    for (value, _) in &found {
        match known.insert(comparable(value)) {
            // What matches two members of `oneOf` is not accepted.
            false if key == "oneOf" => return None,
            false => {}
            true => values.push((*value).clone()),
        }
    }
    let kind = found[0].1.map(str::to_owned);
    if found.iter().any(|(_, other)| *other != kind.as_deref()) {
        // One `enum` of several types would have none, and say less than the members do.
        return None;
    }
    let described = found.len();
    if schema.get("nullable") == Some(&Value::Bool(true)) {
        values.push(Value::Null);
    }
    schema.shift_remove(key);
    if let (Some(kind), false) = (kind, schema.contains_key("type")) {
        schema.insert("type".to_owned(), kind.into());
    }
    schema.insert("enum".to_owned(), values.into());
    Some(Effect::exact(format!("`{key}` of {described} constants became one `enum`")).at(key))
}

/// The value and type of a schema that accepts one value that is not `null`.
fn only_value(member: &Value) -> Option<(&Value, Option<&str>)> {
    let member = member.as_object()?;
    let [value] = member.get("enum")?.as_array()?.as_slice() else { return None };
    let kind = member.get("type").and_then(Value::as_str);
    let plain = member.keys().all(|key| matches!(key.as_str(), "enum" | "type") || is_annotation(key));
    (plain && !value.is_null() && kind.is_none_or(|kind| is_a(value, kind))).then_some((value, kind))
}

/// A form of a value that is equal to that of another one if the two are equal in JSON Schema, where `1` is `1.0`.
pub(in crate::lower) fn comparable(value: &Value) -> Value {
    let whole = |number: &f64| number.fract() == 0.0 && number.abs() < 9e15;
    match value.as_f64().filter(whole) {
        #[allow(clippy::cast_possible_truncation, reason = "it is whole and small enough")]
        Some(number) => (number as i64).into(),
        None => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::table;
    use super::*;

    #[test]
    fn a_constant_becomes_an_enum_of_one() {
        table(&[
            (json!({ "type": "string", "const": "a" }), json!({ "type": "string", "enum": ["a"] }), &["const"]),
            (json!({ "const": 1 }), json!({ "type": "integer", "enum": [1] }), &["const"]),
            (json!({ "const": 1.5 }), json!({ "type": "number", "enum": [1.5] }), &["const"]),
            (json!({ "const": true }), json!({ "type": "boolean", "enum": [true] }), &["const"]),
            (json!({ "const": null }), json!({ "nullable": true, "enum": [null] }), &["const"]),
            (json!({ "const": "a", "enum": ["a", "b"] }), json!({ "type": "string", "enum": ["a"] }), &["const"]),
            (
                json!({ "const": "a", "enum": ["b"] }),
                json!({ "type": "string", "enum": ["a"], "allOf": [{ "enum": ["b"] }] }),
                &["const"],
            ),
        ]);
    }

    #[test]
    fn alternatives_of_one_value_each_become_one_enum() {
        let one = |value: &str| json!({ "type": "string", "enum": [value], "description": value });
        table(&[
            (
                json!({ "oneOf": [one("a"), one("b")], "description": "d" }),
                json!({ "type": "string", "enum": ["a", "b"], "description": "d" }),
                &["enum-of-consts"],
            ),
            (
                json!({ "anyOf": [one("a"), one("a"), one("b")] }),
                json!({ "type": "string", "enum": ["a", "b"] }),
                &["enum-of-consts"],
            ),
        ]);
        for untouched in [
            json!({ "oneOf": [one("a"), one("a")] }),
            json!({ "oneOf": [one("a"), { "type": "string" }] }),
            json!({ "oneOf": [one("a")] }),
            json!({ "anyOf": [one("a"), { "type": "integer", "enum": [1] }] }),
            json!({ "anyOf": [one("a"), { "enum": ["b"] }] }),
        ] {
            table(&[(untouched.clone(), untouched, &[])]);
        }
    }
}
