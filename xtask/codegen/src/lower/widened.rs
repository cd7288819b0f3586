//! Loosens the schemas around one that accepts more than before.
//!
//! `oneOf` and `not` rely on members that reject values. If a member has lost an assertion, they would reject values that
//! the document accepts, so they are loosened as well, unless the remaining assertions keep the members disjoint.

use std::collections::{HashMap, HashSet};

use openapi::pointer::child;
use openapi::walk::{self, NodeKind};
use serde_json::Value;

use super::disjoint::disjoint;
use super::schema::WIDENED;
use crate::rule::AppliedRule;

/// Rules `widened-not` and `widened-one-of`; removes the marks.
pub(super) fn apply(document: &mut Value, applied: &mut Vec<AppliedRule>) {
    let wider = wider(document);
    if wider.marked {
        let before = document.clone();
        walk::change(document, NodeKind::Document, "", &mut |value, node, pointer| {
            let Some(schema) = value.as_object_mut().filter(|_| node == NodeKind::Schema) else { return };
            let mut applied = |rule: &'static str, key: &str, note: &str| {
                applied.push(AppliedRule {
                    name: rule,
                    pointer: child(pointer, key),
                    loses_meaning: true,
                    note: note.to_owned(),
                });
            };
            if schema.get("not").is_some_and(|not| wider.holds(not)) {
                schema.shift_remove("not");
                // A `not` or `oneOf` around this schema must be loosened as well.
                schema.insert(WIDENED.to_owned(), true.into());
                applied("widened-not", "not", "`not` was dropped: its schema has lost an assertion");
            }
            let Some(members) = schema.get("oneOf").and_then(Value::as_array) else { return };
            if members.iter().any(|member| wider.holds(member)) && !all_disjoint(&before, members) {
                let members = schema.shift_remove("oneOf").unwrap_or_default();
                if schema.contains_key("anyOf") {
                    let member = serde_json::json!({ "anyOf": members });
                    match schema.get_mut("allOf").and_then(Value::as_array_mut) {
                        Some(all) => all.push(member),
                        None => drop(schema.insert("allOf".to_owned(), vec![member].into())),
                    }
                } else {
                    schema.insert("anyOf".to_owned(), members);
                }
                applied(
                    "widened-one-of",
                    "oneOf",
                    "`oneOf` became `anyOf`: a member has lost an assertion, so two may match",
                );
            }
        });
        walk::change(document, NodeKind::Document, "", &mut |value, node, _| {
            if let Some(schema) = value.as_object_mut().filter(|_| node == NodeKind::Schema) {
                schema.shift_remove(WIDENED);
            }
        });
    }
}

fn all_disjoint(document: &Value, members: &[Value]) -> bool {
    let pairs =
        members.iter().enumerate().flat_map(|(index, one)| members[index + 1..].iter().map(move |other| (one, other)));
    // Deeper evidence is ignored.
    members.len() <= 200 && pairs.into_iter().all(|(one, other)| disjoint(document, one, other))
}

/// The schemas that accept more than before.
struct Wider {
    marked: bool,
    components: HashSet<String>,
}

impl Wider {
    /// Whether something in this schema, or in what it refers to, accepts more than before.
    fn holds(&self, schema: &Value) -> bool {
        let mut found = false;
        walk::visit(schema, NodeKind::Schema, "", &mut |value, _, _| {
            found |= value.get(WIDENED).is_some() || reference(value).is_some_and(|to| self.components.contains(to));
        });
        found
    }
}

/// Finds the named schemas that accept more than before, directly or by what they refer to.
fn wider(document: &Value) -> Wider {
    let mut users: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut open = Vec::new();
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    for (name, schema) in schemas.into_iter().flatten() {
        let mut marked = false;
        let mut uses = Vec::new();
        walk::visit(schema, NodeKind::Schema, "", &mut |value, _, _| {
            marked |= value.get(WIDENED).is_some();
            uses.extend(reference(value).map(str::to_owned));
        });
        for used in uses {
            if let Some((used, _)) = schemas.and_then(|schemas| schemas.get_key_value(&used)) {
                users.entry(used).or_default().push(name);
            }
        }
        if marked {
            open.push(name.as_str());
        }
    }
    let mut components = HashSet::new();
    while let Some(name) = open.pop() {
        if components.insert(name.to_owned()) {
            open.extend(users.get(name).into_iter().flatten());
        }
    }
    let mut marked = false;
    walk::visit(document, NodeKind::Document, "", &mut |value, node, _| {
        marked |= node == NodeKind::Schema && value.get(WIDENED).is_some();
    });
    Wider { marked, components }
}

/// The name of the schema that a schema refers to.
fn reference(value: &Value) -> Option<&str> {
    value.get("$ref").and_then(Value::as_str)?.strip_prefix("#/components/schemas/")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(schemas: Value) -> (Value, Vec<&'static str>) {
        let mut document = json!({ "components": { "schemas": schemas } });
        let mut rows = Vec::new();
        apply(&mut document, &mut rows);
        (document["components"]["schemas"].take(), rows.iter().map(|rule| rule.name).collect())
    }

    #[test]
    fn one_of_with_a_member_that_accepts_more_becomes_any_of() {
        let (after, rules) = run(json!({
            "A": { "oneOf": [{ "$ref": "#/components/schemas/B" }, { "minLength": 1 }] },
            "B": { "items": { "$ref": "#/components/schemas/C" } },
            "C": { WIDENED: true },
        }));
        assert_eq!(rules, ["widened-one-of"]);
        assert_eq!(
            after,
            json!({
                "A": { "anyOf": [{ "$ref": "#/components/schemas/B" }, { "minLength": 1 }] },
                "B": { "items": { "$ref": "#/components/schemas/C" } },
                "C": {},
            })
        );
    }

    #[test]
    fn members_that_differ_by_what_they_still_say_stay_one_of() {
        let schema = json!({ "oneOf": [{ "type": "string" }, { "type": "array", "items": {}, WIDENED: true }] });
        let (after, rules) = run(json!({ "A": schema }));
        assert_eq!(rules, [""; 0]);
        assert_eq!(after["A"], json!({ "oneOf": [{ "type": "string" }, { "type": "array", "items": {} }] }));
    }

    #[test]
    fn not_with_something_that_accepts_more_is_dropped() {
        let (after, rules) = run(json!({ "A": { "not": { "items": { WIDENED: true } } }, "B": { "not": {} } }));
        assert_eq!((after, rules), (json!({ "A": {}, "B": { "not": {} } }), vec!["widened-not"]));
    }
}
