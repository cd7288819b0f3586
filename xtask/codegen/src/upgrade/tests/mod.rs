//! Every rule with a document before and after it, and the rules that are reported; `!` marks a loss.

mod bodies;
mod parameters;
mod root;
mod schemas;
mod security;
mod servers;

use serde_json::{Value, json};

use super::*;

/// A document with these members beside `swagger`, `info` and `paths`.
fn document(members: Value) -> Value {
    let mut value = json!({ "swagger": "2.0", "info": { "title": "T", "version": "1" }, "paths": {} });
    for (key, member) in members.as_object().cloned().unwrap_or_default() {
        value[key] = member;
    }
    value
}

/// The upgraded value, and the rules that were applied beside `swagger`.
#[track_caller]
fn run(mut value: Value) -> (Value, Vec<String>) {
    let parsed = Document::parse("a.json", value.to_string()).expect("valid JSON");
    let upgraded = upgrade(&parsed, &mut value).expect("upgraded").expect("Swagger 2.0");
    let name = |rule: &AppliedRule| format!("{}{}", rule.name, if rule.loses_meaning { "!" } else { "" });
    let rules = upgraded.rules.iter().filter(|rule| rule.name != "swagger").map(name).collect();
    assert_eq!(value["openapi"], "3.0.3");
    assert!(value.get("swagger").is_none());
    (value, rules)
}

/// Compares members of the upgraded document by pointer, and the rules.
#[track_caller]
fn check(members: Value, expected: &[(&str, Value)], rules: &[&str]) {
    let (value, found) = run(document(members.clone()));
    for (pointer, expected) in expected {
        assert_eq!(value.pointer(pointer).unwrap_or(&Value::Null), expected, "{pointer} of {members}\n{value:#}");
    }
    assert_eq!(found, rules, "{members}");
}

/// One operation, `POST /a`, with these members.
fn operation(members: Value) -> Value {
    let mut operation = json!({ "operationId": "a", "responses": { "204": { "description": "d" } } });
    for (key, member) in members.as_object().cloned().unwrap_or_default() {
        operation[key] = member;
    }
    json!({ "paths": { "/a": { "post": operation } } })
}

const OPERATION: &str = "/paths/~1a/post";

#[track_caller]
fn check_operation(members: Value, expected: &[(&str, Value)], rules: &[&str]) {
    let expected = expected.iter().map(|(pointer, value)| (format!("{OPERATION}{pointer}"), value.clone()));
    let expected = expected.collect::<Vec<_>>();
    let expected = expected.iter().map(|(pointer, value)| (pointer.as_str(), value.clone())).collect::<Vec<_>>();
    check(operation(members), &expected, rules);
}
