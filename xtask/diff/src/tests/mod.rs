//! Every kind of change, before and after.

mod api;
mod causes;
mod documentation;
mod documents;
mod places;
mod schemas;
mod surface;

use serde_json::{Value, json};

use super::document::compare;

/// One row: before, after, and the ids of exactly what is found.
pub(super) struct Case {
    pub(super) before: Value,
    pub(super) after: Value,
    pub(super) ids: Vec<String>,
}

/// The ids of what is found, sorted.
pub(super) fn ids(before: &Value, after: &Value) -> Vec<String> {
    let mut ids: Vec<String> = compare(before, after).iter().map(super::finding::Finding::id).collect();
    ids.sort();
    ids
}

/// A document with an operation that sends and answers the schema `S`.
pub(super) fn around(schema: &Value) -> Value {
    let content = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/S" } } });
    json!({
        "openapi": "3.1.0",
        "info": { "title": "t", "version": "1" },
        "paths": { "/a": { "post": {
            "operationId": "a",
            "requestBody": { "required": true, "content": content },
            "responses": { "200": { "description": "d", "content": content } },
        } } },
        "components": { "schemas": { "S": schema, "T": { "type": "string" }, "U": { "type": "object", "properties": {} } } },
    })
}

/// Checks rows in both directions of reading: what is expected is found, and a document compared with itself is not.
pub(super) fn check(rows: &[Case]) {
    for Case { before, after, ids: expected } in rows {
        let mut expected = expected.clone();
        expected.sort();
        assert_eq!(ids(before, after), expected, "\nbefore {before}\nafter {after}");
        assert!(ids(before, before).is_empty() && ids(after, after).is_empty(), "{before} {after}");
    }
}
