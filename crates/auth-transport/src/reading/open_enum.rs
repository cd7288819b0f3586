//! Enums that accept values which the document does not list.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserializer, EnumAccess, IgnoredAny, VariantAccess, Visitor};

/// Reads a value of an open enum; only generated code calls it.
///
/// `values` lists the known values. The deserializer gets them, and `name`, as those of an enum, so that it can tell which
/// values are unknown; `T` decides what becomes of an unknown one.
///
/// # Errors
///
/// Fails if the value is not a string.
pub fn read_open_enum<'de, D, T>(
    deserializer: D,
    name: &'static str,
    values: &'static [&'static str],
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: for<'a> From<&'a str>,
{
    deserializer.deserialize_enum(name, values, Value(PhantomData))
}

/// Builds the value, whichever way a deserializer hands out its text.
struct Value<T>(PhantomData<T>);

impl<'de, T: for<'a> From<&'a str>> Visitor<'de> for Value<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        Ok(T::from(text))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<T, A::Error> {
        let (value, variant) = data.variant_seed(self)?;
        // Only an object, `{"open": null}`, has a content.
        match variant.newtype_variant::<IgnoredAny>() {
            Ok(_) => Err(de::Error::invalid_type(de::Unexpected::Map, &"a string")),
            Err(_) => Ok(value),
        }
    }
}

impl<'de, T: for<'a> From<&'a str>> de::DeserializeSeed<'de> for Value<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_str(self)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde::Deserialize;
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error, StrDeserializer};

    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    enum State {
        Open,
        Unknown(String),
    }

    impl From<&str> for State {
        fn from(value: &str) -> Self {
            if value == "open" { Self::Open } else { Self::Unknown(value.to_owned()) }
        }
    }

    impl<'de> Deserialize<'de> for State {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            read_open_enum(deserializer, "State", &["open"])
        }
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Holder {
        state: State,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(untagged)]
    enum Untagged {
        One { state: State },
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Flat {
        #[serde(flatten)]
        holder: Holder,
    }

    #[test]
    fn every_deserializer_can_hand_out_the_value() {
        let escaped = "a\n\"b\"";
        for (text, expected) in [
            ("open", State::Open),
            ("", State::Unknown(String::new())),
            ("paused", State::Unknown("paused".to_owned())),
            (escaped, State::Unknown(escaped.to_owned())),
        ] {
            let json = serde_json::to_string(&HashMap::from([("state", text)])).expect("JSON");
            let holder = || Holder { state: expected.clone() };
            assert_eq!(serde_json::from_str::<Holder>(&json).expect(&json), holder());
            assert_eq!(serde_json::from_reader::<_, Holder>(json.as_bytes()).expect(&json), holder());
            let value: serde_json::Value = serde_json::from_str(&json).expect("JSON");
            assert_eq!(Holder::deserialize(&value).expect(&json), holder());
            assert_eq!(serde_json::from_value::<Holder>(value).expect(&json), holder());
            let untagged: Untagged = serde_json::from_str(&json).expect(&json);
            assert_eq!(untagged, Untagged::One { state: expected.clone() });
            assert_eq!(serde_json::from_str::<Flat>(&json).expect(&json), Flat { holder: holder() });
            let form = serde_urlencoded::to_string([("state", text)]).expect("a form");
            assert_eq!(serde_urlencoded::from_str::<Holder>(&form).expect(&form), holder());
            let text: StrDeserializer<'_, Error> = text.into_deserializer();
            assert_eq!(State::deserialize(text), Ok(expected));
        }
        let keys: HashMap<State, u8> = serde_json::from_str(r#"{"open":1,"paused":2}"#).expect("a map");
        assert_eq!((keys[&State::Open], keys[&State::Unknown("paused".to_owned())]), (1, 2));
    }

    #[test]
    fn what_is_not_a_string_is_refused() {
        for json in ["1", "null", "true", "[\"open\"]", "{}", r#"{"open":null}"#, r#"{"a":{"b":1}}"#, "\"open"] {
            assert!(serde_json::from_str::<State>(json).is_err(), "{json}");
            if let Ok(value) = serde_json::from_str::<serde_json::Value>(json) {
                assert!(serde_json::from_value::<State>(value).is_err(), "{json}");
            }
        }
    }
}
