//! Compares a response with the document.

use super::json;
use super::layer::Text;
use super::operation::Operation;
use crate::message::Response;
use crate::pointer::child;
use crate::{Expected, Side, names};

/// Header fields of HTTP and OAuth, which documents need not mention (RFC 9110, RFC 9111, RFC 9112, RFC 6265).
const OF_HTTP: [&str; 20] = [
    "age",
    "allow",
    "cache-control",
    "connection",
    "content-language",
    "content-length",
    "content-type",
    "date",
    "etag",
    "expires",
    "keep-alive",
    "last-modified",
    "location",
    "pragma",
    "retry-after",
    "server",
    "transfer-encoding",
    "vary",
    "via",
    "www-authenticate",
];

pub(super) fn judge(text: &mut Text<'_>, operation: &Operation, response: &Response, expected: Expected) {
    let responses = operation.member("responses");
    let status = response.status;
    let declared = declared(text, &responses, status);
    let place = declared.as_ref().map_or_else(|| responses.clone(), |(_, key)| child(&responses, key));
    if !expected.has(status) {
        text.violation(Side::Server, "status", format!("is {status} and should be {expected}"), &place);
    } else if expected.lacks_code(status, &json::read(&response.body).unwrap_or_default()) {
        let says = "is not `invalid_client`, which is required in a 400 for wrong credentials";
        text.violation(Side::Server, "body /error", says, &place);
    }
    let Some((pointer, _)) = declared else {
        text.drift(Side::Server, "status", format!("{status} is not mentioned"), &responses);
        return;
    };
    headers(text, response, &pointer);
    body(text, response, &pointer);
}

/// Pointer to the response that a document declares for a status, and its key.
fn declared(text: &Text<'_>, responses: &str, status: u16) -> Option<(String, String)> {
    let range = format!("{}XX", status / 100);
    let keys = [status.to_string(), range.clone(), range.to_ascii_lowercase(), "default".to_owned()];
    keys.into_iter().find_map(|key| text.node(&child(responses, &key)).map(|(pointer, _)| (pointer, key)))
}

fn headers(text: &mut Text<'_>, response: &Response, pointer: &str) {
    let documented: Vec<String> =
        text.names(&child(pointer, "headers")).into_iter().map(str::to_ascii_lowercase).collect();
    for (name, _) in response.headers.iter() {
        if !OF_HTTP.contains(&name) && !documented.iter().any(|known| known == name) {
            text.note(Side::Server, &format!("header {}", names::redacted(name)), "is not mentioned", pointer);
        }
    }
}

fn body(text: &mut Text<'_>, response: &Response, pointer: &str) {
    let content = child(pointer, "content");
    let media_types = text.names(&content);
    if media_types.is_empty() {
        if !response.body.is_empty() {
            text.drift(Side::Server, "body", "is sent, but the document describes none", pointer);
        }
        return;
    }
    if response.body.is_empty() {
        text.violation(Side::Server, "body", "is missing", &content);
        return;
    }
    if response.headers.all("content-type").count() > 1 {
        text.violation(Side::Server, "header content-type", "occurs more than once", &content);
        return;
    }
    let found = response.headers.text("content-type").map(essence).unwrap_or_default();
    let Some(media_type) = media_types.into_iter().find(|name| essence(name) == found) else {
        text.violation(Side::Server, "header content-type", "is not one that the document lists", &content);
        return;
    };
    let pointer = child(&content, media_type);
    match json::read(&response.body) {
        Ok(value) => text.value(Side::Server, "body", &value, &pointer),
        Err(problem) => text.violation(Side::Server, "body", problem, &pointer),
    }
}

/// A media type without its parameters, in lower case (RFC 9110 section 8.3.1).
pub(super) fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
