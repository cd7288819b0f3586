//! The requirements of RFC 6749 on every token endpoint, independent of its document.

use serde_json::Value;

use super::{challenge, json};
use crate::finding::Place;
use crate::message::{Request, Response};
use crate::{Finding, Layer, Severity, Side};

/// The codes of section 5.2.
const CODES: [&str; 6] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
];

/// Codes that extensions registered for token endpoints, as section 8.5 requires.
///
/// <https://www.iana.org/assignments/oauth-parameters/oauth-parameters.xhtml#extensions-error>
const EXTENSION_CODES: [&str; 13] = [
    "access_denied",
    "authorization_pending",
    "expired_token",
    "incompatible_ace_profiles",
    "invalid_authorization_details",
    "invalid_dpop_proof",
    "invalid_target",
    "need_info",
    "request_denied",
    "request_submitted",
    "slow_down",
    "unsupported_pop_key",
    "use_dpop_nonce",
];

/// Deviations from the RFC. A vendor may deviate knowingly, so they are drift and not violations.
pub(super) fn judge(request: &Request, response: &Response) -> Vec<Finding> {
    let body = json::read(&response.body).unwrap_or_default();
    match response.status {
        200 => success(request, response, &body),
        400..=499 => refusal(request, response, &body),
        _ => Vec::new(),
    }
}

fn success(request: &Request, response: &Response, body: &Value) -> Vec<Finding> {
    let mut found = Vec::new();
    if !is_no_store(response) {
        found.push(drift("header cache-control", "is not no-store", "5.1"));
    }
    if body["token_type"].as_str().is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        found.push(drift("body /token_type", "is not bearer", "7.1"));
    }
    if body["expires_in"].as_f64().is_some_and(|lifetime| lifetime <= 0.0) {
        found.push(drift("body /expires_in", "is not a lifetime", "5.1"));
    }
    if !is_granted(&asked(request), body["scope"].as_str()) {
        found.push(drift("body /scope", "is not the requested scope", "3.3"));
    }
    found
}

fn refusal(request: &Request, response: &Response, body: &Value) -> Vec<Finding> {
    let mut found = Vec::new();
    let code = body["error"].as_str();
    match code {
        None if body.get("error").is_none() => {}
        Some(code) if CODES.contains(&code) => {}
        Some(code) if EXTENSION_CODES.contains(&code) => {
            let says = "is the code of a registered extension";
            found.push(finding(Severity::Note, "body /error", says, "RFC 6749", "8.5"));
        }
        Some(code) if is_code(code) => {
            let says = "is not a code of RFC 6749 or of a registered extension";
            found.push(drift("body /error", says, "5.2"));
        }
        _ => found.push(drift("body /error", "is not an error code", "5.2")),
    }
    // 400 unless specified otherwise, which is the case for `invalid_client` only.
    let is_other = code.is_some_and(|code| code != "invalid_client" && CODES.contains(&code));
    if response.status == 401 && is_other {
        found.push(drift("status", "is 401, which RFC 6749 defines for the code `invalid_client` only", "5.2"));
    }
    let by_header = request.headers.all("authorization").next().is_some();
    if response.status == 400 && code == Some("invalid_client") && by_header {
        found.push(drift("status", "is 400 for credentials that were sent in the header; 401 is required", "5.2"));
    }
    if response.status == 401
        && let Some((says, rfc, section)) = challenge::problem(request, response)
    {
        found.push(finding(Severity::Drift, "header www-authenticate", says, rfc, section));
    }
    found
}

fn drift(at: &str, says: &str, section: &str) -> Finding {
    finding(Severity::Drift, at, says, "RFC 6749", section)
}

fn finding(severity: Severity, at: &str, says: &str, rfc: &str, section: &str) -> Finding {
    let place = Place { document: rfc.to_owned(), pointer: format!("section {section}"), line: None };
    let (at, says) = (at.to_owned(), says.to_owned());
    Finding { severity, side: Side::Server, at, says, place, layer: Layer::Published }
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

/// True if the response has no scope, which means the requested one, or contains all of the requested scope.
fn is_granted(asked: &str, granted: Option<&str>) -> bool {
    match granted {
        None | Some("") => true,
        Some(granted) => asked.split(' ').filter(|t| !t.is_empty()).all(|token| granted.split(' ').any(|g| g == token)),
    }
}

/// True if the characters are allowed in `error`.
fn is_code(code: &str) -> bool {
    !code.is_empty() && code.bytes().all(|byte| matches!(byte, 0x20 | 0x21 | 0x23..=0x5B | 0x5D..=0x7E))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(status: u16, headers: &str, body: &str, authorization: bool) -> Vec<String> {
        judged(status, headers, body, authorization).into_iter().map(|finding| finding.at).collect()
    }

    fn weighed(status: u16, headers: &str, body: &str, authorization: bool) -> Vec<String> {
        let weighed = |finding: Finding| format!("{} {}", finding.severity.as_str(), finding.at);
        judged(status, headers, body, authorization).into_iter().map(weighed).collect()
    }

    fn judged(status: u16, headers: &str, body: &str, authorization: bool) -> Vec<Finding> {
        let form = "scope=a+b";
        let credentials = if authorization { "authorization: Basic YTpi\r\n" } else { "" };
        let request = format!("POST /token HTTP/1.1\r\n{credentials}content-length: {}\r\n\r\n{form}", form.len());
        let response = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n{body}", body.len());
        let (request, response) = (Request::read(request.as_bytes()), Response::read(response.as_bytes()));
        judge(&request.unwrap(), &response.unwrap())
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
    }

    #[test]
    fn an_error_code_is_one_of_section_5_2_or_of_a_registered_extension() {
        for (status, code, wanted) in [
            (400, r#""invalid_scope""#, &[][..]),
            (400, r#""invalid_client""#, &[]),
            (401, r#""invalid_client""#, &[]),
            (400, r#""invalid_target""#, &["note body /error"]),
            (401, r#""use_dpop_nonce""#, &["note body /error"]),
            (400, r#""server_error""#, &["drift body /error"]),
            (403, r#""Forbidden""#, &["drift body /error"]),
            (400, r#""Invalid_Scope""#, &["drift body /error"]),
            (400, r#""two words""#, &["drift body /error"]),
            (400, r#""caf\u00e9""#, &["drift body /error"]),
            (400, r#""""#, &["drift body /error"]),
            (400, "7", &["drift body /error"]),
            (400, "null", &["drift body /error"]),
            (401, r#""invalid_scope""#, &["drift status"]),
            (500, r#""server_error""#, &[]),
        ] {
            let body = format!(r#"{{"error":{code}}}"#);
            assert_eq!(weighed(status, "", &body, false), wanted, "{status} {code}");
        }
        assert_eq!(found(400, "", r#"{"status":"ERROR"}"#, false), [""; 0], "a body of the vendor's own");
        assert_eq!(found(400, "", r#"{"error":"invalid_client"}"#, true), ["status"]);
    }

    #[test]
    fn a_challenge_is_for_the_scheme_that_the_client_used_and_complete() {
        for (headers, in_header, wanted) in [
            ("", false, None),
            ("", true, Some("is missing")),
            ("www-authenticate: Basic realm=\"x\"\r\n", true, None),
            ("www-authenticate: BASIC Realm=x\r\n", true, None),
            ("www-authenticate: Bearer\r\nwww-authenticate: Basic realm=\"x\"\r\n", true, None),
            ("www-authenticate: Bearer, Basic realm=\"x\"\r\n", true, None),
            ("www-authenticate: Bearer\r\n", false, None),
            ("www-authenticate: Bearer realm=\"x\"\r\n", true, Some("has no challenge for the scheme")),
            ("www-authenticate: Basic realm=\"x\r\n", true, Some("has no challenge for the scheme")),
            ("www-authenticate: \r\n", true, Some("has no challenge for the scheme")),
            ("www-authenticate: Basic\r\n", true, Some("has a challenge for `Basic` without a realm")),
            ("www-authenticate: Basic\r\n", false, Some("has a challenge for `Basic` without a realm")),
            ("www-authenticate: Basic charset=\"UTF-8\"\r\n", true, Some("has a challenge for `Basic` without")),
        ] {
            let found = judged(401, headers, "{}", in_header);
            let says = found.first().map(|finding| finding.says.as_str());
            assert_eq!(found.len(), usize::from(wanted.is_some()), "{headers:?}: {found:?}");
            assert!(says.unwrap_or_default().starts_with(wanted.unwrap_or_default()), "{headers:?}: {says:?}");
        }
    }
}
