//! Members of an object that its schema does not name.

use std::collections::{BTreeMap, btree_map};
use std::fmt;
use std::ops::{Deref, DerefMut};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The members of an object that its schema allows but does not name, by name.
///
/// A generated type has a field of this type if its schema has `properties` beside `additionalProperties`. It is a
/// [`BTreeMap`], so members are written in the order of their names. `Debug` shows only the names, since a value could be
/// a secret.
///
/// ```
/// use auth_transport::FurtherMembers;
///
/// let mut members: FurtherMembers = FurtherMembers::from([("colour", "red".into())]);
/// members.insert("size".to_owned(), 3.into());
/// assert_eq!(members["colour"], "red");
/// assert_eq!(format!("{members:?}"), r#"{"colour", "size"}"#);
/// ```
#[derive(Clone, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(transparent)]
#[schemars(inline)]
pub struct FurtherMembers<T = Value>(BTreeMap<String, T>);

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
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq, Serialize)]
    struct Named {
        name: String,
        #[serde(flatten)]
        further: FurtherMembers,
    }

    #[test]
    fn members_without_a_name_are_read_and_written_back() {
        let text = r#"{"name":"n","big":9007199254740993,"deep":{"list":[1,null]},"least":-9223372036854775808}"#;
        let read: Named = serde_json::from_str(text).unwrap();
        assert_eq!((read.name.as_str(), read.further.len()), ("n", 3));
        assert_eq!(read.further["deep"], json!({ "list": [1, null] }));
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
        let none = Named { name: "n".to_owned(), further: FurtherMembers::default() };
        assert_eq!(serde_json::to_string(&none).unwrap(), r#"{"name":"n"}"#);
    }

    #[test]
    fn debug_shows_names_and_no_values() {
        let members = FurtherMembers::from([("pin", json!("marker")), ("a", json!({ "b": "marker" }))]);
        assert_eq!(format!("{members:?}"), r#"{"a", "pin"}"#);
        assert!(!format!("{members:#?}").contains("marker"));
    }

    #[test]
    fn the_schema_is_that_of_the_map() {
        let schema = schemars::schema_for!(FurtherMembers<String>);
        assert_eq!(schema.get("additionalProperties"), Some(&json!({ "type": "string" })));
    }
}
