//! Compares JSON with shapes.

use std::borrow::Cow;

use super::fit::Fit;
use super::json::{self, Name, are_equal, elements, is_integral, kind, members, string};
use super::memory;
use super::shape::{ARRAYS, INTEGERS, NULLS, NUMBERS, OBJECTS, Others, Shape, Tag};

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
            if self.is_constant() || self.values.iter().all(|value| json::kind(value) != kind) {
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
    /// The value does not have it, or has any other value.
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
        let other = if self.base.is_some() { Selected::Absent } else { Selected::Nothing };
        index.map_or(other, Selected::Member)
    }
}
