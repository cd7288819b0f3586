//! Reading whole bodies.

use std::fmt;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::error::Category;

use super::drift::{Drift, DriftKind};
use super::probe::probe;
use super::problem::PayloadProblem;

/// A body that was read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Reading<T> {
    /// The value.
    pub value: T,
    /// What is different from the document and was tolerated: each place and kind once, at most 100.
    pub drift: Vec<Drift>,
}

/// Reads a JSON text as generated methods read the body of a response.
///
/// [`Received`](crate::Received) members keep what does not fit their type. Integers may be written as `1.0` or `1e2`. Members that
/// a type does not know are skipped, unless it has [`FurtherMembers`](crate::FurtherMembers), and objects are never read from lists.
///
/// ```
/// use auth_transport::{DriftKind, Received, read_json};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Customer {
///     name: Received<String>,
///     visits: Received<u32>,
/// }
///
/// let read = read_json::<Customer>(r#"{"name": null, "visits": 3.0, "since": 2024}"#)?;
/// assert_eq!(*read.value.visits, Some(3));
/// assert_eq!(read.value.name.raw(), Some("null"));
/// let drift: Vec<_> = read.drift.iter().map(|drift| (drift.pointer(), drift.kind())).collect();
/// assert_eq!(drift, [
///     ("/name".to_owned(), DriftKind::Null),
///     ("/since".to_owned(), DriftKind::UnknownMember),
/// ]);
/// # Ok::<(), auth_transport::ReadError>(())
/// ```
///
/// # Errors
/// [`ReadError`] if the text is not JSON, or does not fit `T` at a place that is not [`Received`](crate::Received).
pub fn read_json<T: DeserializeOwned>(text: &str) -> Result<Reading<T>, ReadError> {
    let failure = match probe::<T>(text) {
        Ok(probe) => {
            let (value, found) = probe.into_parts();
            return Ok(Reading { value, drift: found.drifts });
        }
        Err(failure) => failure,
    };
    // Texts that are skipped are not decoded: an escape that is no character shows up only where a text is read.
    let not_json = serde_json::from_str::<IgnoredAny>(text).err();
    let is_fault = !matches!(failure.error.classify(), Category::Data);
    if let Some(error) = not_json.as_ref().or(is_fault.then_some(&failure.error)) {
        let problem = match error.classify() {
            Category::Eof => PayloadProblem::Truncated,
            _ => PayloadProblem::Syntax,
        };
        return Err(ReadError { problem, difference: None, line: error.line(), column: error.column() });
    }
    let difference = Some(Drift::at(failure.path.clone(), failure.kind()));
    let (line, column) = (failure.error.line(), failure.error.column());
    Err(ReadError { problem: PayloadProblem::Schema, difference, line, column })
}

/// Reads a body as [`read_json`] does; one that is not UTF-8 is not JSON (RFC 8259 section 8.1).
pub(crate) fn read_body<T: DeserializeOwned>(body: &[u8]) -> Result<Reading<T>, ReadError> {
    let not_text = |_| ReadError { problem: PayloadProblem::Syntax, difference: None, line: 0, column: 0 };
    read_json(std::str::from_utf8(body).map_err(not_text)?)
}

/// Why a text could not be read. Contains nothing of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    pub(crate) problem: PayloadProblem,
    pub(crate) difference: Option<Drift>,
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl ReadError {
    /// The problem with the text.
    #[must_use]
    pub fn problem(&self) -> PayloadProblem {
        self.problem
    }

    /// The place that does not fit, as with [`Drift::pointer`]; `None` if the text is not JSON.
    #[must_use]
    pub fn pointer(&self) -> Option<String> {
        self.difference.as_ref().map(Drift::pointer)
    }

    /// What does not fit; `None` if the text is not JSON.
    #[must_use]
    pub fn kind(&self) -> Option<DriftKind> {
        self.difference.as_ref().map(Drift::kind)
    }

    /// Replaces names of undocumented members that `hides` selects by `*`.
    pub(crate) fn hide(&mut self, hides: impl Fn(&str) -> bool) {
        if let Some(difference) = &mut self.difference {
            difference.hide(hides);
        }
    }

    /// Line at which reading stopped, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// Column at which reading stopped, from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { problem, difference, line, column } = self;
        match difference {
            Some(difference) => write!(formatter, "{difference}")?,
            None => write!(formatter, "the text {problem}")?,
        }
        write!(formatter, " (line {line}, column {column})")
    }
}

impl std::error::Error for ReadError {}
