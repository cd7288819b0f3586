//! Shapes that grow in the texts of documents, and overlays.

use serde_json::json;

use super::Shape;
use super::builders::{list, one_operation, operation, overlay, paths};

/// The shapes, by name.
pub(super) const SHAPES: &[(&str, Shape)] = &[
    ("long-texts", |n| {
        let (mut value, _) = one_operation(json!({ "summary": "word ".repeat(n), "description": "word ".repeat(n) }));
        value["info"]["title"] = "word ".repeat(n).into();
        value["info"]["description"] = "word\n".repeat(n).into();
        value["components"]["schemas"] = json!({ "A": { "type": "string", "description": "word\n\n".repeat(n) } });
        (value, None)
    }),
    ("overlay-actions", |n| {
        let (value, _) = paths(n, |i| operation(&format!("get{i}")));
        let action = |i: usize| json!({ "target": format!("$.paths['/p{i}'].get"), "description": "why", "update": { "summary": "s" } });
        (value, Some(overlay(list(n, action))))
    }),
    ("overlay-removals", |n| {
        let (value, _) = paths(n, |i| operation(&format!("get{i}")));
        let action = json!({ "target": "$.paths[?@.get.tags]", "description": "why", "remove": true });
        (value, Some(overlay(vec![action])))
    }),
];
