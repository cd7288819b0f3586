//! Rules for schemas, one function each, in the order of [`DROPS`] and [`RULES`].

mod acceptance;
mod annotations;
mod assertions;
mod content;
mod effect;
mod limits;
mod null;
mod objects;
mod place;
mod references;
mod tuples;
mod types;
mod values;

use openapi::pointer::child;
use serde_json::{Value, json};

pub(super) use acceptance::Memo;
pub(super) use effect::{WIDENED, says_only};
pub(super) use place::Place;
pub(super) use types::null_name;
pub(super) use values::comparable;

use crate::rule::AppliedRule;
use effect::{Done, Effect, Loss, Schema};

/// A rule that drops keywords, and says which.
type Drop = fn(&mut Schema, Place<'_>) -> Vec<Effect>;

/// A rule that rewrites, and says what it did.
type Rule = fn(&mut Schema, Place<'_>) -> Done;

/// The rules that drop keywords without a counterpart; they run before the subschemas are visited.
const DROPS: &[(&str, Drop)] = &[
    // First, while both are as the document says them.
    ("repeated-constraint", references::repeated),
    ("older-dialect", annotations::older),
    ("schema-identity", annotations::identity),
    ("lost-assertion", assertions::unevaluated),
    ("lost-assertion", assertions::contains),
    ("lost-assertion", assertions::property_names),
    ("lost-assertion", assertions::dependent),
    ("lost-assertion", assertions::conditions),
    ("content-schema", content::schema),
    ("unknown-keyword", annotations::unknown),
];

/// Rewrites the keywords that have a counterpart, after the subschemas.
const RULES: &[(&str, Rule)] = &[
    ("nullable-honoured", annotations::nullable_honoured),
    ("examples", annotations::examples),
    ("content", content::format),
    ("unevaluated-properties", objects::unevaluated),
    ("pattern-properties", objects::patterns),
    ("unevaluated-items", tuples::unevaluated),
    ("prefix-items", tuples::prefix),
    ("exclusive-minimum", limits::minimum),
    ("exclusive-maximum", limits::maximum),
    ("const", values::constant),
    // After `const`, before the types are taken apart: a member that is left moves up and may bring its type.
    ("null-member", null::any_of),
    ("null-member", null::one_of),
    ("types", types::list),
    ("enum-of-consts", values::alternatives),
    ("array-items", tuples::items),
    // Last: whatever is left beside `$ref` by then has to be kept.
    ("reference-siblings", references::siblings),
];

/// Drops what has no counterpart in 3.0 from one schema whose own subschemas have not been lowered yet.
pub(super) fn enter(value: &mut Value, place: Place<'_>, applied: &mut Vec<AppliedRule>) {
    let Some(schema) = value.as_object_mut() else { return };
    for (name, rule) in DROPS {
        for effect in rule(schema, place) {
            record(schema, name, effect, place.pointer, applied);
        }
    }
}

/// Applies the rules to one schema whose own subschemas have been lowered already.
pub(super) fn leave(value: &mut Value, place: Place<'_>, applied: &mut Vec<AppliedRule>) {
    if let Value::Bool(anything) = *value {
        *value = if anything { json!({}) } else { json!({ "not": {} }) };
        let note = format!("the schema `{anything}` became `{value}`");
        applied.push(AppliedRule {
            name: "boolean-schema",
            pointer: place.pointer.to_owned(),
            loses_meaning: false,
            note,
        });
    }
    let Some(schema) = value.as_object_mut() else { return };
    for (name, rule) in RULES {
        if let Some(effect) = rule(schema, place) {
            record(schema, name, effect, place.pointer, applied);
        }
    }
}

fn record(schema: &mut Schema, rule: &'static str, effect: Effect, pointer: &str, applied: &mut Vec<AppliedRule>) {
    let Effect { key, loss, note } = effect;
    if loss == Loss::Assertion {
        schema.insert(WIDENED.to_owned(), true.into());
    }
    let pointer = key.map_or_else(|| pointer.to_owned(), |key| child(pointer, key));
    applied.push(AppliedRule { name: rule, pointer, loses_meaning: loss != Loss::None, note });
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Runs all rules on one schema without subschemas that need some; compares schema and rules, `!` for a loss.
    #[track_caller]
    pub(in crate::lower) fn table(applied: &[(Value, Value, &[&str])]) {
        for (before, after, rules) in applied {
            let mut value = before.clone();
            let mut report = Vec::new();
            let source = json!({ "x": before, "a": { "type": "string", "minLength": 1 } });
            let place = Place { source: &source, pointer: "/x", memo: &Memo::default() };
            enter(&mut value, place, &mut report);
            leave(&mut value, place, &mut report);
            if let Some(schema) = value.as_object_mut() {
                schema.shift_remove(WIDENED);
            }
            assert_eq!(value, *after, "{before}");
            let found = report.iter().map(|rule| format!("{}{}", rule.name, if rule.loses_meaning { "!" } else { "" }));
            assert_eq!(found.collect::<Vec<_>>(), *rules, "{before}: {report:?}");
            assert!(report.iter().all(|rule| rule.pointer.starts_with("/x")));
        }
    }

    #[test]
    fn the_order_of_the_rules_is_this() {
        let names = DROPS.iter().map(|(name, _)| *name).chain(RULES.iter().map(|(name, _)| *name));
        assert_eq!(
            names.collect::<Vec<_>>().join(" "),
            "repeated-constraint older-dialect schema-identity lost-assertion lost-assertion lost-assertion lost-assertion lost-assertion content-schema \
             unknown-keyword nullable-honoured examples content unevaluated-properties pattern-properties \
             unevaluated-items prefix-items exclusive-minimum exclusive-maximum const null-member null-member types \
             enum-of-consts array-items reference-siblings"
        );
    }

    #[test]
    fn a_boolean_becomes_a_schema() {
        table(&[
            (json!(true), json!({}), &["boolean-schema"]),
            (json!(false), json!({ "not": {} }), &["boolean-schema"]),
        ]);
    }
}
