//! Base types that list the types which extend them: for the extending types, only the common members count.

use std::collections::{BTreeSet, HashSet};

use openapi::pointer::child;
use openapi::reference::{referred, schemas, schemas_mut};
use openapi::work::step;
use serde_json::{Map, Value};

use super::annotations::{is_annotation, is_wrapper};
use super::circles::{Edges, circles};
use crate::rule::Adapted;

type Schemas = Map<String, Value>;

/// Applies rule `base`: `allOf` of a type whose alternatives include the extending type means the base without its
/// alternatives. Otherwise the type would contain itself.
pub(super) fn apply(value: &mut Value, done: &mut Adapted) {
    let Some(all) = schemas(value) else { return };
    let (extends, lists) = (edges(all, &["allOf"]), edges(all, &["allOf", "oneOf", "anyOf"]));
    // A part refers back to its type if and only if both are in one cycle.
    let circles = circles(&lists);
    let circle = |name: &str| circles.get(name).filter(|circle| circle.returns).map(|circle| circle.number);
    let mut found: Vec<(String, String)> = Vec::new();
    for (name, parts) in &extends {
        let circular = |part: &String| {
            has_alternatives(all, part) && circle(part).is_some_and(|number| circle(name) == Some(number))
        };
        found.extend(parts.iter().filter(|part| circular(part)).map(|part| ((*name).to_owned(), part.clone())));
    }
    let pairs = found.iter().map(|(name, part)| (name.as_str(), part.as_str())).collect::<HashSet<_>>();
    let changed = found.iter().map(|(name, _)| name).collect::<BTreeSet<_>>();
    let mut bases = Bases { all, found: &pairs, left: MAX_MEMBERS };
    let changed = changed.into_iter().map(|name| (name.clone(), bases.rewritten(name, &mut vec![])));
    let changed = changed.collect::<Vec<_>>();
    if bases.left == 0 {
        let note = format!(
            "more than {MAX_MEMBERS} members come from bases that list what extends them: the rest was dropped; write them out with \
             an overlay action"
        );
        done.lost("base", "/components/schemas", note);
    }
    let Some(all) = schemas_mut(value) else { return };
    all.extend(changed);
    for (name, part) in found {
        let note =
            format!("`{part}` lists this type among its alternatives: only the members that they share are used");
        done.applied("base", &child("/components/schemas", &name), note);
    }
}

/// The component schemas that contain themselves, or one that does.
pub(super) fn circular(value: &Value) -> BTreeSet<String> {
    let Some(all) = schemas(value) else { return BTreeSet::new() };
    let edges = edges(all, &COMPOSED);
    let circles = circles(&edges);
    circles.into_iter().filter(|(_, circle)| circle.leads).map(|(name, _)| name.to_owned()).collect()
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

fn has_alternatives(all: &Schemas, name: &str) -> bool {
    all.get(name).is_some_and(|schema| schema.get("oneOf").is_some() || schema.get("anyOf").is_some())
}

/// How many levels of bases are followed.
const MAX_BASE_DEPTH: usize = 24;

/// How many members all bases together may add.
const MAX_MEMBERS: usize = 100_000;

/// Bases that list what extends them.
struct Bases<'a> {
    all: &'a Schemas,
    /// Which schema has which base.
    found: &'a HashSet<(&'a str, &'a str)>,
    /// How many members may still be copied.
    left: usize,
}

impl Bases<'_> {
    /// A schema with what its bases have in common in the place of references to them.
    fn rewritten(&mut self, name: &str, open: &mut Vec<String>) -> Value {
        let mut schema = self.all.get(name).cloned().unwrap_or_default();
        let size = 1 + schema.get("properties").and_then(Value::as_object).map_or(0, Map::len);
        step(size);
        self.left = self.left.saturating_sub(size);
        open.push(name.to_owned());
        for part in schema.get_mut("allOf").and_then(Value::as_array_mut).into_iter().flatten() {
            let Some(base) = referred(part).filter(|base| self.found.contains(&(name, base.as_str()))) else {
                continue;
            };
            let ends = open.contains(&base) || open.len() > MAX_BASE_DEPTH || self.left == 0;
            *part = if ends { Map::new().into() } else { self.rewritten(&base, open) };
            if let Some(common) = part.as_object_mut() {
                ["oneOf", "anyOf", "discriminator"].iter().for_each(|key| drop(common.shift_remove(*key)));
            }
        }
        open.pop();
        schema
    }
}

/// Ends merges that create ever more schemas, with which the generator would not terminate.
pub(super) fn cut(schema: &mut Schemas, pointer: &str, done: &mut Adapted) {
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
        done.lost("too-deep", pointer, format!("`{key}` was dropped: it is the result of too many nested merges"));
    }
}

/// Drops the alternatives of a schema; returns whether it had any.
pub(super) fn drop_alternatives(schema: &mut Schemas) -> bool {
    let had = [schema.shift_remove("oneOf"), schema.shift_remove("anyOf")];
    had.iter().any(Option::is_some)
}
