//! What the rules record while they rewrite a document.

use openapi::Origins;

use crate::rule::AppliedRule;

/// Applied rules, and the places that moved nodes had.
#[derive(Debug, Default)]
pub(super) struct Change {
    pub(super) rules: Vec<AppliedRule>,
    pub(super) origins: Origins,
}

impl Change {
    /// Records that the node at `new` was at `old` in the vendor's document.
    pub(super) fn moved(&mut self, new: String, old: String) {
        if new != old {
            self.origins.add(new, old);
        }
    }

    /// The pointer in the vendor's document of the node that a pointer into the new one names.
    pub(super) fn source(&self, pointer: &str) -> String {
        self.origins.before(pointer).unwrap_or_else(|| pointer.to_owned())
    }

    /// Records a rule that kept the meaning.
    pub(super) fn kept(&mut self, name: &'static str, pointer: &str, note: impl Into<String>) {
        self.rules.push(AppliedRule { name, pointer: pointer.to_owned(), loses_meaning: false, note: note.into() });
    }

    /// Records a rule that lost meaning.
    pub(super) fn lost(&mut self, name: &'static str, pointer: &str, note: impl Into<String>) {
        self.rules.push(AppliedRule { name, pointer: pointer.to_owned(), loses_meaning: true, note: note.into() });
    }

    /// Records the loss of a list format without a counterpart in OpenAPI 3.
    pub(super) fn lost_format(&mut self, format: &str, pointer: &str) {
        let note = format!("the items of lists are separated by commas instead of as `collectionFormat: {format}`");
        self.lost("collection-format", pointer, note);
    }
}
