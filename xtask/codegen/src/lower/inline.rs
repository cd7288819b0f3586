//! References to nodes that have no names in 3.0, above all path items: copies replace them.

use diagnostics::Problem;
use openapi::pointer::child;
use openapi::reference::target;
use openapi::walk::{self, NodeKind, section};
use openapi::{Document, Origins};
use serde_json::Value;

use crate::rule::AppliedRule;

/// How deep what is inlined may hold such references in its turn.
const ROUNDS: usize = 4;

/// How many copies are made at most.
const COPIES: usize = 4_000;

/// Rule `reference-inlined`: replaces the reference by a copy; members beside the reference take precedence.
pub(super) fn inline(
    document: &Document,
    value: &mut Value,
    origins: &mut Origins,
    applied: &mut Vec<AppliedRule>,
) -> Vec<Problem> {
    let mut copies = 0;
    for _ in 0..ROUNDS {
        let found = found(value);
        if found.is_empty() {
            return vec![];
        }
        for (pointer, reference) in found {
            copies += 1;
            if copies > COPIES {
                let message = format!(
                    "more than {COPIES} references would be replaced by copies, because 3.0 has no names for their targets"
                );
                let remedy = "write out their targets with an overlay, or split the document";
                return vec![document.problem(&child(&pointer, "$ref"), message).remedy(remedy)];
            }
            let Some(Value::Object(copy)) = target(value, &reference).cloned() else { continue };
            let Some(place) = value.pointer_mut(&pointer).and_then(Value::as_object_mut) else { continue };
            place.shift_remove("$ref");
            for (key, inner) in copy {
                place.entry(key).or_insert(inner);
            }
            let note = format!("`{reference}` was replaced by a copy of its target: 3.0 has no name for it");
            let at = child(&pointer, "$ref");
            origins.add(at.clone(), at.clone());
            applied.push(AppliedRule { name: "reference-inlined", pointer: at, loses_meaning: false, note });
            origins.add(pointer, reference.trim_start_matches('#').to_owned());
        }
    }
    let endless = found(value).into_iter();
    endless
        .map(|(pointer, reference)| {
            document
                .problem(&child(&pointer, "$ref"), format!("the reference `{reference}` refers to itself"))
                .remedy("write out its target with an overlay")
        })
        .collect()
}

/// The references in place of what has no name in 3.0.
fn found(value: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk::visit(value, NodeKind::Document, "", &mut |inner, node, pointer| {
        let nameless = section(node).is_none() && walk::is_reference(node, inner);
        if let Some(reference) = inner.get("$ref").and_then(Value::as_str).filter(|_| nameless) {
            found.push((pointer.to_owned(), reference.to_owned()));
        }
    });
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_item_is_copied_to_where_it_is_referred_to() {
        let mut value = json!({
            "paths": { "/a": { "$ref": "#/components/pathItems/P", "summary": "mine" }, "/b": { "get": {} } },
            "components": { "pathItems": { "P": { "summary": "theirs", "post": {} } } },
        });
        let document = Document::parse("specs/a.json", value.to_string()).expect("valid JSON");
        let (mut origins, mut rows) = (Origins::default(), Vec::new());
        assert_eq!(inline(&document, &mut value, &mut origins, &mut rows), []);
        assert_eq!(value["paths"]["/a"], json!({ "summary": "mine", "post": {} }));
        assert_eq!(origins.source("/paths/~1a/post"), "/components/pathItems/P/post");
        assert_eq!(rows.len(), 1);
    }

    #[test]
    fn a_path_item_that_holds_itself_is_an_error() {
        let mut value =
            json!({ "paths": { "/a": { "get": { "callbacks": { "c": { "{$url}": { "$ref": "#/paths/~1a" } } } } } } });
        let document = Document::parse("specs/a.json", value.to_string()).expect("valid JSON");
        let problems = inline(&document, &mut value, &mut Origins::default(), &mut Vec::new());
        assert_eq!(problems.len(), 1);
    }
}
