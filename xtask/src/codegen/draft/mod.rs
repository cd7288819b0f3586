//! The overlay that a new document begins with: one action for each thing that a person would have to correct.
//!
//! It looks at the document as published, because that is what an overlay is applied to. What it cannot put right is left
//! to the lint, which names it.

mod credentials;
mod names;
mod path;
mod token_endpoint;

use serde_json::{Value, json};

use super::load::Document;
use super::overlay;

/// What the reason of an action begins with where only a person knows it.
pub(crate) const OPEN: &str = "TO BE FILLED IN by a person, ";

/// One correction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Action {
    /// JSON pointer to what is corrected.
    pub(crate) place: String,
    /// Why; it begins with [`OPEN`] where a person has to say it.
    pub(crate) reason: String,
    /// What is merged into it.
    pub(crate) update: Value,
}

impl Action {
    fn new(place: impl Into<String>, reason: impl Into<String>, update: Value) -> Self {
        Self { place: place.into(), reason: reason.into(), update }
    }

    /// The path that selects what is corrected.
    pub(crate) fn target(&self, document: &Document) -> String {
        path::of(&document.value, &self.place)
    }

    /// Whether a person has to say why it is there.
    pub(crate) fn is_open(&self) -> bool {
        self.reason.starts_with(OPEN)
    }
}

/// The corrections that a document needs, in the order in which they are applied.
pub(crate) fn actions(document: &Document) -> Vec<Action> {
    let value = &document.value;
    let found = names::actions(value).into_iter().chain(credentials::actions(value));
    let mut actions: Vec<Action> = Vec::new();
    // Two operations may share a schema.
    for action in found.chain(token_endpoint::actions(value)) {
        if !actions.iter().any(|other| other.place == action.place && other.update == action.update) {
            actions.push(action);
        }
    }
    actions
}

/// The overlay that holds these corrections of a document, as text.
pub(crate) fn text(document: &Document, overlay_file: &str, actions: &[Action]) -> String {
    let title = document.value.pointer("/info/title").and_then(Value::as_str).unwrap_or("the");
    let file = document.file.rsplit('/').next().unwrap_or(&document.file);
    let action = |action: &Action| json!({ "target": action.target(document), "description": action.reason, "update": action.update });
    let overlay = json!({
        "overlay": "1.0.0",
        "info": { "title": format!("What the document \"{title}\" leaves out"), "version": "1.0.0" },
        "extends": file,
        "actions": actions.iter().map(action).collect::<Vec<_>>(),
    });
    overlay::print(overlay_file, &overlay)
}

#[cfg(test)]
mod tests;
