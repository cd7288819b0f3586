//! Checks on a JSON object that the JSON parser does not make.

use std::collections::HashSet;
use std::fmt;

use serde::Deserializer as _;
use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// If `body` is an object or a list, checks that it is an object in UTF-8 without duplicate names at its top level.
///
/// Other values are not checked: the type that is deserialized cannot mistake them for an object.
///
/// # Errors
/// [`serde_json::Error`] with line and column.
pub(crate) fn check(body: &[u8]) -> serde_json::Result<()> {
    if !matches!(body.trim_ascii_start().first(), Some(b'{' | b'[')) {
        return Ok(());
    }
    // The parser does not check the bytes of members that it skips, so this does.
    let json = serde_json::from_slice::<&RawValue>(body)?.get();
    serde_json::Deserializer::from_str(json).deserialize_map(UniqueNames)
}

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
                return Err(A::Error::custom("duplicate name"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::error::Category;

    use super::*;

    #[test]
    fn an_object_may_hold_anything_once() {
        for body in ["", "null", "accepted", "{}", " {\"a\":[{\"b\":1,\"b\":1}],\"b\":{\"a\":1e400},\"\":null} \n"] {
            assert!(check(body.as_bytes()).is_ok(), "{body}");
        }
    }

    #[test]
    fn lists_and_objects_with_duplicate_names_are_refused() {
        for (body, problem) in [
            (&b"[\"a\",1]"[..], Category::Data),
            (b"{\"a\":1,\"a\":1}", Category::Data),
            (b"{\"a\":1,\"\\u0061\":2}", Category::Data),
            (b" {\"a\":1", Category::Eof),
            (b"{\"a\":1}{}", Category::Syntax),
            (b"{\"a\":\"\xff\"}", Category::Syntax),
            (b"{\"\xff\":1}", Category::Syntax),
        ] {
            assert_eq!(check(body).unwrap_err().classify(), problem, "{body:?}");
        }
    }
}
