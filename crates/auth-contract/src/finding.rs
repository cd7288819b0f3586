//! What a judgement finds.

use std::fmt;

use serde::Serialize;

use crate::Layer;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Severity {
    /// Worth knowing, and no more.
    Note,
    /// Other than the vendor published it, and our overlay says so already.
    Known,
    /// Something that no document mentions.
    Drift,
    /// Other than a document says.
    Violation,
}

impl Severity {
    /// The severity in a word.
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

/// Whose doing it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Side {
    /// The client's, which sent the request.
    Client,
    /// The server's, which sent the answer.
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

/// One thing in which an exchange differs from a document. It holds nothing of what was sent but names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// How much it weighs.
    pub severity: Severity,
    /// Whose doing it is.
    pub side: Side,
    /// Where in the exchange, for example `body /expires_in`.
    pub at: String,
    /// What is wrong.
    pub says: String,
    /// Where the document says otherwise, or would have to say it.
    pub place: Place,
    /// Which text of the document that is.
    pub layer: Layer,
}

impl Finding {
    /// Whose doing it is, in a word.
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
