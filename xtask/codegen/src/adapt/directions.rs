//! Properties that exist in one direction only: read-only ones are not sent, write-only ones are not received.
//!
//! Compositions are merged and inline types have names, so that each object has its properties and the list of those that
//! are required at one place.

use std::collections::{BTreeMap, BTreeSet};

use openapi::closure::referred_schemas;
use openapi::operations::each_operation;
use openapi::pointer::child;
use openapi::reference::{referred, schemas, schemas_mut, to_schema};
use openapi::walk::{self, NodeKind};
use serde_json::{Map, Value};

use super::access::{Direction, flags};
use crate::names::{UsedNames, free, pascal};
use crate::rule::Adapted;
use crate::shape::UNION;

type Schemas = Map<String, Value>;

/// Applies rule `direction`.
///
/// A schema of requests loses its read-only properties, a schema of answers its write-only ones. A schema of both becomes
/// two if they differ: the answer keeps the name.
pub(super) fn apply(value: &mut Value, done: &mut Adapted) {
    let roots = roots(value);
    let Some(all) = schemas(value) else { return };
    if !all.values().any(mentions_direction) {
        return;
    }
    let tags = tags(all);
    let requests = reached(all, &tags, Direction::Request, &roots.requests);
    let answers = reached(all, &tags, Direction::Answer, &roots.answers);
    let both = requests.keys().filter(|name| answers.contains_key(*name)).cloned().collect();
    let renamed = new_names(all, &split(&requests, &answers, &both));
    let mut new = Schemas::new();
    for (name, schema) in all {
        let place = child("/components/schemas", name);
        let (sent, received) = (requests.get(name), answers.get(name));
        let mut say = |side: &Side, notes: &str| {
            for property in &side.gone {
                done.applied("direction", &child(&child(&place, "properties"), property), notes);
            }
        };
        if let Some(side) = sent {
            say(side, "it is read-only: requests do not have it");
        }
        if let Some(side) = received {
            say(side, "it is write-only: responses do not have it");
        }
        if let Some(copy) = renamed.get(name) {
            done.applied(
                "direction",
                &place,
                format!("requests have the type `{}`, responses `{}`", pascal(copy), pascal(name)),
            );
            let Some(side) = sent else { continue };
            new.insert(copy.clone(), with_names(side.schema.clone(), &renamed));
        }
        let own = match (sent, received) {
            (_, Some(side)) => side.schema.clone(),
            (Some(side), None) => with_names(side.schema.clone(), &renamed),
            (None, None) => schema.clone(),
        };
        new.insert(name.clone(), own);
    }
    if let Some(all) = schemas_mut(value) {
        *all = new;
    }
    each_operation(value, &mut |_, _, _, operation| {
        for (key, node) in REQUEST {
            for_each(operation, key, node, &mut |inner, node| {
                let taken = with_names_in(inner.take(), node, &renamed);
                *inner = taken;
            });
        }
    });
}

/// What of an operation is sent.
const REQUEST: [(&str, NodeKind); 2] = [("parameters", NodeKind::Parameter), ("requestBody", NodeKind::RequestBody)];

/// Calls `run` for the member of an operation, or for each item if it is a list.
fn for_each(operation: &mut Value, key: &str, node: NodeKind, run: &mut dyn FnMut(&mut Value, NodeKind)) {
    match operation.get_mut(key) {
        Some(Value::Array(list)) => list.iter_mut().for_each(|inner| run(inner, node)),
        Some(inner) => run(inner, node),
        None => {}
    }
}

/// The schemas that operations name.
#[derive(Default)]
struct Roots {
    requests: BTreeSet<String>,
    answers: BTreeSet<String>,
}

fn roots(value: &mut Value) -> Roots {
    let mut roots = Roots::default();
    each_operation(value, &mut |_, _, _, operation| {
        for (key, node) in REQUEST {
            for_each(operation, key, node, &mut |inner, node| roots.requests.extend(referred_schemas(inner, node)));
        }
        if let Some(responses) = operation.get("responses") {
            roots.answers.extend(referred_schemas(responses, NodeKind::Responses));
        }
    });
    roots
}

fn mentions_direction(schema: &Value) -> bool {
    let mut found = false;
    walk::visit(schema, NodeKind::Schema, "", &mut |inner, _, _| found |= flags(inner.as_object()).next().is_some());
    found
}

/// A schema as it is in one direction.
struct Side {
    schema: Value,
    /// The properties that it does not have.
    gone: Vec<String>,
    /// The schemas that it refers to.
    references: BTreeSet<String>,
}

/// The properties by which discriminators select an alternative, by its name. They exist in both directions.
type Tags = BTreeMap<String, BTreeSet<String>>;

fn tags(all: &Schemas) -> Tags {
    let mut tags = Tags::new();
    for (name, schema) in all {
        let property = schema.get(UNION).and_then(|union| union.get("property")).and_then(Value::as_str);
        let Some(property) = property else { continue };
        let mut open = vec![name.clone()];
        let mut visited = BTreeSet::new();
        while let Some(name) = open.pop() {
            if !visited.insert(name.clone()) {
                continue;
            }
            let members = all.get(&name).and_then(|schema| schema.get("oneOf")).and_then(Value::as_array);
            open.extend(members.into_iter().flatten().filter_map(referred));
            tags.entry(name).or_default().insert(property.to_owned());
        }
    }
    tags
}

/// The schemas that are reached in a direction, as they are there.
fn reached(all: &Schemas, tags: &Tags, direction: Direction, roots: &BTreeSet<String>) -> BTreeMap<String, Side> {
    let mut sides = BTreeMap::new();
    let mut open = roots.clone();
    while let Some(name) = open.pop_first() {
        let Some(schema) = all.get(&name).filter(|_| !sides.contains_key(&name)) else { continue };
        let side = side(all, schema.clone(), tags.get(&name), direction);
        open.extend(side.references.iter().cloned());
        sides.insert(name, side);
    }
    sides
}

fn side(all: &Schemas, mut schema: Value, tags: Option<&BTreeSet<String>>, direction: Direction) -> Side {
    let mut all_gone = Vec::new();
    walk::change(&mut schema, NodeKind::Schema, "", &mut |inner, _, pointer| {
        let is_tag = |name: &String| pointer.is_empty() && tags.is_some_and(|tags| tags.contains(name));
        let Some(properties) = inner.get_mut("properties").and_then(Value::as_object_mut) else { return };
        let gone = properties.iter().filter(|(name, property)| !direction.has(all, property) && !is_tag(name));
        let gone = gone.map(|(name, _)| name.clone()).collect::<BTreeSet<_>>();
        properties.retain(|name, _| !gone.contains(name));
        let is_emptied = properties.is_empty() && !gone.is_empty();
        if let Some(required) = inner.get_mut("required").and_then(Value::as_array_mut) {
            required.retain(|name| name.as_str().is_none_or(|name| !gone.contains(name)));
        }
        all_gone.extend(gone);
        if let Some(inner) = inner.as_object_mut().filter(|_| is_emptied) {
            // Without properties, it would be any JSON, or a map.
            inner.entry("type").or_insert_with(|| "object".into());
            if direction == Direction::Request {
                inner.entry("additionalProperties").or_insert(Value::Bool(false));
            }
        }
    });
    let references = referred_schemas(&schema, NodeKind::Schema);
    Side { schema, gone: all_gone, references }
}

/// The schemas of both directions that differ, or refer to one that does.
fn split(
    requests: &BTreeMap<String, Side>,
    answers: &BTreeMap<String, Side>,
    both: &BTreeSet<String>,
) -> BTreeSet<String> {
    let mut referring: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    let mut open = Vec::new();
    for name in both {
        let (sent, received) = (&requests[name], &answers[name]);
        if !sent.gone.is_empty() || !received.gone.is_empty() {
            open.push(name);
        }
        for other in sent.references.union(&received.references) {
            referring.entry(other).or_default().push(name);
        }
    }
    let mut split = BTreeSet::new();
    while let Some(name) = open.pop() {
        if split.insert(name.clone()) {
            open.extend(referring.get(name.as_str()).into_iter().flatten());
        }
    }
    split
}

/// The names of the request types of these schemas.
fn new_names(all: &Schemas, split: &BTreeSet<String>) -> BTreeMap<String, String> {
    let mut taken = UsedNames::new(pascal, ["Ok", "Err", "Some", "None"]);
    for name in all.keys() {
        taken.take(name);
    }
    all.keys()
        .filter(|name| split.contains(*name))
        .map(|name| (name.clone(), free(&format!("{name}Request"), &mut taken)))
        .collect()
}

/// A schema with references to the request types.
fn with_names(schema: Value, renamed: &BTreeMap<String, String>) -> Value {
    with_names_in(schema, NodeKind::Schema, renamed)
}

fn with_names_in(mut value: Value, node: NodeKind, renamed: &BTreeMap<String, String>) -> Value {
    walk::change(&mut value, node, "", &mut |inner, node, _| {
        let new = referred(inner).filter(|_| node == NodeKind::Schema).and_then(|name| renamed.get(&name));
        if let Some(new) = new {
            *inner = to_schema(new);
        }
    });
    value
}
