//! The deserializer that reads a part of a body and knows its place.

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, Visitor};
use serde_json::value::RawValue;

use super::context::{Enumerated, Known, OPEN, RECEIVED, Reader, Seed, Tracked};
use super::integer;
use super::notes;

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Seed<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        let Self { seed, context } = self;
        let value = seed.deserialize(Reader { inner, context: &mut *context })?;
        context.take_notes();
        Ok(value)
    }
}

/// Methods for values without parts, and what they have in common with the wrapped deserializer.
macro_rules! pass_on {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.inner.$method(visitor)
        }
    )*};
}

/// Methods for integers.
macro_rules! read_integers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            if !self.context.tolerant {
                return self.inner.$method(visitor);
            }
            // From the text, since a number with a fraction or an exponent is not exact as a float.
            let text = <&RawValue>::deserialize(self.inner)?.get();
            match integer::exact(text) {
                Some(value) => integer::visit(value, visitor),
                None => serde_json::Deserializer::from_str(text).$method(visitor).map_err(D::Error::custom),
            }
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Reader<'_, D> {
    type Error = D::Error;

    pass_on! {
        deserialize_bool deserialize_f32 deserialize_f64 deserialize_char deserialize_str deserialize_string
        deserialize_bytes deserialize_byte_buf deserialize_unit deserialize_identifier
    }

    read_integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.context.found.skip(&self.context.path);
        self.inner.deserialize_ignored_any(visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_any(Tracked::new(visitor, self.context))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_option(Tracked::new(visitor, self.context))
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_unit_struct(name, visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        if name != RECEIVED {
            // It may be a type that takes the text and reads it itself.
            notes::passes_on(self.context.part());
            return self.inner.deserialize_newtype_struct(name, Tracked::new(visitor, self.context).of_newtype());
        }
        if !self.context.tolerant {
            return self.inner.deserialize_option(Tracked::new(visitor, self.context).of_received());
        }
        let text = <&RawValue>::deserialize(self.inner)?.get();
        if text == "null" {
            return visitor.visit_unit();
        }
        notes::passes_on(self.context.part());
        visitor.visit_borrowed_bytes(text.as_bytes())
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_seq(Tracked::new(visitor, self.context))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_tuple(length, Tracked::new(visitor, self.context))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.inner.deserialize_tuple_struct(name, length, Tracked::new(visitor, self.context))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_map(Tracked::new(visitor, self.context))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let known = Known { names: fields, is_open: name == OPEN };
        let visitor = Tracked::new(visitor, self.context).of_struct(known);
        self.inner.deserialize_struct(name, fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        values: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.inner.deserialize_any(Enumerated { visitor, values, context: self.context })
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}
