//! What progenitor reads of a document, and nothing else: what it does not read cannot stop it.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::codegen::accommodate::METHODS;
use crate::codegen::node::{self, Node};

/// The members that are read, by kind of node; the others keep all of theirs.
fn read(node: Node) -> Option<&'static [&'static str]> {
    Some(match node {
        Node::Document => &["openapi", "info", "paths", "components"],
        Node::Info => &["title", "description", "version", "termsOfService"],
        Node::Components => &["schemas", "parameters", "responses", "requestBodies"],
        Node::Operation => {
            &["operationId", "summary", "description", "parameters", "requestBody", "responses", "x-dropshot-websocket"]
        }
        Node::Parameter => &["$ref", "name", "in", "description", "required", "schema", "style", "explode"],
        Node::RequestBody => &["$ref", "description", "content", "required"],
        Node::Response => &["$ref", "description", "content"],
        Node::MediaType => &["schema"],
        _ => return None,
    })
}

/// The document as progenitor gets it.
pub(super) fn skeleton(value: &Value) -> Value {
    let mut value = value.clone();
    node::change(&mut value, Node::Document, "", &mut |inner, node, _| {
        let Some(object) = inner.as_object_mut() else { return };
        if let Some(read) = read(node) {
            object.retain(|key, _| read.contains(&key.as_str()));
        }
        match node {
            Node::PathItem => object.retain(|key, _| METHODS.contains(&key.as_str()) || key == "parameters"),
            Node::Paths | Node::Responses => object.retain(|key, _| !key.starts_with("x-")),
            Node::Response => {
                object.entry("description").or_insert_with(|| "".into());
            }
            Node::Operation => {
                object.entry("responses").or_insert_with(|| Map::new().into());
            }
            Node::Schema => {
                for key in ["example", "examples", "externalDocs", "xml", "deprecated", "discriminator"] {
                    object.shift_remove(key);
                }
                object.retain(|key, _| !key.starts_with("x-"));
            }
            Node::Info => {
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
        references(paths, Node::Paths, &mut open);
    }
    let needed = closure(value, open);
    if let Some(schemas) = small.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        schemas.retain(|name, _| needed.contains(name));
    }
    small
}

/// The schemas that these schemas need, themselves included.
pub(super) fn closure(value: &Value, mut open: BTreeSet<String>) -> BTreeSet<String> {
    let mut needed = BTreeSet::new();
    while let Some(name) = open.pop_first() {
        if needed.insert(name.clone())
            && let Some(schema) = value.pointer("/components/schemas").and_then(|all| all.get(&name))
        {
            references(schema, Node::Schema, &mut open);
        }
    }
    needed
}

fn references(value: &Value, node: Node, found: &mut BTreeSet<String>) {
    node::visit(value, node, "", &mut |inner, node, _| {
        if node == Node::Schema {
            let name =
                inner.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix("#/components/schemas/"));
            found.extend(name.map(|name| name.replace("~1", "/").replace("~0", "~")));
        }
    });
}
