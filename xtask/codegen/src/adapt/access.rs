//! `readOnly` and `writeOnly`: in which direction a property exists.

use openapi::reference::referred;
use serde_json::{Map, Value, json};

/// Which way a schema goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// From the client to the server.
    Request,
    /// From the server to the client.
    Answer,
}

const READ_ONLY: &str = "readOnly";
const WRITE_ONLY: &str = "writeOnly";

/// How many references of a property are followed.
const MAX_DEPTH: usize = 16;

impl Direction {
    /// The keyword of properties that do not exist in this direction.
    pub(super) fn without(self) -> &'static str {
        match self {
            Self::Request => READ_ONLY,
            Self::Answer => WRITE_ONLY,
        }
    }

    /// Whether a property exists in this direction. One that is read-only and write-only at once, which no document may have,
    /// exists in both.
    pub(super) fn has(self, schemas: &Map<String, Value>, property: &Value) -> bool {
        let is = |key: &str| keyword(schemas, property, key, 0) == Some(true);
        !is(self.without()) || is(READ_ONLY) && is(WRITE_ONLY)
    }
}

/// The value of a keyword at a property, or at what the property is made of.
fn keyword(schemas: &Map<String, Value>, schema: &Value, key: &str, depth: usize) -> Option<bool> {
    if depth == MAX_DEPTH {
        return None;
    }
    if let Some(name) = referred(schema) {
        return keyword(schemas, schemas.get(&name)?, key, depth + 1);
    }
    if let Some(own) = schema.get(key).and_then(Value::as_bool) {
        return Some(own);
    }
    let parts = schema.get("allOf").and_then(Value::as_array)?;
    parts.iter().any(|part| keyword(schemas, part, key, depth + 1) == Some(true)).then_some(true)
}

/// The keywords of direction that a schema has.
pub(super) fn flags(schema: Option<&Map<String, Value>>) -> impl Iterator<Item = &'static str> {
    let is = move |key: &str| schema.is_some_and(|schema| schema.get(key) == Some(&Value::Bool(true)));
    [READ_ONLY, WRITE_ONLY].into_iter().filter(move |key| is(key))
}

/// A schema with the keywords of direction of others.
pub(super) fn with_flags_of(mut schema: Value, others: [&Value; 2]) -> Value {
    for flag in others.into_iter().flat_map(|other| flags(other.as_object())) {
        if schema.get("$ref").is_some() {
            schema = json!({ "allOf": [schema] });
        }
        if let Some(schema) = schema.as_object_mut() {
            schema.insert(flag.to_owned(), true.into());
        }
    }
    schema
}
