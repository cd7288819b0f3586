//! Reads an object, and apart from it the members that its type does not have.
//!
//! A derived type has one function that reads it, which asks for a struct with a list of fields. The deserializer here passes that
//! request on, so that a reader around it still sees the fields, and takes the other members before the type sees them.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::context::OPEN;

/// A deserializer that puts the members which a type does not have into `further`.
pub(super) struct ObjectReader<'further, D, T> {
    pub(super) inner: D,
    pub(super) further: &'further mut BTreeMap<String, T>,
    /// Whether the document allows these members.
    pub(super) is_open: bool,
}

impl<'de, D: Deserializer<'de>, T: Deserialize<'de>> Deserializer<'de> for ObjectReader<'_, D, T> {
    type Error = D::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let name = if self.is_open { OPEN } else { name };
        self.inner.deserialize_struct(
            name,
            fields,
            Object { visitor, fields, further: self.further, is_open: self.is_open },
        )
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct
        seq tuple tuple_struct map enum identifier ignored_any
    }
}

struct Object<'further, V, T> {
    visitor: V,
    fields: &'static [&'static str],
    further: &'further mut BTreeMap<String, T>,
    is_open: bool,
}

impl<'de, V: Visitor<'de>, T: Deserialize<'de>> Visitor<'de> for Object<'_, V, T> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(formatter)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        let Self { visitor, fields, further, is_open } = self;
        visitor.visit_map(Members { inner: members, fields, next: 0, further, is_open })
    }
}

/// The members that the type has.
struct Members<'further, A, T> {
    inner: A,
    fields: &'static [&'static str],
    /// The index of the member that probably comes next.
    next: usize,
    further: &'further mut BTreeMap<String, T>,
    is_open: bool,
}

impl<'de, A: MapAccess<'de>, T: Deserialize<'de>> MapAccess<'de> for Members<'_, A, T> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        loop {
            match self.inner.next_key_seed(Name { fields: self.fields, next: &mut self.next })? {
                None => return Ok(None),
                Some(Found::Field(name)) => return seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some),
                Some(Found::Other(name)) => {
                    let value = self.inner.next_value()?;
                    // The last one counts if the program cannot rely on the member anyway.
                    if self.further.insert(name, value).is_some() && self.is_open {
                        return Err(A::Error::custom("a name occurs twice"));
                    }
                }
            }
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.inner.next_value_seed(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

/// Finds a name in a list of fields; `next` is the index of the one that is probable, and becomes that of the one after it.
pub(super) fn find(fields: &'static [&'static str], next: &mut usize, name: &str) -> Option<&'static str> {
    let is_next = fields.get(*next).is_some_and(|field| *field == name);
    let found = if is_next { *next } else { fields.iter().position(|field| *field == name)? };
    *next = found + 1;
    Some(fields[found])
}

/// Reads the name of a member.
struct Name<'next> {
    fields: &'static [&'static str],
    next: &'next mut usize,
}

/// The name of a member.
enum Found {
    Field(&'static str),
    Other(String),
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Found;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Found;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of a member")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Found, E> {
        Ok(find(self.fields, self.next, name).map_or_else(|| Found::Other(name.to_owned()), Found::Field))
    }

    fn visit_string<E: Error>(self, name: String) -> Result<Found, E> {
        Ok(find(self.fields, self.next, &name).map_or(Found::Other(name), Found::Field))
    }
}
