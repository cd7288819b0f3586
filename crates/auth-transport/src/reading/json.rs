//! Any JSON, with all of its digits.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::raw_text::RawText;
use super::verbatim::InvalidText;
use crate::number::Decimal;

/// Any JSON value, which is written back with all of its digits.
///
/// It dereferences to [`Value`], which holds integers from -2^63 to 2^64 - 1 and otherwise the nearest `f64`. If that changes a
/// number, the JSON text is kept beside the value, and is written in its place. The order of members and the spelling of a number
/// (`1.50` and `1.5`) do not count.
///
/// ```
/// use auth_transport::Json;
/// use serde_json::json;
///
/// let read: Json = serde_json::from_str(r#"{"id": 123456789012345678901234567890, "name": "a"}"#)?;
/// assert_eq!(read["name"], "a");
/// assert_eq!(read.text(), r#"{"id": 123456789012345678901234567890, "name": "a"}"#);
/// assert_eq!(serde_json::to_string(&read)?, read.text());
///
/// let made: Json = json!({ "name": "a" }).into();
/// let exact: Json = "0.1000000000000000055511151231257827".parse()?;
/// assert_ne!(exact, Json::from(0.1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Some JSON is no [`Value`]: a number beyond `f64`, more than 127 levels, and an escape that is no character. Then the text alone is
/// kept, and the value is `null`.
///
/// Two of them are equal if their values are, and their texts where these are kept. `Debug` shows the value.
#[derive(Clone, Default)]
pub struct Json {
    value: Value,
    /// The text that it was read from, if `value` is not the same.
    text: Option<Box<RawValue>>,
}

impl Json {
    /// The value of a JSON text.
    fn of(text: &str) -> Self {
        match serde_json::from_str(text) {
            Ok(value) if is_same(text, &value) => value.into(),
            value => Self { value: value.unwrap_or_default(), text: RawValue::from_string(text.to_owned()).ok() },
        }
    }

    /// The value, without the text.
    #[must_use]
    pub fn into_value(self) -> Value {
        self.value
    }

    /// The JSON text: the one that was read if it is kept, otherwise that of the value.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match &self.text {
            Some(text) => text.get().into(),
            None => self.value.to_string().into(),
        }
    }
}

/// Whether the value of a valid text has all numbers of the text with all digits, and all of its members: a name that occurs twice
/// has one value.
fn is_same(text: &str, value: &Value) -> bool {
    let mut members = 0;
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| matches!(c, '"' | ':' | '-') || c.is_ascii_digit()) {
        rest = &rest[at..];
        let end = match rest.as_bytes()[0] {
            b'"' => end_of_string(rest),
            b':' => {
                members += 1;
                1
            }
            _ => {
                let is_other = |c: char| !matches!(c, '-' | '+' | '.' | 'e' | 'E') && !c.is_ascii_digit();
                let end = rest.find(is_other).unwrap_or(rest.len());
                if !is_exact(&rest[..end]) {
                    return false;
                }
                end
            }
        };
        rest = &rest[end..];
    }
    members == count(value)
}

/// Where the JSON string ends that a text begins with.
fn end_of_string(text: &str) -> usize {
    let mut bytes = text.bytes().enumerate().skip(1);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return at + 1,
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
    text.len()
}

/// Up to this many digits, every decimal number is that of one `f64`.
const MAX_EXACT: usize = 15;

/// Whether a number has the same value when it is read as a [`Value`] and written.
fn is_exact(number: &str) -> bool {
    let is_short = number.bytes().filter(u8::is_ascii_digit).count() <= MAX_EXACT;
    is_short && !number.contains(['e', 'E'])
        || serde_json::from_str::<serde_json::Number>(number)
            .is_ok_and(|read| Decimal::of(&read.to_string()) == Decimal::of(number))
}

/// The number of members in a value, also in its parts.
fn count(value: &Value) -> usize {
    match value {
        Value::Object(members) => members.len() + members.values().map(count).sum::<usize>(),
        Value::Array(elements) => elements.iter().map(count).sum(),
        _ => 0,
    }
}

impl Deref for Json {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.value
    }
}

impl From<Json> for Value {
    fn from(json: Json) -> Self {
        json.value
    }
}

/// Reads a JSON text with all digits.
impl FromStr for Json {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        serde_json::from_str(text).map_err(|_| InvalidText)
    }
}

macro_rules! from_value {
    ($($kind:ty),*) => {$(
        impl From<$kind> for Json {
            fn from(value: $kind) -> Self {
                Self { value: value.into(), text: None }
            }
        }
    )*};
}

from_value!(Value, Map<String, Value>, Vec<Value>, String, &str, bool, i8, i16, i32, i64, u8, u16, u32, u64, isize, usize, f32, f64);

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value && self.text.as_deref().map(RawValue::get) == other.text.as_deref().map(RawValue::get)
    }
}

impl Eq for Json {}

/// Equal if the value is, and no text is kept beside it.
macro_rules! equals_value {
    ($($kind:ty),*) => {$(
        impl PartialEq<$kind> for Json {
            fn eq(&self, other: &$kind) -> bool {
                self.text.is_none() && self.value == *other
            }
        }
    )*};
}

equals_value!(Value, String, str, &str, bool, i8, i16, i32, i64, u8, u16, u32, u64, isize, usize, f32, f64);

impl fmt::Debug for Json {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(formatter)
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.text {
            Some(text) => text.serialize(serializer),
            None => self.value.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        RawText::deserialize(deserializer).map(|text| Self::of(text.as_str()))
    }
}

impl JsonSchema for Json {
    fn inline_schema() -> bool {
        Value::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        Value::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        Value::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Value::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Json {
        serde_json::from_str(text).expect(text)
    }

    #[test]
    fn the_text_is_kept_only_if_the_value_is_not_the_same() {
        for (text, is_kept) in [
            ("null", false),
            (r#"{"b":[1,-1,1.5,true,null,"12345678901234567890"],"a":{}}"#, false),
            ("[18446744073709551615,-9223372036854775808,9007199254740993]", false),
            ("[1.50,1e2,-0,0.1,0.30000000000000004,1.7976931348623157e308]", false),
            ("18446744073709551616", true),
            ("[123456789012345678901234567890]", true),
            (r#"{"a":{"b":0.1000000000000000055511151231257827}}"#, true),
            ("12345678901234567.5", true),
            ("1e-400", true),
            (r#"{"a":1,"\u0061":2}"#, true),
            (r#"{"a\":1\"":{"b":1,"b":1}}"#, true),
            (r#"{":":":","1e400":"-"}"#, false),
        ] {
            let read = read(text);
            assert_eq!(read.text.is_some(), is_kept, "{text}");
            assert_eq!(*read, serde_json::from_str::<Value>(text).expect(text));
            let written = serde_json::to_string(&read).expect(text);
            assert_eq!(written, if is_kept { text.to_owned() } else { read.value.to_string() });
            assert_eq!(read.text(), written);
            assert_eq!(super::Json::from_str(text), Ok(read));
        }
    }

    #[test]
    fn what_is_no_value_is_kept_as_text() {
        for text in ["1e400".to_owned(), format!("{}{}", "[".repeat(500), "]".repeat(500)), "\"\\ud800\"".to_owned()] {
            let read = read(&text);
            assert!(read.is_null() && read != Json::default() && read != Value::Null, "{text}");
            assert_eq!(serde_json::to_string(&read).expect("JSON"), text);
        }
        assert!(serde_json::from_str::<Json>("[1").is_err() && "{".parse::<Json>() == Err(InvalidText));
    }

    #[test]
    fn it_is_made_from_values_and_compared_with_them() {
        let made = [
            Json::from(json!({ "a": 1 })),
            "a".into(),
            "a".to_owned().into(),
            true.into(),
            7_u64.into(),
            0.5.into(),
            vec![json!(1)].into(),
        ];
        assert_eq!(made[0]["a"], 1);
        assert!(made[1] == "a" && made[2] == *"a" && made[3] == true && made[4] == 7 && made[5] == 0.5);
        assert_eq!(made[6], json!([1]));
        assert_eq!(Value::from(made[0].clone()), json!({ "a": 1 }));
        assert_eq!(made[0].clone().into_value(), json!({ "a": 1 }));
        let (one, other) = (read("18446744073709551616"), read("18446744073709551617"));
        assert!(*one == *other && one != other && one == one.clone() && one != 18_446_744_073_709_551_616.0_f64);
    }

    #[test]
    fn it_looks_and_is_described_as_its_value() {
        let read = read(r#"{"a":[18446744073709551616,"b"]}"#);
        assert_eq!(format!("{read:?}"), format!("{:?}", *read));
        assert_eq!(schemars::schema_for!(Json), schemars::schema_for!(Value));
        let of_value: Json = serde_json::from_value(json!({ "a": [1] })).expect("JSON");
        assert_eq!(of_value, json!({ "a": [1] }));
    }
}
