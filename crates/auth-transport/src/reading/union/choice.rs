//! Reads the member of a union that keeps the most of a value.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error};

use super::super::probe::probe;
use super::super::raw_text::RawText;
use super::compare::Selected;
use super::fit::Fit;
use super::json::kind;
use super::memory;
use super::shape::{ARRAYS, BOOLEANS, NULLS, OBJECTS, STRINGS, Shape};

/// Reads a member of a union; `None` if its type cannot hold the value.
pub type Member<T> = fn(Text<'_>) -> Option<T>;

/// The table of a generated enum, whose variants are the members of a union.
#[derive(Debug)]
pub struct Union<T: 'static> {
    name: &'static str,
    shape: &'static Shape,
    members: &'static [Member<T>],
}

/// The JSON text of a value.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    json: &'a str,
    /// The property of the discriminator.
    tag: Option<&'static str>,
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Text(..)")
    }
}

impl Text<'_> {
    /// Reads a value and wraps it, usually into a variant.
    pub fn read<M: DeserializeOwned, T>(self, wrap: fn(M) -> T) -> Option<T> {
        let probe = probe::<M>(self.json).ok()?;
        let probe = match self.tag {
            Some(tag) => probe.knowing(tag),
            None => probe,
        };
        Some(wrap(probe.accept()))
    }
}

impl<T> Union<T> {
    /// A union with this name, the shape of all of its members, and a function for each that reads it, in the same order.
    #[must_use]
    pub const fn new(name: &'static str, shape: &'static Shape, members: &'static [Member<T>]) -> Self {
        Self { name, shape, members }
    }

    /// Reads a value as one of the members.
    ///
    /// With a discriminator, its value selects the member. Without one, or if the value does not have it, members are excluded
    /// that have another type, require a member that is absent, or allow only another value for one. Of the others, that one
    /// is read that keeps the most of the value; of several, the first. If the schemas of all forbid the value, for example
    /// because its object has an unknown member, one is read only if no other keeps as much. A base comes before what extends it.
    ///
    /// # Errors
    ///
    /// Fails if the value cannot be read as any member. The error states the JSON type of the value, and nothing else of it.
    pub fn read<'de, D: Deserializer<'de>>(&'static self, deserializer: D) -> Result<T, D::Error> {
        let raw = RawText::deserialize(deserializer)?;
        let text = raw.as_str();
        let Some(_guard) = memory::enter(text) else { return Err(D::Error::custom("recursion limit exceeded")) };
        let chosen = match memory::choice(text, self) {
            Some(known) => known.and_then(|index| self.member(index, text)),
            None => {
                let found = self.choose(text);
                memory::choose(text, self, found.as_ref().map(|(index, _)| *index));
                found.map(|(_, value)| value)
            }
        };
        chosen.ok_or_else(|| {
            let Self { name, .. } = self;
            D::Error::custom(format_args!("{} that fits no member of `{name}`", type_name(text)))
        })
    }

    /// The index of the member that is read, and its value.
    fn choose(&self, text: &str) -> Option<(usize, T)> {
        let selected = self.shape.tag.map(|tag| tag.selected(text));
        match selected {
            Some(Selected::Member(index)) => return Some((index, self.member(index, text)?)),
            Some(Selected::Nothing) => return None,
            Some(Selected::Absent) | None => {}
        }
        let fits = self.shape.one_of.iter().enumerate();
        let mut fits: Vec<(usize, Fit)> = fits.filter_map(|(index, shape)| Some((index, shape.fit(text)?))).collect();
        let base = self.shape.tag.and_then(|tag| tag.base);
        fits.sort_by_key(|(index, fit)| (fit.rank(), base.is_some_and(|base| base != *index)));
        // Without the value of a discriminator, being the first member means nothing.
        let first_wins = selected.is_none() || base.is_some();
        for equal in fits.chunk_by(|(_, one), (_, other)| one.rank() == other.rank()) {
            let mut read =
                equal.iter().filter_map(|(index, fit)| Some((*index, fit.is_valid(), self.member(*index, text)?)));
            if let Some((index, is_valid, value)) = read.next() {
                return (is_valid && first_wins || read.next().is_none()).then_some((index, value));
            }
        }
        None
    }

    fn member(&self, index: usize, text: &str) -> Option<T> {
        self.members.get(index)?(Text { json: text, tag: self.shape.tag.map(|tag| tag.property) })
    }
}

/// The type of a JSON value, with its article.
fn type_name(text: &str) -> &'static str {
    match kind(text) {
        NULLS => "null",
        BOOLEANS => "a boolean",
        STRINGS => "a string",
        ARRAYS => "an array",
        OBJECTS => "an object",
        _ => "a number",
    }
}

#[cfg(test)]
mod tests;
