//! The actions of an overlay, and everything about them that can be refused before the document is looked at.

use serde_json::{Map, Value};
use serde_json_path::JsonPath;

use crate::codegen::load::Document;
use crate::codegen::positions::child;
use crate::problem::{Problem, Problems, Result};

/// The version of the specification that is understood.
const SUPPORTED: &str = "1.0.0";

/// One change to the document.
#[derive(Debug)]
pub(super) struct Action<'a> {
    /// Where it stands in the overlay.
    pub(super) pointer: String,
    /// Its target as it is written.
    pub(super) target: &'a str,
    /// Its target.
    pub(super) path: JsonPath,
    /// What it does.
    pub(super) change: Change<'a>,
}

/// What an action does to each node that it selects.
#[derive(Debug)]
pub(super) enum Change<'a> {
    /// Merges this into it.
    Update(&'a Value),
    /// Removes it.
    Remove,
}

/// Reads the actions and refuses what is not understood.
pub(super) fn read<'a>(overlay: &'a Document, document_file: &str) -> Result<Vec<Action<'a>>> {
    let mut problems = Vec::new();
    let root = object(overlay, "", &overlay.value)?;
    problems.extend(unknown_keys(overlay, "", root, &["overlay", "info", "extends", "actions"]));
    match root.get("overlay").and_then(Value::as_str) {
        Some(SUPPORTED) => {}
        other => problems.push(
            overlay
                .problem("/overlay", format!("overlay version {} is not supported yet", other.unwrap_or("(none)")))
                .remedy(format!("write the overlay for version {SUPPORTED}")),
        ),
    }
    match root.get("info") {
        Some(info) => {
            let info = object(overlay, "/info", info)?;
            problems.extend(unknown_keys(overlay, "/info", info, &["title", "version"]));
            for key in ["title", "version"] {
                if !info.get(key).is_some_and(Value::is_string) {
                    problems.push(
                        overlay.problem("/info", format!("`info.{key}` is missing or no string")).remedy("add it"),
                    );
                }
            }
        }
        None => problems.push(overlay.problem("", "`info` is missing").remedy("add `info` with title and version")),
    }
    if let Some(extends) = root.get("extends") {
        let name = document_file.rsplit('/').next().unwrap_or(document_file);
        if extends.as_str().map(|it| it.trim_start_matches("./")) != Some(name) {
            problems.push(
                overlay
                    .problem("/extends", format!("the overlay extends {extends}, not {name}"))
                    .remedy(format!("write `extends: {name}`, or name the overlay after its document")),
            );
        }
    }
    let list = root.get("actions").and_then(Value::as_array).filter(|list| !list.is_empty());
    let Some(list) = list else {
        problems.push(overlay.problem("/actions", "the overlay has no actions").remedy("add one, or delete the file"));
        return Err(Problems::check(problems).expect_err("one was added"));
    };
    let mut actions = Vec::new();
    for (index, value) in list.iter().enumerate() {
        match read_action(overlay, format!("/actions/{index}"), value) {
            Ok(action) => actions.push(action),
            Err(found) => problems.extend(found.into_vec()),
        }
    }
    Problems::check(problems)?;
    Ok(actions)
}

fn read_action<'a>(overlay: &Document, pointer: String, value: &'a Value) -> Result<Action<'a>> {
    let action = object(overlay, &pointer, value)?;
    let mut problems = unknown_keys(overlay, &pointer, action, &["target", "description", "update", "remove"]);
    let said = action.get("description").and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty());
    if !said {
        problems.push(
            overlay
                .problem(&pointer, "the action does not say why it is there")
                .remedy("add a `description` with the reason"),
        );
    }
    let target = action.get("target").and_then(Value::as_str).unwrap_or_default();
    let path = JsonPath::parse(target).map_err(|error| {
        overlay
            .problem(&child(&pointer, "target"), format!("the target `{target}` is no JSONPath (RFC 9535): {error}"))
            .remedy("write a path like `$.components.schemas.Pet`")
    });
    let change = match (action.get("update"), action.get("remove")) {
        (Some(update), None | Some(Value::Bool(false))) => Ok(Change::Update(update)),
        (None, Some(Value::Bool(true))) => Ok(Change::Remove),
        _ => Err(overlay
            .problem(&pointer, "the action needs either `update` or `remove: true`")
            .remedy("keep one of the two")),
    };
    match (path, change) {
        (Ok(path), Ok(change)) if problems.is_empty() => Ok(Action { pointer, target, path, change }),
        (path, change) => {
            problems.extend(path.err());
            problems.extend(change.err());
            Err(Problems::check(problems).expect_err("at least one"))
        }
    }
}

fn object<'a>(overlay: &Document, pointer: &str, value: &'a Value) -> Result<&'a Map<String, Value>> {
    let problem =
        || overlay.problem(pointer, "a mapping is needed here").remedy("see the OpenAPI Overlay specification");
    Ok(value.as_object().ok_or_else(problem)?)
}

fn unknown_keys(overlay: &Document, pointer: &str, object: &Map<String, Value>, known: &[&str]) -> Vec<Problem> {
    let unknown = object.keys().filter(|key| !known.contains(&key.as_str()) && !key.starts_with("x-"));
    unknown
        .map(|key| {
            overlay
                .problem(&child(pointer, key), format!("`{key}` is not known in an overlay of version {SUPPORTED}"))
                .remedy(format!("use one of: {}", known.join(", ")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_frame_of_an_overlay_is_checked() {
        let action = json!({ "target": "$", "description": "why", "update": {} });
        let info = json!({ "title": "t", "version": "1" });
        for (overlay, words) in [
            (json!({ "overlay": "1.1.0", "info": info, "actions": [action] }), "version 1.1.0 is not supported"),
            (json!({ "overlay": "1.0.0", "actions": [action] }), "`info` is missing"),
            (json!({ "overlay": "1.0.0", "info": {}, "actions": [action] }), "info.title"),
            (json!({ "overlay": "1.0.0", "info": info, "actions": [] }), "no actions"),
            (json!({ "overlay": "1.0.0", "info": info, "extends": "b.yaml", "actions": [action] }), "not a.yaml"),
            (json!({ "overlay": "1.0.0", "info": info, "action": [], "actions": [action] }), "`action` is not known"),
        ] {
            let overlay = Document::parse("specs/a.overlay.json", overlay.to_string()).expect("valid JSON");
            let error = read(&overlay, "specs/a.yaml").expect_err(words).to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
