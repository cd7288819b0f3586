//! The losses of merging schemas, each once.

use std::collections::BTreeSet;

/// What was lost on the way.
#[derive(Debug, Default)]
pub(super) struct Losses(pub(super) BTreeSet<String>);

impl Losses {
    pub(super) fn add(&mut self, text: impl Into<String>) {
        self.0.insert(text.into());
    }
}
