//! Errors with several bodies: one type for each operation, which tells them apart by the status.
//!
//! progenitor knows one error type for each operation. It gets an object with one property for each status, whose type in Rust
//! is that of the body; the patch makes an enum of it.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::response_bodies::{Body, body, group_of};
use crate::media::JSON;
use crate::rule::{Adapted, ErrorStatus};

/// Applies rule `error-by-status` to an operation whose errors have several bodies. `default` are the statuses that `default`
/// stands for.
pub(super) fn apply(responses: &mut Map<String, Value>, default: &[&str], id: &str, pointer: &str, done: &mut Adapted) {
    let errors = responses.iter().filter(|(status, _)| is_error(status));
    let bodies = errors.clone().filter_map(|(_, response)| json_body(response)).collect::<HashSet<_>>();
    if bodies.len() < 2 {
        return;
    }
    let (mut properties, mut statuses) = (Map::new(), Vec::<ErrorStatus>::new());
    for (status, response) in errors {
        let name = if default.contains(&status.as_str()) { "default" } else { status };
        let schema = json_body(response);
        match statuses.iter_mut().find(|it| it.name == name) {
            Some(known) => known.answers.push(status.clone()),
            None => {
                let description = response.get("description").and_then(Value::as_str).unwrap_or_default();
                statuses.push(ErrorStatus {
                    name: name.to_owned(),
                    answers: vec![status.clone()],
                    has_body: schema.is_some(),
                    description: description.trim().to_owned(),
                });
            }
        }
        properties.extend(schema.map(|schema| (ErrorStatus::property(name), schema)));
    }
    let required = properties.keys().cloned().collect::<Vec<_>>();
    let all = json!({ "type": "object", "required": required, "properties": properties });
    responses.retain(|status, response| !is_error(status) || json_body(response).is_some());
    for (_, response) in responses.iter_mut().filter(|(status, _)| is_error(status)) {
        if let Some(response) = response.as_object_mut() {
            response.insert("content".to_owned(), json!({ JSON: { "schema": all } }));
        }
    }
    let note = format!("{} error bodies are one type with a variant for each status", bodies.len());
    done.applied("error-by-status", pointer, note);
    done.errors.insert(id.to_owned(), statuses);
}

fn is_error(status: &str) -> bool {
    matches!(group_of(status), '4' | '5')
}

/// The schema of a JSON body.
fn json_body(response: &Value) -> Option<Value> {
    match body(response) {
        Body::Json(schema) => Some(schema),
        Body::None | Body::Raw => None,
    }
}
