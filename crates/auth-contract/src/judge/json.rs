//! JSON without duplicate names.

use std::collections::HashSet;

use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// Reads a body: one JSON document in UTF-8 without a byte order mark (RFC 8259 section 8.1) and without duplicate
/// members.
///
/// The error repeats nothing of the body.
pub(super) fn read(body: &[u8]) -> Result<Value, &'static str> {
    let text = std::str::from_utf8(body).map_err(|_| "is not UTF-8")?;
    let value: Value = serde_json::from_str(text).map_err(|_| "is not one JSON document")?;
    serde_json::from_str::<Unique>(text).map_err(|_| "has a duplicate member")?;
    Ok(value)
}

/// Any JSON in which no object has duplicate members.
struct Unique;

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Unique;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_str<E>(self, _: &str) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Unique, A::Error> {
        while items.next_element::<Unique>()?.is_some() {}
        Ok(Unique)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Unique, A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if !names.insert(name) {
                members.next_value::<IgnoredAny>()?;
                return Err(A::Error::custom("twice"));
            }
            members.next_value::<Unique>()?;
        }
        Ok(Unique)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_one_json_document_without_duplicate_members() {
        assert!(read(br#"{"a":[{"b":1},{"b":2.5}],"c":{"a":null}} "#).is_ok());
        for (body, problem) in [
            (&b""[..], "is not one JSON document"),
            (b"{}{}", "is not one JSON document"),
            (b"\xef\xbb\xbf{}", "is not one JSON document"),
            (b"\"\xff\"", "is not UTF-8"),
            (br#"{"a":1,"a":1}"#, "has a duplicate member"),
            (br#"[{"x":{"a":1,"\u0061":1}}]"#, "has a duplicate member"),
        ] {
            assert_eq!(read(body).err(), Some(problem), "{body:?}");
        }
    }
}
