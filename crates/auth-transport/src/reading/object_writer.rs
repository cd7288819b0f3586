//! Writes an object with members that its type does not have.

use serde::ser::{Error, SerializeMap, SerializeStruct};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// The members that are written beside those of a type.
pub(super) trait Addition {
    /// Sees the name of a member that the type writes.
    ///
    /// # Errors
    /// Fails if the member must not be there.
    fn see<E: Error>(&mut self, name: &str) -> Result<(), E>;

    /// Writes what is missing, after the members of the type.
    ///
    /// # Errors
    /// Fails as the serializer does.
    fn write<M: SerializeMap>(self, members: &mut M) -> Result<(), M::Error>;
}

/// A serializer that adds members to an object. Other values are written unchanged.
pub(super) struct ObjectWriter<S, A> {
    pub(super) serializer: S,
    pub(super) addition: A,
}

/// Methods that pass a value on.
macro_rules! pass {
    ($($name:ident($($argument:ident: $kind:ty),*) -> $output:ident;)+) => {
        $(fn $name(self $(, $argument: $kind)*) -> Result<Self::$output, Self::Error> {
            self.serializer.$name($($argument),*)
        })+
    };
}

impl<S: Serializer, A: Addition> Serializer for ObjectWriter<S, A> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = S::SerializeSeq;
    type SerializeTuple = S::SerializeTuple;
    type SerializeTupleStruct = S::SerializeTupleStruct;
    type SerializeTupleVariant = S::SerializeTupleVariant;
    type SerializeMap = Members<S::SerializeMap, A>;
    type SerializeStruct = Members<S::SerializeMap, A>;
    type SerializeStructVariant = S::SerializeStructVariant;

    pass! {
        serialize_bool(value: bool) -> Ok;
        serialize_i8(value: i8) -> Ok;
        serialize_i16(value: i16) -> Ok;
        serialize_i32(value: i32) -> Ok;
        serialize_i64(value: i64) -> Ok;
        serialize_i128(value: i128) -> Ok;
        serialize_u8(value: u8) -> Ok;
        serialize_u16(value: u16) -> Ok;
        serialize_u32(value: u32) -> Ok;
        serialize_u64(value: u64) -> Ok;
        serialize_u128(value: u128) -> Ok;
        serialize_f32(value: f32) -> Ok;
        serialize_f64(value: f64) -> Ok;
        serialize_char(value: char) -> Ok;
        serialize_str(value: &str) -> Ok;
        serialize_bytes(value: &[u8]) -> Ok;
        serialize_none() -> Ok;
        serialize_unit() -> Ok;
        serialize_unit_struct(name: &'static str) -> Ok;
        serialize_unit_variant(name: &'static str, index: u32, variant: &'static str) -> Ok;
        serialize_seq(len: Option<usize>) -> SerializeSeq;
        serialize_tuple(len: usize) -> SerializeTuple;
        serialize_tuple_struct(name: &'static str, len: usize) -> SerializeTupleStruct;
        serialize_tuple_variant(name: &'static str, index: u32, variant: &'static str, len: usize) -> SerializeTupleVariant;
        serialize_struct_variant(name: &'static str, index: u32, variant: &'static str, len: usize) -> SerializeStructVariant;
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        self.serializer.serialize_newtype_variant(name, index, variant, value)
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        let Self { serializer, addition } = self;
        Ok(Members { members: serializer.serialize_map(None)?, addition })
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Self::SerializeStruct, S::Error> {
        self.serialize_map(None)
    }

    fn is_human_readable(&self) -> bool {
        self.serializer.is_human_readable()
    }
}

/// The members of an object to which others are added.
pub(super) struct Members<M, A> {
    members: M,
    addition: A,
}

impl<M: SerializeMap, A: Addition> Members<M, A> {
    fn finish(mut self) -> Result<M::Ok, M::Error> {
        self.addition.write(&mut self.members)?;
        self.members.end()
    }
}

impl<M: SerializeMap, A: Addition> SerializeStruct for Members<M, A> {
    type Ok = M::Ok;
    type Error = M::Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), M::Error> {
        self.addition.see(name)?;
        self.members.serialize_entry(name, value)
    }

    fn end(self) -> Result<M::Ok, M::Error> {
        self.finish()
    }
}

impl<M: SerializeMap, A: Addition> SerializeMap for Members<M, A> {
    type Ok = M::Ok;
    type Error = M::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<(), M::Error> {
        if let Ok(Value::String(name)) = serde_json::to_value(name) {
            self.addition.see(&name)?;
        }
        self.members.serialize_key(name)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), M::Error> {
        self.members.serialize_value(value)
    }

    fn end(self) -> Result<M::Ok, M::Error> {
        self.finish()
    }
}
