//! The root members of an overlay, and all checks that do not need the document.

use std::collections::HashMap;

use diagnostics::{Problem, Problems, Result};
use serde_json::{Map, Value};

use super::action::{self, Action};
use super::keys::{Version, is_ours, object, unknown_keys};
use crate::document::Document;
use crate::pointer::child;

/// Reads the actions; refuses unknown keys and invalid values.
pub(super) fn read<'a>(overlay: &'a Document, document_file: &str) -> Result<(Version, Vec<Action<'a>>)> {
    let mut problems = Vec::new();
    let root = object(overlay, "", &overlay.value)?;
    let Some(version) = root.get("overlay").and_then(Value::as_str).and_then(Version::of) else {
        return Err(of_no_version(overlay, root).into());
    };
    problems.extend(unknown_keys(overlay, "", root, version, &["overlay", "info", "extends", "actions"]));
    problems.extend(info(overlay, version, root.get("info"))?);
    problems.extend(root.get("extends").and_then(|extends| check_extends(overlay, document_file, extends)));
    let list = root.get("actions").and_then(Value::as_array).filter(|list| !list.is_empty());
    let Some(list) = list else {
        problems.push(overlay.problem("/actions", "the overlay has no actions").remedy("add one, or delete the file"));
        Problems::check(problems)?;
        return Ok((version, vec![]));
    };
    let mut actions = Vec::new();
    let mut texts = HashMap::new();
    for (index, value) in list.iter().enumerate() {
        let pointer = format!("/actions/{index}");
        if let Some(first) = texts.insert(value.to_string(), index) {
            problems.push(
                overlay
                    .problem(&pointer, format!("the action is the same as /actions/{first}"))
                    .remedy("remove one of the two"),
            );
        }
        match action::read(overlay, version, pointer, value) {
            Ok(action) => actions.push(action),
            Err(found) => problems.extend(found.into_vec()),
        }
    }
    Problems::check(problems)?;
    Ok((version, actions))
}

/// Returns a problem if the version is missing or not supported, or if the file is not an overlay.
fn of_no_version(overlay: &Document, root: &Map<String, Value>) -> Problem {
    const WRITE: &str = "write `overlay: 1.0.0` or `overlay: 1.1.0`, in quotes or with all three numbers";
    match root.get("overlay") {
        Some(found) => {
            let found = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
            overlay.problem("/overlay", format!("overlay version {found} is not supported")).remedy(WRITE)
        }
        None => match ["openapi", "swagger"].into_iter().find(|key| root.contains_key(*key)) {
            Some(key) => overlay
                .problem(&child("", key), "the file is an OpenAPI document, not an overlay")
                .remedy("name a file that begins with `overlay: 1.1.0` and has a list of `actions`"),
            None => overlay.problem("", "the overlay has no version: `overlay` is missing").remedy(WRITE),
        },
    }
}

fn info(overlay: &Document, version: Version, info: Option<&Value>) -> Result<Vec<Problem>> {
    let Some(info) = info else {
        return Ok(vec![overlay.problem("", "`info` is missing").remedy("add `info` with title and version")]);
    };
    let info = object(overlay, "/info", info)?;
    let mut problems = unknown_keys(overlay, "/info", info, version, version.info_keys());
    for key in ["title", "version"] {
        if !info.get(key).is_some_and(Value::is_string) {
            problems
                .push(overlay.problem("/info", format!("`info.{key}` is missing or not a string")).remedy("add it"));
        }
    }
    Ok(problems)
}

/// An overlay of the workspace extends the document that it is named after; elsewhere, the command line names both.
fn check_extends(overlay: &Document, document_file: &str, extends: &Value) -> Option<Problem> {
    let Some(extends) = extends.as_str() else {
        return Some(
            overlay
                .problem("/extends", "`extends` must be a string")
                .remedy("write the document's file name, or remove `extends`"),
        );
    };
    let last = |text: &str| text.rsplit('/').next().unwrap_or(text).to_owned();
    let name = last(document_file);
    (is_ours(overlay) && last(extends) != name).then(|| {
        overlay
            .problem("/extends", format!("the overlay extends {extends}, not {name}"))
            .remedy(format!("write `extends: {name}`, or name the overlay after its document"))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_root_members_of_an_overlay_are_checked() {
        let action = json!({ "target": "$", "description": "why", "update": {} });
        let info = json!({ "title": "t", "version": "1" });
        let with_description = json!({ "title": "t", "version": "1", "description": "d" });
        for (overlay, words) in [
            (json!({ "overlay": "1.2.0", "info": info, "actions": [action] }), "version 1.2.0 is not supported"),
            (json!({ "overlay": 1.1, "info": info, "actions": [action] }), "version 1.1 is not supported"),
            (json!({ "info": info, "actions": [action] }), "`overlay` is missing"),
            (json!({ "openapi": "3.1.0", "info": info, "paths": {} }), "not an overlay"),
            (json!({ "overlay": "1.0.0", "actions": [action] }), "`info` is missing"),
            (json!({ "overlay": "1.0.0", "info": {}, "actions": [action] }), "info.title"),
            (json!({ "overlay": "1.0.0", "info": 1, "actions": [action] }), "must be a mapping"),
            (
                json!({ "overlay": "1.0.0", "info": with_description, "actions": [action] }),
                "`description` is not known",
            ),
            (json!({ "overlay": "1.0.0", "info": info, "actions": [] }), "no actions"),
            (json!({ "overlay": "1.0.0", "info": info, "actions": {} }), "no actions"),
            (json!({ "overlay": "1.0.0", "info": info, "actions": [1] }), "must be a mapping"),
            (json!({ "overlay": "1.0.0", "info": info, "actions": [action, action] }), "same as /actions/0"),
            (json!({ "overlay": "1.0.0", "info": info, "extends": "b.yaml", "actions": [action] }), "not a.yaml"),
            (json!({ "overlay": "1.0.0", "info": info, "extends": 1, "actions": [action] }), "must be a string"),
            (json!({ "overlay": "1.0.0", "info": info, "action": [], "actions": [action] }), "`action` is not known"),
        ] {
            let overlay = Document::parse("specs/a.overlay.json", overlay.to_string()).expect("valid JSON");
            let error = read(&overlay, "specs/a.yaml").expect_err(words).to_string();
            assert!(error.contains(words), "{error}");
            assert!(error.contains("specs/a.overlay.json:1") && error.contains("remedy"), "{error}");
        }
    }

    #[test]
    fn an_overlay_outside_the_workspace_needs_no_reasons_and_may_extend_a_url() {
        let text = json!({ "overlay": "1.1.2", "x-by": "them", "extends": "https://pets.example/openapi.json",
            "info": { "title": "t", "version": "1", "description": "d", "x-more": 1 },
            "actions": [{ "target": "$", "update": {}, "x-note": 1 }] })
        .to_string();
        let theirs = Document::parse("downloads/o.json", text.clone()).expect("valid JSON");
        assert_eq!(read(&theirs, "downloads/pets.yaml").expect("reads").1.len(), 1);
        let ours = Document::parse("specs/pets.overlay.json", text).expect("valid JSON");
        let error = read(&ours, "specs/pets.yaml").expect_err("refused").to_string();
        assert!(error.contains("has no reason") && error.contains("not pets.yaml"), "{error}");
    }
}
