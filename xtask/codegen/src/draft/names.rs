//! Names and numbers that generated code cannot do without.

use std::collections::BTreeSet;

use heck::ToLowerCamelCase;
use openapi::operations::METHODS;
use openapi::pointer::child;
use serde_json::{Value, json};

use super::action::{Action, OPEN};
use crate::lint::is_version;

/// An action for the version of the API, and for each operation, that is not named as it has to be.
pub(super) fn actions(value: &Value) -> Vec<Action> {
    version(value).into_iter().chain(operations(value)).collect()
}

fn version(value: &Value) -> Option<Action> {
    let info = value.get("info").filter(|info| info.is_object())?;
    let version = match info.get("version") {
        Some(version) if is_version(version) => return None,
        Some(Value::String(text)) => text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').collect(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let version = if version.trim().is_empty() { "unversioned" } else { version.trim() };
    let reason =
        format!("{OPEN}which version this API has. The client has it as a constant, so it must be printable ASCII.");
    Some(Action::new("/info", reason, json!({ "version": version })))
}

fn operations(value: &Value) -> Vec<Action> {
    let paths = value.get("paths").and_then(Value::as_object);
    let all = || {
        let items = paths.into_iter().flatten();
        items.flat_map(|(path, item)| {
            METHODS.into_iter().filter_map(move |method| Some((path, method, item.get(method)?)))
        })
    };
    let id = |operation: &Value| {
        operation.get("operationId").and_then(Value::as_str).filter(|id| !id.is_empty()).map(str::to_owned)
    };
    let mut taken: BTreeSet<String> = all().filter_map(|(_, _, operation)| id(operation)).collect();
    let mut found = Vec::new();
    for (path, method, operation) in all() {
        if id(operation).is_some() || !operation.is_object() {
            continue;
        }
        let name = format!("{method} {path}").to_lower_camel_case();
        let mut free = name.clone();
        let mut count = 1;
        while !taken.insert(free.clone()) {
            count += 1;
            free = format!("{name}{count}");
        }
        let reason = format!("{OPEN}whether there is a better name. The client's method gets it.");
        let place = child(&child("/paths", path), method);
        found.push(Action::new(place, reason, json!({ "operationId": free })));
    }
    found
}
