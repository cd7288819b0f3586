//! Why there is no report.

use auth_core::{BuildError, CredentialError};
use auth_sandbox::StartError;

/// Why a run has no report. Deviations of a server do not prevent one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// A document cannot be read.
    #[error("{file}: cannot read the document: {problem}")]
    Document {
        /// Its file.
        file: String,
        /// The problem.
        problem: String,
    },
    /// An environment variable is missing or invalid. Nothing was sent.
    #[error("{name}: {problem}")]
    Variable {
        /// Its name.
        name: &'static str,
        /// The problem, without the value of the variable.
        problem: String,
    },
    /// A client cannot be built. Nothing was sent.
    #[error("{0}")]
    Client(BuildError),
    /// The credentials are invalid. Nothing was sent.
    #[error("{0}")]
    Credentials(CredentialError),
    /// The recorder or its certificates cannot be set up.
    #[error("the recorder cannot be set up: {0}")]
    Recorder(String),
    /// The report cannot be written.
    #[error("{file}: cannot write the report: {problem}")]
    Report {
        /// Its file.
        file: String,
        /// The problem.
        problem: String,
    },
}

impl From<BuildError> for RunError {
    fn from(error: BuildError) -> Self {
        Self::Client(error)
    }
}

impl From<CredentialError> for RunError {
    fn from(error: CredentialError) -> Self {
        Self::Credentials(error)
    }
}

impl From<StartError> for RunError {
    fn from(error: StartError) -> Self {
        Self::Recorder(error.to_string())
    }
}
