//! Compares JSON with shapes.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::memory;
use super::shape::{ARRAYS, BOOLEANS, INTEGERS, NULLS, NUMBERS, OBJECTS, Others, STRINGS, Shape, Tag};

/// How a value compares with a shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Fit {
    /// The parts that have another type or another value than the schema allows.
    pub(super) deviations: usize,
    /// The members that the type drops.
    pub(super) dropped: usize,
    /// Whether an object has members that its schema forbids.
    pub(super) has_forbidden: bool,
    /// Whether this is an object, and the type keeps none of its members.
    pub(super) keeps_nothing: bool,
}

impl Fit {
    /// Whether the schema allows the value.
    pub(super) fn is_valid(self) -> bool {
        self.deviations == 0 && !self.has_forbidden
    }

    /// The sort key of the members of a union: first those that allow the value and keep a part of it, then the fewest losses.
    pub(super) fn rank(self) -> (bool, usize, bool) {
        (!self.is_valid() || self.keeps_nothing, self.deviations + self.dropped, self.keeps_nothing)
    }

    /// Adds the comparison of a part.
    fn add(&mut self, part: Option<Self>) {
        match part {
            Some(part) => {
                self.deviations += part.deviations;
                self.dropped += part.dropped;
                self.has_forbidden |= part.has_forbidden;
            }
            None => self.deviations += 1,
        }
    }
}

impl Shape {
    /// How a value compares with this shape; `None` if it cannot be meant by it: it has another type, lacks a required member,
    /// or has another value where there is only one.
    pub(super) fn fit(&self, text: &str) -> Option<Fit> {
        if !self.one_of.is_empty() {
            return memory::fit(text, self, || self.fit_of_union(text));
        }
        let mut fit = Fit::default();
        let kind = kind(text);
        if self.types & kind == 0 {
            if kind != NUMBERS || self.types & INTEGERS == 0 || !is_integral(text) {
                return None;
            }
            // A type for numbers would write back the same text.
            fit.dropped += 1;
        }
        if !self.values.is_empty() && !self.values.iter().any(|value| are_equal(value, text)) {
            if self.is_constant() || self.values.iter().all(|value| self::kind(value) != kind) {
                return None;
            }
            fit.deviations += 1;
        }
        match kind {
            OBJECTS if self.is_specific() => self.fit_of_object(text, fit),
            ARRAYS => {
                if let Some(items) = self.items {
                    elements(text)?.into_iter().for_each(|element| fit.add(items.fit(element.get())));
                }
                Some(fit)
            }
            _ => Some(fit),
        }
    }

    /// Whether anything is known about members.
    fn is_specific(&self) -> bool {
        !self.properties.is_empty() || !matches!(self.others, Others::Kept(None))
    }

    fn is_constant(&self) -> bool {
        self.values.len() == 1
    }

    fn fit_of_object(&self, text: &str, mut fit: Fit) -> Option<Fit> {
        let members = members(text)?;
        let mut kept = 0;
        let mut present = vec![false; self.properties.len()];
        for (Name(name), value) in &members.0 {
            if let Ok(index) = self.properties.binary_search_by(|property| property.name.cmp(name)) {
                let shape = self.properties[index].shape;
                let part = shape.fit(value.get());
                if part.is_none() && shape.is_constant() {
                    return None;
                }
                fit.add(part);
                present[index] = true;
                kept += 1;
                continue;
            }
            match self.others {
                Others::Kept(shape) => {
                    fit.add(shape.map_or(Some(Fit::default()), |shape| shape.fit(value.get())));
                    kept += 1;
                }
                Others::Dropped => fit.dropped += 1,
                Others::Forbidden => {
                    fit.dropped += 1;
                    fit.has_forbidden = true;
                }
            }
        }
        fit.keeps_nothing = kept == 0 && !members.0.is_empty();
        let absent =
            self.properties.iter().zip(present).any(|(property, is_present)| property.is_required && !is_present);
        (!absent).then_some(fit)
    }

    fn fit_of_union(&self, text: &str) -> Option<Fit> {
        match self.tag.map(|tag| tag.selected(text)) {
            Some(Selected::Member(index)) => self.one_of.get(index)?.fit(text),
            Some(Selected::Nothing) => None,
            Some(Selected::Absent) | None => {
                self.one_of.iter().filter_map(|shape| shape.fit(text)).min_by_key(|fit| fit.rank())
            }
        }
    }
}

/// What a discriminator says about a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Selected {
    /// It selects the member with this index.
    Member(usize),
    /// Its value selects none.
    Nothing,
    /// The value does not have it.
    Absent,
}

impl Tag {
    /// What the discriminator says about a value.
    pub(super) fn selected(&self, text: &str) -> Selected {
        let Some(members) = (kind(text) == OBJECTS).then(|| members(text)).flatten() else { return Selected::Absent };
        let value = members.0.iter().find(|(name, _)| name.0 == self.property).map(|(_, value)| value.get());
        let Some(value) = value.filter(|value| kind(value) != NULLS) else { return Selected::Absent };
        let value = string(value).unwrap_or(Cow::Borrowed(value));
        let index = self.values.iter().find(|(tag, _)| *tag == value).map(|(_, index)| *index);
        index.map_or(Selected::Nothing, Selected::Member)
    }
}

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

fn is_integral(number: &str) -> bool {
    number.parse::<f64>().is_ok_and(|number| number.fract() == 0.0)
}

/// Whether two JSON values without parts are equal.
fn are_equal(one: &str, other: &str) -> bool {
    let is_number = |text: &str| kind(text) & (INTEGERS | NUMBERS) != 0;
    one == other
        || is_number(one) && is_number(other) && one.parse::<f64>().ok() == other.parse().ok()
        || string(one).is_some_and(|one| string(other).is_some_and(|other| one == other))
}

fn string(text: &str) -> Option<Cow<'_, str>> {
    (kind(text) == STRINGS).then(|| serde_json::from_str::<Name<'_>>(text).ok()).flatten().map(|name| name.0)
}

fn elements(text: &str) -> Option<Vec<&RawValue>> {
    serde_json::from_str(text).ok()
}

fn members(text: &str) -> Option<Members<'_>> {
    serde_json::from_str(text).ok()
}

/// The members of an object, in its order.
struct Members<'a>(Vec<(Name<'a>, &'a RawValue)>);

/// A text that is borrowed if it has no escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

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
