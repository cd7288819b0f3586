//! Why there are no credentials.

use crate::credentials::invisible::CodePoint;
use crate::credentials::place::{SecretPlace, SecretProblem};

/// Credentials that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// A field is empty or consists of spaces only.
    #[error("{field}: is empty or holds spaces only")]
    Empty {
        /// Name of the field.
        field: &'static str,
    },
    /// A field holds an invisible character other than a space.
    #[error("{field}: holds {} at position {position}; remove it", CodePoint(*.character))]
    Character {
        /// Name of the field.
        field: &'static str,
        /// The first such character.
        character: char,
        /// Its position in characters, from 1.
        position: usize,
    },
    /// A file or an environment variable holds no usable secret.
    #[error("no credentials: {place} {problem}")]
    Place {
        /// The file or variable.
        place: SecretPlace,
        /// The problem.
        problem: SecretProblem,
    },
    /// The source has no credentials.
    #[error("no credentials: {reason}")]
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
