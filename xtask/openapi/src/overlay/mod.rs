//! Corrections to a document, as an OpenAPI Overlay 1.0 or 1.1. The vendor's file stays unchanged.
//!
//! - Entry: [`apply`] takes an overlay and a document's value, changes the value in place, and returns the number of actions.
//! - Assumes: both are parsed; the value may be any document.
//! - Guarantees: every action has a reason and matched something, or an error names its line. No file is changed.
//!
//! | before | action | after |
//! |---|---|---|
//! | `info: { title: a }` | `target: $.info`, `update: { title: b }` | `info: { title: b }` |
//!
//! `read` and `action` check the overlay before the document is read, `select` finds the nodes, and `merge` changes
//! them.

mod action;
mod keys;
mod merge;
mod print;
mod read;
mod select;

use diagnostics::{Problem, Problems, Result};
use serde_json::Value;

pub use merge::merge;
pub use print::print;

use crate::document::Document;
use crate::pointer::child;
use action::{Action, Change};
use keys::Version;
use merge::Growth;
use select::list;

/// Applies an overlay to a document's value; returns the number of actions.
///
/// # Errors
///
/// Names the actions that match nothing, and the first one that cannot be applied. The value is then incomplete.
pub fn apply(overlay: &Document, document_file: &str, value: &mut Value) -> Result<usize> {
    let (version, actions) = read::read(overlay, document_file)?;
    let run = Run { overlay, document_file, version };
    let mut growth = Growth::default();
    let mut problems = Vec::new();
    for action in &actions {
        let found = select::nodes(&action.path, value);
        if found.is_empty() {
            // Such an action changes nothing, so the next one can be tried, and all of them are reported together.
            problems.push(run.unmatched(action));
        } else if let Err(found) = run.action(action, value, found, &mut growth) {
            problems.extend(found.into_vec());
            break;
        }
    }
    Problems::check(problems)?;
    Ok(actions.len())
}

/// What all actions of an overlay share.
struct Run<'a> {
    overlay: &'a Document,
    document_file: &'a str,
    version: Version,
}

impl Run<'_> {
    fn unmatched(&self, action: &Action<'_>) -> Problem {
        let message = format!("the action's target matches nothing in {}", self.document_file);
        self.problem(action, "target", action.target, message)
            .remedy("correct the target if the document has changed, or remove the action")
    }

    fn action(&self, action: &Action<'_>, value: &mut Value, found: Vec<String>, growth: &mut Growth) -> Result<()> {
        let problem = |message: String| self.problem(action, "target", action.target, message);
        match &action.change {
            Change::Remove => {
                select::removable(self.version, value, &found)
                    .map_err(|fault| problem(fault.message).remedy(fault.remedy))?;
                select::remove(value, found);
                Ok(())
            }
            Change::Update(update) => self.merge(action, value, &found, update, growth),
            Change::Copy { path, source } => {
                let copied = self.source(action, path, source, value)?.clone();
                self.merge(action, value, &found, &copied, growth)
            }
        }
    }

    /// The one node that `copy` selects.
    fn source<'v>(
        &self,
        action: &Action<'_>,
        path: &serde_json_path::JsonPath,
        source: &str,
        value: &'v Value,
    ) -> Result<&'v Value> {
        let found = select::nodes(path, value);
        let message = match found.as_slice() {
            [pointer] => match value.pointer(pointer) {
                Some(node) => return Ok(node),
                None => format!("`copy` selects #{pointer}, which does not exist"),
            },
            [] => format!("`copy` matches nothing in {}", self.document_file),
            many => format!("`copy` selects {} nodes: {}", many.len(), list(many)),
        };
        Err(self.problem(action, "copy", source, message).remedy("select exactly one node").into())
    }

    fn merge(
        &self,
        action: &Action<'_>,
        value: &mut Value,
        found: &[String],
        update: &Value,
        growth: &mut Growth,
    ) -> Result<()> {
        let problem = |message: String| self.problem(action, "target", action.target, message);
        select::mergeable(self.version, value, found).map_err(|fault| problem(fault.message).remedy(fault.remedy))?;
        growth
            .allow(found, update)
            .map_err(|message| problem(message).remedy("select fewer nodes, or copy a smaller one"))?;
        for pointer in found {
            let Some(node) = value.pointer_mut(pointer) else { continue };
            merge::update(self.version, node, update).map_err(|place| {
                problem(format!("`{}` cannot be merged into #{pointer}{place}: the types differ", action.change.name()))
                    .remedy("merge an object into an object, a list into a list, a value into a value; or remove the old value first")
            })?;
        }
        Ok(())
    }

    fn problem(&self, action: &Action<'_>, member: &str, path: &str, message: String) -> Problem {
        self.overlay.file_problem(message).line(self.overlay.line(&child(&action.pointer, member))).place(path)
    }
}

#[cfg(test)]
mod tests;
