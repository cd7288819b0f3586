//! Why there is no report.

use std::fmt;

use auth_core::{BuildError, CredentialError};
use auth_sandbox::StartError;

/// Why a run has no report. Deviations of a server do not prevent one.
#[derive(Debug)]
#[non_exhaustive]
pub enum RunError {
    /// A document cannot be read.
    Document {
        /// Its file.
        file: String,
        /// The problem.
        problem: String,
    },
    /// An environment variable is missing or invalid. Nothing was sent.
    Variable {
        /// Its name.
        name: &'static str,
        /// The problem, without the value of the variable.
        problem: String,
    },
    /// A client cannot be built. Nothing was sent.
    Client(BuildError),
    /// The credentials are invalid. Nothing was sent.
    Credentials(CredentialError),
    /// The recorder or its certificates cannot be set up.
    Recorder(String),
    /// The report cannot be written.
    Report {
        /// Its file.
        file: String,
        /// The problem.
        problem: String,
    },
}

impl fmt::Display for RunError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document { file, problem } => write!(formatter, "{file}: cannot read the document: {problem}"),
            Self::Variable { name, problem } => write!(formatter, "{name}: {problem}"),
            Self::Client(error) => error.fmt(formatter),
            Self::Credentials(error) => error.fmt(formatter),
            Self::Recorder(problem) => write!(formatter, "the recorder cannot be set up: {problem}"),
            Self::Report { file, problem } => write!(formatter, "{file}: cannot write the report: {problem}"),
        }
    }
}

impl std::error::Error for RunError {}

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
