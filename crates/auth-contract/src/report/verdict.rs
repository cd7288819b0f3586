//! What a run, or a case of it, came to.

use serde::Serialize;

use crate::Severity;

/// What a run, or a case of it, came to as a whole; the later one outweighs the earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Verdict {
    /// As the documents say.
    Conforms,
    /// Something that no document mentions.
    Drift,
    /// The server was not reached, was in trouble, or did not accept what our own variables hold: nothing can be said.
    Inconclusive,
    /// Other than a document says.
    Violation,
}

impl Verdict {
    /// The verdict of findings alone.
    pub(super) fn of(severities: impl Iterator<Item = Severity>) -> Self {
        match severities.max() {
            Some(Severity::Violation) => Self::Violation,
            Some(Severity::Drift) => Self::Drift,
            _ => Self::Conforms,
        }
    }

    /// The verdict in a word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Conforms => "conforms",
            Self::Drift => "drift",
            Self::Inconclusive => "inconclusive",
            Self::Violation => "violation",
        }
    }
}

/// Whether the contract is kept: the verdict, in the light of what a run is to fail on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Status {
    /// Everything was judged, and nothing is to fail on. The program ends with 0.
    Kept,
    /// Something was judged that is to fail on, whatever else could not be judged. The program ends with 2.
    NotKept,
    /// Something could not be judged, and the rest is nothing to fail on. The program ends with 1.
    Inconclusive,
}

impl Status {
    pub(super) fn of(findings: impl Iterator<Item = Severity>, is_inconclusive: bool, fail_on: Severity) -> Self {
        match findings.max() {
            Some(worst) if worst >= fail_on => Self::NotKept,
            _ if is_inconclusive => Self::Inconclusive,
            _ => Self::Kept,
        }
    }

    /// The status in words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::NotKept => "not_kept",
            Self::Inconclusive => "inconclusive",
        }
    }

    /// What the program ends with.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Kept => 0,
            Self::Inconclusive => 1,
            Self::NotKept => 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_broken_outweighs_what_is_not_known() {
        use Severity::{Drift, Known, Note, Violation};
        for (findings, is_inconclusive, fail_on, status) in [
            (&[][..], false, Drift, Status::Kept),
            (&[Note, Known], false, Drift, Status::Kept),
            (&[Drift], false, Violation, Status::Kept),
            (&[Drift, Note], false, Drift, Status::NotKept),
            (&[Violation], false, Violation, Status::NotKept),
            (&[], true, Violation, Status::Inconclusive),
            (&[Drift], true, Violation, Status::Inconclusive),
            (&[Drift], true, Drift, Status::NotKept),
            (&[Violation], true, Violation, Status::NotKept),
        ] {
            assert_eq!(Status::of(findings.iter().copied(), is_inconclusive, fail_on), status, "{findings:?}");
        }
        assert_eq!([Status::Kept, Status::Inconclusive, Status::NotKept].map(Status::exit_code), [0, 1, 2]);
    }
}
