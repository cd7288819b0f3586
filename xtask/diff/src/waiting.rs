//! Comparisons of schemas that wait until those around them are done.

use super::level::Direction;

/// The role of a schema, which decides the meaning of a default and of null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A property that may be left out, before and now.
    Optional,
    /// A parameter; the parameter's comparison reports its default.
    Parameter,
    /// Anything else.
    Other,
}

/// A comparison that waits until those around it are done, so that chains of references need no stack.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) pointers: [String; 2],
    pub(super) direction: Direction,
    pub(super) role: Role,
    pub(super) subject: String,
    pub(super) operation: Option<String>,
}
