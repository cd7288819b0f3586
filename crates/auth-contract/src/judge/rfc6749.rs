//! What RFC 6749 asks of every token endpoint, whatever its document says of it.

use super::json;
use crate::finding::Place;
use crate::message::{Request, Response};
use crate::{Finding, Layer, Severity, Side};

/// Deviations from the RFC. A vendor may deviate knowingly, so they are drift and no violation.
pub(super) fn judge(request: &Request, response: &Response) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut drift = |at: &str, says: &str, section: &str| {
        let place = Place { document: "RFC 6749".to_owned(), pointer: format!("section {section}"), line: None };
        let (at, says) = (at.to_owned(), says.to_owned());
        found.push(Finding { severity: Severity::Drift, side: Side::Server, at, says, place, layer: Layer::Published });
    };
    let body = json::read(&response.body).unwrap_or_default();
    if response.status == 200 {
        if !is_no_store(response) {
            drift("header cache-control", "does not say no-store", "5.1");
        }
        if body["token_type"].as_str().is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
            drift("body /token_type", "is not bearer", "7.1");
        }
        if body["expires_in"].as_f64().is_some_and(|lifetime| lifetime <= 0.0) {
            drift("body /expires_in", "is no lifetime", "5.1");
        }
        if !is_granted(&asked(request), body["scope"].as_str()) {
            drift("body /scope", "is not what was asked for", "3.3");
        }
    } else if matches!(response.status, 400 | 401) {
        if body.get("error").is_some_and(|code| !code.as_str().is_some_and(is_code)) {
            drift("body /error", "is no error code", "5.2");
        }
        let by_header = request.headers.all("authorization").next().is_some();
        let challenged = response.headers.all("www-authenticate").next().is_some();
        if response.status == 401 && by_header && !challenged {
            drift("header www-authenticate", "is missing", "5.2");
        }
    }
    found
}

fn is_no_store(response: &Response) -> bool {
    response.headers.all("cache-control").any(|value| {
        let text = String::from_utf8_lossy(value).to_ascii_lowercase();
        text.split(',').any(|directive| directive.trim() == "no-store")
    })
}

fn asked(request: &Request) -> String {
    let scope = url::form_urlencoded::parse(&request.body).find(|(name, _)| name == "scope");
    scope.map(|(_, scope)| scope.into_owned()).unwrap_or_default()
}

/// True if the server says nothing of the scope, which means as asked, or names all that was asked for.
fn is_granted(asked: &str, granted: Option<&str>) -> bool {
    match granted {
        None | Some("") => true,
        Some(granted) => asked.split(' ').filter(|t| !t.is_empty()).all(|token| granted.split(' ').any(|g| g == token)),
    }
}

/// True for what may stand in `error`.
fn is_code(code: &str) -> bool {
    !code.is_empty() && code.bytes().all(|byte| matches!(byte, 0x20 | 0x21 | 0x23..=0x5B | 0x5D..=0x7E))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(status: u16, headers: &str, body: &str, authorization: bool) -> Vec<String> {
        let form = "scope=a+b";
        let credentials = if authorization { "authorization: Basic YTpi\r\n" } else { "" };
        let request = format!("POST /token HTTP/1.1\r\n{credentials}content-length: {}\r\n\r\n{form}", form.len());
        let response = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n{body}", body.len());
        let (request, response) = (Request::read(request.as_bytes()), Response::read(response.as_bytes()));
        judge(&request.unwrap(), &response.unwrap()).into_iter().map(|finding| finding.at).collect()
    }

    #[test]
    fn the_rules_of_the_rfc_are_held() {
        let no_store = "cache-control: private, No-Store\r\n";
        for body in ["{}", r#"{"scope":""}"#, r#"{"scope":"b c a","token_type":"BEARER","expires_in":1}"#] {
            assert_eq!(found(200, no_store, body, false), [""; 0], "{body}");
        }
        assert_eq!(found(200, "", "{}", false), ["header cache-control"]);
        for (body, at) in [
            (r#"{"scope":"a"}"#, "body /scope"),
            (r#"{"token_type":"mac"}"#, "body /token_type"),
            (r#"{"expires_in":0}"#, "body /expires_in"),
        ] {
            assert_eq!(found(200, no_store, body, false), [at], "{body}");
        }
        assert_eq!(found(400, "", r#"{"error":"invalid_scope"}"#, false), [""; 0]);
        assert_eq!(found(400, "", r#"{"error":7}"#, false), ["body /error"]);
        assert_eq!(found(401, "", "{}", false), [""; 0], "credentials in the form need no challenge");
        assert_eq!(found(401, "", "{}", true), ["header www-authenticate"]);
        assert_eq!(found(401, "www-authenticate: Basic realm=\"x\"\r\n", "{}", true), [""; 0]);
    }
}
