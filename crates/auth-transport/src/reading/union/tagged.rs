//! Writes the tag of a member of a union.

use serde::ser::{Error, SerializeMap};
use serde::{Serialize, Serializer};

use super::super::object_writer::{Addition, ObjectWriter};

/// Writes an object with a tag, the value of a discriminator: as the last member, unless the object has a member of this name.
///
/// Other values are written unchanged.
///
/// # Errors
///
/// Fails as the serializer does.
pub fn tagged<S: Serializer>(
    serializer: S,
    property: &'static str,
    tag: &'static str,
    member: &(impl Serialize + ?Sized),
) -> Result<S::Ok, S::Error> {
    member.serialize(ObjectWriter { serializer, addition: Tag { property, tag, is_written: false } })
}

struct Tag {
    property: &'static str,
    tag: &'static str,
    is_written: bool,
}

impl Addition for Tag {
    fn see<E: Error>(&mut self, name: &str) -> Result<(), E> {
        self.is_written |= name == self.property;
        Ok(())
    }

    fn write<M: SerializeMap>(self, members: &mut M) -> Result<(), M::Error> {
        if self.is_written { Ok(()) } else { members.serialize_entry(self.property, self.tag) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Serialize)]
    struct Cat {
        #[serde(skip_serializing_if = "Option::is_none")]
        kind: Option<&'static str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<&'static str>,
    }

    #[derive(Serialize)]
    struct Wrapped<T>(Option<Box<T>>);

    struct Pet<T>(T);

    impl<T: Serialize> Serialize for Pet<T> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            tagged(serializer, "kind", "cat", &self.0)
        }
    }

    #[test]
    fn a_tag_is_written_unless_the_object_has_one() {
        let cat = |kind, name| Pet(Cat { kind, name });
        for (pet, json, form) in [
            (cat(None, Some("Tom")), r#"{"name":"Tom","kind":"cat"}"#, "name=Tom&kind=cat"),
            (cat(None, None), r#"{"kind":"cat"}"#, "kind=cat"),
            (cat(Some("lynx"), Some("Tom")), r#"{"kind":"lynx","name":"Tom"}"#, "kind=lynx&name=Tom"),
        ] {
            assert_eq!(serde_json::to_string(&pet).unwrap(), json);
            assert_eq!(serde_urlencoded::to_string(&pet).unwrap(), form);
        }
        for (map, json) in [
            (BTreeMap::from([("name", "Tom")]), r#"{"name":"Tom","kind":"cat"}"#),
            (BTreeMap::from([("kind", "lynx")]), r#"{"kind":"lynx"}"#),
        ] {
            assert_eq!(serde_json::to_string(&Pet(&map)).unwrap(), json);
            assert_eq!(serde_json::to_string(&Pet(Wrapped(Some(Box::new(map))))).unwrap(), json);
        }
    }

    #[test]
    fn what_is_no_object_has_no_tag() {
        assert_eq!(serde_json::to_string(&Pet("Tom")).unwrap(), "\"Tom\"");
        assert_eq!(serde_json::to_string(&Pet([1, 2])).unwrap(), "[1,2]");
        assert_eq!(serde_json::to_string(&Pet(Wrapped::<u8>(None))).unwrap(), "null");
    }
}
