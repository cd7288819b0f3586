//! Parameters: which are kept, what they are called, and how they are written.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use openapi::operations::{each_operation, remove_operations, title};
use openapi::pointer::child;
use openapi::reference::resolve;
use serde_json::{Value, json};

use super::parameter_forms::{inexpressible, scalar};
use super::parameter_styles;
use crate::credential::looks_like_credential;
use crate::home::Home;
use crate::names::{UsedNames, free, snake};
use crate::requests::{OWN_PLACE, Place, Styled};
use crate::rule::Adapted;

/// Names that the generated method needs for itself.
const RESERVED: [&str; 5] = ["body", "header_map", "self_", "value", "info"];

/// How many parameters an operation may have: each nests the generated expression one deeper, and compilers recurse.
const MAX_PARAMETERS: usize = 256;

/// A parameter, and how it is written if progenitor would write it otherwise.
type Kept = (Value, Option<Styled>);

/// Applies the rules of parameters.
pub(super) fn apply(value: &mut Value, home: &Home, done: &mut Adapted) {
    let snapshot = value.clone();
    let mut gone = BTreeSet::new();
    each_operation(value, &mut |path, method, pointer, operation| {
        let pointer = child(pointer, "parameters");
        let list = operation.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
        if list.len() > MAX_PARAMETERS || path.matches('{').count() > MAX_PARAMETERS {
            let reason = format!("it has more than {MAX_PARAMETERS} parameters, the limit for a method");
            done.leave_out(&title(method, path), &pointer, &reason);
            gone.insert((path.to_owned(), method.to_owned()));
            return;
        }
        let variables = variables(path).into_iter().collect::<HashSet<_>>();
        let mut kept = Vec::new();
        for (index, mut parameter) in list.into_iter().enumerate() {
            let pointer = child(&pointer, &index.to_string());
            if super::credential_parameters::is_gone(&parameter) {
                continue;
            }
            let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
            if is_ignored(&parameter, &name) {
                done.applied(
                    "ignored-header",
                    &pointer,
                    format!("the header parameter `{name}` was dropped: OpenAPI ignores it"),
                );
                continue;
            }
            if parameter["in"] == "path" && !variables.contains(name.as_str()) {
                done.applied("path-parameter", &pointer, format!("`{name}` was dropped: the path does not contain it"));
                continue;
            }
            if parameter["in"] == "path" && parameter.get("required") != Some(&Value::Bool(true)) {
                parameter["required"] = true.into();
                done.applied("path-parameter", &pointer, format!("`{name}` is required: it is in the path"));
            }
            match inexpressible(&parameter, &name) {
                Some(why) if parameter.get("required") == Some(&Value::Bool(true)) => {
                    done.leave_out(&title(method, path), &pointer, &format!("its parameter `{name}` {why}"));
                    gone.insert((path.to_owned(), method.to_owned()));
                    return;
                }
                Some(why) => done.lost("parameter", &pointer, format!("the optional `{name}` was dropped: it {why}")),
                None => {
                    let styled = parameter_styles::apply(&snapshot, &mut parameter, &pointer, &name, done);
                    if styled.is_none() {
                        scalar(&snapshot, &mut parameter, &pointer, &name, done);
                    }
                    credential(&snapshot, &mut parameter, &pointer, &name, home, done);
                    kept.push((parameter, styled));
                }
            }
        }
        undeclared(path, &mut kept, &pointer, done);
        let wire = unique(&mut kept, &pointer, done);
        let (kept, styled) = told_apart(kept);
        if !(wire.is_empty() && styled.is_empty())
            && let Some(id) = operation.get("operationId").and_then(Value::as_str)
        {
            let all = done.wire.entry(id.to_owned()).or_default();
            all.parameters.extend(wire);
            all.styled.extend(styled);
        }
        if let Some(object) =
            operation.as_object_mut().filter(|object| object.contains_key("parameters") || !kept.is_empty())
        {
            object.insert("parameters".to_owned(), kept.into());
        }
    });
    remove_operations(value, &gone);
}

/// Rule `ignored-header`: three headers that are described elsewhere.
fn is_ignored(parameter: &Value, name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    parameter["in"] == "header" && matches!(name.as_str(), "accept" | "content-type" | "authorization")
}

/// Rule `credential-parameter`: a credential in a parameter is a plain text, which says so.
fn credential(document: &Value, parameter: &mut Value, pointer: &str, name: &str, home: &Home, done: &mut Adapted) {
    if home.is_workspace() {
        return;
    }
    let Some(schema) = resolve(document, &parameter["schema"]) else { return };
    let marked = schema.get("format").is_some_and(|format| format == "password");
    let text = schema.get("type").is_none_or(|kind| kind == "string") && schema.get("enum").is_none();
    if marked || looks_like_credential(name) && text {
        let mut new = schema.clone();
        if let Some(new) = new.as_object_mut() {
            new.shift_remove("format");
        }
        if marked {
            parameter["schema"] = new;
        }
        parameter["x-credential"] = false.into();
        let place = parameter["in"].as_str().unwrap_or_default();
        done.lost(
            "credential-parameter",
            pointer,
            format!(
                "the {place} parameter `{name}` looks like a credential and is a plain string, which is not redacted"
            ),
        );
    }
}

/// The variables of a path, each once, in their order.
pub(super) fn variables(path: &str) -> Vec<&str> {
    let mut visited = HashSet::new();
    let all = path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name);
    all.filter(|name| visited.insert(*name)).collect()
}

/// Rule `path-parameter`: variables of the path without a description are strings.
fn undeclared(path: &str, kept: &mut Vec<Kept>, pointer: &str, done: &mut Adapted) {
    let described = kept.iter().map(|(parameter, _)| parameter).filter(|parameter| parameter["in"] == "path");
    let mut described = described.filter_map(|it| it["name"].as_str().map(str::to_owned)).collect::<HashSet<_>>();
    for name in variables(path) {
        if described.insert(name.to_owned()) {
            let schema = json!({ "type": "string" });
            kept.push((json!({ "name": name, "in": "path", "required": true, "schema": schema }), None));
            done.applied(
                "path-parameter",
                pointer,
                format!("`{name}` is a string: the path contains it, but no parameter describes it"),
            );
        }
    }
}

/// The parameters as progenitor takes them, and by their names in the code those that are written otherwise. A cookie is one of the
/// query, whose code is replaced.
fn told_apart(kept: Vec<Kept>) -> (Vec<Value>, BTreeMap<String, Styled>) {
    let mut all = BTreeMap::new();
    let one = |(mut parameter, styled): Kept| {
        if let Some(styled) = styled {
            if styled.place == Place::Cookie {
                parameter["in"] = "query".into();
                parameter[OWN_PLACE] = "cookie".into();
            }
            all.insert(parameter["name"].as_str().unwrap_or_default().to_owned(), styled);
        }
        parameter
    };
    (kept.into_iter().map(one).collect(), all)
}

/// Rule `parameter-name`: arguments whose names are one in Rust. The wire keeps them.
fn unique(kept: &mut Vec<Kept>, pointer: &str, done: &mut Adapted) -> Vec<(String, String)> {
    let mut taken = UsedNames::new(snake, RESERVED);
    let mut wire = Vec::new();
    let mut visited = BTreeSet::new();
    kept.retain(|(parameter, _)| visited.insert((parameter["name"].to_string(), parameter["in"].to_string())));
    let (paths, others): (Vec<_>, Vec<_>) =
        kept.iter_mut().map(|(parameter, _)| parameter).partition(|parameter| parameter["in"] == "path");
    for parameter in paths {
        taken.take(parameter["name"].as_str().unwrap_or_default());
    }
    for parameter in others {
        let old = parameter["name"].as_str().unwrap_or_default().to_owned();
        let new = free(&old, &mut taken);
        if new != old {
            done.applied("parameter-name", pointer, format!("`{old}` becomes the argument `{}`", snake(&new)));
            parameter["name"] = new.clone().into();
            wire.push((new, old));
        }
    }
    wire
}
