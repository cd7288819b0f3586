//! Alternatives: `oneOf` and `anyOf` become one `oneOf` of types.

use std::collections::HashMap;

use openapi::reference::{referred, resolve};
use serde_json::{Map, Value, json};

use super::annotations::{is_annotation, is_wrapper};
use super::bases;
use super::context::Context;
use super::merge_losses::Losses;
use super::note::Note;
use crate::rule::Adapted;
use crate::shape::UNION;

type Schema = Map<String, Value>;

/// An alternative, and the values of a discriminator that select it.
type Member = (Value, Vec<String>);

/// Rule `alternatives`: merges shared constraints into each alternative; keeps at least two, the most specific first.
pub(super) fn alternatives(context: &mut Context<'_>, schema: &mut Schema, pointer: &str, done: &mut Adapted) {
    let document = context.document;
    let one = schema.shift_remove("oneOf").and_then(|value| value.as_array().cloned()).unwrap_or_default();
    let any = schema.shift_remove("anyOf").and_then(|value| value.as_array().cloned()).unwrap_or_default();
    let noted = schema.shift_remove(UNION);
    let discriminator = schema.shift_remove("discriminator");
    let is_any = one.is_empty();
    let note = Note::new(is_any, discriminator.as_ref(), noted);
    if !is_any && !any.is_empty() {
        done.lost("alternatives", pointer, "`anyOf` beside `oneOf` was dropped");
    }
    let members = if is_any { any } else { one };
    let base = schema.iter().filter(|(key, _)| !is_annotation(key)).map(|(key, value)| (key.clone(), value.clone()));
    let base = base.collect::<Schema>();
    let only_type = base.keys().all(|key| key == "type");
    if !base.is_empty() && members.iter().all(|member| is_requirement(document, member)) {
        done.lost(
            "alternatives",
            pointer,
            "combinations of members are not checked: the alternatives only require members",
        );
        return;
    }
    let texts = schema.iter().filter(|(key, _)| is_annotation(key)).map(|(key, value)| (key.clone(), value.clone()));
    *schema = texts.collect();
    let tags = note.tags(&members);
    let mut members = members.into_iter().zip(tags).collect::<Vec<Member>>();
    if !base.is_empty() {
        members = members
            .into_iter()
            .filter_map(|(member, tags)| {
                if only_type && referred(&member).is_some() {
                    return Some((member, tags));
                }
                merged(context, &base, &member, pointer, done).map(|flat| (flat, tags))
            })
            .collect();
        if !only_type {
            done.applied("alternatives", pointer, "the shared constraints were copied into each alternative");
        }
    }
    nullable_members(&mut members, schema);
    let distinct = distinct(members);
    match distinct.as_slice() {
        [] => {}
        [(only, _)] => {
            let only = only.clone();
            if referred(&only).is_some() {
                schema.insert("allOf".to_owned(), json!([only]));
            } else if let Value::Object(only) = only {
                for (key, value) in only {
                    schema.entry(key).or_insert(value);
                }
            }
        }
        _ => {
            let mut ordered = distinct.clone();
            ordered.sort_by_cached_key(|(member, _)| rank(document, member));
            if ordered != distinct {
                done.applied(
                    "alternatives",
                    pointer,
                    "the alternatives with the most constraints come first, so that none hides another",
                );
            }
            schema.extend(note.written(ordered.iter().map(|(_, tags)| tags)).map(|note| (UNION.to_owned(), note)));
            schema.insert("oneOf".to_owned(), ordered.into_iter().map(|(member, _)| member).collect());
        }
    }
}

/// An alternative together with the constraints beside all alternatives; `None` if no value is of both.
fn merged(
    context: &mut Context<'_>,
    base: &Schema,
    member: &Value,
    pointer: &str,
    done: &mut Adapted,
) -> Option<Value> {
    let mut losses = Losses::default();
    let Some(mut flat) = context.merger.flatten(&json!({ "allOf": [base, member] }), &mut losses) else {
        done.lost("alternatives", pointer, "an alternative that matches no value was dropped");
        return None;
    };
    if bases::leads_to(member, &context.circular) && bases::drop_alternatives(&mut flat) {
        done.lost("alternatives", pointer, "alternatives that refer back to this schema were dropped");
    }
    if let Some(description) = member.get("description") {
        flat.insert("description".to_owned(), description.clone());
    }
    losses.0.into_iter().for_each(|loss| done.lost("alternatives", pointer, loss));
    Some(flat.into())
}

/// The alternatives, each once.
fn distinct(members: Vec<Member>) -> Vec<Member> {
    let mut places: HashMap<Value, usize> = HashMap::new();
    let mut distinct: Vec<Member> = Vec::new();
    for (member, tags) in members {
        match places.get(&member) {
            Some(place) => distinct[*place].1.extend(tags),
            None => {
                places.insert(member.clone(), distinct.len());
                distinct.push((member, tags));
            }
        }
    }
    distinct
}

/// Moves `nullable` of an alternative to the whole schema.
fn nullable_members(members: &mut Vec<Member>, schema: &mut Schema) {
    for member in members.iter_mut().filter_map(|(member, _)| member.as_object_mut()) {
        if member.shift_remove("nullable") == Some(Value::Bool(true)) {
            schema.insert("nullable".to_owned(), true.into());
        }
        if is_wrapper(member)
            && let Some(Value::Array(mut all)) = member.get("allOf").cloned()
            && let Some(Value::Object(only)) = all.pop()
        {
            *member = only;
        }
    }
    let null = |member: &Value| {
        member
            .get("enum")
            .and_then(Value::as_array)
            .is_some_and(|values| values.iter().all(Value::is_null) && !values.is_empty())
    };
    if members.iter().any(|(member, _)| null(member)) {
        members.retain(|(member, _)| !null(member));
        schema.insert("nullable".to_owned(), true.into());
    }
}

/// Whether a schema only requires members.
fn is_requirement(document: &Value, member: &Value) -> bool {
    let Some(member) = resolve(document, member).and_then(Value::as_object) else { return false };
    let empty = |key: &str| {
        member.get(key).and_then(Value::as_object).is_none_or(|it| {
            it.values().all(|inner| inner.as_object().is_some_and(|inner| inner.keys().all(|key| is_annotation(key))))
        })
    };
    member.keys().all(|key| is_annotation(key) || matches!(key.as_str(), "required" | "properties" | "type"))
        && (member.contains_key("required") || member.is_empty())
        && empty("properties")
        && member.get("type").is_none_or(|kind| kind == "object")
}

const OBJECT: u8 = 7;

/// The sort key of an alternative: the most constraints first.
fn rank(document: &Value, member: &Value) -> (u8, i64, i64) {
    let Some(schema) = resolve(document, member).and_then(Value::as_object) else { return (10, 0, 0) };
    let length = |key: &str| {
        let value = schema.get(key);
        let count =
            value.and_then(Value::as_array).map(Vec::len).or_else(|| value.and_then(Value::as_object).map(Map::len));
        -i64::try_from(count.unwrap_or_default()).unwrap_or_default()
    };
    let kind = match schema.get("type").and_then(Value::as_str) {
        Some("boolean") => 0,
        Some("integer") => 1,
        Some("number") => 2,
        Some("string") if schema.contains_key("enum") => 3,
        Some("string") if schema.contains_key("format") => 4,
        Some("string") => 5,
        Some("array") => 6,
        Some("object") if schema.contains_key("properties") => OBJECT,
        Some("object") => 8,
        _ if schema.contains_key("properties") => OBJECT,
        _ if schema.is_empty() => 10,
        _ => OBJECT,
    };
    (kind, length("required"), if kind == OBJECT && length("required") == 0 { length("properties") } else { 0 })
}
