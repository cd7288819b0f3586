//! The frame of an overlay, and everything about it that can be refused before the document is looked at.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::action::{self, Action};
use crate::codegen::load::Document;
use crate::codegen::positions::child;
use crate::problem::{Problem, Problems, Result};

/// A version of the specification; patches of it are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// 1.0: `update` and `remove`, on objects and lists.
    V1_0,
    /// 1.1: `copy` as well, and plain values can be selected.
    V1_1,
}

impl Version {
    fn of(text: &str) -> Option<Self> {
        let (minor, patch) = text.rsplit_once('.')?;
        let is_number = !patch.is_empty() && patch.bytes().all(|byte| byte.is_ascii_digit());
        match minor {
            "1.0" if is_number => Some(Self::V1_0),
            "1.1" if is_number => Some(Self::V1_1),
            _ => None,
        }
    }

    /// Major and minor number.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::V1_0 => "1.0",
            Self::V1_1 => "1.1",
        }
    }

    fn info_keys(self) -> &'static [&'static str] {
        match self {
            Self::V1_0 => &["title", "version"],
            Self::V1_1 => &["title", "version", "description"],
        }
    }
}

/// Whether an overlay belongs to this workspace, where it has to say more than the specification asks for.
pub(super) fn is_ours(overlay: &Document) -> bool {
    overlay.file.starts_with("specs/")
}

/// Reads the actions and refuses what is not understood.
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
                    .remedy("drop one of the two"),
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

/// A problem for an overlay whose version is missing or not supported, or for something that is no overlay.
fn of_no_version(overlay: &Document, root: &Map<String, Value>) -> Problem {
    const WRITE: &str = "write `overlay: 1.0.0` or `overlay: 1.1.0`, in quotes or with all three numbers";
    match root.get("overlay") {
        Some(found) => {
            let found = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
            overlay.problem("/overlay", format!("overlay version {found} is not supported")).remedy(WRITE)
        }
        None => match ["openapi", "swagger"].into_iter().find(|key| root.contains_key(*key)) {
            Some(key) => overlay
                .problem(&child("", key), "this is an OpenAPI document, not an overlay on one")
                .remedy("name a file that begins with `overlay: 1.1.0`, and has a list of `actions`"),
            None => overlay.problem("", "the overlay does not say its version: `overlay` is missing").remedy(WRITE),
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
            problems.push(overlay.problem("/info", format!("`info.{key}` is missing or no string")).remedy("add it"));
        }
    }
    Ok(problems)
}

/// Our overlays extend the document they are named after; elsewhere, both are named on the command line.
fn check_extends(overlay: &Document, document_file: &str, extends: &Value) -> Option<Problem> {
    let Some(extends) = extends.as_str() else {
        return Some(
            overlay.problem("/extends", "`extends` is no string").remedy("write the document's file name, or drop it"),
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

/// A mapping, or a problem.
pub(super) fn object<'a>(overlay: &Document, pointer: &str, value: &'a Value) -> Result<&'a Map<String, Value>> {
    let problem =
        || overlay.problem(pointer, "a mapping is needed here").remedy("see the OpenAPI Overlay specification");
    Ok(value.as_object().ok_or_else(problem)?)
}

/// A problem for each key that this version does not know.
pub(super) fn unknown_keys(
    overlay: &Document,
    pointer: &str,
    object: &Map<String, Value>,
    version: Version,
    known: &[&str],
) -> Vec<Problem> {
    let unknown = object.keys().filter(|key| !known.contains(&key.as_str()) && !key.starts_with("x-"));
    unknown
        .map(|key| {
            let later = version == Version::V1_0 && (key == "copy" || (pointer == "/info" && key == "description"));
            let remedy = if later {
                "write `overlay: 1.1.0`, which knows it".to_owned()
            } else {
                format!("use one of: {}", known.join(", "))
            };
            overlay
                .problem(
                    &child(pointer, key),
                    format!("`{key}` is not known in an overlay of version {}", version.name()),
                )
                .remedy(remedy)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_version_is_one_of_two_whatever_its_patch() {
        for (text, version) in [
            ("1.0.0", Some(Version::V1_0)),
            ("1.0.12", Some(Version::V1_0)),
            ("1.1.0", Some(Version::V1_1)),
            ("1.2.0", None),
            ("1.1", None),
            ("1.0.x", None),
            ("1.0.", None),
            ("", None),
        ] {
            assert_eq!(Version::of(text), version, "{text}");
        }
    }

    #[test]
    fn the_frame_of_an_overlay_is_checked() {
        let action = json!({ "target": "$", "description": "why", "update": {} });
        let info = json!({ "title": "t", "version": "1" });
        let with_description = json!({ "title": "t", "version": "1", "description": "d" });
        for (overlay, words) in [
            (json!({ "overlay": "1.2.0", "info": info, "actions": [action] }), "version 1.2.0 is not supported"),
            (json!({ "overlay": 1.1, "info": info, "actions": [action] }), "version 1.1 is not supported"),
            (json!({ "info": info, "actions": [action] }), "`overlay` is missing"),
            (json!({ "openapi": "3.1.0", "info": info, "paths": {} }), "not an overlay on one"),
            (json!({ "overlay": "1.0.0", "actions": [action] }), "`info` is missing"),
            (json!({ "overlay": "1.0.0", "info": {}, "actions": [action] }), "info.title"),
            (json!({ "overlay": "1.0.0", "info": 1, "actions": [action] }), "a mapping is needed"),
            (
                json!({ "overlay": "1.0.0", "info": with_description, "actions": [action] }),
                "`description` is not known",
            ),
            (json!({ "overlay": "1.0.0", "info": info, "actions": [] }), "no actions"),
            (json!({ "overlay": "1.0.0", "info": info, "actions": {} }), "no actions"),
            (json!({ "overlay": "1.0.0", "info": info, "actions": [1] }), "a mapping is needed"),
            (json!({ "overlay": "1.0.0", "info": info, "actions": [action, action] }), "same as /actions/0"),
            (json!({ "overlay": "1.0.0", "info": info, "extends": "b.yaml", "actions": [action] }), "not a.yaml"),
            (json!({ "overlay": "1.0.0", "info": info, "extends": 1, "actions": [action] }), "no string"),
            (json!({ "overlay": "1.0.0", "info": info, "action": [], "actions": [action] }), "`action` is not known"),
        ] {
            let overlay = Document::parse("specs/a.overlay.json", overlay.to_string()).expect("valid JSON");
            let error = read(&overlay, "specs/a.yaml").expect_err(words).to_string();
            assert!(error.contains(words), "{error}");
            assert!(error.contains("specs/a.overlay.json:1") && error.contains("remedy"), "{error}");
        }
    }

    #[test]
    fn an_overlay_of_others_needs_no_reasons_and_may_extend_an_address() {
        let text = json!({ "overlay": "1.1.2", "x-by": "them", "extends": "https://pets.example/openapi.json",
            "info": { "title": "t", "version": "1", "description": "d", "x-more": 1 },
            "actions": [{ "target": "$", "update": {}, "x-note": 1 }] })
        .to_string();
        let theirs = Document::parse("downloads/o.json", text.clone()).expect("valid JSON");
        assert_eq!(read(&theirs, "downloads/pets.yaml").expect("reads").1.len(), 1);
        let ours = Document::parse("specs/pets.overlay.json", text).expect("valid JSON");
        let error = read(&ours, "specs/pets.yaml").expect_err("refused").to_string();
        assert!(error.contains("does not say why") && error.contains("not pets.yaml"), "{error}");
    }
}
