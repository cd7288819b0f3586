//! Changes of annotations: texts, marks, defaults, and null.

use serde_json::Value;

use super::kinds::Kind;
use super::node::Node;
use super::pair::Pair;
use super::waiting::Role;

/// A keyword of a schema, or of what it refers to.
pub(super) fn annotation<'a>(node: &Node<'a>, key: &str) -> Option<Node<'a>> {
    node.get(key).or_else(|| node.resolved().get(key))
}

/// Texts, marks and defaults.
pub(super) fn texts(pair: &mut Pair<'_, '_>, old: &Node<'_>, new: &Node<'_>, role: Role) {
    let mut changed = |key: &str, kind: Kind, text: &str| {
        let (before, after) = (annotation(old, key), annotation(new, key));
        if before.as_ref().map(|node| node.value) != after.as_ref().map(|node| node.value) {
            let subject = format!("`{}`", pair.subject);
            let places = [before, after].map(|node| node.map(|node| node.pointer));
            pair.findings.of(kind, Some(pair.direction), places, text.replace("{}", &subject), &subject);
        }
    };
    let is = |key: &str| annotation(new, key).is_some_and(|node| node.value == &Value::Bool(true));
    changed("title", Kind::SchemaTitleChanged, "{} has another title");
    changed("description", Kind::SchemaDescriptionChanged, "the description of {} changed");
    for key in ["example", "examples"] {
        changed(key, Kind::SchemaExampleChanged, "the examples of {} changed");
    }
    for (key, [on, off], [on_text, off_text]) in [
        (
            "deprecated",
            [Kind::SchemaDeprecated, Kind::SchemaUndeprecated],
            ["{} is deprecated", "{} is no longer deprecated"],
        ),
        (
            "readOnly",
            [Kind::BecameReadOnly, Kind::NoLongerReadOnly],
            ["only the server sets {} now", "clients may set {} now"],
        ),
        (
            "writeOnly",
            [Kind::BecameWriteOnly, Kind::NoLongerWriteOnly],
            ["the server no longer sends {}", "the server sends {} now"],
        ),
    ] {
        let was = annotation(old, key).is_some_and(|node| node.value == &Value::Bool(true));
        if was != is(key) {
            let (kind, text) = if is(key) { (on, on_text) } else { (off, off_text) };
            changed(key, kind, text);
        }
    }
    if role != Role::Parameter {
        changed("default", Kind::DefaultChanged, "the default of {} changed");
    }
}

/// Whether it may be null.
pub(super) fn null(pair: &mut Pair<'_, '_>, role: Role) {
    let optional = role == Role::Optional;
    match (pair.old.nullable, pair.new.nullable) {
        (false, true) if optional => pair.add(Kind::OptionalBecameNullable, "{} may be null"),
        (false, true) => pair.add(Kind::BecameNullable, "{} may be null"),
        (true, false) if optional => pair.add(Kind::OptionalNoLongerNullable, "{} may no longer be null"),
        (true, false) => pair.add(Kind::NoLongerNullable, "{} may no longer be null"),
        _ => {}
    }
}
