//! References that lead nowhere, or out of the document.

use serde_json::Value;

use crate::codegen::load::Document;
use crate::codegen::node::{self, Node};
use crate::codegen::positions::{child, parts};
use crate::problem::Problem;

/// Every reference that cannot be followed, for documents of any version.
pub(super) fn check(document: &Document, value: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    node::visit(value, Node::Document, "", &mut |inner, node, pointer| {
        let reference = if node == Node::Schema || node::is_reference(node, inner) { inner.get("$ref") } else { None };
        let Some(reference) = reference else { return };
        if let Some((message, remedy)) = fault(value, node, reference) {
            problems.push(document.problem(&child(pointer, "$ref"), message).remedy(remedy));
        }
    });
    problems
}

fn fault(document: &Value, node: Node, reference: &Value) -> Option<(String, &'static str)> {
    let Some(text) = reference.as_str() else {
        return Some(("`$ref` is no string".to_owned(), "write a reference like `#/components/schemas/Pet`"));
    };
    let Some(pointer) = text.strip_prefix('#') else {
        return Some((
            format!("the reference `{text}` leads out of the document, which is not supported yet"),
            "copy what it names into `components` with an overlay, and refer to that",
        ));
    };
    if document.pointer(pointer).is_none() || !pointer.starts_with('/') {
        return Some((format!("the reference `{text}` leads nowhere"), "correct it with an overlay"));
    }
    let parts = parts(pointer);
    let named = matches!(parts.as_slice(), [components, _, _] if components == "components");
    let is_schema = parts.get(1).is_some_and(|kind| kind == "schemas");
    if !named || (node == Node::Schema) != is_schema {
        return Some((
            format!("the reference `{text}` leads into the middle of something, which is not supported yet"),
            "move what it names to `components` with an overlay, and refer to that",
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_reference_has_to_lead_to_a_named_component_of_its_kind() {
        for (reference, words) in [
            (json!("#/components/schemas/B"), None),
            (json!("#/components/schemas/C"), Some("leads nowhere")),
            (json!("other.yaml#/B"), Some("out of the document")),
            (json!("#B"), Some("leads nowhere")),
            (json!("#/components/schemas/B/properties/x"), Some("into the middle")),
            (json!("#/components/responses/R"), Some("into the middle")),
            (json!(1), Some("no string")),
        ] {
            let value = json!({ "components": {
                "schemas": { "A": { "$ref": reference }, "B": { "properties": { "x": {} } } }, "responses": { "R": {} },
            } });
            let document = Document::parse("specs/a.json", value.to_string()).expect("valid JSON");
            let found = check(&document, &value);
            match words {
                None => assert!(found.is_empty(), "{found:?}"),
                Some(words) => {
                    assert_eq!(found.len(), 1, "{reference}");
                    let text = found[0].to_string();
                    assert!(text.contains(words) && text.contains("#/components/schemas/A/$ref"), "{text}");
                }
            }
        }
    }
}
