//! Visitors and accesses that keep track of the place.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Unexpected, Visitor};

use super::context::{Context, Key, Known, Reader, Seed, Shape, Tracked};
use super::drift::DriftKind;
use super::object_reader::find;
use super::path::Segment;

/// Visits of values without parts.
macro_rules! pass_on {
    ($($method:ident: $value:ty),* $(,)?) => {$(
        fn $method<E: Error>(self, value: $value) -> Result<V::Value, E> {
            self.visitor.$method(value)
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Tracked<'_, V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(formatter)
    }

    pass_on! {
        visit_bool: bool, visit_i8: i8, visit_i16: i16, visit_i32: i32, visit_i64: i64, visit_i128: i128,
        visit_u8: u8, visit_u16: u16, visit_u32: u32, visit_u64: u64, visit_u128: u128,
        visit_f32: f32, visit_f64: f64, visit_char: char, visit_str: &str, visit_borrowed_str: &'de str,
        visit_string: String, visit_bytes: &[u8], visit_borrowed_bytes: &'de [u8], visit_byte_buf: Vec<u8>,
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        match self.shape {
            Shape::Received => self.visitor.visit_unit(),
            _ => self.visitor.visit_none(),
        }
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_some(Reader { inner, context: self.context })
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_newtype_struct(Reader { inner, context: self.context })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<V::Value, A::Error> {
        match self.shape {
            // A derived type would take the elements for its members, in their order.
            Shape::Struct(_) => Err(A::Error::invalid_type(Unexpected::Seq, &self.visitor)),
            _ => self.visitor.visit_seq(Elements { inner: elements, context: self.context }),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        let known = match self.shape {
            Shape::Newtype => return self.visitor.visit_map(members),
            Shape::Struct(known) => Some(known),
            Shape::Any | Shape::Received => None,
        };
        let Self { visitor, context, .. } = self;
        let members = Members { inner: members, context: &mut *context, known, next: 0, key: Segment::Any };
        visitor.visit_map(members).inspect_err(|error| {
            // The place of an absent member, whose name is one of the document.
            let text = error.to_string();
            let name = text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
            if let Some(name) = known.and_then(|known| known.names.iter().find(|own| Some(**own) == name)) {
                context.path.push(Segment::known(name));
            }
        })
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_enum(data)
    }
}

/// The elements of a list.
struct Elements<'context, A> {
    inner: A,
    context: &'context mut Context,
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Elements<'_, A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.context.enter(Segment::Any)?;
        let element = self.inner.next_element_seed(Seed { seed, context: self.context })?;
        self.context.path.pop();
        Ok(element)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

/// The members of an object or a map.
struct Members<'context, A> {
    inner: A,
    context: &'context mut Context,
    /// The members that the document describes, if the type is a struct.
    known: Option<Known>,
    /// The index of the member that probably comes next: servers send members in the order of the document.
    next: usize,
    key: Segment,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Members<'_, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        let Self { inner, context, known, next, key } = self;
        *key = Segment::Any;
        let mut is_unknown = false;
        let mut see = |name: &str| {
            let documented = known.and_then(|known| find(known.names, next, name));
            let is_open = known.is_some_and(|known| known.is_open);
            is_unknown = known.is_some() && documented.is_none() && !is_open;
            *key = match documented {
                Some(name) => Segment::known(name),
                None if is_open => Segment::Any,
                None => Segment::of_member(name),
            };
        };
        let found = inner.next_key_seed(Key { inner: seed, see: &mut see });
        if is_unknown {
            if found.is_err() {
                context.path.push(key.clone());
            } else {
                context.note(Some(key.clone()), DriftKind::UnknownMember);
            }
        }
        found
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.context.enter(std::mem::replace(&mut self.key, Segment::Any))?;
        let value = self.inner.next_value_seed(Seed { seed, context: self.context })?;
        self.context.path.pop();
        Ok(value)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}
