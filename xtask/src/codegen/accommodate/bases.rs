//! Types that list the types that extend them: each of these is made of what they have in common.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{Accommodated, referred, schemas, schemas_mut};
use crate::codegen::positions::child;

type Schemas = Map<String, Value>;

/// Which component schemas a component schema is made of, or may be.
type Edges<'a> = BTreeMap<&'a str, BTreeSet<String>>;

/// Applies rule `base`: `allOf` of a type whose alternatives lead back to the one who says so means the type without its
/// alternatives. Taken at its word it would be made of itself.
pub(super) fn apply(value: &mut Value, done: &mut Accommodated) {
    let Some(all) = schemas(value) else { return };
    let (extends, lists) = (edges(all, &["allOf"]), edges(all, &["allOf", "oneOf", "anyOf"]));
    let mut found = Vec::new();
    for (name, parts) in &extends {
        let circular = |part: &String| has_alternatives(all, part) && reachable(&lists, part).contains(*name);
        found.extend(parts.iter().filter(|part| circular(part)).map(|part| ((*name).to_owned(), part.clone())));
    }
    let changed = found.iter().map(|(name, _)| name).collect::<BTreeSet<_>>();
    let changed = changed.into_iter().map(|name| (name.clone(), rewritten(all, &found, name, &mut vec![])));
    let changed = changed.collect::<Vec<_>>();
    let Some(all) = schemas_mut(value) else { return };
    all.extend(changed);
    for (name, part) in found {
        let note = format!("`{part}` lists it among its alternatives: it is made of what these have in common");
        done.did("base", &child("/components/schemas", &name), note);
    }
}

/// The component schemas that each one refers to under these keywords.
fn edges<'a>(all: &'a Schemas, keys: &[&str]) -> Edges<'a> {
    let members = |schema: &Value| {
        let lists = keys.iter().filter_map(|key| schema.get(*key)?.as_array());
        lists.flatten().filter_map(referred).collect::<BTreeSet<_>>()
    };
    all.iter().map(|(name, schema)| (name.as_str(), members(schema))).collect()
}

/// Everything that edges lead to from a name.
fn reachable(edges: &Edges<'_>, from: &str) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from.to_owned()];
    while let Some(name) = open.pop() {
        for next in edges.get(name.as_str()).into_iter().flatten() {
            if seen.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    seen
}

fn has_alternatives(all: &Schemas, name: &str) -> bool {
    all.get(name).is_some_and(|schema| schema.get("oneOf").is_some() || schema.get("anyOf").is_some())
}

/// A schema with what its bases have in common in the place of references to them.
fn rewritten(all: &Schemas, found: &[(String, String)], name: &str, open: &mut Vec<String>) -> Value {
    let mut schema = all.get(name).cloned().unwrap_or_default();
    open.push(name.to_owned());
    for part in schema.get_mut("allOf").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(base) = referred(part).filter(|base| found.iter().any(|it| it.0 == name && it.1 == *base)) else {
            continue;
        };
        *part = if open.contains(&base) { Map::new().into() } else { rewritten(all, found, &base, open) };
        if let Some(common) = part.as_object_mut() {
            ["oneOf", "anyOf", "discriminator"].iter().for_each(|key| drop(common.shift_remove(*key)));
        }
    }
    open.pop();
    schema
}
