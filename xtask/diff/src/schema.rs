//! Changes of schemas, for one direction at a time.

use std::collections::BTreeSet;

use serde_json::Value;

use super::annotations;
use super::finding::Findings;
use super::kinds::Kind;
use super::level::Direction;
use super::limits;
use super::node::{ANYTHING, Node};
use super::pair::Pair;
use super::shape::Shape;
use super::unions;
use super::waiting::{Role, Waiting};

/// Schemas that are compared inside each other before the innermost has to wait.
const DEPTH: usize = 48;

/// Compares two schemas.
pub(super) fn compare(
    findings: &mut Findings,
    old: &Node<'_>,
    new: &Node<'_>,
    direction: Direction,
    role: Role,
    subject: &str,
) {
    if findings.depth == DEPTH {
        let (pointers, operation) = ([old.pointer.clone(), new.pointer.clone()], findings.operation.clone());
        findings.waiting.push(Waiting { pointers, direction, role, subject: subject.to_owned(), operation });
        return;
    }
    findings.depth += 1;
    one(findings, (old, new), direction, role, subject);
    findings.depth -= 1;
}

/// Compares what had to wait.
pub(super) fn compare_waiting(findings: &mut Findings, old: &Value, new: &Value) {
    while let Some(Waiting { pointers: [before, after], direction, role, subject, operation }) = findings.waiting.pop()
    {
        findings.operation = operation;
        compare(findings, &place(old, before), &place(new, after), direction, role, &subject);
    }
    findings.operation = None;
}

/// The node at a place, or one that allows everything where there is none.
fn place(root: &Value, pointer: String) -> Node<'_> {
    Node { root, value: root.pointer(&pointer).unwrap_or(&ANYTHING), pointer }
}

fn one(findings: &mut Findings, (old, new): (&Node<'_>, &Node<'_>), direction: Direction, role: Role, subject: &str) {
    let shapes = (Shape::of(old), Shape::of(new));
    names(findings, (old, new), (&shapes.0, &shapes.1), subject);
    let mut pair = Pair { old: shapes.0, new: shapes.1, direction, subject: subject.to_owned(), findings };
    annotations::texts(&mut pair, old, new, role);
    annotations::null(&mut pair, role);
    let key = (pair.old.pointer.clone(), pair.new.pointer.clone(), direction);
    if !pair.findings.compared.insert(key) {
        return;
    }
    if let Some(name) = pair.new.name.as_ref().or(pair.old.name.as_ref()) {
        pair.subject.clone_from(name);
    }
    if !types(&mut pair) {
        return;
    }
    limits::values(&mut pair);
    limits::format(&mut pair);
    limits::text(&mut pair);
    limits::range(&mut pair);
    limits::counts(&mut pair);
    items(&mut pair);
    properties(&mut pair);
    additional(&mut pair);
    further(&mut pair);
    for (before, after, subject) in unions::compare(&mut pair) {
        compare(pair.findings, &before, &after, direction, Role::Other, &subject);
    }
    unions::discriminator(&mut pair);
    limits::assertions(&mut pair);
}

/// Another name is another Rust type; the values are the same.
fn names(findings: &mut Findings, nodes: (&Node<'_>, &Node<'_>), shapes: (&Shape<'_>, &Shape<'_>), subject: &str) {
    let (kind, text) = match (&shapes.0.name, &shapes.1.name) {
        (Some(old), Some(new)) if old != new => {
            (Kind::SchemaRenamed, format!("the type of `{subject}` is `{new}`, no longer `{old}`"))
        }
        (None, Some(new)) => (Kind::SchemaNamed, format!("the type of `{subject}` is called `{new}` now")),
        (Some(old), None) => (Kind::SchemaInlined, format!("the type of `{subject}` is no longer `{old}`")),
        _ => return,
    };
    findings.used(kind, Some(nodes.0), Some(nodes.1), text, &format!("`{subject}`"));
}

/// Whether every value of these types is one of those.
fn covers(wide: &BTreeSet<&str>, narrow: &BTreeSet<&str>) -> bool {
    wide.is_empty()
        || !narrow.is_empty()
            && narrow.iter().all(|name| wide.contains(name) || *name == "integer" && wide.contains("number"))
}

/// The types without `integer` beside `number`, of which every integer is one.
fn plain<'a>(types: &BTreeSet<&'a str>) -> BTreeSet<&'a str> {
    types.iter().copied().filter(|name| *name != "integer" || !types.contains("number")).collect()
}

/// Whether the types have enough in common to compare the rest.
fn types(pair: &mut Pair<'_, '_>) -> bool {
    let (old, new) = (&plain(&pair.old.types), &plain(&pair.new.types));
    if old == new {
        return true;
    }
    let said = |types: &BTreeSet<&str>| match types.len() {
        0 => "anything".to_owned(),
        _ => types.iter().copied().collect::<Vec<_>>().join(" or "),
    };
    let text = format!("{{}} is {}, no longer {}", said(new), said(old));
    // A choice says its types in its alternatives, which are compared by themselves.
    let choice = pair.old.union.is_some() && pair.new.union.is_some();
    let (kind, comparable) = match (covers(new, old), covers(old, new)) {
        _ if choice => return true,
        (true, _) => (Kind::TypeWidened, !old.is_empty() && !new.is_empty()),
        (_, true) => (Kind::TypeNarrowed, !old.is_empty() && !new.is_empty()),
        _ => (Kind::TypeChanged, false),
    };
    pair.add(kind, &text);
    comparable
}

fn items(pair: &mut Pair<'_, '_>) {
    let Pair { old, new, direction, subject, findings } = pair;
    if old.items.is_some() || new.items.is_some() {
        let (before, after) = (items_of(old), items_of(new));
        compare(findings, &before, &after, *direction, Role::Other, &format!("{subject}[]"));
    }
}

/// The schema of the items; without one, everything is accepted.
fn items_of<'a>(shape: &Shape<'a>) -> Node<'a> {
    shape.items.clone().unwrap_or_else(|| anything(&shape.pointer))
}

fn properties(pair: &mut Pair<'_, '_>) {
    let names: BTreeSet<String> = [&pair.old, &pair.new]
        .into_iter()
        .flat_map(|shape| shape.properties.keys().chain(shape.required.iter()).map(|name| (*name).to_owned()))
        .collect();
    for name in names {
        let key = name.as_str();
        let required = (pair.old.required.contains(key), pair.new.required.contains(key));
        let nodes = (pair.old.properties.get(key).cloned(), pair.new.properties.get(key).cloned());
        let subject = format!("{}.{key}", pair.subject);
        let (kind, text) = match (&nodes, required) {
            ((None, Some(_)), (false, true)) => (Kind::RequiredPropertyAdded, "the required property {} was added"),
            ((None, Some(_)), (_, false)) => (Kind::OptionalPropertyAdded, "the optional property {} was added"),
            ((Some(_), None), _) => (Kind::PropertyRemoved, "the property {} was removed"),
            (_, (false, true)) => (Kind::PropertyBecameRequired, "the property {} is required now"),
            (_, (true, false)) => (Kind::PropertyBecameOptional, "the property {} is optional now"),
            _ => (Kind::OtherChanged, ""),
        };
        if !text.is_empty() {
            let place = |node: &Option<Node<'_>>, shape: &Shape<'_>, is_there: bool| match node {
                Some(node) => Some(node.pointer.clone()),
                None => is_there.then(|| shape.pointer.clone()),
            };
            let both = matches!(nodes, (None, None));
            let old = place(&nodes.0, &pair.old, both || required.0 && nodes.1.is_some() && required.1);
            let new = place(&nodes.1, &pair.new, both);
            pair.findings.at(kind, Some(pair.direction), old, new, text.replace("{}", &format!("`{subject}`")));
        }
        if let (Some(old), Some(new)) = nodes {
            let role = if required == (false, false) { Role::Optional } else { Role::Other };
            compare(pair.findings, &old, &new, pair.direction, role, &subject);
        }
    }
}

/// What further parts of an `allOf` say about a property or the items; what is not said allows everything.
fn further(pair: &mut Pair<'_, '_>) {
    let Pair { old, new, direction, subject, findings } = pair;
    let names: BTreeSet<&String> = old.further.iter().chain(&new.further).map(|(name, _)| name).collect();
    for name in names {
        let (before, after) = (further_of(old, name), further_of(new, name));
        for index in 0..before.len().max(after.len()) {
            let before = before.get(index).cloned().unwrap_or_else(|| anything(&old.pointer));
            let after = after.get(index).cloned().unwrap_or_else(|| anything(&new.pointer));
            compare(findings, &before, &after, *direction, Role::Other, &format!("{subject}{name}"));
        }
    }
}

fn further_of<'a>(shape: &Shape<'a>, name: &str) -> Vec<Node<'a>> {
    shape.further.iter().filter(|(other, _)| other == name).map(|(_, node)| node.clone()).collect()
}

fn anything<'a>(pointer: &str) -> Node<'a> {
    Node { root: &ANYTHING, value: &ANYTHING, pointer: pointer.to_owned() }
}

/// What is allowed beside the properties.
fn additional(pair: &mut Pair<'_, '_>) {
    #[derive(PartialEq)]
    enum Allowed {
        Any,
        None,
        Typed,
    }
    let of = |node: &Option<Node<'_>>| match node.as_ref().map(|node| node.value) {
        None | Some(Value::Bool(true)) => Allowed::Any,
        Some(Value::Bool(false)) => Allowed::None,
        Some(Value::Object(schema)) if schema.is_empty() => Allowed::Any,
        Some(_) => Allowed::Typed,
    };
    let map = pair.old.properties.is_empty() && pair.new.properties.is_empty();
    match (of(&pair.old.additional), of(&pair.new.additional)) {
        (Allowed::Typed, Allowed::Typed) => {
            let subject = format!("{}.*", pair.subject);
            if let (Some(old), Some(new)) = (pair.old.additional.clone(), pair.new.additional.clone()) {
                compare(pair.findings, &old, &new, pair.direction, Role::Other, &subject);
            }
        }
        (old, new) if old == new => {}
        (Allowed::None, Allowed::Any) if map => pair.add(Kind::MapOpened, "{} may have properties"),
        (Allowed::Any, Allowed::None) if map => pair.add(Kind::MapClosed, "{} may not have properties"),
        (Allowed::None, Allowed::Any) => pair.add(Kind::PropertiesOpened, "{} may have further properties"),
        (Allowed::Any, Allowed::None) => pair.add(Kind::PropertiesClosed, "{} may not have further properties"),
        (_, Allowed::Typed) => pair.add(Kind::PropertiesTyped, "further properties of {} have a type now"),
        (_, Allowed::Any | Allowed::None) => {
            pair.add(Kind::PropertiesUntyped, "further properties of {} have no type any more");
        }
    }
}
