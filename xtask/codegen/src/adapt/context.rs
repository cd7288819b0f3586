//! What the rules of compositions look up.

use std::collections::BTreeSet;

use serde_json::Value;

use super::merge::Merger;

/// The lookups of the rules.
pub(super) struct Context<'a> {
    /// The document before the rules.
    pub(super) document: &'a Value,
    /// The schemas whose parts or alternatives refer back to them.
    pub(super) circular: BTreeSet<String>,
    /// The merger.
    pub(super) merger: Merger<'a>,
}
