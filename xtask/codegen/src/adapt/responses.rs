//! Responses: one success and one error type for each operation. Those with several bodies are in [`super::by_status`].

use openapi::operations::each_operation;
use openapi::pointer::child;
use serde_json::{Map, Value, json};

use super::response_bodies::{Body, body, group_of};
use crate::by_status::Outcome;
use crate::media::{JSON, essence, is_json};
use crate::rule::Adapted;

/// Applies the rules of responses.
pub(super) fn apply(value: &mut Value, done: &mut Adapted) {
    each_operation(value, &mut |_, method, pointer, operation| {
        let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
        let pointer = child(pointer, "responses");
        let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
        responses.retain(|status, _| !status.starts_with("x-"));
        statuses(responses, &pointer, done);
        if method == "head" {
            head(responses, &pointer, done);
        }
        let accept = media_types(responses, &pointer, done);
        if accept != JSON && !accept.is_empty() {
            done.wire.entry(id.clone()).or_default().accept = Some(accept);
        }
        let default = default(responses, &pointer, done);
        for outcome in Outcome::ALL {
            super::by_status::apply(responses, outcome, &default, &id, &pointer, done);
            let empty = one_body(responses, outcome, &pointer, done);
            if !empty.is_empty() {
                done.wire.entry(id.clone()).or_default().empty = empty;
            }
        }
        if responses.contains_key("101") {
            upgrade(responses, &pointer, done);
        }
    });
}

/// Rule `upgrade`: where a connection is upgraded, an error has a body that is JSON, or none.
fn upgrade(responses: &mut Map<String, Value>, pointer: &str, done: &mut Adapted) {
    for (status, response) in responses.iter_mut() {
        let stream = response.get("content").is_some_and(|content| content.get(JSON).is_none());
        if let Some(response) = response.as_object_mut().filter(|_| stream) {
            response.shift_remove("content");
            done.lost(
                "upgrade",
                &child(pointer, status),
                "the body was dropped: errors beside an upgrade can only be JSON",
            );
        }
    }
}

/// Rule `status`: statuses that are none; bodies of redirects, which are never followed.
fn statuses(responses: &mut Map<String, Value>, pointer: &str, done: &mut Adapted) {
    let old = std::mem::take(responses);
    let answered = old.keys().any(|status| matches!(group_of(status), '2' | 'd'));
    for (status, mut response) in old {
        let upper = status.to_ascii_uppercase();
        let number =
            upper.len() == 3 && upper.chars().all(|c| c.is_ascii_digit()) && ('1'..='5').contains(&group_of(&upper));
        let range = upper.len() == 3 && upper.ends_with("XX") && ('1'..='5').contains(&group_of(&upper));
        if !(number || range || status == "default") {
            done.lost("status", &child(pointer, &status), format!("`{status}` was dropped: it is not a status"));
            continue;
        }
        if answered && group_of(&upper) == '1' {
            done.lost(
                "status",
                &child(pointer, &status),
                format!("`{status}` was dropped: the client does not upgrade connections"),
            );
            continue;
        }
        let ignored = matches!(group_of(&upper), '1' | '3');
        if ignored && response.get("content").is_some() {
            done.applied(
                "status",
                &child(pointer, &status),
                "the body was dropped: only the head of a redirect is read",
            );
        }
        if let Some(response) = response.as_object_mut().filter(|_| ignored) {
            response.shift_remove("content");
        }
        let name = if range { upper } else { status };
        responses.insert(name, response);
    }
}

/// Rule `head`: an answer to HEAD has no body, whatever is described (RFC 9110 section 9.3.2).
fn head(responses: &mut Map<String, Value>, pointer: &str, done: &mut Adapted) {
    for (status, response) in responses.iter_mut() {
        if response.as_object_mut().and_then(|response| response.shift_remove("content")).is_some() {
            done.applied("head", &child(pointer, status), "the body was dropped: a response to HEAD has none");
        }
    }
}

/// Rule `response-media-type`: treats every JSON media type as JSON, and prefers it to others.
fn media_types(responses: &mut Map<String, Value>, pointer: &str, done: &mut Adapted) -> String {
    let mut accepted: Vec<String> = Vec::new();
    for (status, response) in responses.iter_mut() {
        let Some(content) = response.get_mut("content").and_then(Value::as_object_mut) else { continue };
        let place = child(pointer, status);
        if content.is_empty() {
            if let Some(response) = response.as_object_mut() {
                response.shift_remove("content");
            }
            continue;
        }
        let chosen =
            content.keys().find(|name| essence(name) == JSON).or_else(|| content.keys().find(|name| is_json(name)));
        let success = matches!(group_of(status), '2' | 'd');
        let Some(name) = chosen.cloned() else {
            if success {
                accepted.extend(content.keys().map(|name| name.trim().to_owned()));
            }
            content
                .values_mut()
                .filter_map(Value::as_object_mut)
                .for_each(|media| media.retain(|key, _| key == "schema"));
            continue;
        };
        let others = content.keys().filter(|other| **other != name).map(|name| format!("`{name}`")).collect::<Vec<_>>();
        if !others.is_empty() {
            done.applied(
                "response-media-type",
                &place,
                format!("the client accepts `{name}`, not {}", others.join(", ")),
            );
        } else if essence(&name) != JSON {
            done.applied("response-media-type", &place, format!("`{name}` is read as JSON"));
        }
        if success {
            let sent = if essence(&name) == JSON { JSON.to_owned() } else { name.trim().to_owned() };
            accepted.push(sent);
        }
        let schema = content.get(&name).and_then(|media| media.get("schema")).cloned();
        if schema.is_none() {
            done.applied("response-schema", &place, "a JSON body without a schema accepts any JSON");
        }
        *content = Map::new();
        content.insert(JSON.to_owned(), json!({ "schema": schema.unwrap_or_else(|| json!({})) }));
    }
    accepted.sort();
    accepted.dedup();
    // Any of several: the server chooses, and JSON was what all of them were read as.
    accepted.retain(|name| name.is_ascii() && !name.contains(['\n', '\r']));
    accepted.join(", ")
}

/// Rule `default-response`: `default` is every status of its group that nothing else says.
fn default(responses: &mut Map<String, Value>, pointer: &str, done: &mut Adapted) -> Vec<&'static str> {
    let Some(response) = responses.shift_remove("default") else { return vec![] };
    let success = responses.keys().any(|status| group_of(status) == '2');
    let mut stands_for = Vec::new();
    for status in ["2XX", "4XX", "5XX"] {
        if (status != "2XX" || !success) && !responses.contains_key(status) {
            responses.insert(status.to_owned(), response.clone());
            stands_for.push(status);
        }
    }
    done.applied("default-response", &child(pointer, "default"), format!("`default` covers {}", stands_for.join(", ")));
    stands_for
}

/// Rule `one-body`: the responses with the one JSON body of an outcome are its type, or all are streams of bytes; returns the
/// successes that have no body beside it.
fn one_body(responses: &mut Map<String, Value>, outcome: Outcome, pointer: &str, done: &mut Adapted) -> Vec<String> {
    let own = |status: &str| match outcome {
        Outcome::Success => group_of(status) == '2',
        Outcome::Error => matches!(group_of(status), '4' | '5'),
    };
    let bodies =
        responses.iter().filter(|(status, _)| own(status)).map(|(_, response)| body(response)).collect::<Vec<_>>();
    if bodies.windows(2).all(|pair| pair[0] == pair[1]) {
        return vec![];
    }
    let has_json = bodies.iter().any(|found| matches!(found, Body::Json(_)));
    let success = outcome == Outcome::Success;
    let mut dropped = Vec::new();
    responses.retain(|status, response| {
        let found = body(response);
        let keep = !own(status) || !has_json || matches!(found, Body::Json(_));
        if !keep {
            dropped.push((status.clone(), found));
        }
        keep
    });
    let mut empty = Vec::new();
    for (status, body) in dropped {
        let place = child(pointer, &status);
        if success && body == Body::None {
            done.applied("one-body", &place, format!("`{status}` has no body: its value is `None`"));
            empty.push(status);
        } else if success {
            done.lost(
                "one-body",
                &place,
                format!("`{status}` has another kind of body: it becomes an error with its status"),
            );
        } else {
            done.applied("one-body", &place, format!("`{status}` has no JSON body: only its status is reported"));
        }
    }
    if !has_json {
        // An empty body is a stream without bytes. What is no response is refused later.
        let same = responses.iter_mut().filter(|(status, _)| own(status)).filter_map(|(_, it)| it.as_object_mut());
        for response in same {
            response.insert("content".to_owned(), json!({ "application/octet-stream": {} }));
        }
        let kind = outcome.name();
        done.applied("one-body", pointer, format!("each {kind} is a stream of bytes, empty without a body"));
    }
    empty
}
