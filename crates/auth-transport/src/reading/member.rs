//! Reading members of answers.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeOwned, Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::context::RECEIVED;
use super::drift::DriftKind;
use super::no_value::JsonType;
use super::notes;
use super::probe::probe;
use super::received::{Instead, Received};
use super::treatment::Treatment;

/// The name by which `serde_json` recognizes a [`RawValue`]. It is private there; a test notices if it changes.
const RAW: &str = "$serde_json::private::RawValue";

impl<'de, T: DeserializeOwned, P: Treatment> Deserialize<'de> for Received<T, P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut is_present = false;
        let visitor = Member { is_present: &mut is_present, kind: PhantomData };
        deserializer.deserialize_newtype_struct(RECEIVED, visitor).or_else(|error| {
            // Derived types ask a type for the value of an absent member with a deserializer that only fails.
            let text = if is_present { String::new() } else { error.to_string() };
            let name = text.strip_prefix("missing field `").and_then(|rest| rest.rsplit_once('`'));
            let (name, _) = name.ok_or(error)?;
            notes::note_absent(name);
            Ok(Self::default())
        })
    }
}

/// Reads a member.
struct Member<'present, T, P> {
    is_present: &'present mut bool,
    kind: PhantomData<fn() -> (T, P)>,
}

impl<T: DeserializeOwned, P: Treatment> Member<'_, T, P> {
    /// The member with this JSON text.
    fn text(text: &str) -> Received<T, P> {
        if text == "null" {
            return Self::null();
        }
        match probe::<T>(text) {
            Ok(probe) => Received::with(probe.accept()),
            Err(failure) => {
                let kind = failure.kind();
                notes::note_at(failure.path, kind);
                Received::without_value(match RawValue::from_string(text.to_owned()) {
                    Ok(text) if !P::CONFIDENTIAL => Instead::Text(text),
                    _ => Instead::Withheld(JsonType::of(text)),
                })
            }
        }
    }

    fn null() -> Received<T, P> {
        if !P::NULLABLE {
            notes::note(DriftKind::Null);
        }
        Received::null()
    }

    fn value<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Received<T, P>, D::Error> {
        T::deserialize(deserializer).map(Received::with)
    }
}

/// Visits of formats that have no newtypes.
macro_rules! take {
    ($($method:ident: $value:ty),*) => {$(
        fn $method<E: serde::de::Error>(self, value: $value) -> Result<Received<T, P>, E> {
            *self.is_present = true;
            Self::value(value.into_deserializer())
        }
    )*};
}

impl<'de, T: DeserializeOwned, P: Treatment> Visitor<'de> for Member<'_, T, P> {
    type Value = Received<T, P>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a member of an answer")
    }

    /// `null`, from a reader.
    fn visit_unit<E: serde::de::Error>(self) -> Result<Received<T, P>, E> {
        *self.is_present = true;
        Ok(Self::null())
    }

    /// A value that must fit, from a reader.
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Received<T, P>, D::Error> {
        *self.is_present = true;
        Self::value(deserializer)
    }

    /// The text of a value that may be kept, from a reader.
    fn visit_borrowed_bytes<E: serde::de::Error>(self, text: &'de [u8]) -> Result<Received<T, P>, E> {
        *self.is_present = true;
        std::str::from_utf8(text).map(Self::text).map_err(E::custom)
    }

    /// A value from any other deserializer.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Received<T, P>, D::Error> {
        *self.is_present = true;
        deserializer.deserialize_newtype_struct(RAW, Unread { kind: self.kind })
    }

    take! { visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str, visit_string: String }

    fn visit_none<E: serde::de::Error>(self) -> Result<Received<T, P>, E> {
        self.visit_unit()
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, value: &'de str) -> Result<Received<T, P>, E> {
        *self.is_present = true;
        Self::value(BorrowedStrDeserializer::new(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<Received<T, P>, A::Error> {
        *self.is_present = true;
        Self::value(SeqAccessDeserializer::new(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Received<T, P>, A::Error> {
        *self.is_present = true;
        Self::value(MapAccessDeserializer::new(members))
    }
}

/// Takes the text of a value from `serde_json`, or the value from other deserializers, such as those of flattened members.
struct Unread<T, P> {
    kind: PhantomData<fn() -> (T, P)>,
}

impl<'de, T: DeserializeOwned, P: Treatment> Visitor<'de> for Unread<T, P> {
    type Value = Received<T, P>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Received<T, P>, A::Error> {
        match members.next_key::<Cow<'de, str>>()? {
            Some(name) if name == RAW => members.next_value::<String>().map(|text| Member::text(&text)),
            _ => Err(A::Error::custom("members of answers are read from JSON")),
        }
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Received<T, P>, D::Error> {
        let text = Value::deserialize(deserializer)?.to_string();
        Ok(notes::inside(|| Member::text(&text)))
    }
}
