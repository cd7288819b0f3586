//! Types that are made of themselves: one that lists the types that extend it is, to these, what they have in common.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::compose::{is_annotation, is_wrapper};
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

/// The component schemas that are made of themselves, or of one that is.
pub(super) fn circular(value: &Value) -> BTreeSet<String> {
    let Some(all) = schemas(value) else { return BTreeSet::new() };
    let edges = edges(all, &COMPOSED);
    let cycles = edges.keys().filter(|name| reachable(&edges, name).contains(**name));
    let cycles = cycles.map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let leads = |name: &&&str| cycles.contains(**name) || !reachable(&edges, name).is_disjoint(&cycles);
    edges.keys().filter(leads).map(|name| (*name).to_owned()).collect()
}

/// Whether a schema is made of, or may be, one of these.
pub(super) fn leads_to(schema: &Value, names: &BTreeSet<String>) -> bool {
    referred(schema).is_some_and(|name| names.contains(&name)) || !parts(schema, &COMPOSED).is_disjoint(names)
}

/// The keywords that make a schema of others.
const COMPOSED: [&str; 3] = ["allOf", "oneOf", "anyOf"];

/// The component schemas that each one refers to under these keywords.
fn edges<'a>(all: &'a Schemas, keys: &[&str]) -> Edges<'a> {
    all.iter().map(|(name, schema)| (name.as_str(), parts(schema, keys))).collect()
}

/// The component schemas that a schema refers to under these keywords, however deep.
fn parts(schema: &Value, keys: &[&str]) -> BTreeSet<String> {
    let lists = keys.iter().filter_map(|key| schema.get(*key)?.as_array());
    let found = lists.flatten().map(|member| match referred(member) {
        Some(name) => BTreeSet::from([name]),
        None => parts(member, keys),
    });
    found.flatten().collect()
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

/// Ends merges that bring forth ever more: the generator would not come to an end with them.
pub(super) fn cut(schema: &mut Schemas, pointer: &str, done: &mut Accommodated) {
    let open = |key: &str| !is_annotation(key) && !matches!(key, "oneOf" | "anyOf" | "allOf");
    let mixed = schema.keys().any(|key| open(key));
    let mut gone = Vec::new();
    if schema.contains_key("allOf") && !is_wrapper(schema) {
        gone.push("allOf");
    }
    if mixed {
        gone.extend(["oneOf", "anyOf"].into_iter().filter(|key| schema.contains_key(*key)));
    }
    for key in gone {
        schema.shift_remove(key);
        done.lost("too-deep", pointer, format!("`{key}` of a merge of merges was dropped"));
    }
}

/// Drops the alternatives of a schema; whether there were any.
pub(super) fn drop_alternatives(schema: &mut Schemas) -> bool {
    let had = [schema.shift_remove("oneOf"), schema.shift_remove("anyOf")];
    had.iter().any(Option::is_some)
}
