//! Step 2: corrections to a document, as an OpenAPI Overlay 1.0.0.
//!
//! The vendor's file is never edited. Each action says why it is there; one that matches nothing is an error, because
//! then the document has changed under it.

mod read;

use serde_json::Value;

use read::{Action, Change};

use super::load::Document;
use super::positions::{child, parts};
use crate::problem::{Problem, Result};

/// Applies an overlay to a document's value; returns the number of actions.
pub(crate) fn apply(overlay: &Document, document_file: &str, value: &mut Value) -> Result<usize> {
    let actions = read::read(overlay, document_file)?;
    for action in &actions {
        action.apply(overlay, document_file, value)?;
    }
    Ok(actions.len())
}

impl Action<'_> {
    fn apply(&self, overlay: &Document, document_file: &str, value: &mut Value) -> Result<()> {
        let problem = |message: String| {
            let target = child(&self.pointer, "target");
            Problem::new(message).file(&overlay.file).line(overlay.line(&target)).place(self.target)
        };
        let found: Vec<String> =
            self.path.query_located(value).locations().map(|location| location.to_json_pointer()).collect();
        if found.is_empty() {
            return Err(problem(format!("the action's target matches nothing in {document_file}"))
                .remedy("the document may have changed: correct the target, or drop the action")
                .into());
        }
        for pointer in removal_order(&self.change, found) {
            let Some(node) = value.pointer_mut(&pointer) else {
                continue;
            };
            if !node.is_object() && !node.is_array() {
                return Err(problem(format!("the target selects #{pointer}, which is no object or array"))
                    .remedy("select the object that holds it, and name the member in `update`")
                    .into());
            }
            match self.change {
                Change::Remove if pointer.is_empty() => {
                    return Err(problem("the whole document cannot be removed".to_owned())
                        .remedy("select a part of it")
                        .into());
                }
                Change::Remove => remove(value, &pointer),
                Change::Update(update) => update_node(node, update).map_err(|place| {
                    problem(format!("`update` does not fit what is at #{pointer}{place}")).remedy(
                        "merge object into object, list into list, value into value; or remove the old one first",
                    )
                })?,
            }
        }
        Ok(())
    }
}

/// Deep before shallow and last before first, so that a removal moves nothing that is still to be removed.
fn removal_order(change: &Change<'_>, mut pointers: Vec<String>) -> Vec<String> {
    if matches!(change, Change::Remove) {
        let key = |pointer: &String| {
            let parts = parts(pointer);
            (parts.len(), parts.last().and_then(|last| last.parse::<usize>().ok()))
        };
        pointers.sort_by_key(|pointer| std::cmp::Reverse(key(pointer)));
        pointers.dedup();
    }
    pointers
}

fn remove(value: &mut Value, pointer: &str) {
    let (parent, _) = pointer.rsplit_once('/').unwrap_or_default();
    let last = parts(pointer).pop().unwrap_or_default();
    match value.pointer_mut(parent) {
        Some(Value::Object(object)) => {
            object.shift_remove(&last);
        }
        Some(Value::Array(list)) => {
            if let Ok(index) = last.parse::<usize>() {
                list.remove(index);
            }
        }
        _ => {}
    }
}

/// An entry is appended to a list; an object is merged into an object.
fn update_node(node: &mut Value, update: &Value) -> Result<(), String> {
    match node {
        Value::Array(list) => {
            list.push(update.clone());
            Ok(())
        }
        node => merge(node, update, ""),
    }
}

/// Objects merge member by member, lists are joined, values are replaced; the error is the place that does not fit.
fn merge(node: &mut Value, update: &Value, place: &str) -> Result<(), String> {
    match (node, update) {
        (Value::Object(object), Value::Object(update)) => {
            for (key, value) in update {
                match object.get_mut(key) {
                    Some(old) => merge(old, value, &child(place, key))?,
                    None => {
                        object.insert(key.clone(), value.clone());
                    }
                }
            }
            Ok(())
        }
        (Value::Array(list), Value::Array(update)) => {
            list.extend(update.iter().cloned());
            Ok(())
        }
        (Value::Object(_) | Value::Array(_), _) | (_, Value::Object(_) | Value::Array(_)) => Err(place.to_owned()),
        (node, update) => {
            *node = update.clone();
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(actions: Value, mut value: Value) -> Result<Value> {
        let overlay = json!({ "overlay": "1.0.0", "info": { "title": "t", "version": "1" }, "actions": actions });
        let overlay = Document::parse("specs/a.overlay.json", overlay.to_string()).expect("valid JSON");
        apply(&overlay, "specs/a.yaml", &mut value).map(|_| value)
    }

    #[test]
    fn updates_merge_and_removals_remove() {
        for (target, change, before, after) in [
            (
                "$.a",
                ("update", json!({ "b": 2, "c": { "e": 1 } })),
                json!({ "a": { "b": 1, "c": { "d": 0 } } }),
                json!({ "a": { "b": 2, "c": { "d": 0, "e": 1 } } }),
            ),
            ("$.a", ("update", json!({ "l": [2] })), json!({ "a": { "l": [1] } }), json!({ "a": { "l": [1, 2] } })),
            ("$.l", ("update", json!({ "x": 1 })), json!({ "l": [] }), json!({ "l": [{ "x": 1 }] })),
            ("$.l", ("update", json!([1])), json!({ "l": [0] }), json!({ "l": [0, [1]] })),
            (
                "$.*.get",
                ("update", json!({ "x": 1 })),
                json!({ "a": { "get": {} }, "b": { "get": {} } }),
                json!({ "a": { "get": { "x": 1 } }, "b": { "get": { "x": 1 } } }),
            ),
            ("$['a/b']", ("remove", json!(true)), json!({ "a/b": {}, "c": 1 }), json!({ "c": 1 })),
            (
                "$.l[?@.x == 1]",
                ("remove", json!(true)),
                json!({ "l": [{ "x": 1 }, { "x": 2 }, { "x": 1 }] }),
                json!({ "l": [{ "x": 2 }] }),
            ),
            ("$..x", ("remove", json!(true)), json!({ "x": { "x": {} }, "y": {} }), json!({ "y": {} })),
        ] {
            let action = json!({ "target": target, "description": "why", change.0: change.1 });
            assert_eq!(run(json!([action]), before).expect(target), after, "{target}");
        }
    }

    #[test]
    fn a_later_action_sees_what_an_earlier_one_made() {
        let actions = json!([
            { "target": "$", "description": "why", "update": { "a": { "b": 1 } } },
            { "target": "$.a", "description": "why", "update": { "c": 2 } },
        ]);
        assert_eq!(run(actions, json!({})).expect("applies"), json!({ "a": { "b": 1, "c": 2 } }));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (action, words) in [
            (json!({ "target": "$.b", "description": "why", "update": {} }), "matches nothing in specs/a.yaml"),
            (json!({ "target": "$.a", "description": "why", "update": 1 }), "does not fit"),
            (json!({ "target": "$.a", "description": "why", "update": { "n": { "x": 1 } } }), "#/a/n"),
            (json!({ "target": "$.a.n", "description": "why", "update": 2 }), "no object or array"),
            (json!({ "target": "$", "description": "why", "remove": true }), "whole document"),
            (json!({ "target": "$.a", "update": {} }), "does not say why"),
            (json!({ "target": "$.a", "description": "why" }), "either `update` or `remove: true`"),
            (json!({ "target": "$.a", "description": "why", "update": {}, "remove": true }), "either"),
            (json!({ "target": "a.b", "description": "why", "update": {} }), "no JSONPath"),
            (json!({ "target": "$.a", "description": "why", "copy": "$.b" }), "`copy` is not known"),
        ] {
            let error = run(json!([action]), json!({ "a": { "n": 1 } })).expect_err(words).to_string();
            assert!(error.contains(words), "{error}");
            assert!(error.contains("specs/a.overlay.json:1") && error.contains("remedy"), "{error}");
        }
    }
}
