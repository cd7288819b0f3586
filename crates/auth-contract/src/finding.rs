//! Findings.

use std::fmt;

use serde::Serialize;

use crate::Layer;

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Severity {
    /// Does not count.
    Note,
    /// Contradicts the document as published, but agrees with the overlay.
    Known,
    /// Is not mentioned in any document, or contradicts RFC 6749.
    Drift,
    /// Contradicts a document.
    Violation,
}

impl Severity {
    /// The severity as one word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Known => "known",
            Self::Drift => "drift",
            Self::Violation => "violation",
        }
    }
}

/// The side that a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Side {
    /// The client, which sent the request.
    Client,
    /// The server, which sent the response.
    Server,
}

/// A place in a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Place {
    /// File of the document, or the RFC.
    pub document: String,
    /// JSON pointer of the node, or the section of the RFC.
    pub pointer: String,
    /// Its line in the file, if it has one.
    pub line: Option<usize>,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.document)?;
        if let Some(line) = self.line {
            write!(formatter, ":{line}")?;
        }
        write!(formatter, " {}", self.pointer)
    }
}

/// One difference between an exchange and a document. It contains no value of the exchange, only names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The severity.
    pub severity: Severity,
    /// The side that it is about.
    pub side: Side,
    /// Where in the exchange, for example `body /expires_in`.
    pub at: String,
    /// The deviation.
    pub says: String,
    /// The place in the document that the exchange contradicts, or that would have to mention it.
    pub place: Place,
    /// The layer of the document that this place is in.
    pub layer: Layer,
}

impl Finding {
    /// The side as one word.
    #[must_use]
    pub fn side(&self) -> &'static str {
        match self.side {
            Side::Client => "client",
            Side::Server => "server",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}, {}: {} ({})", self.side(), self.at, self.says, self.place)
    }
}
