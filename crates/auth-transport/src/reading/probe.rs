//! Passes over the text of a value.

use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Error as _};

use super::context::{Context, Seed};
use super::drift::{Differences, DriftKind};
use super::notes::{self, Part};
use super::path::{Path, Segment};

/// A value that was read, and what is different from its document inside of it.
#[derive(Debug)]
pub(crate) struct Probe<T> {
    value: T,
    found: Differences,
}

impl<T> Probe<T> {
    /// Takes the value, and reports the differences to the reader of the value around it. Only one probe of a text may be accepted.
    pub(crate) fn accept(self) -> T {
        notes::note_part(self.found);
        self.value
    }

    /// The same for an object with a member that its type does not know, but the document does.
    pub(crate) fn knowing(mut self, member: &str) -> Self {
        let place = Path(vec![Segment::of_member(member)]);
        self.found.drifts.retain(|drift| drift.kind() != DriftKind::UnknownMember || drift.path != place);
        self
    }

    pub(super) fn into_parts(self) -> (T, Differences) {
        (self.value, self.found)
    }
}

/// Why a value does not fit its type, and where.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(super) error: serde_json::Error,
    pub(super) path: Path,
}

impl Failure {
    /// The kind of difference, by the beginnings of messages that serde gives all errors of a kind.
    pub(super) fn kind(&self) -> DriftKind {
        let text = self.error.to_string();
        let kinds = [
            ("invalid type: null", DriftKind::Null),
            ("invalid type: ", DriftKind::OtherType),
            ("missing field `", DriftKind::Absent),
            ("unknown field `", DriftKind::UnknownMember),
            ("unknown variant `", DriftKind::UnknownValue),
        ];
        kinds.iter().find(|(begin, _)| text.starts_with(begin)).map_or(DriftKind::OtherForm, |(_, kind)| *kind)
    }
}

/// Reads the text of one JSON value: first as documented, then, where the pass around it allows that, keeping what does not fit.
pub(crate) fn probe<'de, T: Deserialize<'de>>(text: &'de str) -> Result<Probe<T>, Failure> {
    let Some((part, _guard)) = notes::begin(text.len()) else {
        return Err(Failure { error: serde_json::Error::custom("too much nesting"), path: Path::default() });
    };
    match pass(text, Part { tolerant: false, ..part }) {
        Err(_) if part.tolerant && notes::spend(text.len()) => pass(text, part),
        result => result,
    }
}

fn pass<'de, T: Deserialize<'de>>(text: &'de str, part: Part) -> Result<Probe<T>, Failure> {
    let (mut context, mut json) = (Context::new(part), serde_json::Deserializer::from_str(text));
    let value = Seed { seed: PhantomData, context: &mut context }.deserialize(&mut json);
    match value.and_then(|value| json.end().map(|()| value)) {
        Ok(value) => Ok(Probe { value, found: context.found }),
        Err(error) => {
            notes::take();
            Err(Failure { error, path: Path(context.path) })
        }
    }
}
