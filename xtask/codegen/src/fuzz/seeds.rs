//! What mutations begin with: the documents of the workspace and of the tests, cut into one document per path.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use openapi::Document;
use serde_json::{Value, json};

/// A document with a bit of everything that a reader of YAML has to know.
pub(super) const DOCUMENT: &str = r##"openapi: 3.1.0
info: { title: Pets, version: '1', x-anchor: &a [1, {b: 2}] }
servers: [{ url: 'https://{r}.pets.example/v1', variables: { r: { default: eu } } }]
paths:
  /pets/{id}:
    get:
      operationId: find
      parameters:
        - { name: id, in: path, required: true, schema: { type: [string, 'null'] } }
      responses:
        '200':
          description: |
            one
             two
          content: { application/json: { schema: { $ref: '#/components/schemas/Pet' } } }
        default: { description: "b\x41d" }
components:
  x-alias: *a
  schemas:
    Pet:
      type: object
      required: [name]
      properties:
        name: { const: x, examples: [x, y] }
        next: { anyOf: [{ $ref: '#/components/schemas/Pet' }, { type: 'null' }] }
        size: { type: number, exclusiveMinimum: 0, default: 1.5e3 }
"##;

/// An overlay on it.
pub(super) const OVERLAY: &str = r##"overlay: 1.1.0
info: { title: t, version: '1' }
extends: a.yaml
actions:
  - target: $.paths.*.get
    description: why
    update: { summary: s, tags: [a] }
  - target: $..schemas[?@.type == 'object']
    description: why
    copy: $.components.schemas.Pet.properties.size
  - target: $.paths['/pets/{id}'].get.parameters[?@.name == 'id']
    description: why
    remove: true
"##;

/// The documents of `specs/` and of the fixtures, and those in this folder, cut to pieces.
pub(super) fn all(more: Option<&Path>) -> Vec<Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut documents = vec![Document::parse("a.yaml", DOCUMENT.to_owned()).expect("a valid document").value];
    for folder in [Some(root.join("../../specs").as_path()), Some(root.join("../tests/fixtures").as_path()), more] {
        read(folder.unwrap_or(root), folder.is_some(), &mut documents);
    }
    documents.iter().flat_map(pieces).collect()
}

/// Adds the documents of a folder and of the folders in it.
fn read(folder: &Path, wanted: bool, documents: &mut Vec<Value>) {
    let entries = fs::read_dir(folder).into_iter().filter(|_| wanted).flatten();
    let mut paths = entries.map(|entry| entry.expect("a folder that can be read").path()).collect::<Vec<_>>();
    paths.sort();
    for path in paths {
        let name = path.to_string_lossy().into_owned();
        if path.is_dir() {
            read(&path, true, documents);
        } else if [".json", ".yaml", ".yml"].iter().any(|end| name.ends_with(end))
            && let Ok(text) = fs::read_to_string(&path)
            && let Ok(document) = Document::parse(&name, text)
            && document.value.get("openapi").is_some()
        {
            documents.push(document.value);
        }
    }
}

/// One document per path, with the components that it needs.
fn pieces(document: &Value) -> Vec<Value> {
    let paths = document.get("paths").and_then(Value::as_object).cloned().unwrap_or_default();
    let piece = |(path, item): (String, Value)| {
        let mut piece = document.clone();
        if let Some(object) = piece.as_object_mut() {
            object.retain(|key, _| matches!(key.as_str(), "openapi" | "info" | "servers" | "security"));
        }
        piece["components"] = json!({ "securitySchemes": document.pointer("/components/securitySchemes") });
        let mut open = BTreeSet::new();
        references(&item, &mut open);
        piece["paths"] = json!({ path: item });
        let mut known = BTreeSet::new();
        while let Some(reference) = open.pop_first() {
            let Some(target) = document.pointer(reference.trim_start_matches('#')) else { continue };
            let parts = reference.split('/').collect::<Vec<_>>();
            if let ["#", "components", kind, name] = parts[..]
                && known.insert(reference.clone())
            {
                piece["components"][kind][name.replace("~1", "/").replace("~0", "~")] = target.clone();
                references(target, &mut open);
            }
        }
        piece
    };
    paths.into_iter().map(piece).collect()
}

/// Every reference below a value.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|inner| references(inner, found)),
        Value::Object(object) => {
            found.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
            object.values().for_each(|inner| references(inner, found));
        }
        _ => {}
    }
}
