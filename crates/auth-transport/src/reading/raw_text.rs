//! The JSON text of a value, from any deserializer.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeSeed, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// The name by which `serde_json` recognizes a type that wants the text of a value, as its `RawValue` does.
const RAW_VALUE: &str = "$serde_json::private::RawValue";

/// The JSON text of a value. It is borrowed if the value is read from a text.
///
/// Deserializers of other formats do not have the text. Then it is that of an equal JSON value, in which numbers are no more
/// exact than in [`serde_json::Value`].
pub(super) struct RawText<'de>(Cow<'de, str>);

impl RawText<'_> {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    fn of<E: Error>(value: Result<Value, E>) -> Result<Self, E> {
        value.map(|value| Self(Cow::Owned(value.to_string())))
    }
}

impl<'de> Deserialize<'de> for RawText<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(RAW_VALUE, AnyValue)
    }
}

struct AnyValue;

/// Methods of the visitor for values that are already there.
macro_rules! visit {
    ($($name:ident: $kind:ty),+ $(,)?) => {
        $(fn $name<E: Error>(self, value: $kind) -> Result<Self::Value, E> {
            RawText::of(Value::deserialize(value.into_deserializer()))
        })+
    };
}

impl<'de> Visitor<'de> for AnyValue {
    type Value = RawText<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    visit!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        RawText::of(Ok(Value::Null))
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        RawText::of(Value::deserialize(deserializer))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        RawText::of(Value::deserialize(deserializer))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<Self::Value, A::Error> {
        RawText::of(Value::deserialize(SeqAccessDeserializer::new(elements)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let Some(first) = members.next_key::<String>()? else { return RawText::of(Ok(Map::new().into())) };
        if first == RAW_VALUE {
            return members.next_value_seed(Given).map(RawText);
        }
        let mut all = Map::new();
        all.insert(first, members.next_value()?);
        match Value::deserialize(MapAccessDeserializer::new(members))? {
            Value::Object(others) => all.extend(others),
            _ => return Err(A::Error::custom("not a JSON object")),
        }
        RawText::of(Ok(all.into()))
    }
}

/// The text that `serde_json` passes on.
struct Given;

impl<'de> DeserializeSeed<'de> for Given {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Given {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the text of a JSON value")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use serde::de::value::{Error as ValueError, MapDeserializer};
    use serde_json::json;

    use super::*;

    #[test]
    fn the_text_is_that_of_the_input() {
        for text in ["{\"a\" : 1.00}", "[1e2]", "12345678901234567890123", "null", "true", "\"\\u0061\"", "{}"] {
            let raw: RawText<'_> = serde_json::from_str(text).unwrap();
            assert!(matches!(raw.0, Cow::Borrowed(_)));
            assert_eq!(raw.as_str(), text);
            let raw = RawText::deserialize(&mut serde_json::Deserializer::from_reader(text.as_bytes())).unwrap();
            assert_eq!(raw.as_str(), text);
        }
        assert!(serde_json::from_str::<RawText<'_>>("{\"a\":").is_err());
    }

    #[test]
    fn values_of_other_deserializers_become_text() {
        for value in
            [json!({ "a": [1, -1, 1.5, null], "b": { "c": "d" } }), json!(["x"]), json!({}), json!(null), json!("s")]
        {
            let raw = RawText::deserialize(value.clone()).unwrap();
            assert_eq!(serde_json::from_str::<Value>(raw.as_str()).unwrap(), value);
            let buffered: Flat = serde_json::from_value(json!({ "inner": value })).unwrap();
            assert_eq!(serde_json::from_str::<Value>(&buffered.inner.text).unwrap(), value);
        }
        let entries = MapDeserializer::<_, ValueError>::new([("a", 1_u8), ("b", 2)].into_iter());
        assert_eq!(RawText::deserialize(entries).unwrap().as_str(), r#"{"a":1,"b":2}"#);
    }

    /// serde buffers the members of flattened structs in a form of its own.
    #[derive(Deserialize)]
    struct Flat {
        #[serde(flatten)]
        inner: Inner,
    }

    #[derive(Deserialize)]
    struct Inner {
        #[serde(rename = "inner", deserialize_with = "text")]
        text: String,
    }

    fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        RawText::deserialize(deserializer).map(|raw| raw.as_str().to_owned())
    }
}
