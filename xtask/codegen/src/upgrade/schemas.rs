//! Schemas: discriminators, `x-nullable`, files, and types that Swagger tools write although Swagger has none of them.

use openapi::walk::{self, NodeKind};
use serde_json::{Map, Value, json};

use super::change::Change;

/// Extensions by which tools for Swagger 2.0 write what OpenAPI 3.0 has keywords for.
const EXTENSIONS: [(&str, &str); 4] =
    [("x-nullable", "nullable"), ("x-anyOf", "anyOf"), ("x-oneOf", "oneOf"), ("x-deprecated", "deprecated")];

/// Applies the rules of schemas to every schema.
pub(super) fn apply(value: &mut Value, change: &mut Change) {
    walk::change(value, NodeKind::Document, "", &mut |inner, node, pointer| {
        if let Some(schema) = inner.as_object_mut().filter(|_| node == NodeKind::Schema) {
            one(schema, pointer, change);
        }
    });
}

/// Applies the rules to one schema.
pub(super) fn one(schema: &mut Map<String, Value>, pointer: &str, change: &mut Change) {
    if let Some(Value::String(property)) = schema.get("discriminator") {
        let property = property.clone();
        change.kept("discriminator", pointer, format!("`discriminator: {property}` became `propertyName: {property}`"));
        schema.insert("discriminator".to_owned(), json!({ "propertyName": property }));
    }
    for (extension, keyword) in EXTENSIONS {
        if let Some(found) = schema.shift_remove(extension) {
            change.kept("extension", pointer, format!("`{extension}` became `{keyword}`"));
            schema.entry(keyword).or_insert(found);
        }
    }
    if schema.get("type").is_some_and(|kind| kind == "file") {
        schema.insert("type".to_owned(), "string".into());
        schema.insert("format".to_owned(), "binary".into());
        change.kept("file", pointer, "`type: file` became `type: string`, `format: binary`");
    }
    if let Some(Value::Array(kinds)) = schema.get("type").cloned() {
        types(schema, &kinds, pointer, change);
    }
}

/// Rule `types`: Swagger 2.0 has one type; several, as JSON Schema has them, become alternatives.
fn types(schema: &mut Map<String, Value>, kinds: &[Value], pointer: &str, change: &mut Change) {
    let nullable = kinds.iter().any(|kind| kind == "null");
    let others = kinds.iter().filter(|kind| **kind != "null").cloned().collect::<Vec<_>>();
    if nullable {
        schema.insert("nullable".to_owned(), true.into());
    }
    match others.as_slice() {
        [one] => drop(schema.insert("type".to_owned(), one.clone())),
        _ => {
            schema.shift_remove("type");
            if !others.is_empty() && !schema.contains_key("anyOf") {
                let any = others.iter().map(|kind| json!({ "type": kind })).collect::<Vec<_>>();
                schema.insert("anyOf".to_owned(), any.into());
            }
        }
    }
    change.kept("types", pointer, "the list of types became one type or alternatives");
}
