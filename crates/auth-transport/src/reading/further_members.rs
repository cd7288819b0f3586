//! Members of an object that its schema does not name.

use std::collections::{BTreeMap, btree_map};
use std::fmt;
use std::ops::{Deref, DerefMut};

use schemars::JsonSchema;
use serde::ser::{Error, SerializeMap};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::json::Json;
use super::object_reader::ObjectReader;
use super::object_writer::{Addition, ObjectWriter};
use super::path::Segment;

/// The members of an object that its schema does not name, by name.
///
/// A generated type has a field of this type if it is part of an answer, or if its schema has `properties` beside
/// `additionalProperties`. It is a [`BTreeMap`], so members are written in the order of their names. `Debug` shows only names that
/// consist of words, as a [`Drift`](crate::Drift) does, since values and other names could be secrets or keys.
///
/// ```
/// use auth_transport::FurtherMembers;
///
/// let mut members: FurtherMembers = FurtherMembers::from([("colour", "red".into())]);
/// members.insert("size".to_owned(), 3.into());
/// assert_eq!(members["colour"], "red");
/// members.insert("AE070331234567890123456".to_owned(), 1.into());
/// assert_eq!(format!("{members:?}"), r#"{"*", "colour", "size"}"#);
/// ```
#[derive(Clone, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(transparent)]
#[schemars(inline)]
pub struct FurtherMembers<T = Json>(BTreeMap<String, T>);

impl<T> FurtherMembers<T> {
    /// No members.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The map.
    #[must_use]
    pub fn into_map(self) -> BTreeMap<String, T> {
        self.0
    }
}

/// What generated code calls to read and write objects.
#[doc(hidden)]
impl<T> FurtherMembers<T> {
    /// A deserializer for the fields of a type. It puts the other members, which the document does not describe, into this.
    pub fn reader<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> impl Deserializer<'de, Error = D::Error>
    where
        T: Deserialize<'de>,
    {
        ObjectReader { inner: deserializer, further: &mut self.0, is_open: false }
    }

    /// The same for other members that the document allows, so that they are no [`Drift`](crate::Drift).
    pub fn open_reader<'de, D: Deserializer<'de>>(
        &mut self,
        deserializer: D,
    ) -> impl Deserializer<'de, Error = D::Error>
    where
        T: Deserialize<'de>,
    {
        ObjectReader { inner: deserializer, further: &mut self.0, is_open: true }
    }

    /// A serializer for the fields of a type. It writes these members after them.
    pub fn writer<S: Serializer>(&self, serializer: S) -> impl Serializer<Ok = S::Ok, Error = S::Error>
    where
        T: Serialize,
    {
        ObjectWriter { serializer, addition: self }
    }
}

impl<T: Serialize> Addition for &FurtherMembers<T> {
    fn see<E: Error>(&mut self, name: &str) -> Result<(), E> {
        if self.0.contains_key(name) {
            return Err(E::custom("a further member has the name of another member"));
        }
        Ok(())
    }

    fn write<M: SerializeMap>(self, members: &mut M) -> Result<(), M::Error> {
        self.0.iter().try_for_each(|(name, value)| members.serialize_entry(name, value))
    }
}

impl<T> Default for FurtherMembers<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Deref for FurtherMembers<T> {
    type Target = BTreeMap<String, T>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<T> DerefMut for FurtherMembers<T> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl<T> From<BTreeMap<String, T>> for FurtherMembers<T> {
    fn from(members: BTreeMap<String, T>) -> Self {
        Self(members)
    }
}

impl<K: Into<String>, T, const N: usize> From<[(K, T); N]> for FurtherMembers<T> {
    fn from(members: [(K, T); N]) -> Self {
        members.into_iter().collect()
    }
}

impl<K: Into<String>, T> FromIterator<(K, T)> for FurtherMembers<T> {
    fn from_iter<I: IntoIterator<Item = (K, T)>>(members: I) -> Self {
        Self(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }
}

impl<K: Into<String>, T> Extend<(K, T)> for FurtherMembers<T> {
    fn extend<I: IntoIterator<Item = (K, T)>>(&mut self, members: I) {
        self.0.extend(members.into_iter().map(|(name, value)| (name.into(), value)));
    }
}

impl<T> IntoIterator for FurtherMembers<T> {
    type Item = (String, T);
    type IntoIter = btree_map::IntoIter<String, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a FurtherMembers<T> {
    type Item = (&'a String, &'a T);
    type IntoIter = btree_map::Iter<'a, String, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<T> fmt::Debug for FurtherMembers<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.keys().map(|name| Segment::shown(name))).finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// As generated code has it.
    #[derive(Debug, PartialEq)]
    struct Named {
        name: String,
        size: Option<u8>,
        further: FurtherMembers,
    }

    const _: () = {
        #[derive(Deserialize, Serialize)]
        #[serde(remote = "Named", rename = "Named")]
        struct Members {
            name: String,
            #[serde(skip_serializing_if = "Option::is_none")]
            size: Option<u8>,
            #[serde(skip)]
            further: FurtherMembers,
        }

        impl<'de> Deserialize<'de> for Named {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let mut further = FurtherMembers::new();
                let object = Members::deserialize(further.reader(deserializer))?;
                Ok(Self { further, ..object })
            }
        }

        impl Serialize for Named {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Members::serialize(self, self.further.writer(serializer))
            }
        }
    };

    #[test]
    fn members_without_a_name_are_read_and_written_back() {
        let text = r#"{"name":"n","size":1,"big":123456789012345678901234567890,"deep":{"list":[1,null]},"least":-9223372036854775808}"#;
        let read: Named = serde_json::from_str(text).unwrap();
        assert_eq!((read.name.as_str(), read.size, read.further.len()), ("n", Some(1), 3));
        assert_eq!(read.further["deep"], json!({ "list": [1, null] }));
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
        let none = Named { name: "n".to_owned(), size: None, further: FurtherMembers::default() };
        assert_eq!(serde_json::to_string(&none).unwrap(), r#"{"name":"n"}"#);
        assert_eq!(serde_json::from_value::<Named>(json!({ "name": "n" })).unwrap(), none);
        assert_eq!(Named::deserialize(&json!({ "name": "n", "x": 1 })).unwrap().further["x"], 1);
        assert_eq!(serde_json::from_reader::<_, Named>(text.as_bytes()).unwrap(), read);
    }

    #[test]
    fn a_name_has_one_value() {
        for text in [r#"{"name":"n","name":"n"}"#, "{}", r#"["n",1]"#] {
            assert!(serde_json::from_str::<Named>(text).is_err(), "{text}");
        }
        let further = FurtherMembers::from([("size", 2.into())]);
        let mut named = Named { name: "n".to_owned(), size: None, further };
        assert_eq!(serde_json::to_string(&named).unwrap(), r#"{"name":"n","size":2}"#);
        named.size = Some(1);
        assert!(serde_json::to_string(&named).is_err());
    }

    #[test]
    fn debug_shows_names_and_no_values() {
        let members = FurtherMembers::from([("pin", json!("marker")), ("a", json!({ "b": "marker" }))]);
        assert_eq!(format!("{members:?}"), r#"{"a", "pin"}"#);
        assert!(!format!("{members:#?}").contains("marker"));
        let keys = FurtherMembers::from([("7f3a91c04d", 1), ("new_field", 2)]);
        assert_eq!(format!("{keys:?}"), r#"{"*", "new_field"}"#);
    }

    #[test]
    fn the_schema_is_that_of_the_map() {
        let schema = schemars::schema_for!(FurtherMembers<String>);
        assert_eq!(schema.get("additionalProperties"), Some(&json!({ "type": "string" })));
    }
}
