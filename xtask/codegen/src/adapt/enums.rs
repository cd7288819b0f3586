//! Enumerations whose values cannot become a Rust enum.

use std::collections::{BTreeSet, HashSet};

use openapi::walk::{self, NodeKind};
use serde_json::{Map, Value};

use crate::names::pascal;
use crate::rule::Adapted;

/// Applies the rules of enumerations.
pub(super) fn apply(value: &mut Value, done: &mut Adapted) {
    walk::change(value, NodeKind::Document, "", &mut |inner, node, pointer| {
        let Some(schema) =
            inner.as_object_mut().filter(|schema| node == NodeKind::Schema && schema.contains_key("enum"))
        else {
            return;
        };
        if let Some(note) = tidy(schema) {
            done.applied("enum-values", pointer, note);
        }
        if let Some(note) = inexpressible(schema) {
            schema.shift_remove("enum");
            done.lost("enum", pointer, format!("the list of values was dropped: {note}"));
        }
    });
}

/// Rule `enum-values`: removes nulls and duplicates, and adds an implied type.
fn tidy(schema: &mut Map<String, Value>) -> Option<String> {
    let mut notes = Vec::new();
    let values = schema.get_mut("enum")?.as_array_mut()?;
    let before = values.len();
    let mut visited = HashSet::new();
    values.retain(|value| visited.insert(value.clone()));
    if values.len() < before {
        notes.push("duplicate values were removed");
    }
    let nulls = values.contains(&Value::Null);
    let only_null = values.iter().all(Value::is_null);
    values.retain(|value| !value.is_null());
    if nulls && !only_null {
        notes.push("`null` is `nullable`");
    }
    let kind = if values.is_empty() {
        None
    } else if values.iter().all(Value::is_string) {
        Some("string")
    } else if values.iter().all(|value| value.is_i64() || value.is_u64()) {
        Some("integer")
    } else if values.iter().all(Value::is_boolean) {
        Some("boolean")
    } else {
        None
    };
    if values.is_empty() {
        schema.shift_remove("enum");
        notes.push("an empty list of values was dropped");
    }
    if nulls {
        schema.insert("nullable".to_owned(), true.into());
    }
    if let (Some(kind), None) = (kind, schema.get("type")) {
        schema.insert("type".to_owned(), kind.into());
        notes.push("the type of the values was added");
    }
    (!notes.is_empty()).then(|| notes.join("; "))
}

/// Why the generator cannot make a type of the values.
fn inexpressible(schema: &Map<String, Value>) -> Option<&'static str> {
    let values = schema.get("enum")?.as_array()?;
    match schema.get("type").and_then(Value::as_str) {
        Some("string") if values.iter().all(Value::is_string) => {
            let names = values.iter().filter_map(Value::as_str).map(pascal).collect::<Vec<_>>();
            let distinct = names.iter().collect::<BTreeSet<_>>().len() == names.len();
            (!distinct).then_some("two of them have the same name in Rust")
        }
        Some("integer") if values.iter().all(|value| value.is_i64() || value.is_u64()) => {
            let fit = values.iter().all(|value| value.as_i64().is_some_and(|value| is_within(schema, value)));
            (!fit).then_some("one of them is not a number of its type")
        }
        Some("boolean") => Some("progenitor ignores it for a boolean"),
        Some("number") => Some("fractional numbers cannot be compared"),
        Some(_) => Some("they have another type than the schema"),
        None => Some("they have more than one type"),
    }
}

/// Whether a number is one of the format and within the limits that stand beside it.
fn is_within(schema: &Map<String, Value>, value: i64) -> bool {
    let formatted = match schema.get("format").and_then(Value::as_str) {
        Some("int32") => i32::try_from(value).is_ok(),
        Some("uint32") => u32::try_from(value).is_ok(),
        Some("uint64") => value >= 0,
        _ => true,
    };
    let limit = |key: &str| schema.get(key).and_then(Value::as_i64);
    formatted && limit("minimum").is_none_or(|low| value >= low) && limit("maximum").is_none_or(|high| value <= high)
}
