//! One correction of a draft.

use serde_json::Value;

use super::path;

/// The beginning of a reason that a person has to write.
pub(super) const OPEN: &str = "TO BE FILLED IN by a person, ";

/// One correction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// JSON pointer to what is corrected.
    pub place: String,
    /// Why; it begins with `TO BE FILLED IN` where a person has to say it.
    pub reason: String,
    /// What is merged into it.
    pub update: Value,
}

impl Action {
    pub(super) fn new(place: impl Into<String>, reason: impl Into<String>, update: Value) -> Self {
        Self { place: place.into(), reason: reason.into(), update }
    }

    /// The path that selects what is corrected in this value.
    pub fn target(&self, value: &Value) -> String {
        path::of(value, &self.place)
    }
}
