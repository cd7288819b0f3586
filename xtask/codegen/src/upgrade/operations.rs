//! Operations: their parameters, bodies, responses, and media types.

use openapi::operations::METHODS;
use openapi::pointer::child;
use openapi::reference::resolve;
use serde_json::{Map, Value};

use super::bodies::{BodyParameter, body};
use super::change::Change;
use super::{parameters, responses};

/// What an operation inherits from the document.
struct Shared {
    consumes: Vec<String>,
    produces: Vec<String>,
    /// The document with its shared parameters as they were.
    before: Value,
}

/// Rewrites every operation, and the parameters and responses that they share.
pub(super) fn apply(value: &mut Value, change: &mut Change) {
    let Some(object) = value.as_object_mut() else { return };
    let mut list = |key: &str| texts(object.shift_remove(key).as_ref());
    let (consumes, produces) = (list("consumes"), list("produces"));
    let shared = Shared { consumes, produces, before: value.clone() };
    for (path, item) in value.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten() {
        if !path.starts_with("x-") {
            path_item(item, &shared, &child("/paths", path), change);
        }
    }
    components(value, &shared, change);
}

/// The texts of a list.
fn texts(list: Option<&Value>) -> Vec<String> {
    let all = list.and_then(Value::as_array).into_iter().flatten();
    all.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Shared parameters and responses. Bodies have been copied to the operations that refer to them.
fn components(value: &mut Value, shared: &Shared, change: &mut Change) {
    let Some(components) = value.get_mut("components").and_then(Value::as_object_mut) else { return };
    if let Some(all) = components.get_mut("parameters").and_then(Value::as_object_mut) {
        all.retain(|_, parameter| !is_body(parameter));
        for (name, parameter) in all {
            parameters::apply(parameter, &child("/components/parameters", name), change);
        }
    }
    for (name, response) in components.get_mut("responses").and_then(Value::as_object_mut).into_iter().flatten() {
        responses::apply(response, &shared.produces, &child("/components/responses", name), change);
    }
    components.retain(|_, folder| !folder.as_object().is_some_and(Map::is_empty));
}

fn is_body(parameter: &Value) -> bool {
    parameter.get("in").is_some_and(|place| place == "body" || place == "formData")
}

/// A path item: bodies among its parameters belong to each of its operations.
fn path_item(item: &mut Value, shared: &Shared, pointer: &str, change: &mut Change) {
    let Some(item) = item.as_object_mut() else { return };
    let common = take_parameters(item, shared, pointer, change);
    for method in METHODS {
        if let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) {
            one(operation, &common, shared, &child(pointer, method), change);
        }
    }
}

/// Rewrites the parameters of a path item or an operation in place, and takes the bodies among them out.
fn take_parameters(
    holder: &mut Map<String, Value>,
    shared: &Shared,
    pointer: &str,
    change: &mut Change,
) -> Vec<BodyParameter> {
    let Some(Value::Array(list)) = holder.shift_remove("parameters") else { return Vec::new() };
    let (mut bodies, mut kept) = (Vec::new(), Vec::new());
    for (index, mut parameter) in list.into_iter().enumerate() {
        let old = child(&child(pointer, "parameters"), &index.to_string());
        let meant = resolve(&shared.before, &parameter).filter(|meant| is_body(meant));
        if let Some(value) = meant.and_then(Value::as_object).cloned() {
            bodies.push(BodyParameter { value, pointer: old });
            continue;
        }
        let new = child(&child(pointer, "parameters"), &kept.len().to_string());
        change.moved(new.clone(), old);
        parameters::apply(&mut parameter, &new, change);
        kept.push(parameter);
    }
    if !kept.is_empty() {
        holder.insert("parameters".to_owned(), kept.into());
    }
    bodies
}

fn one(
    operation: &mut Map<String, Value>,
    common: &[BodyParameter],
    shared: &Shared,
    pointer: &str,
    change: &mut Change,
) {
    let list = |value: Option<Value>, or: &[String]| value.map_or_else(|| or.to_vec(), |own| texts(Some(&own)));
    let consumes = list(operation.shift_remove("consumes"), &shared.consumes);
    let produces = list(operation.shift_remove("produces"), &shared.produces);
    if operation.shift_remove("schemes").is_some() {
        change.lost(
            "operation-schemes",
            pointer,
            "`schemes` of an operation were dropped: all use the document's servers",
        );
    }
    let mut bodies = take_parameters(operation, shared, pointer, change);
    let known = bodies.iter().map(|body| body.value.get("name").cloned()).collect::<Vec<_>>();
    // Those of the operation come first: they take the place of the path's.
    let inherited = common.iter().filter(|body| !known.contains(&body.value.get("name").cloned()));
    bodies.extend(inherited.map(|body| BodyParameter { value: body.value.clone(), pointer: body.pointer.clone() }));
    if let Some(body) = body(bodies, &consumes, &child(pointer, "requestBody"), change) {
        operation.insert("requestBody".to_owned(), body);
    }
    for (status, response) in operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flatten() {
        if !status.starts_with("x-") {
            responses::apply(response, &produces, &child(&child(pointer, "responses"), status), change);
        }
    }
}
