//! Compositions: the parts of `allOf` become one schema; alternatives become an enum.

use std::collections::{BTreeSet, HashSet};

use openapi::reference::{referred, resolve};
use openapi::walk::{self, NodeKind};
use serde_json::{Map, Value, json};

use super::annotations::{is_annotation, is_wrapper};
use super::bases;
use super::merge::Merger;
use super::merge_losses::Losses;
use crate::rule::Adapted;

type Schema = Map<String, Value>;

/// How often the result of a merge is merged again.
const MAX_MERGE_DEPTH: usize = 6;

/// The lookups of the rules.
struct Context<'a> {
    /// The document before the rules.
    document: &'a Value,
    /// The schemas whose parts or alternatives refer back to them.
    circular: BTreeSet<String>,
    /// The merger.
    merger: Merger<'a>,
}

/// Applies the rules of compositions.
pub(super) fn apply(value: &mut Value, done: &mut Adapted) {
    let snapshot = value.clone();
    let mut context = Context { document: &snapshot, circular: bases::circular(value), merger: Merger::new(&snapshot) };
    walk::change(value, NodeKind::Document, "", &mut |inner, node, pointer| {
        if node == NodeKind::Schema {
            normalize(&mut context, inner, pointer, done, 0);
        }
    });
}

fn normalize(context: &mut Context<'_>, inner: &mut Value, pointer: &str, done: &mut Adapted, depth: usize) {
    let Some(schema) = inner.as_object_mut().filter(|schema| !schema.contains_key("$ref")) else { return };
    annotations_only(schema);
    if depth >= MAX_MERGE_DEPTH {
        bases::cut(schema, pointer, done);
    }
    if schema.contains_key("allOf") && !is_wrapper(schema) {
        all_of(context, schema, pointer, done);
    }
    if schema.contains_key("anyOf") || schema.contains_key("oneOf") {
        alternatives(context, schema, pointer, done);
    }
    // The result of a merge has not been visited yet.
    for member in schema.get_mut("oneOf").and_then(Value::as_array_mut).into_iter().flatten() {
        normalize(context, member, pointer, done, depth + 1);
    }
    for property in
        schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flat_map(|it| it.values_mut())
    {
        normalize(context, property, pointer, done, depth + 1);
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = schema.get_mut(key) {
            normalize(context, inner, pointer, done, depth + 1);
        }
    }
}

/// Removes parts without constraints.
fn annotations_only(schema: &mut Schema) {
    if let Some(all) = schema.get_mut("allOf").and_then(Value::as_array_mut) {
        let empty = |part: &Value| part.as_object().is_some_and(|part| part.keys().all(|key| is_annotation(key)));
        let mut texts = Schema::new();
        for part in all.iter().filter(|part| empty(part)) {
            texts.extend(part.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())));
        }
        all.retain(|part| !empty(part));
        if all.is_empty() {
            schema.shift_remove("allOf");
        }
        for (key, value) in texts {
            schema.entry(key).or_insert(value);
        }
    }
}

/// Rule `all-of`: merges all parts into one schema.
fn all_of(context: &mut Context<'_>, schema: &mut Schema, pointer: &str, done: &mut Adapted) {
    let count = schema.get("allOf").and_then(Value::as_array).map_or(0, Vec::len);
    let mut losses = Losses::default();
    let whole = Value::Object(schema.clone());
    match context.merger.flatten(&whole, &mut losses) {
        Some(merged) => {
            *schema = merged;
            if losses.0.is_empty() {
                done.applied("all-of", pointer, format!("{count} parts became one type"));
            } else {
                let losses = losses.0.into_iter().collect::<Vec<_>>().join("; ");
                done.lost("all-of", pointer, format!("{count} parts became one type: {losses}"));
            }
        }
        None => {
            schema.retain(|key, _| is_annotation(key));
            schema.shift_remove("default");
            done.lost("all-of", pointer, "no value matches all parts at once; the schema accepts any JSON");
        }
    }
}

/// Rule `alternatives`: merges shared constraints into each alternative; keeps at least two, the most specific first.
fn alternatives(context: &mut Context<'_>, schema: &mut Schema, pointer: &str, done: &mut Adapted) {
    let document = context.document;
    let one = schema.shift_remove("oneOf").and_then(|value| value.as_array().cloned()).unwrap_or_default();
    let any = schema.shift_remove("anyOf").and_then(|value| value.as_array().cloned()).unwrap_or_default();
    schema.shift_remove("discriminator");
    let is_any = one.is_empty();
    let mut members = if is_any { any.clone() } else { one };
    if !is_any && !any.is_empty() {
        done.lost("alternatives", pointer, "`anyOf` beside `oneOf` was dropped");
    }
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
    if !base.is_empty() {
        let mut merged = Vec::new();
        for member in &members {
            let mut losses = Losses::default();
            let both = json!({ "allOf": [base, member] });
            if only_type && referred(member).is_some() {
                merged.push(member.clone());
                continue;
            }
            match context.merger.flatten(&both, &mut losses) {
                Some(mut flat) => {
                    if bases::leads_to(member, &context.circular) && bases::drop_alternatives(&mut flat) {
                        done.lost("alternatives", pointer, "alternatives that refer back to this schema were dropped");
                    }
                    if let Some(description) = member.get("description") {
                        flat.insert("description".to_owned(), description.clone());
                    }
                    merged.push(flat.into());
                    losses.0.into_iter().for_each(|loss| done.lost("alternatives", pointer, loss));
                }
                None => done.lost("alternatives", pointer, "an alternative that matches no value was dropped"),
            }
        }
        if !only_type {
            done.applied("alternatives", pointer, "the shared constraints were copied into each alternative");
        }
        members = merged;
    }
    nullable_members(&mut members, schema);
    let mut visited = HashSet::new();
    members.retain(|member| visited.insert(member.clone()));
    let distinct = members;
    let objects = distinct.iter().filter(|member| rank(document, member).0 == OBJECT).count();
    if is_any && objects > 1 {
        done.lost("alternatives", pointer, "a value is read as the first matching alternative, even if several match");
    }
    match distinct.as_slice() {
        [] => {}
        [only] => {
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
            ordered.sort_by_cached_key(|member| rank(document, member));
            if ordered != distinct {
                done.applied(
                    "alternatives",
                    pointer,
                    "the alternatives with the most constraints come first, so that none hides another",
                );
            }
            schema.insert("oneOf".to_owned(), ordered.into());
        }
    }
}

/// Moves `nullable` of an alternative to the whole schema.
fn nullable_members(members: &mut Vec<Value>, schema: &mut Schema) {
    for member in members.iter_mut().filter_map(Value::as_object_mut) {
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
    if members.iter().any(null) {
        members.retain(|member| !null(member));
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
