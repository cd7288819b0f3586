//! Members without a value.

use std::fmt;

/// A member of an answer has no value of its type. Contains nothing of what came instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoValue(Option<JsonType>);

impl NoValue {
    pub(super) fn of(kind: Option<JsonType>) -> Self {
        Self(kind)
    }

    /// The type of what came instead, if anything did.
    pub(super) fn kind(self) -> Option<JsonType> {
        self.0
    }
}

impl fmt::Display for NoValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => formatter.write_str("the member is absent"),
            Some(JsonType::Null) => formatter.write_str("the member is null"),
            Some(kind) => write!(formatter, "the member is a JSON {} that does not fit its type", kind.as_str()),
        }
    }
}

impl std::error::Error for NoValue {}

/// A type of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JsonType {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl JsonType {
    /// The type of a JSON text.
    pub(super) fn of(text: &str) -> Self {
        match text.as_bytes().first() {
            Some(b'n') => Self::Null,
            Some(b't' | b'f') => Self::Boolean,
            Some(b'"') => Self::String,
            Some(b'[') => Self::Array,
            Some(b'{') => Self::Object,
            _ => Self::Number,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}
