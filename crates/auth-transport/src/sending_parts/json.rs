//! JSON text one level at a time.

use std::fmt;

use serde::Serialize;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

/// The outermost level of a JSON text; the values inside it remain text.
#[derive(Debug)]
pub(super) enum Shape<'text> {
    Null,
    /// A string without its quotes, or a number or a truth value as it is written.
    Scalar(String),
    List(Vec<&'text str>),
    /// The members in their order.
    Object(Vec<(String, &'text str)>),
}

impl<'text> Shape<'text> {
    /// Reads a JSON text that serde_json has written.
    pub(super) fn of(json: &'text str) -> Self {
        let shape = match json.as_bytes().first() {
            Some(b'{') => serde_json::from_str(json).map(|Members(members)| Self::Object(members)),
            Some(b'[') => serde_json::from_str(json)
                .map(|items: Vec<&RawValue>| Self::List(items.into_iter().map(RawValue::get).collect())),
            Some(b'"') => serde_json::from_str(json).map(Self::Scalar),
            Some(b'n') => Ok(Self::Null),
            _ => Ok(Self::Scalar(json.to_owned())),
        };
        shape.unwrap_or_else(|_| Self::Scalar(json.to_owned()))
    }
}

/// The text of a JSON value inside a list or an object: a scalar without quotes, a list or an object as JSON. `None` for `null`.
pub(super) fn text(json: &str) -> Option<String> {
    match Shape::of(json) {
        Shape::Null => None,
        Shape::Scalar(text) => Some(text),
        Shape::List(_) | Shape::Object(_) => Some(json.to_owned()),
    }
}

/// The JSON text of an argument; it may contain secrets.
#[allow(clippy::result_large_err, reason = "generated methods return the generator's own error")]
pub(super) fn json<E>(value: &(impl Serialize + ?Sized)) -> Result<Zeroizing<String>, progenitor_client::Error<E>> {
    let json = serde_json::to_string(value).map_err(|_| invalid("an argument cannot be serialized"))?;
    Ok(Zeroizing::new(json))
}

/// The error of a request that cannot be built.
pub(super) fn invalid<E>(why: &str) -> progenitor_client::Error<E> {
    progenitor_client::Error::InvalidRequest(why.to_owned())
}

struct Members<'text>(Vec<(String, &'text str)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = vec![];
                while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
                    members.push((name, value.get()));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_read_and_what_is_inside_it_stays_text() {
        let shapes = [
            ("null", "Null"),
            ("true", "Scalar(\"true\")"),
            ("12345678901234567890.50", "Scalar(\"12345678901234567890.50\")"),
            (r#""a\"b""#, r#"Scalar("a\"b")"#),
            (r#"[1,[2.0],{"a":1}]"#, r#"List(["1", "[2.0]", "{\"a\":1}"])"#),
            (r#"{"b":[1],"a":null}"#, r#"Object([("b", "[1]"), ("a", "null")])"#),
        ];
        for (json, shape) in shapes {
            assert_eq!(format!("{:?}", Shape::of(json)), shape, "{json}");
        }
        assert_eq!(text("\"a b\"").as_deref(), Some("a b"));
        assert_eq!(text("[1,2]").as_deref(), Some("[1,2]"));
        assert_eq!(text("null"), None);
    }
}
