//! Successes or errors with several bodies: one type for each operation, which tells them apart by the status.
//!
//! progenitor knows one success and one error type for each operation. It gets an object with one property for each status, whose
//! type in Rust is that of the body; the patch makes an enum of it.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::response_bodies::{Body, body, group_of};
use crate::by_status::{Outcome, StatusBody};
use crate::media::JSON;
use crate::rule::Adapted;

/// Applies the rule of an outcome to an operation whose responses have several JSON bodies. `default` are the statuses that
/// `default` stands for.
pub(super) fn apply(
    responses: &mut Map<String, Value>,
    outcome: Outcome,
    default: &[&str],
    id: &str,
    pointer: &str,
    done: &mut Adapted,
) {
    let own = responses.iter().filter(|(status, response)| is_told_apart(outcome, status, response));
    let bodies = own.clone().filter_map(|(_, response)| json_body(response)).collect::<HashSet<_>>();
    if bodies.len() < 2 {
        return;
    }
    let (mut properties, mut statuses) = (Map::new(), Vec::<StatusBody>::new());
    for (status, response) in own {
        let name = if default.contains(&status.as_str()) { "default" } else { status };
        let schema = json_body(response);
        match statuses.iter_mut().find(|it| it.name == name) {
            Some(known) => known.answers.push(status.clone()),
            None => {
                let description = response.get("description").and_then(Value::as_str).unwrap_or_default();
                statuses.push(StatusBody {
                    name: name.to_owned(),
                    answers: vec![status.clone()],
                    has_body: schema.is_some(),
                    description: description.trim().to_owned(),
                });
            }
        }
        properties.extend(schema.map(|schema| (StatusBody::property(name), schema)));
    }
    let required = properties.keys().cloned().collect::<Vec<_>>();
    let all = json!({ "type": "object", "required": required, "properties": properties });
    // Redirects stay: the client is told to expect them.
    responses.retain(|status, response| {
        !is_told_apart(outcome, status, response) || group_of(status) == '3' || json_body(response).is_some()
    });
    for (status, response) in responses.iter_mut() {
        if is_told_apart(outcome, status, response) && json_body(response).is_some() {
            response["content"] = json!({ JSON: { "schema": all } });
        }
    }
    let note = format!("{} {} bodies are one type with a variant for each status", bodies.len(), outcome.name());
    done.applied(outcome.rule(), pointer, note);
    done.by_status.entry(id.to_owned()).or_default().set(outcome, statuses);
}

/// Whether a response is a variant if there are several bodies. Only errors have variants for bodies that are not JSON, as their
/// bytes are kept beside the type.
fn is_told_apart(outcome: Outcome, status: &str, response: &Value) -> bool {
    match (outcome, group_of(status)) {
        (Outcome::Success, '2' | '3') => body(response) != Body::Raw,
        (Outcome::Error, '4' | '5') => true,
        _ => false,
    }
}

/// The schema of a JSON body.
fn json_body(response: &Value) -> Option<Value> {
    match body(response) {
        Body::Json(schema) => Some(schema),
        Body::None | Body::Raw => None,
    }
}
