//! The effect of a rule on a schema.

use serde_json::{Map, Value};

/// Marks a schema, while rules are at work, that accepts more than before. No document can hold this key by accident.
pub(in crate::lower) const WIDENED: &str = "\u{0}widened";

/// A schema that is an object.
pub(super) type Schema = Map<String, Value>;

/// Whether the lowered schema says as much as the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// It accepts the same values.
    None,
    /// It accepts the same values, but says less about them.
    Words,
    /// It accepts more values.
    Assertion,
}

/// The effect of a rule.
#[derive(Debug)]
pub(super) struct Effect {
    /// The keyword that it was about, if it was about one.
    pub(super) key: Option<&'static str>,
    /// What was lost.
    pub(super) loss: Loss,
    /// What was done, in words.
    pub(super) note: String,
}

/// The effect of a rule, if it applied.
pub(super) type Done = Option<Effect>;

impl Effect {
    /// The lowered schema accepts the same values.
    pub(super) fn exact(note: impl Into<String>) -> Self {
        Self { key: None, loss: Loss::None, note: note.into() }
    }

    /// The lowered schema accepts the same values, but says less about them.
    pub(super) fn words(note: impl Into<String>) -> Self {
        Self { key: None, loss: Loss::Words, note: note.into() }
    }

    /// The lowered schema accepts more values.
    pub(super) fn wider(note: impl Into<String>) -> Self {
        Self { key: None, loss: Loss::Assertion, note: note.into() }
    }

    /// Names the keyword.
    pub(super) fn at(mut self, key: &'static str) -> Self {
        self.key = Some(key);
        self
    }
}

/// Makes a schema hold in addition to everything that is there.
pub(super) fn conjoin(schema: &mut Schema, member: Value) {
    match schema.get_mut("allOf") {
        Some(Value::Array(members)) => members.push(member),
        _ => drop(schema.insert("allOf".to_owned(), Value::Array(vec![member]))),
    }
}

/// Whether no value is accepted.
pub(super) fn is_never(value: &Value) -> bool {
    let nothing = |schema: &Schema| {
        schema.len() == 1 && schema.get("not").is_some_and(|not| not.as_object().is_some_and(Map::is_empty))
    };
    value == &Value::Bool(false) || value.as_object().is_some_and(nothing)
}

/// Whether every value is accepted, and nothing is said about it.
pub(super) fn is_any(value: &Value) -> bool {
    value == &Value::Bool(true) || value.as_object().is_some_and(Map::is_empty)
}

/// Keywords that describe and accept everything.
const ANNOTATIONS: [&str; 11] = [
    "default",
    "deprecated",
    "description",
    "discriminator",
    "example",
    "examples",
    "externalDocs",
    "readOnly",
    "title",
    "writeOnly",
    "xml",
];

/// Whether a keyword describes only.
pub(super) fn is_annotation(key: &str) -> bool {
    ANNOTATIONS.contains(&key) || key.starts_with("x-")
}

/// Whether a schema describes a value by nothing but one keyword.
pub(in crate::lower) fn says_only(schema: &Schema, keyword: &str) -> bool {
    schema.keys().all(|key| key == keyword || is_annotation(key))
}
