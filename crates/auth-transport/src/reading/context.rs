//! What a pass knows, and the wrappers that carry it through serde: deserializers, seeds and visitors.
//!
//! The wrappers create each other, so their implementations are in files of their own.

use serde::de::Error;

use super::drift::{Differences, Drift, DriftKind};
use super::notes::{self, MAX_DEPTH, Part};
use super::path::{Path, Segment};

/// The name by which a reader recognizes a received member.
pub(super) const RECEIVED: &str = "$auth_transport::Received";

/// The name by which a reader recognizes a struct that may have more members than its fields.
pub(super) const OPEN: &str = "$auth_transport::Open";

/// What a pass over a text knows.
#[derive(Debug)]
pub(super) struct Context {
    /// The current place; after an error, the place of the error.
    pub(super) path: Vec<Segment>,
    pub(super) found: Differences,
    /// The depth of the text in the body.
    base: usize,
    pub(super) tolerant: bool,
}

impl Context {
    pub(super) fn new(part: Part) -> Self {
        Self { path: vec![], found: Differences::default(), base: part.depth, tolerant: part.tolerant }
    }

    /// Steps into a member or an element.
    pub(super) fn enter<E: Error>(&mut self, segment: Segment) -> Result<(), E> {
        if self.base + self.path.len() >= MAX_DEPTH {
            return Err(E::custom("recursion limit exceeded"));
        }
        self.path.push(segment);
        Ok(())
    }

    /// Adds a difference at the current place, or below it.
    pub(super) fn note(&mut self, below: Option<Segment>, kind: DriftKind) {
        let path = self.path.iter().cloned().chain(below).collect();
        self.found.add(Drift::at(Path(path), kind));
    }

    /// Takes what types noted that read the current place themselves.
    pub(super) fn take_notes(&mut self) {
        if let Some(notes) = notes::take() {
            self.found.add_all(notes, &self.path);
        }
    }

    pub(super) fn part(&self) -> Part {
        Part { depth: self.base + self.path.len(), tolerant: self.tolerant }
    }
}

/// Reads a value whose place is the current one of its context.
pub(super) struct Reader<'context, D> {
    pub(super) inner: D,
    pub(super) context: &'context mut Context,
}

/// Reads the value of a seed at the current place.
pub(super) struct Seed<'context, S> {
    pub(super) seed: S,
    pub(super) context: &'context mut Context,
}

/// What the visited type is, as far as that changes how it is visited.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    Any,
    Struct(Known),
    /// A newtype, whose map is the text of a value and no object.
    Newtype,
    /// A received member, which tells `null` from what is absent.
    Received,
}

/// The members that the document describes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) names: &'static [&'static str],
    /// Whether the document allows others, as in a map.
    pub(super) is_open: bool,
}

/// Visits a value and reads its parts with their places.
pub(super) struct Tracked<'context, V> {
    pub(super) visitor: V,
    pub(super) context: &'context mut Context,
    pub(super) shape: Shape,
}

impl<'context, V> Tracked<'context, V> {
    pub(super) fn new(visitor: V, context: &'context mut Context) -> Self {
        Self { visitor, context, shape: Shape::Any }
    }

    pub(super) fn of_struct(self, known: Known) -> Self {
        Self { shape: Shape::Struct(known), ..self }
    }

    pub(super) fn of_newtype(self) -> Self {
        Self { shape: Shape::Newtype, ..self }
    }

    pub(super) fn of_received(self) -> Self {
        Self { shape: Shape::Received, ..self }
    }
}

/// Visits an enum: a text, or an object whose one member names the variant.
pub(super) struct Enumerated<'context, V> {
    pub(super) visitor: V,
    /// The documented values.
    pub(super) values: &'static [&'static str],
    pub(super) context: &'context mut Context,
}

/// Reads a key and sees it, if it is the name of a member and not a value of a type of its own.
pub(super) struct Key<'see, T> {
    pub(super) inner: T,
    pub(super) see: &'see mut dyn FnMut(&str),
}
