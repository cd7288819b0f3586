//! The bodies of responses, as the rules of responses see them.

use serde_json::{Value, json};

use crate::media::JSON;

/// The first digit of a status, or `d` for `default`.
pub(super) fn group_of(status: &str) -> char {
    status.chars().next().unwrap_or('x')
}

/// The body of a response.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Body {
    None,
    Json(Value),
    Raw,
}

pub(super) fn body(response: &Value) -> Body {
    match response.get("content").and_then(Value::as_object).filter(|content| !content.is_empty()) {
        None => Body::None,
        Some(content) => match content.get(JSON) {
            Some(media) => Body::Json(media.get("schema").cloned().unwrap_or_else(|| json!({}))),
            None => Body::Raw,
        },
    }
}
