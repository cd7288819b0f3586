//! Exchanges in a form without secrets: values that may be secret are replaced by their length.
//!
//! The code does not search for secrets: it shows only values that are known to be harmless and replaces all others by
//! their length.

use auth_core::ErrorCode;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::message::{Headers, Request, Response};
use crate::names::{length, redacted};
use crate::{Exchange, Side};

/// Size in bytes of the largest JSON that is shown, larger than any token response needs.
const LONGEST_BODY: usize = 32 * 1024;

/// Media types that are shown.
const MEDIA_TYPES: [&str; 7] = [
    "*/*",
    "application/json",
    "application/problem+json",
    "application/x-www-form-urlencoded",
    "application/xml",
    "text/html",
    "text/plain",
];

/// The words of header fields about connections and caching (RFC 9110, RFC 9111, RFC 9112).
const WORDS: [&str; 10] = [
    "chunked",
    "close",
    "identity",
    "keep-alive",
    "max-age=0",
    "must-revalidate",
    "no-cache",
    "no-store",
    "private",
    "public",
];

/// An exchange as a report shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RedactedExchange {
    /// The request, head and body.
    pub request: String,
    /// The answer, head and body.
    pub response: String,
}

impl RedactedExchange {
    /// Shows an exchange.
    #[must_use]
    pub fn of(exchange: &Exchange) -> Self {
        let request = Request::read(&exchange.sent).map(|request| self::request(&request));
        let response = Response::read(&exchange.received).map(|response| self::response(&response));
        Self {
            request: request.unwrap_or_else(|problem| format!("{} {problem}", length(exchange.sent.len()))),
            response: response.unwrap_or_else(|problem| format!("{} {problem}", length(exchange.received.len()))),
        }
    }
}

fn request(request: &Request) -> String {
    let method = if request.method == "POST" { "POST".to_owned() } else { length(request.method.len()) };
    let (path, query) = request.target.split_once('?').map_or((&*request.target, None), |(path, q)| (path, Some(q)));
    let parts: Vec<String> = path.split('/').map(path_part).collect();
    let query = query.map(|query| format!("?{}", length(query.len()))).unwrap_or_default();
    let fields: Vec<String> = url::form_urlencoded::parse(&request.body)
        .map(|(name, value)| format!("{}={}", redacted(&name), field(&name, &value)))
        .collect();
    let is_form = request.headers.text("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form"));
    let body = if is_form { fields.join("&") } else { length(request.body.len()) };
    format!("{method} {}{query}\n{}\n{body}", parts.join("/"), headers(&request.headers, Side::Client))
}

/// A segment of a path; `v1` and `oauth2` are words with a digit.
fn path_part(part: &str) -> String {
    let plain = part.len() <= 12 && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if plain { part.to_owned() } else { redacted(part) }
}

fn response(response: &Response) -> String {
    let body = match serde_json::from_slice::<Value>(&response.body) {
        Ok(value) if response.body.len() <= LONGEST_BODY => {
            serde_json::to_string_pretty(&json("", &value)).unwrap_or_else(|_| length(response.body.len()))
        }
        Ok(_) => format!("{} of JSON", length(response.body.len())),
        Err(_) if response.body.is_empty() => String::new(),
        Err(_) => length(response.body.len()),
    };
    format!("{}\n{}\n{body}", response.status, headers(&response.headers, Side::Server))
}

fn headers(headers: &Headers, side: Side) -> String {
    let mut lines = String::new();
    for (name, value) in headers.iter() {
        lines.push_str(&format!("{}: {}\n", redacted(name), header(name, value, side)));
    }
    lines
}

/// The value of a header field if it is a known one; for credentials and challenges, only the scheme.
fn header(name: &str, value: &[u8], side: Side) -> String {
    let text = String::from_utf8_lossy(value).to_ascii_lowercase();
    let mut list = text.split(',').map(str::trim);
    let harmless = match name {
        "content-length" | "age" | "retry-after" => text.len() <= 10 && text.bytes().all(|byte| byte.is_ascii_digit()),
        "content-type" | "accept" => list.all(|item| {
            let (media_type, parameter) = item.split_once(';').unwrap_or((item, ""));
            MEDIA_TYPES.contains(&media_type.trim()) && matches!(parameter.trim(), "" | "charset=utf-8")
        }),
        "accept-encoding" | "cache-control" | "pragma" | "connection" | "transfer-encoding" => {
            list.all(|item| WORDS.contains(&item))
        }
        // The client's own name, and the server that it requests.
        "host" | "user-agent" => side == Side::Client,
        _ => false,
    };
    if harmless {
        return text;
    }
    let scheme = ["basic", "bearer"].into_iter().find(|scheme| text.split(' ').next() == Some(*scheme));
    match (name, scheme) {
        ("authorization" | "www-authenticate", Some(scheme)) => {
            format!("{scheme} {}", length(value.len().saturating_sub(scheme.len() + 1)))
        }
        _ => length(value.len()),
    }
}

fn field(name: &str, value: &str) -> String {
    match name {
        "grant_type" if value == "client_credentials" => value.to_owned(),
        "scope" => scope(value),
        _ => length(value.len()),
    }
}

/// Scope tokens; a customer id is replaced by its length.
fn scope(text: &str) -> String {
    let token = |token: &str| match token.split_once('.') {
        Some((kind, name)) => format!("{}.{}", redacted(kind), length(name.len())),
        None => redacted(token),
    };
    text.split(' ').map(token).collect::<Vec<_>>().join(" ")
}

/// A value of a response: numbers, booleans and known words are shown, other texts as their length.
fn json(name: &str, value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let redacted_members = members.iter().map(|(name, value)| (redacted(name), json(name, value)));
            Value::Object(redacted_members.collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| json("", item)).collect()),
        Value::String(text) => Value::String(match name {
            "token_type" if text.eq_ignore_ascii_case("bearer") => text.clone(),
            "error" if !matches!(ErrorCode::read(text, &[]), ErrorCode::Other(_)) => text.clone(),
            "scope" => scope(text),
            _ => length(text.len()),
        }),
        // A number may be a secret, except for a lifetime.
        Value::Number(number) if name != "expires_in" => Value::String(length(number.to_string().len())),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(sent: &str, received: &str) -> Exchange {
        Exchange { sent: sent.into(), received: received.into(), ..Exchange::default() }
    }

    #[test]
    fn values_that_may_be_secret_become_lengths() {
        let form = "client_id=app&client_secret=s%26cret&grant_type=client_credentials&scope=api+customer.a1b2";
        let sent = format!(
            "POST /oauth2/token?token=abc HTTP/1.1\r\nhost: auth.leantech.me\r\nauthorization: Basic YTpi\r\ncookie: a=b\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            form.len()
        );
        let body = r#"{"access_token":"abc.def","token_type":"Bearer","expires_in":3599,"scope":"api","pin":1234,"x":["y"],"LXT_1":null}"#;
        let received = format!("HTTP/1.1 200 OK\r\nset-cookie: a=b\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        let redacted = RedactedExchange::of(&exchange(&sent, &received));
        assert_eq!(
            redacted.request,
            "POST /oauth2/token?<9 bytes>\nhost: auth.leantech.me\nauthorization: basic <4 bytes>\ncookie: <3 bytes>\n\
             content-type: application/x-www-form-urlencoded\ncontent-length: 90\n\n\
             client_id=<3 bytes>&client_secret=<6 bytes>&grant_type=client_credentials&scope=api customer.<4 bytes>"
        );
        for part in [
            r#""access_token": "<7 bytes>""#,
            r#""token_type": "Bearer""#,
            r#""expires_in": 3599"#,
            r#""pin": "<4 bytes>""#,
        ] {
            assert!(redacted.response.contains(part), "{part} in {}", redacted.response);
        }
        assert!(redacted.response.starts_with("200\nset-cookie: <3 bytes>\n"), "{}", redacted.response);
        for hidden in ["abc", "\"y\"", "LXT"] {
            assert!(!redacted.response.contains(hidden), "{hidden} in {}", redacted.response);
        }
    }

    #[test]
    fn bytes_that_are_not_http_are_not_shown() {
        let redacted =
            RedactedExchange::of(&exchange("a secret\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nsecret"));
        assert_eq!(redacted.request, "<12 bytes> the head is not HTTP/1.1");
        assert_eq!(redacted.response, "<44 bytes> the body ends too early");
    }
}
