//! Enumerated values.

use std::fmt;

use serde::de::value::{BorrowedStrDeserializer, StrDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, VariantAccess,
    Visitor,
};

use super::context::{Context, Enumerated, Key, Seed};
use super::drift::DriftKind;
use super::path::Segment;

impl<'de, V: Visitor<'de>> Enumerated<'_, V> {
    /// Reads a text from `inner`, which has this value.
    fn text<E: Error>(self, value: &str, inner: impl EnumAccess<'de, Error = E>) -> Result<V::Value, E> {
        let is_known = self.values.contains(&value);
        let value = self.visitor.visit_enum(inner)?;
        if !is_known {
            self.context.note(None, DriftKind::UnknownValue);
        }
        Ok(value)
    }
}

/// Visits of values that are neither.
macro_rules! refuse {
    ($($method:ident: $value:ty, $unexpected:ident);*) => {$(
        fn $method<E: Error>(self, value: $value) -> Result<V::Value, E> {
            Err(E::invalid_type(Unexpected::$unexpected(value), &self.visitor))
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Enumerated<'_, V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(formatter)
    }

    refuse! { visit_bool: bool, Bool; visit_i64: i64, Signed; visit_u64: u64, Unsigned; visit_f64: f64, Float }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        Err(E::invalid_type(Unexpected::Unit, &self.visitor))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _elements: A) -> Result<V::Value, A::Error> {
        Err(A::Error::invalid_type(Unexpected::Seq, &self.visitor))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<V::Value, E> {
        self.text(value, StrDeserializer::new(value))
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<V::Value, E> {
        self.text(value, BorrowedStrDeserializer::new(value))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<V::Value, E> {
        self.visit_str(&value)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        let Self { visitor, values, context } = self;
        visitor.visit_enum(Variant { inner: members, values, context, name: Segment::Any })
    }
}

/// An object whose one member names the variant.
struct Variant<'context, A> {
    inner: A,
    values: &'static [&'static str],
    context: &'context mut Context,
    name: Segment,
}

impl<'de, A: MapAccess<'de>> EnumAccess<'de> for Variant<'_, A> {
    type Error = A::Error;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(mut self, seed: S) -> Result<(S::Value, Self), A::Error> {
        let (values, known) = (self.values, &mut self.name);
        let mut see = |name: &str| {
            *known = values.iter().find(|value| **value == name).map_or(Segment::Any, |value| Segment::known(value));
        };
        let name = self.inner.next_key_seed(Key { inner: seed, see: &mut see })?;
        let name = name.ok_or_else(|| A::Error::invalid_type(Unexpected::Map, &"an object with one member"))?;
        Ok((name, self))
    }
}

impl<'de, A: MapAccess<'de>> Variant<'_, A> {
    /// Reads the value of the only member.
    fn content<S: DeserializeSeed<'de>>(mut self, seed: S) -> Result<S::Value, A::Error> {
        self.context.enter(self.name)?;
        let content = self.inner.next_value_seed(Seed { seed, context: self.context })?;
        self.context.path.pop();
        match self.inner.next_key::<IgnoredAny>()? {
            None => Ok(content),
            Some(_) => Err(A::Error::invalid_type(Unexpected::Map, &"an object with one member")),
        }
    }
}

impl<'de, A: MapAccess<'de>> VariantAccess<'de> for Variant<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        // A value without content is a text. `{"a": null}` would be written back as `"a"`.
        Err(A::Error::invalid_type(Unexpected::Map, &"a string"))
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.content(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.content(Tuple { length, visitor })
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.content(Struct { fields, visitor })
    }
}

struct Tuple<V> {
    length: usize,
    visitor: V,
}

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for Tuple<V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        deserializer.deserialize_tuple(self.length, self.visitor)
    }
}

struct Struct<V> {
    fields: &'static [&'static str],
    visitor: V,
}

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for Struct<V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        deserializer.deserialize_struct("", self.fields, self.visitor)
    }
}
