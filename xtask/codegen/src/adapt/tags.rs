//! Discriminators: which values of a property select which alternative.

use std::collections::HashMap;

use openapi::pointer::child;
use openapi::reference::{referred, schemas, to_schema};
use openapi::walk::{self, NodeKind};
use openapi::work::step;
use serde_json::{Map, Value, json};

use crate::rule::Adapted;
use crate::shape::BASE;

/// Applies rule `discriminator` to alternatives: writes the whole `mapping`, with references to alternatives.
///
/// Names of schemas select these, unless the mapping says otherwise. This comes before any schema is renamed.
pub(super) fn apply(value: &mut Value, done: &mut Adapted) {
    let snapshot = value.clone();
    walk::change(value, NodeKind::Document, "", &mut |inner, node, pointer| {
        let Some(schema) = inner.as_object_mut().filter(|_| node == NodeKind::Schema) else { return };
        let members = ["oneOf", "anyOf"].into_iter().filter_map(|key| schema.get(key)?.as_array()).flatten();
        let members = members.filter_map(referred).collect::<Vec<_>>();
        let Some(discriminator) = schema.get_mut("discriminator").and_then(Value::as_object_mut) else { return };
        if members.is_empty() {
            return;
        }
        let owners = owners(&snapshot, &members);
        let mut mapping = Map::new();
        for (tag, target) in discriminator.get("mapping").and_then(Value::as_object).into_iter().flatten() {
            match target.as_str().and_then(|target| member(&snapshot, &owners, target)) {
                Some(member) => drop(mapping.insert(tag.clone(), to_schema(&member)["$ref"].take())),
                None => {
                    let place = child(&child(&child(pointer, "discriminator"), "mapping"), tag);
                    let note = format!("`{tag}` selects no alternative: a value with this tag cannot be read");
                    done.lost("discriminator", &place, note);
                }
            }
        }
        // Names that adapting gave are no values.
        let named = if discriminator.contains_key(BASE) { &[][..] } else { &members };
        for member in named {
            mapping.entry(member.clone()).or_insert_with(|| to_schema(member)["$ref"].take());
        }
        discriminator.insert("mapping".to_owned(), mapping.into());
    });
}

/// The alternative that the target of a mapping, the name of a schema or a reference to it, is or belongs to.
fn member(document: &Value, owners: &HashMap<String, String>, target: &str) -> Option<String> {
    let name = match schemas(document).filter(|all| all.contains_key(target)) {
        Some(_) => target.to_owned(),
        None => referred(&json!({ "$ref": target }))?,
    };
    owners.get(&name).cloned()
}

/// The alternative that each schema is or belongs to, as an alternative of it or of its alternatives.
fn owners(document: &Value, members: &[String]) -> HashMap<String, String> {
    let mut owners = members.iter().map(|member| (member.clone(), member.clone())).collect::<HashMap<_, _>>();
    let mut open = members.iter().map(|member| (member.clone(), member)).collect::<Vec<_>>();
    while let Some((name, owner)) = open.pop() {
        step(1);
        let Some(schema) = schemas(document).and_then(|all| all.get(&name)) else { continue };
        for inner in ["oneOf", "anyOf"].into_iter().filter_map(|key| schema.get(key)?.as_array()).flatten() {
            if let Some(inner) = referred(inner).filter(|inner| !owners.contains_key(inner)) {
                owners.insert(inner.clone(), owner.clone());
                open.push((inner, owner));
            }
        }
    }
    owners
}
