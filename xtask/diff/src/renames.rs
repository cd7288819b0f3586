//! Renamed components: each is one finding, and the rename is applied before the comparison, so that it causes no others.

use std::borrow::Cow;
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{Hash, Hasher};

use codegen::names::type_names;
use openapi::pointer::{child, parts};
use openapi::walk::{self, NodeKind};
use serde_json::{Map, Value};

use super::finding::{Finding, Findings, Place};
use super::kinds::Kind;
use super::node::decoded;

const SCHEMAS: &str = "/components/schemas";
const SCHEMES: &str = "/components/securitySchemes";

/// Names in the old document, and those in the new one that stand for the same.
#[derive(Debug, Default)]
pub(super) struct Renamed {
    schemas: BTreeMap<String, String>,
    schemes: BTreeMap<String, String>,
    /// Schemas of which only the spelling is another.
    respelled: BTreeSet<String>,
}

fn section<'a>(document: &'a Value, pointer: &str) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
    document.pointer(pointer).and_then(Value::as_object).into_iter().flatten()
}

/// What only one of the documents has, by name.
fn alone<'a>(one: &'a Value, other: &Value, pointer: &str) -> Vec<(&'a str, &'a Value)> {
    let names: BTreeSet<&String> = section(other, pointer).map(|(name, _)| name).collect();
    section(one, pointer).filter(|(name, _)| !names.contains(name)).map(|(name, it)| (name.as_str(), it)).collect()
}

impl Renamed {
    /// Finds components that were removed under one name and added under another.
    pub(super) fn find(old: &Value, new: &Value) -> Self {
        let mut renamed = Self::default();
        let (mut gone, mut fresh) = (alone(old, new, SCHEMAS), alone(new, old, SCHEMAS));
        let types = [old, new].map(|document| type_names(section(document, SCHEMAS).map(|(name, _)| name)));
        let by_type: HashMap<&String, &str> =
            fresh.iter().filter_map(|(name, _)| Some((types[1].get(name)?, *name))).collect();
        for (name, _) in &gone {
            if let Some(found) = types[0].get(name).and_then(|kind| by_type.get(kind)) {
                renamed.schemas.insert((*name).to_owned(), (*found).to_owned());
                renamed.respelled.insert((*name).to_owned());
            }
        }
        let found: BTreeSet<&String> = renamed.schemas.values().collect();
        fresh.retain(|(name, _)| !found.contains(&(*name).to_owned()));
        gone.retain(|(name, _)| !renamed.respelled.contains(*name));
        let same = same_schemas(&gone, &fresh, &renamed.schemas);
        renamed.schemas.extend(same);
        renamed.schemes = same_schemes(&alone(old, new, SCHEMES), &alone(new, old, SCHEMES));
        renamed
    }

    /// Tells of each renamed component once, with the places that use it.
    pub(super) fn tell(&self, findings: &mut Findings, new: &Value) {
        if self.schemas.is_empty() && self.schemes.is_empty() {
            return;
        }
        let mut uses = uses(new);
        for (old, name) in &self.schemas {
            let (kind, text) = match self.respelled.contains(old) {
                true => (Kind::SchemaRespelled, format!("the schema `{old}` is spelt `{name}` now")),
                false => (Kind::SchemaRenamed, format!("the schema `{old}` is named `{name}` now")),
            };
            let places = uses.remove(&child(SCHEMAS, name)).unwrap_or_default();
            findings.renamed(kind, [child(SCHEMAS, old), child(SCHEMAS, name)], text, places);
        }
        for (old, name) in &self.schemes {
            let text = format!("the security scheme `{old}` is named `{name}` now");
            let places = uses.remove(&child(SCHEMES, name)).unwrap_or_default();
            let pointers = [child(SCHEMES, old), child(SCHEMES, name)];
            findings.renamed(Kind::SecuritySchemeRenamed, pointers, text, places);
        }
    }

    /// The old document under the new names.
    pub(super) fn follow<'a>(&self, old: &'a Value) -> Cow<'a, Value> {
        if self.schemas.is_empty() && self.schemes.is_empty() {
            return Cow::Borrowed(old);
        }
        let mut value = old.clone();
        for (pointer, names) in [(SCHEMAS, &self.schemas), (SCHEMES, &self.schemes)] {
            if let Some(Value::Object(map)) = value.pointer_mut(pointer) {
                rekey(map, names);
            }
        }
        walk::change(&mut value, NodeKind::Document, "", &mut |inner, node, _| {
            if node == NodeKind::Schema {
                self.follow_tags(inner);
            }
            if matches!(node, NodeKind::Document | NodeKind::Operation) {
                let asked = inner.get_mut("security").and_then(Value::as_array_mut);
                asked.into_iter().flatten().filter_map(Value::as_object_mut).for_each(|it| rekey(it, &self.schemes));
            }
            if let Some(Value::String(reference)) = inner.get_mut("$ref") {
                self.redirect(reference);
            }
        });
        Cow::Owned(value)
    }

    /// A reference to the new name.
    fn redirect(&self, reference: &mut String) {
        let Some((section, name, rest)) = target(reference) else { return };
        let names = if section == SCHEMAS { &self.schemas } else { &self.schemes };
        if let Some(new) = names.get(&name) {
            *reference = format!("#{}{rest}", child(section, new));
        }
    }

    /// Keeps the tag that an alternative has by its name: with another name, it has another.
    fn follow_tags(&self, schema: &mut Value) {
        let members = ["oneOf", "anyOf"].into_iter().filter_map(|key| schema.get(key)?.as_array()).flatten();
        let names = members.filter_map(|member| Some(target(member.get("$ref")?.as_str()?)?.1)).collect::<Vec<_>>();
        let Some(Value::Object(discriminator)) = schema.get_mut("discriminator") else { return };
        let mut mapping = match discriminator.get("mapping") {
            Some(Value::Object(mapping)) => mapping.clone(),
            _ => Map::new(),
        };
        for target in mapping.values_mut() {
            if let Value::String(text) = target {
                self.redirect(text);
                if let Some(new) = self.schemas.get(text.as_str()) {
                    text.clone_from(new);
                }
            }
        }
        // The references have been followed already.
        for (old, new) in self.schemas.iter().filter(|(_, new)| names.contains(new)) {
            let reference = format!("#{}", child(SCHEMAS, new));
            if !mapping.values().any(|target| *target == *new || *target == reference) {
                mapping.insert(old.clone(), reference.into());
            }
        }
        if !mapping.is_empty() {
            discriminator.insert("mapping".to_owned(), Value::Object(mapping));
        }
    }

    /// Puts the names of the old document back into the pointers that lead into it.
    pub(super) fn restore(&self, findings: &mut [Finding]) {
        let names = [(SCHEMAS, &self.schemas), (SCHEMES, &self.schemes)].into_iter();
        let names = names.flat_map(|(section, names)| names.iter().map(move |(old, new)| (section, old, new)));
        let known: HashMap<String, String> =
            names.map(|(section, old, new)| (child(section, new), child(section, old))).collect();
        let back = |pointer: &mut Option<String>| {
            let Some(text) = pointer else { return };
            let end = text.match_indices('/').nth(3).map_or(text.len(), |(at, _)| at);
            if let Some(old) = known.get(&text[..end]) {
                *text = format!("{old}{}", &text[end..]);
            }
        };
        for finding in findings {
            back(&mut finding.old);
            finding.places.iter_mut().for_each(|place| back(&mut place.old));
        }
    }
}

/// Renames members where they are.
fn rekey(map: &mut Map<String, Value>, names: &BTreeMap<String, String>) {
    if map.keys().any(|key| names.contains_key(key)) {
        let old = std::mem::take(map);
        map.extend(old.into_iter().map(|(key, value)| (names.get(&key).cloned().unwrap_or(key), value)));
    }
}

/// The section, the name and the rest of a reference to a component that can be renamed, or into one.
fn target(reference: &str) -> Option<(&'static str, String, String)> {
    let pointer = decoded(reference.strip_prefix('#')?);
    let (section, rest) =
        [SCHEMAS, SCHEMES].into_iter().find_map(|it| Some((it, pointer.strip_prefix(it)?.strip_prefix('/')?)))?;
    let (name, more) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    Some((section, name.replace("~1", "/").replace("~0", "~"), more.to_owned()))
}

/// The places that use a component, by its pointer.
fn uses(document: &Value) -> HashMap<String, Vec<Place>> {
    let mut found: HashMap<String, Vec<Place>> = HashMap::new();
    walk::visit(document, NodeKind::Document, "", &mut |inner, node, pointer| {
        let mut add = |target: String, pointer: &str| {
            let place = Place { operation: operation(pointer), old: None, new: Some(pointer.to_owned()) };
            found.entry(target).or_default().push(place);
        };
        if let Some((section, name, _)) = inner.get("$ref").and_then(Value::as_str).and_then(target) {
            add(child(section, &name), pointer);
        }
        if matches!(node, NodeKind::Document | NodeKind::Operation) {
            let asked = inner.get("security").and_then(Value::as_array).into_iter().flatten();
            let names: BTreeSet<&String> = asked.filter_map(Value::as_object).flat_map(|it| it.keys()).collect();
            names.into_iter().for_each(|name| add(child(SCHEMES, name), &child(pointer, "security")));
        }
    });
    found
}

/// The operation that a pointer leads into.
fn operation(pointer: &str) -> Option<String> {
    match parts(pointer).as_slice() {
        [first, path, method, ..] if *first == "paths" && *method != "parameters" => {
            Some(format!("{} {path}", method.to_uppercase()))
        }
        _ => None,
    }
}

/// How many references deep schemas are compared; equal schemas are paired by their order.
const ROUNDS: usize = 8;

/// Pairs of schemas that say the same but for names and texts.
fn same_schemas(
    gone: &[(&str, &Value)],
    fresh: &[(&str, &Value)],
    known: &BTreeMap<String, String>,
) -> Vec<(String, String)> {
    let mut hashes: [HashMap<String, u64>; 2] =
        [gone, fresh].map(|list| list.iter().map(|(name, _)| ((*name).to_owned(), 0)).collect());
    let mut classes = 0;
    // What a schema refers to tells it apart as well; a round looks one reference further.
    for _ in 0..ROUNDS {
        let next = [(gone, 0), (fresh, 1)].map(|(list, side)| {
            let hash = |(name, schema): &(&str, &Value)| ((*name).to_owned(), hash(schema, &hashes[side], known));
            list.iter().map(hash).collect::<HashMap<_, _>>()
        });
        let found = next.iter().flat_map(HashMap::values).collect::<BTreeSet<_>>().len();
        hashes = next;
        if found <= classes {
            break;
        }
        classes = found;
    }
    let mut by_hash: BTreeMap<u64, [Vec<&str>; 2]> = BTreeMap::new();
    for (list, side) in [(gone, 0), (fresh, 1)] {
        for (name, _) in list {
            by_hash.entry(hashes[side][*name]).or_default()[side].push(name);
        }
    }
    // Equal schemas are paired by their order, if their number is the same.
    let same = by_hash.into_values().filter(|[old, new]| old.len() == new.len());
    same.flat_map(|[old, new]| old.into_iter().zip(new)).map(|(old, new)| (old.to_owned(), new.to_owned())).collect()
}

/// A sum of what a schema says; what has another name in the other document counts by its own sum.
fn hash(schema: &Value, hashes: &HashMap<String, u64>, known: &BTreeMap<String, String>) -> u64 {
    let mut copy = schema.clone();
    walk::change(&mut copy, NodeKind::Schema, "", &mut |inner, _, _| {
        let Some(object) = inner.as_object_mut() else { return };
        for key in ["$comment", "title", "description", "example", "examples", "externalDocs"] {
            object.shift_remove(key);
        }
        let found = object.get("$ref").and_then(Value::as_str).and_then(target);
        if let Some((_, name, rest)) = found.filter(|(section, ..)| *section == SCHEMAS) {
            let name = known.get(&name).unwrap_or(&name);
            let sum = hashes.get(name).map_or_else(|| name.clone(), u64::to_string);
            object.insert("$ref".to_owned(), format!("{sum}{rest}").into());
        }
    });
    copy.sort_all_objects();
    let mut hasher = DefaultHasher::new();
    copy.to_string().hash(&mut hasher);
    hasher.finish()
}

/// Pairs of security schemes that say the same but for texts, in the order of the documents.
fn same_schemes(gone: &[(&str, &Value)], fresh: &[(&str, &Value)]) -> BTreeMap<String, String> {
    let plain = |scheme: &Value| {
        let mut copy = scheme.clone();
        copy.as_object_mut().map(|it| it.shift_remove("description"));
        copy
    };
    let mut open: Vec<(&str, Value)> = fresh.iter().map(|(name, it)| (*name, plain(it))).collect();
    let pair = |(old, scheme): &(&str, &Value)| {
        let scheme = plain(scheme);
        let at = open.iter().position(|(_, other)| *other == scheme)?;
        Some(((*old).to_owned(), open.remove(at).0.to_owned()))
    };
    gone.iter().filter_map(pair).collect()
}
