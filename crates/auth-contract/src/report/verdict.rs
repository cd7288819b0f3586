//! The verdict of a run or a case.

use serde::Serialize;

use crate::Severity;

/// The verdict of a run or a case, from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Verdict {
    /// The exchange agrees with the documents.
    Conforms,
    /// Something is not mentioned in any document, or contradicts RFC 6749.
    Drift,
    /// The server was not reached, reported an outage, or did not accept the values of the environment variables.
    Inconclusive,
    /// Something contradicts a document.
    Violation,
}

impl Verdict {
    /// The verdict for these findings.
    pub(super) fn of(severities: impl Iterator<Item = Severity>) -> Self {
        match severities.max() {
            Some(Severity::Violation) => Self::Violation,
            Some(Severity::Drift) => Self::Drift,
            _ => Self::Conforms,
        }
    }

    /// The verdict as one word.
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

/// Whether the contract is kept, given the lowest severity that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Status {
    /// Every case could be checked, and no finding counts. The program exits with 0.
    Kept,
    /// A finding counts, even if other cases are inconclusive. The program exits with 2.
    NotKept,
    /// A case is inconclusive, and no finding counts. The program exits with 1.
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

    /// The status as it appears in the JSON report.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::NotKept => "not_kept",
            Self::Inconclusive => "inconclusive",
        }
    }

    /// The exit code of the program.
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
    fn a_violation_outweighs_an_inconclusive_case() {
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
