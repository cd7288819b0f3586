//! One action of an overlay.

use diagnostics::{Problem, Problems, Result};
use serde_json::{Map, Value};
use serde_json_path::JsonPath;

use super::keys::{self, Version};
use crate::document::Document;
use crate::pointer::child;

/// One change to the document.
#[derive(Debug)]
pub(super) struct Action<'a> {
    /// JSON pointer to the action in the overlay.
    pub(super) pointer: String,
    /// The target as written in the overlay.
    pub(super) target: &'a str,
    /// The parsed target.
    pub(super) path: JsonPath,
    /// The change to each node that the target selects.
    pub(super) change: Change<'a>,
}

/// What an action does to each node that it selects.
#[derive(Debug)]
pub(super) enum Change<'a> {
    /// Merges this value into the node.
    Update(&'a Value),
    /// Merges the node that this path selects into the node.
    Copy { path: JsonPath, source: &'a str },
    /// Removes the node.
    Remove,
}

impl Change<'_> {
    /// The key of the change in the overlay.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Update(_) => "update",
            Self::Copy { .. } => "copy",
            Self::Remove => "remove",
        }
    }
}

/// Reads an action; the error has all its problems.
pub(super) fn read<'a>(overlay: &Document, version: Version, pointer: String, value: &'a Value) -> Result<Action<'a>> {
    let action = keys::object(overlay, &pointer, value)?;
    let known: &[&str] = match version {
        Version::V1_0 => &["target", "description", "update", "remove"],
        Version::V1_1 => &["target", "description", "update", "copy", "remove"],
    };
    let mut problems = keys::unknown_keys(overlay, &pointer, action, version, known);
    problems.extend(reason(overlay, &pointer, action.get("description")));
    let reader = Reader { overlay, version, pointer: &pointer, action };
    let target = reader.path("target").map_err(|problem| problems.push(problem));
    let change = reader.change().map_err(|problem| problems.push(problem));
    Problems::check(problems)?;
    match (target, change) {
        (Ok((path, target)), Ok(change)) => Ok(Action { pointer, target, path, change }),
        _ => unreachable!("what is missing is a problem"),
    }
}

/// Overlays of the workspace must give the reason for each action.
fn reason(overlay: &Document, pointer: &str, description: Option<&Value>) -> Option<Problem> {
    let is_said = match description {
        None => !keys::is_ours(overlay),
        Some(Value::String(text)) => !keys::is_ours(overlay) || !text.trim().is_empty(),
        Some(_) => false,
    };
    (!is_said)
        .then(|| overlay.problem(pointer, "the action has no reason").remedy("add a `description` with the reason"))
}

/// How many `..` a path may have; each selects everything below a node.
const MAX_DESCENTS: usize = 3;

struct Reader<'a, 'o> {
    overlay: &'o Document,
    version: Version,
    pointer: &'o str,
    action: &'a Map<String, Value>,
}

impl<'a> Reader<'a, '_> {
    fn path(&self, key: &str) -> Result<(JsonPath, &'a str), Problem> {
        let problem = |message| {
            let place = child(self.pointer, key);
            self.overlay.problem(&place, message).remedy("write a path like `$.components.schemas.Pet`")
        };
        let Some(text) = self.action.get(key).and_then(Value::as_str) else {
            return Err(problem(format!("the action has no `{key}`, or `{key}` is not a string")));
        };
        // `$..*..*..*..*` selects a node once for each choice of four of its ancestors.
        if text.matches("..").count() > MAX_DESCENTS {
            return Err(problem(format!("`{text}` has more than {MAX_DESCENTS} `..`, which selects too much")));
        }
        JsonPath::parse(text).map(|path| (path, text)).map_err(|error| {
            let at = error.position();
            problem(format!("`{text}` is not a valid JSONPath (RFC 9535): {} at character {}", error.message(), at + 1))
        })
    }

    fn change(&self) -> Result<Change<'a>, Problem> {
        let remove = match self.action.get("remove") {
            None => false,
            Some(Value::Bool(remove)) => *remove,
            Some(_) => {
                return Err(self
                    .overlay
                    .problem(&child(self.pointer, "remove"), "`remove` must be `true` or `false`")
                    .remedy("write `remove: true`"));
            }
        };
        let copies = self.version == Version::V1_1 && self.action.contains_key("copy");
        match (self.action.get("update"), copies, remove) {
            (None, false, true) => Ok(Change::Remove),
            // In Overlay 1.0, `update` has no effect here; the schema of 1.1 forbids it.
            (Some(_), false, true) if self.version == Version::V1_0 => Ok(Change::Remove),
            (Some(update), false, false) => Ok(Change::Update(update)),
            (None, true, false) => {
                let (path, source) = self.path("copy")?;
                Ok(Change::Copy { path, source })
            }
            _ => {
                let choice = match self.version {
                    Version::V1_0 => "either `update` or `remove: true`",
                    Version::V1_1 => "one of `update`, `copy` and `remove: true`",
                };
                Err(self
                    .overlay
                    .problem(self.pointer, format!("the action needs {choice}"))
                    .remedy("give the action exactly one of them"))
            }
        }
    }
}
