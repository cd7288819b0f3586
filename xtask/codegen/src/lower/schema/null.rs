//! Rules for members that accept only `null`.
//!
//! `nullable: true` is read as tools read it: `null` is accepted, whatever else the schema says. So it is written only
//! where the schema as a whole accepted `null`.

use serde_json::{Value, json};

use super::acceptance::accepts;
use super::effect::{Done, Effect, Schema, conjoin, is_annotation};
use super::place::Place;

/// Rule `null-member` for `anyOf`.
pub(super) fn any_of(schema: &mut Schema, place: Place<'_>) -> Done {
    member(schema, "anyOf", place)
}

/// Rule `null-member` for `oneOf`.
pub(super) fn one_of(schema: &mut Schema, place: Place<'_>) -> Done {
    member(schema, "oneOf", place)
}

/// A member that accepts `null` and nothing else becomes `nullable`; a single member that is left moves up.
fn member(schema: &mut Schema, key: &'static str, place: Place<'_>) -> Done {
    let members = schema.get(key)?.as_array()?.clone();
    let (nulls, others): (Vec<_>, Vec<_>) = members.iter().enumerate().partition(|(_, member)| is_null_only(member));
    if nulls.is_empty() {
        return None;
    }
    let accepted = place.accepts_null();
    let also = |index: usize| accepts(place.source, place.memo, &format!("{}/{key}/{index}", place.pointer));
    let blurred = key == "oneOf" && others.iter().filter(|(index, _)| also(*index)).count() == 1;
    let others = others.into_iter().map(|(_, member)| member.clone()).collect::<Vec<_>>();
    let became = if accepted { "became `nullable`" } else { "was dropped: another keyword excludes `null`" };
    let mut note = format!("the null member of `{key}` {became}");
    if others.is_empty() {
        only_null(schema, accepted);
    } else {
        if accepted {
            nullable(schema);
        }
        if others.len() == 1 {
            schema.shift_remove(key);
            move_up(schema, others.into_iter().next().unwrap_or_default(), accepted);
            note.push_str(", the other one moved up");
        } else {
            schema.insert(key.to_owned(), others.into());
        }
    }
    let effect = if blurred {
        Effect::wider(format!("{note}; `null` matched two members, which `oneOf` rejects, and is accepted now"))
    } else {
        Effect::exact(note)
    };
    Some(effect.at(key))
}

fn is_null_only(member: &Value) -> bool {
    let Some(member) = member.as_object() else { return false };
    let nulls = member.get("enum").and_then(Value::as_array).is_some_and(|list| list == &[Value::Null]);
    nulls
        && member.get("nullable") == Some(&Value::Bool(true))
        && member.keys().all(|key| matches!(key.as_str(), "enum" | "nullable") || is_annotation(key))
}

/// Makes a schema accept `null`; readers of `enum` differ in whether it has to list it.
pub(super) fn nullable(schema: &mut Schema) {
    schema.insert("nullable".to_owned(), true.into());
    let list = schema.get_mut("enum").and_then(Value::as_array_mut);
    if let Some(list) = list.filter(|list| !list.contains(&Value::Null)) {
        list.push(Value::Null);
    }
}

/// Makes a schema accept `null` alone, or nothing.
pub(super) fn only_null(schema: &mut Schema, accepted: bool) {
    schema.retain(|key, _| is_annotation(key));
    if accepted {
        schema.insert("nullable".to_owned(), true.into());
        schema.insert("enum".to_owned(), json!([null]));
    } else {
        schema.insert("not".to_owned(), json!({}));
    }
}

/// Makes the only member a part of the schema, if what they say does not interfere.
fn move_up(schema: &mut Schema, member: Value, accepted: bool) {
    match member {
        Value::Object(member) if !member.contains_key("$ref") && !interferes(schema, &member, accepted) => {
            for (key, value) in member {
                schema.entry(key).or_insert(value);
            }
            if accepted {
                nullable(schema);
            }
        }
        member => conjoin(schema, member),
    }
}

/// Whether moving a member up would change what one of them says; the texts of the schema win over the member's.
fn interferes(schema: &Schema, member: &Schema, accepted: bool) -> bool {
    const TOGETHER: [&[&str]; 4] = [
        &["properties", "additionalProperties"],
        &["items", "maxItems"],
        &["minimum", "exclusiveMinimum"],
        &["maximum", "exclusiveMaximum"],
    ];
    let has = |object: &Schema, keys: &[&str]| keys.iter().any(|key| object.contains_key(*key));
    let clashes = |key: &String| schema.contains_key(key) && !is_annotation(key) && key != "nullable";
    member.keys().any(clashes)
        || TOGETHER.iter().any(|keys| has(schema, keys) && has(member, keys))
        || !accepted && member.contains_key("nullable")
}

#[cfg(test)]
mod tests {
    use super::super::tests::table;
    use super::*;
    use crate::lower::schema::acceptance::Memo;

    #[test]
    fn whether_null_is_accepted_is_known_exactly() {
        let text = json!({ "type": "string" });
        let maybe = json!({ "type": ["string", "null"] });
        for (schema, accepted) in [
            (json!(true), true),
            (json!(false), false),
            (json!({ "minLength": 1 }), true),
            (text.clone(), false),
            (maybe.clone(), true),
            (json!({ "enum": ["a", null] }), true),
            (json!({ "type": ["string", "null"], "enum": ["a"] }), false),
            (json!({ "const": null }), true),
            (json!({ "const": 1 }), false),
            (json!({ "allOf": [maybe, text] }), false),
            (json!({ "anyOf": [maybe, text] }), true),
            (json!({ "oneOf": [maybe, { "type": "null" }] }), false),
            (json!({ "not": { "type": "null" } }), false),
            (json!({ "if": { "type": "null" }, "then": false }), false),
            (json!({ "if": text, "else": text }), false),
            (json!({ "$ref": "#/b" }), true),
            (json!({ "$ref": "#/c" }), false),
            (json!({ "$ref": "#/a" }), true),
        ] {
            let document = json!({ "a": schema, "b": maybe, "c": text });
            assert_eq!(accepts(&document, &Memo::default(), "/a"), accepted, "{schema}");
        }
    }

    #[test]
    fn a_null_member_becomes_nullable() {
        let nothing = json!({ "nullable": true, "enum": [null] });
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
                json!({ "oneOf": [{ "$ref": "#/a" }, { "type": "integer" }, nothing] }),
                json!({ "oneOf": [{ "$ref": "#/a" }, { "type": "integer" }], "nullable": true }),
                &["null-member"],
            ),
            (
                json!({ "anyOf": [{ "enum": ["a"] }, nothing] }),
                json!({ "nullable": true, "enum": ["a", null] }),
                &["null-member"],
            ),
            (json!({ "anyOf": [nothing] }), json!({ "nullable": true, "enum": [null] }), &["null-member"]),
        ]);
    }

    #[test]
    fn a_member_that_would_interfere_stays_below() {
        let nothing = json!({ "nullable": true, "enum": [null] });
        let closed = json!({ "properties": { "b": {} }, "additionalProperties": false });
        table(&[
            (
                json!({ "anyOf": [closed, nothing], "properties": { "a": {} } }),
                json!({ "properties": { "a": {} }, "nullable": true, "allOf": [closed] }),
                &["null-member"],
            ),
            (
                json!({ "anyOf": [{ "minLength": 1 }, nothing], "type": "string" }),
                json!({ "minLength": 1, "type": "string" }),
                &["null-member"],
            ),
            (json!({ "oneOf": [{ "minLength": 1 }, nothing] }), json!({ "minLength": 1 }), &["null-member!"]),
        ]);
    }
}
