//! Corrections to a document, as an OpenAPI Overlay 1.0 or 1.1. The vendor's file is never edited.
//!
//! - Entry: [`apply`] takes an overlay and a document's value, which it changes in place, and returns the number of actions.
//! - Assumes: both are parsed. Nothing else about the document.
//! - Guarantees: every action has a reason and matched something, or an error names its line. Files are not touched.
//!
//! | before | action | after |
//! |---|---|---|
//! | `info: { title: a }` | `target: $.info`, `update: { title: b }` | `info: { title: b }` |
//!
//! `read` and `action` refuse what can be refused before the document is read, `select` finds the nodes, and `merge`
//! changes them.

mod action;
mod keys;
mod merge;
mod print;
mod read;
mod select;

use diagnostics::{Problem, Problems, Result};
use serde_json::Value;

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
/// Names the actions that match nothing, up to the first that cannot be applied. The value is then of no use.
pub fn apply(overlay: &Document, document_file: &str, value: &mut Value) -> Result<usize> {
    let (version, actions) = read::read(overlay, document_file)?;
    let run = Run { overlay, document_file, version };
    let mut growth = Growth::default();
    let mut problems = Vec::new();
    for action in &actions {
        let found = select::nodes(&action.path, value);
        if found.is_empty() {
            // Such an action changes nothing, so the next one can be tried, and all of them are told at once.
            problems.push(run.unmatched(action));
        } else if let Err(found) = run.action(action, value, found, &mut growth) {
            problems.extend(found.into_vec());
            break;
        }
    }
    Problems::check(problems)?;
    Ok(actions.len())
}

/// What is the same for all actions of an overlay.
struct Run<'a> {
    overlay: &'a Document,
    document_file: &'a str,
    version: Version,
}

impl Run<'_> {
    fn unmatched(&self, action: &Action<'_>) -> Problem {
        let message = format!("the action's target matches nothing in {}", self.document_file);
        self.problem(action, "target", action.target, message)
            .remedy("the document may have changed: correct the target, or drop the action")
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
                None => format!("`copy` selects #{pointer}, which cannot be read"),
            },
            [] => format!("`copy` matches nothing in {}", self.document_file),
            many => format!("`copy` selects {} nodes: {}", many.len(), list(many)),
        };
        Err(self.problem(action, "copy", source, message).remedy("select the one node that is to be copied").into())
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
        growth.allow(found, update).map_err(|message| problem(message).remedy("select less, or copy less"))?;
        for pointer in found {
            let Some(node) = value.pointer_mut(pointer) else { continue };
            merge::update(self.version, node, update).map_err(|place| {
                problem(format!("`{}` does not fit what is at #{pointer}{place}", action.change.name()))
                    .remedy("merge object into object, list into list, value into value; or remove the old one first")
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
