//! Writes the tag of a member of a union.

use serde::ser::{SerializeMap, SerializeStruct};
use serde::{Serialize, Serializer};
use serde_json::Value;

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
    member.serialize(Tagged { serializer, property, tag })
}

struct Tagged<S> {
    serializer: S,
    property: &'static str,
    tag: &'static str,
}

/// Methods that pass a value on.
macro_rules! pass {
    ($($name:ident($($argument:ident: $kind:ty),*) -> $output:ident;)+) => {
        $(fn $name(self $(, $argument: $kind)*) -> Result<Self::$output, Self::Error> {
            self.serializer.$name($($argument),*)
        })+
    };
}

impl<S: Serializer> Serializer for Tagged<S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = S::SerializeSeq;
    type SerializeTuple = S::SerializeTuple;
    type SerializeTupleStruct = S::SerializeTupleStruct;
    type SerializeTupleVariant = S::SerializeTupleVariant;
    type SerializeMap = Members<S::SerializeMap>;
    type SerializeStruct = Members<S::SerializeMap>;
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
        let Self { serializer, property, tag } = self;
        Ok(Members { map: serializer.serialize_map(None)?, property, tag, is_written: false })
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Self::SerializeStruct, S::Error> {
        self.serialize_map(None)
    }

    fn is_human_readable(&self) -> bool {
        self.serializer.is_human_readable()
    }
}

/// The members of an object with a tag.
struct Members<M> {
    map: M,
    property: &'static str,
    tag: &'static str,
    is_written: bool,
}

impl<M: SerializeMap> Members<M> {
    fn finish(mut self) -> Result<M::Ok, M::Error> {
        if !self.is_written {
            self.map.serialize_entry(self.property, self.tag)?;
        }
        self.map.end()
    }
}

impl<M: SerializeMap> SerializeStruct for Members<M> {
    type Ok = M::Ok;
    type Error = M::Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), M::Error> {
        self.is_written |= name == self.property;
        self.map.serialize_entry(name, value)
    }

    fn end(self) -> Result<M::Ok, M::Error> {
        self.finish()
    }
}

impl<M: SerializeMap> SerializeMap for Members<M> {
    type Ok = M::Ok;
    type Error = M::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<(), M::Error> {
        self.is_written |= matches!(serde_json::to_value(name), Ok(Value::String(name)) if name == self.property);
        self.map.serialize_key(name)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), M::Error> {
        self.map.serialize_value(value)
    }

    fn end(self) -> Result<M::Ok, M::Error> {
        self.finish()
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
