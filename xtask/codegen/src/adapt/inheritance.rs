//! Base types with a discriminator, which other types extend: a value of the base is one of them.

use std::collections::{BTreeMap, BTreeSet};

use openapi::pointer::{child, parts};
use openapi::reference::{referred, schemas, schemas_mut, to_schema};
use openapi::walk::{self, NodeKind};
use openapi::work::step;
use serde_json::{Map, Value, json};

use super::annotations::is_wrapper;
use crate::rule::Adapted;
use crate::shape::{BASE, UNION};

/// How many alternatives all bases of a document may get.
const MAX_ALTERNATIVES: usize = 10_000;

/// Applies rule `inheritance`: a base becomes a union of itself, under a new name, and of the types that extend it.
///
/// This comes before any schema is renamed, since the names are values of the discriminator.
pub(super) fn apply(value: &mut Value, done: &mut Adapted) {
    walk::change(value, NodeKind::Document, "", &mut |inner, node, _| {
        let Some(schema) = inner.as_object_mut().filter(|_| node == NodeKind::Schema) else { return };
        schema.shift_remove(UNION);
        if let Some(discriminator) = schema.get_mut("discriminator").and_then(Value::as_object_mut) {
            discriminator.shift_remove(BASE);
        }
    });
    let Some(all) = schemas(value) else { return };
    let unions = unions(all, done);
    if unions.is_empty() {
        return;
    }
    let bases = unions.iter().map(|(name, union)| (name.clone(), union.base.clone())).collect::<BTreeMap<_, _>>();
    extend(value, &bases);
    let Some(all) = schemas_mut(value) else { return };
    for (name, Union { base, members, schema }) in unions {
        let own = child("/components/schemas", &name);
        let note = format!("a value is one of {members} types that extend this one, which is named `{base}`");
        done.applied("inheritance", &own, note);
        done.places.insert(base.clone(), own);
        let plain = all.insert(name, schema).unwrap_or_default();
        all.insert(base, plain);
    }
    for base in bases.values() {
        if let Some(base) = all.get_mut(base).and_then(Value::as_object_mut) {
            base.shift_remove("discriminator");
        }
    }
}

/// What becomes of a base.
struct Union {
    /// The new name of the base itself.
    base: String,
    /// The number of types that extend it.
    members: usize,
    /// The union.
    schema: Value,
}

fn unions(all: &Map<String, Value>, done: &mut Adapted) -> BTreeMap<String, Union> {
    let mut extending: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for (name, schema) in all {
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten().filter_map(referred) {
            extending.entry(part).or_default().insert(name);
        }
    }
    let is_base = |schema: &Value| {
        let composed = ["oneOf", "anyOf"].iter().any(|key| schema.get(*key).is_some());
        !composed && schema.get("discriminator").is_some_and(|it| it.get("propertyName").is_some_and(Value::is_string))
    };
    let bases = all.iter().filter(|(name, schema)| is_base(schema) && extending.contains_key(*name));
    let names = bases.map(|(name, _)| (name.as_str(), free(all, &format!("{name}Base")))).collect::<BTreeMap<_, _>>();
    let mut left = MAX_ALTERNATIVES;
    let mut unions = BTreeMap::new();
    for (name, base) in &names {
        let extending = extending_all(&extending, name);
        let Some(rest) = left.checked_sub(extending.len()) else {
            let note = format!(
                "more than {MAX_ALTERNATIVES} types extend bases with a discriminator: a value of this one loses their members"
            );
            done.lost("inheritance", &child("/components/schemas", name), note);
            continue;
        };
        left = rest;
        // A type that is a base itself stands for its own members, not for what extends it.
        let reference = |name: &str| to_schema(names.get(name).map_or(name, String::as_str));
        let discriminator = &all[*name]["discriminator"];
        let mut mapping = Map::new();
        for (tag, target) in discriminator.get("mapping").and_then(Value::as_object).into_iter().flatten() {
            let target = target.as_str().unwrap_or_default();
            let named = referred(&json!({ "$ref": target })).unwrap_or_else(|| target.to_owned());
            let is_member = named == *name || extending.contains(named.as_str());
            let target = if is_member { reference(&named)["$ref"].take() } else { target.into() };
            mapping.insert(tag.clone(), target);
        }
        let members = extending.iter().copied().chain([*name]);
        for member in members.clone() {
            mapping.entry(member).or_insert_with(|| reference(member)["$ref"].take());
        }
        let own = mapping.iter().find(|(_, target)| **target == to_schema(base)["$ref"]).map(|(tag, _)| tag.clone());
        let mut schema = Map::new();
        schema.extend(all[*name].get("description").map(|text| ("description".to_owned(), text.clone())));
        schema.insert("oneOf".to_owned(), members.map(reference).collect());
        let discriminator = json!({ "propertyName": discriminator["propertyName"], "mapping": mapping, BASE: own });
        schema.insert("discriminator".to_owned(), discriminator);
        unions
            .insert((*name).to_owned(), Union { base: base.clone(), members: extending.len(), schema: schema.into() });
    }
    unions
}

/// All that extend a schema, and what extends these, by name.
fn extending_all<'a>(extending: &BTreeMap<String, BTreeSet<&'a str>>, base: &str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open = extending.get(base).into_iter().flatten().copied().collect::<Vec<_>>();
    while let Some(name) = open.pop() {
        step(1);
        if name != base && found.len() <= MAX_ALTERNATIVES && found.insert(name) {
            open.extend(extending.get(name).into_iter().flatten());
        }
    }
    found
}

/// A name like this one that no schema has.
fn free(all: &Map<String, Value>, name: &str) -> String {
    let numbered = (2..).map(|number| format!("{name}{number}"));
    std::iter::once(name.to_owned()).chain(numbered).find(|name| !all.contains_key(name)).unwrap_or_default()
}

/// Makes what extends a base extend its new name. References with annotations beside them are no extensions.
fn extend(value: &mut Value, bases: &BTreeMap<String, String>) {
    walk::change(value, NodeKind::Document, "", &mut |inner, node, pointer| {
        let Some(schema) = inner.as_object_mut().filter(|_| node == NodeKind::Schema) else { return };
        if is_wrapper(schema) && !is_component(pointer) {
            return;
        }
        for part in schema.get_mut("allOf").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(base) = referred(part).and_then(|name| bases.get(&name)) {
                *part = to_schema(base);
            }
        }
    });
}

fn is_component(pointer: &str) -> bool {
    matches!(parts(pointer).as_slice(), [components, schemas, _] if components == "components" && schemas == "schemas")
}
