//! The alternatives of two schemas that apply at once.

use serde_json::{Value, json};

/// How many alternatives a product of alternatives may have.
const MAX_ALTERNATIVES: usize = 64;

/// Alternatives that are one of each list.
pub(super) fn product(one: &Value, other: &Value) -> Option<Value> {
    let (one, other) = (one.as_array()?, other.as_array()?);
    if one.len() * other.len() > MAX_ALTERNATIVES {
        return None;
    }
    let pairs = one.iter().flat_map(|one| other.iter().map(move |other| json!({ "allOf": [one, other] })));
    Some(Value::Array(pairs.collect()))
}
