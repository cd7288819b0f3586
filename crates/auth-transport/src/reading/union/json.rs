//! The parts of a JSON text.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::shape::{ARRAYS, BOOLEANS, INTEGERS, NULLS, NUMBERS, OBJECTS, STRINGS};

/// The type of a JSON value, as a bit.
pub(super) fn kind(text: &str) -> u8 {
    match text.as_bytes().first() {
        Some(b'{') => OBJECTS,
        Some(b'[') => ARRAYS,
        Some(b'"') => STRINGS,
        Some(b't' | b'f') => BOOLEANS,
        Some(b'n') => NULLS,
        _ if text.contains(['.', 'e', 'E']) => NUMBERS,
        _ => INTEGERS,
    }
}

/// Whether a number has no fraction.
pub(super) fn is_integral(number: &str) -> bool {
    number.parse::<f64>().is_ok_and(|number| number.fract() == 0.0)
}

/// Whether two JSON values without parts are equal.
pub(super) fn are_equal(one: &str, other: &str) -> bool {
    let is_number = |text: &str| kind(text) & (INTEGERS | NUMBERS) != 0;
    one == other
        || is_number(one) && is_number(other) && one.parse::<f64>().ok() == other.parse().ok()
        || string(one).is_some_and(|one| string(other).is_some_and(|other| one == other))
}

/// The characters of a string; `None` if this is none.
pub(super) fn string(text: &str) -> Option<Cow<'_, str>> {
    (kind(text) == STRINGS).then(|| serde_json::from_str::<Name<'_>>(text).ok()).flatten().map(|name| name.0)
}

/// The elements of a list.
pub(super) fn elements(text: &str) -> Option<Vec<&RawValue>> {
    serde_json::from_str(text).ok()
}

/// The members of an object.
pub(super) fn members(text: &str) -> Option<Members<'_>> {
    serde_json::from_str(text).ok()
}

/// The members of an object, in its order.
pub(super) struct Members<'a>(pub(super) Vec<(Name<'a>, &'a RawValue)>);

/// A text that is borrowed if it has no escapes.
#[derive(Deserialize)]
pub(super) struct Name<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Object)
    }
}

struct Object;

impl<'de> Visitor<'de> for Object {
    type Value = Members<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::with_capacity(map.size_hint().unwrap_or(8));
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}
