//! What a body says other than its document.

use std::fmt;

use super::path::{Path, Segment};

/// A difference between a body and its document that was tolerated: its place and its kind, never a value.
#[derive(Clone, Debug)]
pub struct Drift {
    pub(super) path: Path,
    kind: DriftKind,
    /// Whether this is a member that its type does not keep.
    is_skipped: bool,
}

impl PartialEq for Drift {
    fn eq(&self, other: &Self) -> bool {
        (self.kind, &self.path) == (other.kind, &other.path)
    }
}

impl Eq for Drift {}

impl Drift {
    pub(super) fn at(path: Path, kind: DriftKind) -> Self {
        Self { path, kind, is_skipped: false }
    }

    pub(crate) fn is_skipped(&self) -> bool {
        self.is_skipped
    }

    /// What is different.
    #[must_use]
    pub fn kind(&self) -> DriftKind {
        self.kind
    }

    /// The place as a JSON pointer (RFC 6901).
    ///
    /// Elements of lists and members of maps are `*`, as in `/data/*/status`, and so are undocumented names that may be values:
    /// those that are long or have other characters than letters, separators and a few digits.
    #[must_use]
    pub fn pointer(&self) -> String {
        self.path.to_string()
    }

    /// Replaces names of undocumented members that `hides` selects by `*`.
    pub(crate) fn hide(&mut self, hides: impl Fn(&str) -> bool) {
        for segment in self.path.undocumented() {
            if matches!(segment, Segment::Named(name) if hides(name)) {
                *segment = Segment::Any;
            }
        }
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointer = self.pointer();
        let place = if pointer.is_empty() { "the body" } else { &pointer };
        write!(formatter, "{place} {}", self.kind)
    }
}

/// The kind of a [`Drift`]. `Display` continues a sentence that begins with the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DriftKind {
    /// A member that the document does not describe.
    UnknownMember,
    /// A value that the document does not list.
    UnknownValue,
    /// A required member is absent.
    Absent,
    /// `null` where the document does not allow it.
    Null,
    /// JSON of another type, such as a number for a text.
    OtherType,
    /// JSON of the documented type in another form, such as a date without a time zone.
    OtherForm,
}

impl DriftKind {
    /// A word for it, such as `unknown_member`, for logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownMember => "unknown_member",
            Self::UnknownValue => "unknown_value",
            Self::Absent => "absent",
            Self::Null => "null",
            Self::OtherType => "other_type",
            Self::OtherForm => "other_form",
        }
    }
}

impl fmt::Display for DriftKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::UnknownMember => "is not a documented member",
            Self::UnknownValue => "has a value that the document does not list",
            Self::Absent => "is required and absent",
            Self::Null => "is null",
            Self::OtherType => "has another JSON type",
            Self::OtherForm => "has another form",
        })
    }
}

/// The largest number of differences that are kept for one body.
const MAX_KEPT: usize = 100;

/// The differences of a body or a part of it, each place and kind once.
#[derive(Clone, Debug, Default)]
pub(super) struct Differences {
    pub(super) drifts: Vec<Drift>,
}

impl Differences {
    pub(super) fn is_empty(&self) -> bool {
        self.drifts.is_empty()
    }

    /// Adds a difference.
    pub(super) fn add(&mut self, drift: Drift) {
        if let Some(known) = self.drifts.iter_mut().find(|known| **known == drift) {
            known.is_skipped |= drift.is_skipped;
        } else if self.drifts.len() < MAX_KEPT {
            self.drifts.push(drift);
        }
    }

    /// Notes that the type does not keep the undocumented member at a place.
    pub(super) fn skip(&mut self, place: &[Segment]) {
        let of_place = |drift: &&mut Drift| drift.kind == DriftKind::UnknownMember && drift.path.0 == place;
        if let Some(drift) = self.drifts.iter_mut().find(of_place) {
            drift.is_skipped = true;
        }
    }

    /// Adds the differences of a part at the place `outer`.
    pub(super) fn add_all(&mut self, part: Self, outer: &[Segment]) {
        part.drifts.into_iter().for_each(|drift| self.add(Drift { path: drift.path.below(outer), ..drift }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drift(name: &str, kind: DriftKind) -> Drift {
        Drift::at(Path(vec![Segment::of_member(name)]), kind)
    }

    #[test]
    fn each_difference_is_kept_once() {
        let mut differences = Differences::default();
        for _ in 0..3 {
            differences.add(drift("a", DriftKind::UnknownMember));
            differences.add(drift("a", DriftKind::Null));
        }
        assert_eq!(differences.drifts.len(), 2);
        let mut outer = Differences::default();
        outer.add_all(differences, &[Segment::known("data"), Segment::Any]);
        assert_eq!(outer.drifts[0].pointer(), "/data/*/a");
        assert_eq!(outer.drifts.len(), 2);
    }

    #[test]
    fn the_number_of_kept_differences_is_limited() {
        let mut differences = Differences::default();
        for first in b'a'..=b'z' {
            for second in b'a'..=b'z' {
                let name = format!("{}{}", char::from(first), char::from(second));
                differences.add(drift(&name, DriftKind::UnknownMember));
            }
        }
        assert_eq!(differences.drifts.len(), MAX_KEPT);
    }

    #[test]
    fn a_hidden_name_becomes_a_star_unless_it_is_documented() {
        let path = Path(vec![Segment::known("secret"), Segment::of_member("secret"), Segment::of_member("other")]);
        let mut drift = Drift::at(path, DriftKind::UnknownMember);
        drift.hide(|name| name == "secret");
        assert_eq!(drift.to_string(), "/secret/*/other is not a documented member");
        assert_eq!(Drift::at(Path::default(), DriftKind::OtherType).to_string(), "the body has another JSON type");
    }
}
