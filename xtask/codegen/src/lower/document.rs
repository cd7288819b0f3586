//! Rules for the root of the document.

use openapi::pointer::child;
use openapi::walk::{self, NodeKind};
use serde_json::{Map, Value};

use super::words::names;
use crate::rule::{AppliedRule, LOWERED};

/// Applies the rules for the root of the document.
pub(super) fn apply(value: &mut Value, applied: &mut Vec<AppliedRule>) {
    version(value, applied);
    drop_member(value, "", "jsonSchemaDialect", "it names the dialect that is lowered by default", applied);
    drop_member(value, "", "webhooks", "a client does not receive webhooks", applied);
    drop_member(value, "/components", "pathItems", "copies replaced the references to them", applied);
    drop_member(value, "/info", "summary", "3.0 has no place for it", applied);
    drop_member(value, "/info/license", "identifier", "3.0 has no place for it", applied);
    paths(value, applied);
}

/// Rule `version`.
fn version(value: &mut Value, applied: &mut Vec<AppliedRule>) {
    if let Some(version) = value.get_mut("openapi") {
        let note = format!("{} became {LOWERED}", version.as_str().unwrap_or("3.1"));
        *version = LOWERED.into();
        applied.push(AppliedRule { name: "version", pointer: "/openapi".to_owned(), loses_meaning: false, note });
    }
}

/// Rule `drop-member`: members that 3.0 does not know.
fn drop_member(value: &mut Value, place: &str, key: &str, why: &str, applied: &mut Vec<AppliedRule>) {
    let Some(object) = value.pointer_mut(place).and_then(Value::as_object_mut) else {
        return;
    };
    if object.shift_remove(key).is_some() {
        let note = format!("`{key}` was dropped: {why}");
        applied.push(AppliedRule { name: "drop-member", pointer: child(place, key), loses_meaning: false, note });
    }
}

/// Rule `paths`: 3.0 wants them, be it none.
fn paths(value: &mut Value, applied: &mut Vec<AppliedRule>) {
    let Some(object) = value.as_object_mut().filter(|object| !object.contains_key("paths")) else { return };
    object.insert("paths".to_owned(), Value::Object(Map::new()));
    let note = "an empty `paths` was added: 3.0 requires it".to_owned();
    applied.push(AppliedRule { name: "paths", pointer: String::new(), loses_meaning: false, note });
}

/// Rule `reference-texts`: `summary` and `description` beside the `$ref` of a Reference Object.
pub(super) fn reference_texts(value: &mut Value, node: NodeKind, pointer: &str, applied: &mut Vec<AppliedRule>) {
    if node == NodeKind::PathItem || !walk::is_reference(node, value) {
        return;
    }
    if let Some(object) = value.as_object_mut().filter(|object| object.len() > 1) {
        let dropped = names(object.keys().filter(|key| *key != "$ref"));
        object.retain(|key, _| key == "$ref");
        let note = format!("{dropped} beside `$ref` was dropped; the target has its own");
        applied.push(AppliedRule { name: "reference-texts", pointer: pointer.to_owned(), loses_meaning: false, note });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_frame_loses_what_3_0_does_not_know() {
        let mut value = json!({
            "openapi": "3.1.1", "jsonSchemaDialect": "x", "webhooks": {}, "components": { "pathItems": {} },
            "info": { "title": "t", "summary": "s", "license": { "name": "n", "identifier": "i" } },
        });
        let mut rows = Vec::new();
        apply(&mut value, &mut rows);
        assert_eq!(
            value,
            json!({ "openapi": "3.0.3", "components": {}, "info": { "title": "t", "license": { "name": "n" } }, "paths": {} })
        );
        let pointers = rows.iter().map(|rule| rule.pointer.as_str()).collect::<Vec<_>>();
        assert_eq!(
            pointers,
            [
                "/openapi",
                "/jsonSchemaDialect",
                "/webhooks",
                "/components/pathItems",
                "/info/summary",
                "/info/license/identifier",
                "",
            ]
        );
    }

    #[test]
    fn texts_beside_a_reference_fall_away() {
        let mut value = json!({ "$ref": "#/components/responses/R", "description": "d", "summary": "s" });
        let mut rows = Vec::new();
        reference_texts(&mut value, NodeKind::Response, "/x", &mut rows);
        assert_eq!(value, json!({ "$ref": "#/components/responses/R" }));
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].note, "`description`, `summary` beside `$ref` was dropped; the target has its own");
    }
}
