//! Reading JSON without what readers usually let pass.

use std::collections::HashSet;
use std::fmt;

use bytes::Bytes;
use progenitor_client::ResponseValue;
use serde::de::{DeserializeOwned, Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserializer, de, forward_to_deserialize_any};
use serde_json::value::RawValue;

/// Reads the body of an answer as JSON of type `T`.
///
/// It has to be UTF-8 throughout (RFC 8259 section 8.1). Where `T` is an object, a list of its members does not pass for
/// one, and no name may stand in it twice, known or unknown: readers would not agree on what it says (RFC 8259 section 4).
///
/// Generated methods call it for each JSON answer.
///
/// # Errors
/// [`progenitor_client::Error::InvalidResponsePayload`] if the body is anything else.
#[allow(clippy::result_large_err, reason = "generated methods return the generator's own error")]
pub async fn read_json<T: DeserializeOwned, E>(
    response: reqwest::Response,
) -> Result<ResponseValue<T>, progenitor_client::Error<E>> {
    let (status, headers) = (response.status(), response.headers().clone());
    let body: Bytes = response.bytes().await.map_err(progenitor_client::Error::ResponseBodyError)?;
    let value = parse(&body).map_err(|error| progenitor_client::Error::InvalidResponsePayload(body, error))?;
    Ok(ResponseValue::new(value, status, headers))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    // A reader that skips a member does not look at its bytes; this one does, and at the end of the document.
    let json = serde_json::from_slice::<&RawValue>(body)?.get();
    if matches!(T::deserialize(Probe), Err(Wanted::Object)) {
        match json.as_bytes().first() {
            Some(b'{') => serde_json::Deserializer::from_str(json).deserialize_map(UniqueNames)?,
            Some(b'[') => return Err(serde_json::Error::custom("a list in place of an object")),
            _ => {}
        }
    }
    serde_json::from_slice(body)
}

/// Takes an object in which no name stands twice.
struct UniqueNames;

impl<'de> Visitor<'de> for UniqueNames {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut names = HashSet::new();
        while let Some((name, IgnoredAny)) = members.next_entry::<String, _>()? {
            if !names.insert(name) {
                return Err(A::Error::custom("a member stands there twice"));
            }
        }
        Ok(())
    }
}

/// Holds no value and finds out what a type would like to read.
struct Probe;

/// What a type would like to read, as the error of [`Probe`].
#[derive(Debug)]
enum Wanted {
    Object,
    Other,
}

impl<'de> Deserializer<'de> for Probe {
    type Error = Wanted;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Wanted> {
        Err(Wanted::Other)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        _visitor: V,
    ) -> Result<V::Value, Wanted> {
        Err(Wanted::Object)
    }

    fn deserialize_map<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Wanted> {
        Err(Wanted::Object)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wanted> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Wanted> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct enum identifier ignored_any
    }
}

impl de::Error for Wanted {
    fn custom<T: fmt::Display>(_message: T) -> Self {
        Self::Other
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("nothing is read")
    }
}

impl std::error::Error for Wanted {}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde::Deserialize;
    use serde_json::error::Category;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Pet {
        name: String,
        age: Option<u8>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Wrapped(Pet);

    fn problem<T: DeserializeOwned + fmt::Debug>(body: &str) -> Category {
        parse::<T>(body.as_bytes()).unwrap_err().classify()
    }

    #[test]
    fn an_object_is_read_as_ever() {
        for body in [r#"{"name":"a"}"#, r#" {"more":[{"a":1,"a":2}],"name":"a","age":null} "#] {
            let pet = Pet { name: "a".to_owned(), age: None };
            assert_eq!(parse::<Option<Wrapped>>(body.as_bytes()).unwrap(), Some(Wrapped(pet)));
        }
        assert_eq!(parse::<Option<Pet>>(b"null").unwrap(), None);
        assert_eq!(parse::<HashMap<String, u8>>(br#"{"a":1}"#).unwrap()["a"], 1);
    }

    #[test]
    fn a_list_is_read_where_one_is_wanted_and_nowhere_else() {
        assert_eq!(parse::<Vec<u8>>(b"[1,1]").unwrap(), [1, 1]);
        assert_eq!(parse::<(String, u8)>(br#"["a",1]"#).unwrap(), ("a".to_owned(), 1));
        assert_eq!(parse::<serde_json::Value>(b"[1]").unwrap()[0], 1);
        let list = r#" ["a",1]"#;
        assert!(serde_json::from_str::<Pet>(list).is_ok(), "this is what makes the test necessary");
        assert_eq!(problem::<Pet>(list), Category::Data);
        assert_eq!(problem::<Option<Wrapped>>(list), Category::Data);
    }

    #[test]
    fn no_name_stands_twice_in_an_object() {
        for body in [r#"{"name":"a","x":1,"x":1}"#, r#"{"name":"a","x":1,"\u0078":1}"#, r#"{"name":"a","name":"a"}"#] {
            assert_eq!(problem::<Pet>(body), Category::Data, "{body}");
            assert_eq!(problem::<HashMap<String, IgnoredAny>>(body), Category::Data, "{body}");
        }
    }

    #[test]
    fn every_byte_is_utf_8_even_where_nobody_looks() {
        for body in [&b"{\"name\":\"a\",\"x\":\"\xff\"}"[..], b"{\"name\":\"a\",\"\xff\":1}", b"[\"\xff\"]"] {
            let error = parse::<HashMap<String, IgnoredAny>>(body).unwrap_err();
            assert_eq!(error.classify(), Category::Syntax, "{body:?}");
            assert!(error.line() == 1 && error.column() > 1);
        }
    }
}
