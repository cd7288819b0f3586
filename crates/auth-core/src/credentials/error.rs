//! Why there are no credentials.

use std::fmt;

use crate::credentials::invisible::CodePoint;
use crate::credentials::place::{SecretPlace, SecretProblem};

/// Credentials that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialError {
    /// A field is empty or consists of spaces only.
    Empty {
        /// Name of the field.
        field: &'static str,
    },
    /// A field holds an invisible character other than a space.
    Character {
        /// Name of the field.
        field: &'static str,
        /// The first such character.
        character: char,
        /// Its position in characters, from 1.
        position: usize,
    },
    /// A file or an environment variable holds no usable secret.
    Place {
        /// The file or variable.
        place: SecretPlace,
        /// The problem.
        problem: SecretProblem,
    },
    /// The source has no credentials.
    Unavailable {
        /// Why. `Display` shows it unchanged.
        reason: String,
    },
}

impl CredentialError {
    /// The error of a source that has no credentials. `reason` is shown unchanged and must not hold a secret.
    #[must_use]
    pub fn unavailable(reason: impl Into<String>) -> Self {
        Self::Unavailable { reason: reason.into() }
    }
}

impl fmt::Display for CredentialError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty { field } => write!(formatter, "{field}: is empty or holds spaces only"),
            Self::Character { field, character, position } => {
                write!(formatter, "{field}: holds {} at position {position}; remove it", CodePoint(*character))
            }
            Self::Place { place, problem } => write!(formatter, "no credentials: {place} {problem}"),
            Self::Unavailable { reason } => write!(formatter, "no credentials: {reason}"),
        }
    }
}

impl std::error::Error for CredentialError {}
