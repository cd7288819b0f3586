//! The overlay that a new document begins with: one action for each thing that a person would have to correct.
//!
//! It reads the document as published, because overlays are applied to that. Problems that it cannot correct are left to
//! the lint, which reports them.

mod action;
mod credentials;
mod names;
mod path;
mod security;
mod token_endpoint;

use diagnostics::Problem;
use openapi::{Document, overlay};
use serde_json::{Value, json};

pub use action::Action;

use crate::upgrade;
use action::OPEN;

/// Whether a person still has to write this reason.
pub fn is_open(reason: &str) -> bool {
    reason.starts_with(OPEN)
}

/// Returns a problem for each action of an overlay whose reason a person still has to write.
pub fn open_reasons(overlay: &Document) -> Vec<Problem> {
    let actions = overlay.value.get("actions").and_then(Value::as_array);
    let is_open = |action: &Value| action.get("description").and_then(Value::as_str).is_some_and(is_open);
    let open = actions.into_iter().flatten().enumerate().filter(|(_, action)| is_open(action));
    let problem = |(index, _): (usize, &Value)| {
        overlay
            .problem(&format!("/actions/{index}/description"), "the action does not have its reason yet")
            .remedy(format!("replace `{}..` with the reason", OPEN.trim_end()))
    };
    open.map(problem).collect()
}

/// The corrections that a document needs, in the order in which they are applied.
pub fn actions(value: &Value) -> Vec<Action> {
    if upgrade::is_swagger(value) { of_swagger(value) } else { of_openapi(value) }
}

fn of_openapi(value: &Value) -> Vec<Action> {
    let found = names::actions(value).into_iter().chain(credentials::actions(value)).chain(security::actions(value));
    let mut actions: Vec<Action> = Vec::new();
    // Two operations may share a schema.
    for action in found.chain(token_endpoint::actions(value)) {
        let is_new = !actions.iter().any(|other| other.place == action.place && other.update == action.update);
        // What is no valid document anyway is the lint's.
        if is_new
            && value
                .pointer(&action.place)
                .is_some_and(|node| overlay::merge(&mut node.clone(), &action.update).is_ok())
        {
            actions.push(action);
        }
    }
    actions
}

/// The corrections of a Swagger 2.0 document: those of what it is rewritten as, at the places that the nodes have in the
/// document. A correction that does not have its effect from there is left to the lint.
fn of_swagger(value: &Value) -> Vec<Action> {
    let mut new = value.clone();
    let upgraded = upgrade::rewrite(&mut new);
    let at_source = |action: Action| {
        let place = upgraded.origins.before(&action.place).unwrap_or_else(|| action.place.clone());
        let mut corrected = value.clone();
        overlay::merge(corrected.pointer_mut(&place)?, &action.update).ok()?;
        upgrade::rewrite(&mut corrected);
        let mut wanted = new.pointer(&action.place)?.clone();
        overlay::merge(&mut wanted, &action.update).ok()?;
        (corrected.pointer(&action.place) == Some(&wanted)).then_some(Action { place, ..action })
    };
    of_openapi(&new).into_iter().filter_map(at_source).collect()
}

/// An overlay without actions on a document whose file is called so.
pub fn empty_overlay(value: &Value, document_file: &str) -> Value {
    let title = value.pointer("/info/title").and_then(Value::as_str).unwrap_or("without a title");
    json!({
        "overlay": "1.0.0",
        "info": { "title": format!("What the document \"{title}\" leaves out"), "version": "1.0.0" },
        "extends": document_file.rsplit('/').next().unwrap_or(document_file),
        "actions": [],
    })
}

/// Adds these corrections of a value to an overlay.
pub fn add(overlay: &mut Value, value: &Value, actions: &[Action]) {
    if let Some(list) = overlay.get_mut("actions").and_then(Value::as_array_mut) {
        list.extend(actions.iter().map(
            |action| json!({ "target": action.target(value), "description": action.reason, "update": action.update }),
        ));
    }
}

#[cfg(test)]
mod tests;
