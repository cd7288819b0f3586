//! The level of a change, for the API and the wire, by direction.

use std::fmt;

use serde::Serialize;

/// How much a change breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Nothing: only texts are different, or nothing at all from this point of view.
    Documentation,
    /// Nothing that exists; something new can be done.
    Compatible,
    /// Programs that worked.
    Breaking,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Documentation => "documentation",
            Self::Compatible => "compatible",
            Self::Breaking => "breaking",
        })
    }
}

/// Which way a value goes, seen from the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From the client to the server.
    Request,
    /// From the server to the client.
    Response,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Request { "request" } else { "response" })
    }
}

/// The levels of a kind of change, each as `[api, wire]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Levels {
    /// It has no direction, or only one.
    One([Level; 2]),
    /// A value in requests and responses is two findings.
    Both {
        /// Where the client sends it.
        request: [Level; 2],
        /// Where the client reads it.
        response: [Level; 2],
    },
}

impl Levels {
    /// The levels for this direction.
    pub fn of(self, direction: Option<Direction>) -> [Level; 2] {
        match (self, direction) {
            (Self::One(levels), _) => levels,
            (Self::Both { response, .. }, Some(Direction::Response)) => response,
            (Self::Both { request, .. }, _) => request,
        }
    }
}

/// The headings of a changelog, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// New.
    Added,
    /// Different.
    Changed,
    /// On its way out.
    Deprecated,
    /// Gone.
    Removed,
}

impl Section {
    /// All of them, in their order.
    pub const ALL: [Self; 4] = [Self::Added, Self::Changed, Self::Deprecated, Self::Removed];

    /// The heading.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Added => "### Added",
            Self::Changed => "### Changed",
            Self::Deprecated => "### Deprecated",
            Self::Removed => "### Removed",
        }
    }
}
