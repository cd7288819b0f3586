//! `expires_in` as servers send it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::value::RawValue;

/// A lifetime in seconds, counted from when the response was generated (RFC 6749 section 5.1, `expires_in`).
///
/// Deserializes from a JSON number or a string that holds one. A fraction is rounded down; a number outside of `i64` becomes the
/// nearest `i64`. The value may be zero or negative; the caller decides what that means. Only `serde_json` is supported.
///
/// ```
/// use auth_transport::ExpiresIn;
///
/// for text in ["3599", "3599.0", "\"3599\""] {
///     let expires_in: ExpiresIn = serde_json::from_str(text)?;
///     assert_eq!(expires_in.as_secs(), 3599);
/// }
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ExpiresIn(i64);

impl ExpiresIn {
    /// A lifetime of this many seconds.
    #[must_use]
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds)
    }

    /// The lifetime in seconds, as sent.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0
    }

    /// Parses the text of a JSON value.
    fn read(json: &str) -> Option<Self> {
        let text: Option<String> = serde_json::from_str(json).ok();
        let number = text.as_deref().unwrap_or(json);
        // Excludes texts that `f64` accepts although they are not JSON numbers: inf, NaN, infinity.
        if !number.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')) {
            return None;
        }
        // Integers first: above 2^53 a conversion through f64 would not be exact.
        let seconds = number.parse::<i64>().ok();
        // The cast saturates, as documented.
        #[allow(clippy::cast_possible_truncation)]
        seconds.or_else(|| number.parse::<f64>().ok().map(|seconds| seconds.floor() as i64)).map(Self)
    }
}

impl<'de> Deserialize<'de> for ExpiresIn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        Self::read(json.get()).ok_or_else(|| de::Error::custom("neither a number nor a string that holds one"))
    }
}

impl JsonSchema for ExpiresIn {
    fn schema_name() -> Cow<'static, str> {
        "ExpiresIn".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Seconds, as a number or as a string that holds one.",
            "anyOf": [
                { "type": "number" },
                { "type": "string", "pattern": "^[+-]?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?$" },
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_seen_in_the_field_is_read() {
        for (json, seconds) in [
            ("3599", 3599),
            ("3599.0", 3599),
            ("3599.9", 3599),
            ("\"3599\"", 3599),
            ("\"3599.0\"", 3599),
            ("\"35\\u00399\"", 3599),
            ("0", 0),
            ("-1", -1),
            ("-0.5", -1),
            ("9223372036854775807", i64::MAX),
            ("9223372036854775808", i64::MAX),
            ("1e400", i64::MAX),
            ("-1e400", i64::MIN),
        ] {
            let read: ExpiresIn = serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"));
            assert_eq!(read.as_secs(), seconds, "{json}");
        }
    }

    #[test]
    fn anything_but_a_number_is_refused_without_being_repeated() {
        for json in ["\"soon\"", "\"inf\"", "\"NaN\"", "\"\"", "\"-\"", "true", "[]", "{}", "\" 3599\"", "\"0x10\""] {
            let error = serde_json::from_str::<ExpiresIn>(json).expect_err(json).to_string();
            let text = json.trim_matches(['"', ' ']);
            assert!(text.len() < 3 || !error.contains(text), "{error}");
        }
    }

    #[test]
    fn null_and_a_missing_member_are_not_a_lifetime() {
        #[derive(Deserialize)]
        struct Answer {
            expires_in: Option<ExpiresIn>,
        }
        for json in ["{}", r#"{"expires_in":null}"#] {
            assert!(serde_json::from_str::<Answer>(json).unwrap().expires_in.is_none(), "{json}");
        }
    }
}
