//! Renames schemas and properties whose names collide in Rust.

use std::collections::{BTreeMap, BTreeSet};

use openapi::pointer::child;
use openapi::reference::{schemas_mut, to_schema};
use openapi::walk::{self, NodeKind};
use serde_json::{Map, Value};

use crate::names::{FURTHER, UsedNames, distinct, further_name, snake};
use crate::rule::Adapted;

/// Rule `component-name`: schemas whose names are one in Rust, or none.
pub(super) fn apply(value: &mut Value, done: &mut Adapted) {
    let Some(schemas) = schemas_mut(value) else { return };
    let mut renamed = BTreeMap::new();
    for (name, new) in distinct(schemas.keys()) {
        if new != *name {
            done.applied(
                "component-name",
                &child("/components/schemas", name),
                format!("the schema `{name}` was renamed to `{new}`: its name is in use, or not valid in Rust"),
            );
            renamed.insert(name.clone(), new);
        }
    }
    if renamed.is_empty() {
        return;
    }
    let old = std::mem::take(schemas);
    for (name, schema) in old {
        schemas.insert(renamed.get(&name).unwrap_or(&name).clone(), schema);
    }
    let pointers = renamed.iter().map(|(old, new)| (to_schema(old)["$ref"].clone(), to_schema(new)["$ref"].clone()));
    let pointers = pointers.filter_map(|(old, new)| Some((old.as_str()?.to_owned(), new))).collect::<BTreeMap<_, _>>();
    walk::change(value, NodeKind::Document, "", &mut |inner, node, _| {
        if node != NodeKind::Schema {
            return;
        }
        if let Some(new) = inner.get("$ref").and_then(Value::as_str).and_then(|text| pointers.get(text)) {
            inner["$ref"] = new.clone();
        }
        if let Some(mapping) = inner.pointer_mut("/discriminator/mapping").and_then(Value::as_object_mut) {
            for target in mapping.values_mut() {
                if let Some(new) = target.as_str().and_then(|text| pointers.get(text)) {
                    *target = new.clone();
                }
            }
        }
    });
}

/// The field that the generator adds for members that no property describes.
fn catch_all(schema: &Value) -> Option<&'static str> {
    schema.get("additionalProperties").is_some_and(Value::is_object).then_some(FURTHER)
}

/// Rule `required-name`: what is required under a name that differs from that of a property in its spelling only.
fn misspelt(schema: &mut Map<String, Value>, pointer: &str, done: &mut Adapted) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    let forms = properties.keys().map(|name| snake(name)).collect::<BTreeSet<_>>();
    let names = properties.keys().cloned().collect::<BTreeSet<_>>();
    let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) else { return };
    required.retain(|entry| {
        let wrong = |name: &&str| !names.contains(*name) && forms.contains(&snake(name));
        let Some(name) = entry.as_str().filter(wrong) else { return true };
        done.lost(
            "required-name",
            pointer,
            format!("`{name}` is no longer required: the property has another spelling"),
        );
        false
    });
}

/// Rule `property-name`: properties of one object whose names are one in Rust. The wire keeps them.
pub(super) fn properties(value: &mut Value, done: &mut Adapted) {
    let Some(schemas) = schemas_mut(value) else { return };
    for (name, schema) in schemas {
        if let Some(schema) = schema.as_object_mut() {
            misspelt(schema, &child(&child("/components/schemas", name), "required"), done);
        }
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else { continue };
        let is_open = catch_all(schema).is_some();
        let mut taken = UsedNames::new(snake, catch_all(schema));
        let mut renamed = BTreeMap::new();
        for property in properties.keys() {
            if taken.take(property) {
                continue;
            }
            // The hyphen makes sure that the generator writes down the name on the wire, where it is put right again.
            renamed.insert(property.clone(), taken.free(&snake(property), '-', |new| !properties.contains_key(new)));
        }
        if renamed.is_empty() {
            continue;
        }
        let pointer = child(&child("/components/schemas", name), "properties");
        let Some(object) = schema.as_object_mut() else { continue };
        if let Some(required) = object.get_mut("required").and_then(Value::as_array_mut) {
            for entry in required {
                if let Some(new) = entry.as_str().and_then(|text| renamed.get(text)) {
                    *entry = new.clone().into();
                }
            }
        }
        if let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) {
            let old = std::mem::take(properties);
            properties.extend(old.into_iter().map(|(key, inner)| (renamed.get(&key).cloned().unwrap_or(key), inner)));
        }
        let names = renamed.into_iter().map(|(old, new)| (new, old)).collect::<BTreeMap<_, _>>();
        let kept = further_name(&names).filter(|_| is_open);
        for (new, old) in names.iter().filter(|(new, _)| kept != Some(new.as_str())) {
            let field = snake(new);
            done.applied("property-name", &child(&pointer, old), format!("`{old}` becomes the field `{field}`"));
        }
        done.properties.insert(name.clone(), names);
    }
}
