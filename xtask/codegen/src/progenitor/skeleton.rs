//! Reduces a document to the members that progenitor reads, so that no other member can stop it.

use std::collections::BTreeSet;

use openapi::closure::{closure, referred_schemas};
use openapi::operations::METHODS;
use openapi::walk::{self, NodeKind};
use serde_json::{Map, Value, json};

/// The members that are read, by kind of node; the others keep all of theirs.
fn read(node: NodeKind) -> Option<&'static [&'static str]> {
    Some(match node {
        NodeKind::Document => &["openapi", "info", "paths", "components"],
        NodeKind::Info => &["title", "description", "version", "termsOfService"],
        NodeKind::Components => &["schemas", "parameters", "responses", "requestBodies"],
        NodeKind::Operation => {
            &["operationId", "summary", "description", "parameters", "requestBody", "responses", "x-dropshot-websocket"]
        }
        NodeKind::Parameter => &["$ref", "name", "in", "description", "required", "schema", "style", "explode"],
        NodeKind::RequestBody => &["$ref", "description", "content", "required"],
        NodeKind::Response => &["$ref", "description", "content"],
        NodeKind::MediaType => &["schema"],
        _ => return None,
    })
}

/// The document as progenitor gets it.
pub(super) fn skeleton(value: &Value) -> Value {
    let mut value = value.clone();
    walk::change(&mut value, NodeKind::Document, "", &mut |inner, node, _| {
        let Some(object) = inner.as_object_mut() else { return };
        if let Some(read) = read(node) {
            object.retain(|key, _| read.contains(&key.as_str()));
        }
        match node {
            NodeKind::PathItem => object.retain(|key, _| METHODS.contains(&key.as_str()) || key == "parameters"),
            NodeKind::Paths | NodeKind::Responses => object.retain(|key, _| !key.starts_with("x-")),
            NodeKind::Response => {
                object.entry("description").or_insert_with(|| "".into());
            }
            NodeKind::Operation => {
                object.entry("responses").or_insert_with(|| Map::new().into());
            }
            NodeKind::Schema => {
                for key in ["example", "examples", "externalDocs", "xml", "deprecated", "discriminator"] {
                    object.shift_remove(key);
                }
                object.retain(|key, _| !key.starts_with("x-"));
            }
            NodeKind::Info => {
                object.entry("title").or_insert_with(|| "the API".into());
            }
            _ => {}
        }
    });
    if let Some(object) = value.as_object_mut() {
        object.entry("paths").or_insert_with(|| json!({}));
        object.entry("info").or_insert_with(|| json!({ "title": "", "version": "" }));
    }
    value
}

/// The document with these operations only and the schemas that they need.
pub(super) fn only(value: &Value, operations: &[(String, String)], roots: &[String]) -> Value {
    let mut small = value.clone();
    let kept = operations.iter().map(|(path, method)| (path.as_str(), method.as_str())).collect::<BTreeSet<_>>();
    if let Some(paths) = small.get_mut("paths").and_then(Value::as_object_mut) {
        for (path, item) in paths.iter_mut() {
            let Some(item) = item.as_object_mut() else { continue };
            item.retain(|key, _| !METHODS.contains(&key.as_str()) || kept.contains(&(path.as_str(), key.as_str())));
        }
        paths.retain(|_, item| METHODS.iter().any(|method| item.get(*method).is_some()));
    }
    let mut open = roots.iter().cloned().collect::<BTreeSet<_>>();
    if let Some(paths) = small.get("paths") {
        open.extend(referred_schemas(paths, NodeKind::Paths));
    }
    let needed = closure(value, open);
    if let Some(schemas) = small.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        schemas.retain(|name, _| needed.contains(name));
    }
    small
}
