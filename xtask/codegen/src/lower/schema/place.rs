//! The place of a schema.

use serde_json::Value;

use super::acceptance::{Memo, accepts};

/// The place of a schema in the document.
#[derive(Clone, Copy, Debug)]
pub(in crate::lower) struct Place<'a> {
    /// The document before the rules for schemas.
    pub(in crate::lower) source: &'a Value,
    /// The schema in it.
    pub(in crate::lower) pointer: &'a str,
    /// What has been found out about that document.
    pub(in crate::lower) memo: &'a Memo,
}

impl Place<'_> {
    /// Whether the schema, before all rules, accepts `null`.
    pub(super) fn accepts_null(&self) -> bool {
        accepts(self.source, self.memo, self.pointer)
    }
}
