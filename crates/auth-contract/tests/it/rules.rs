//! RFC 6749 and the RFCs that it builds on: the run accepts what they allow and reports what they forbid.

use auth_contract::{Report, Severity, Target, Verdict};
use auth_sandbox::{Raw, Reply, Sandbox, Step};
use serde_json::json;

use crate::common::{described, oauth2, run};

fn token() -> Step {
    let body = json!({ "access_token": "abc", "token_type": "Bearer", "expires_in": 60, "scope": "api" });
    Reply::json(200, &body).header("cache-control", "no-store").into()
}

/// A refusal with this code and these challenges.
fn refusal(status: u16, code: &str, challenges: &[&str]) -> Step {
    let reply = Reply::oauth_error(status, code);
    challenges.iter().fold(reply, |reply, challenge| reply.header("www-authenticate", challenge)).into()
}

/// A token in one chunk, and these bytes after the size of the last chunk.
fn chunked(end: &str) -> Step {
    let body = r#"{"access_token":"abc","token_type":"Bearer","expires_in":60,"scope":"api"}"#;
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncache-control: no-store\r\n";
    let chunk = format!("{:x}\r\n{body}\r\n0\r\n", body.len());
    Raw::new(format!("{head}transfer-encoding: chunked\r\n\r\n{chunk}{end}")).into()
}

/// A run that requests a token, then one with a wrong secret; the server responds with these steps.
async fn asked(authentication: &str, first: Step, second: Step) -> Report {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.lean().script().push(first).push(second);
    let variables = oauth2(sandbox.lean().token_url(), "app", "secret", "api", authentication);
    run(Target::Oauth2, true, &variables).await.unwrap()
}

/// The findings of a report that are at least drift.
fn red(report: &Report) -> Vec<String> {
    let findings = report.cases.iter().flat_map(|case| &case.findings);
    findings.filter(|finding| finding.severity >= Severity::Drift).map(described).collect()
}

#[tokio::test]
async fn every_refusal_of_credentials_that_rfc_6749_allows_is_accepted() {
    for (authentication, status, challenges) in [
        ("form", 400, &[][..]),
        ("form", 401, &[]),
        ("form", 401, &["Bearer"]),
        ("form", 401, &["Basic realm=\"a\""]),
        ("basic", 401, &["Basic realm=\"a\""]),
        ("basic", 401, &["bASIC charset=\"UTF-8\", REALM=a"]),
        ("basic", 401, &["Bearer, Basic realm=\"\""]),
        ("basic", 401, &["Digest realm=\"a\", nonce=\"b\"", "Basic realm=\"a\""]),
        ("basic-raw", 401, &["Basic realm=\"a, \\\"b\\\"\""]),
    ] {
        let report = asked(authentication, token(), refusal(status, "invalid_client", challenges)).await;
        assert_eq!(red(&report), [""; 0], "{authentication} {status} {challenges:?}");
        assert_eq!(report.verdict(), Verdict::Conforms);
    }
}

#[tokio::test]
async fn every_refusal_of_credentials_that_rfc_6749_forbids_is_reported() {
    let challenge = "drift: server, header www-authenticate: ";
    for (authentication, status, code, challenges, wanted) in [
        ("basic", 400, "invalid_client", &[][..], "violation: server, status: is 400 and should be 401"),
        ("form", 403, "invalid_client", &[], "violation: server, status: is 403 and should be 400 or 401"),
        ("form", 400, "invalid_request", &[], "violation: server, body /error: is not `invalid_client`"),
        ("basic", 401, "invalid_client", &[], challenge),
        ("basic", 401, "invalid_client", &["Bearer"], challenge),
        ("basic", 401, "invalid_client", &["Digest realm=\"a\", nonce=\"b\""], challenge),
        ("basic", 401, "invalid_client", &["Basic"], challenge),
        ("basic", 401, "invalid_client", &["Basic charset=\"UTF-8\""], challenge),
        ("basic", 401, "invalid_client", &["Basic realm=\"a"], challenge),
        ("basic", 401, "invalid_client", &["Basic YTpi"], challenge),
        ("form", 401, "invalid_client", &["Basic"], challenge),
        ("form", 401, "wrong_password", &[], "drift: server, body /error: is not a code of RFC 6749"),
        ("form", 401, "invalid_request", &[], "drift: server, status: is 401"),
        ("form", 401, "caf\u{e9}", &[], "violation: server, body /error: violates `pattern`"),
    ] {
        let report = asked(authentication, token(), refusal(status, code, challenges)).await;
        let found = red(&report);
        let named = found.iter().any(|found| found.starts_with(wanted));
        assert!(named, "{authentication} {status} {code} {challenges:?}: {wanted} in {found:#?}");
    }
}

#[tokio::test]
async fn trailers_after_the_last_chunk_are_legal_and_framing_in_them_is_not() {
    for end in ["\r\n", "server-timing: db;dur=53\r\n\r\n", "x-a: 1\r\nX-Checksum:\tabc \r\nx-empty:\r\n\r\n"] {
        let report = asked("form", chunked(end), refusal(401, "invalid_client", &[])).await;
        assert_eq!(red(&report), [""; 0], "{end:?}");
    }
    for end in ["content-length: 2\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n", "no field\r\n\r\n", "a: b\n\n"] {
        let report = asked("form", chunked(end), refusal(401, "invalid_client", &[])).await;
        assert!(report.cases[0].verdict() >= Verdict::Drift, "{end:?}: {}", report.table());
    }
}
