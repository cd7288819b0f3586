//! What can be wrong with a body.

use std::fmt;

/// The problem with a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PayloadProblem {
    /// It is not JSON.
    Syntax,
    /// It ends too early, or is empty.
    Truncated,
    /// It is JSON, but a documented member is missing or has another type, or a name occurs twice.
    Schema,
}

impl fmt::Display for PayloadProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Syntax => "is not JSON",
            Self::Truncated => "is not a complete JSON document",
            Self::Schema => "lacks a documented member, has a member of another type, or has a duplicate name",
        })
    }
}
