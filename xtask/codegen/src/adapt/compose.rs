//! Compositions: the parts of `allOf` become one schema; alternatives become an enum.

use openapi::walk::{self, NodeKind};
use serde_json::{Map, Value};

use super::alternatives::alternatives;
use super::annotations::{is_annotation, is_wrapper};
use super::bases;
use super::context::Context;
use super::merge::Merger;
use super::merge_losses::Losses;
use crate::rule::Adapted;

type Schema = Map<String, Value>;

/// How often the result of a merge is merged again.
const MAX_MERGE_DEPTH: usize = 6;

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
