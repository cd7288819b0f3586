//! The exchange that an error is about: operation, server and request id.

use std::fmt;

use http::HeaderMap;
use serde_json::Value;

use crate::Sent;

/// The details of its exchange that an error shows, besides the cause.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Exchange {
    /// The `operationId`, if the call has one.
    pub(crate) operation: Option<&'static str>,
    /// Host and port.
    pub(crate) server: Box<str>,
    /// The id of the request, from a response header.
    pub(crate) request_id: Option<Box<str>>,
}

/// The `operationId` at the beginning of a message.
pub(crate) struct Prefix(pub(crate) Option<&'static str>);

impl fmt::Display for Prefix {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Operation names are arbitrary text of the document.
        self.0.map_or(Ok(()), |operation| write!(formatter, "{}: ", operation.escape_debug()))
    }
}

impl Exchange {
    /// The beginning of a message.
    pub(crate) fn prefix(&self) -> Prefix {
        Prefix(self.operation)
    }

    /// The end of a message, ` (error code .., request id ..)`, for this error code.
    pub(crate) fn notes(&self, code: Option<&str>) -> String {
        let code = code.map(|code| format!("error code {code}"));
        let id = self.request_id.as_ref().map(|id| format!("request id {id}"));
        let notes: Vec<String> = code.into_iter().chain(id).collect();
        if notes.is_empty() { String::new() } else { format!(" ({})", notes.join(", ")) }
    }
}

/// Response headers that hold a request id, the most common first.
const REQUEST_ID: [&str; 6] =
    ["x-request-id", "request-id", "x-correlation-id", "correlation-id", "x-amzn-requestid", "traceparent"];

/// Length of the longest id and the longest code.
const MAX_ID_BYTES: usize = 64;

/// The request id, if it is short, consists of plain characters and repeats nothing of what was `sent`.
pub(crate) fn request_id(headers: &HeaderMap, sent: &Sent) -> Option<Box<str>> {
    let ids = REQUEST_ID.iter().filter_map(|name| headers.get(*name)?.to_str().ok());
    ids.filter(|id| is_id(id)).find(|id| !sent.shows_up_in(id)).map(Box::from)
}

fn is_id(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    (1..=MAX_ID_BYTES).contains(&text.len()) && text.bytes().all(plain)
}

/// The error code of a JSON body, `error`, `error.code` or `code`, if it is a plain word that repeats nothing of what was `sent`.
pub(crate) fn error_code(body: &[u8], sent: &Sent) -> Option<Box<str>> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let error = body.get("error");
    let codes = [error, error.and_then(|error| error.get("code")), body.get("code")];
    let codes = codes.into_iter().flatten().filter_map(Value::as_str);
    codes.filter(|code| code.len() <= MAX_ID_BYTES).find_map(|code| sent.word(code)).map(Box::from)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn sent() -> Sent {
        let mut request = reqwest::Request::new(reqwest::Method::POST, "https://a.example".parse().unwrap());
        *request.body_mut() = Some("client_secret=qzxvkwjhygpb".into());
        Sent::of(&request)
    }

    #[test]
    fn an_id_is_shown_if_it_is_short_and_plain_and_repeats_no_credential() {
        let long = "a".repeat(65);
        for (name, value, is_kept) in [
            ("x-request-id", "7f3a-01.b:2_c", true),
            ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true),
            ("x-request-id", "", false),
            ("x-request-id", "two words", false),
            ("x-request-id", "<b>", false),
            ("x-request-id", long.as_str(), false),
            ("x-request-id", "a-qzxvkwjhygpb", false),
            ("x-request-id", "QZXVKWJH", false),
            ("x-other", "7f3a", false),
        ] {
            let headers = HeaderMap::from_iter([(name.parse().unwrap(), HeaderValue::from_str(value).unwrap())]);
            assert_eq!(request_id(&headers, &sent()).as_deref(), is_kept.then_some(value), "{name}: {value}");
        }
    }

    #[test]
    fn a_code_is_shown_if_it_is_a_plain_word_and_repeats_no_credential() {
        for (body, code) in [
            (r#"{"error":"insufficient_scope"}"#, Some("insufficient_scope")),
            (r#"{"error":{"code":"RATE_LIMIT","message":"m"}}"#, Some("RATE_LIMIT")),
            (r#"{"error":"Too fast","code":"slow_down"}"#, Some("slow_down")),
            (r#"{"code":"not-found"}"#, Some("not-found")),
            (r#"{"error":"two words"}"#, None),
            (r#"{"error":"LXT_0a1b2c"}"#, None),
            (r#"{"error":""}"#, None),
            (r#"{"error":"qzxvkwjh"}"#, None),
            (r#"{"code":404}"#, None),
            (r#"["error"]"#, None),
            ("<html>", None),
        ] {
            assert_eq!(error_code(body.as_bytes(), &sent()).as_deref(), code, "{body}");
        }
    }

    #[test]
    fn notes_are_shown_only_if_there_are_any() {
        let mut exchange = Exchange::default();
        assert_eq!((exchange.notes(None), exchange.prefix().to_string()), (String::new(), String::new()));
        assert_eq!(exchange.notes(Some("a")), " (error code a)");
        exchange.request_id = Some("7".into());
        exchange.operation = Some("get\n");
        assert_eq!(
            (exchange.notes(None).as_str(), exchange.prefix().to_string().as_str()),
            (" (request id 7)", "get\\n: ")
        );
        assert_eq!(exchange.notes(Some("a")), " (error code a, request id 7)");
    }
}
