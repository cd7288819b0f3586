//! If a sandbox deviates from its documents in one point, the run fails and names the place.

use auth_contract::{Severity, Verdict, local};
use auth_sandbox::{Raw, Reply, Sandbox, Step, TokenReply};
use serde_json::json;

use crate::common::{described, documents};

const TOKEN: &str = r#"{"access_token":"abc","token_type":"Bearer","expires_in":3599,"scope":"api"}"#;

/// A response given as bytes.
fn raw(head: &str, body: &str) -> Step {
    let length = body.len();
    Raw::new(format!("HTTP/1.1 {head}\r\ncache-control: no-store\r\ncontent-length: {length}\r\n\r\n{body}")).into()
}

fn token(change: impl FnOnce(TokenReply) -> TokenReply) -> Step {
    change(TokenReply::new()).into()
}

/// The deviation of the Lean server, its name in the run, and the place in the document.
fn mutations() -> Vec<(&'static str, Step, &'static str)> {
    let schema = "specs/lean-auth.yaml:85 #/components/schemas/TokenResponse/properties/token_type/type";
    let overlaid = "specs/lean-auth.yaml after specs/lean-auth.overlay.yaml #/components/schemas/TokenResponse";
    let responses = "specs/lean-auth.yaml:44 #/paths/~1oauth2~1token/post/responses";
    let content = "#/paths/~1oauth2~1token/post/responses/200/content";
    let json_type = "200 OK\r\ncontent-type: application/json";
    vec![
        ("another status", raw("201 Created\r\ncontent-type: application/json", TOKEN), responses),
        ("another content type", raw("200 OK\r\ncontent-type: text/html", TOKEN), content),
        ("no content type", raw("200 OK", TOKEN), content),
        ("a content type twice", raw(&format!("{json_type}\r\ncontent-type: application/json"), TOKEN), content),
        ("a lifetime as text", token(|it| it.member("expires_in", "3599")), "TokenResponse/properties/expires_in/type"),
        ("a lifetime with a fraction", token(|it| it.member("expires_in", 3599.5)), "properties/expires_in/type"),
        ("a lifetime of zero", token(|it| it.member("expires_in", 0)), "RFC 6749 section 5.1"),
        ("a number for the token type", token(|it| it.member("token_type", 1)), schema),
        ("another token type", token(|it| it.member("token_type", "mac")), "RFC 6749 section 7.1"),
        ("no token type", token(|it| it.without("token_type")), overlaid),
        ("no token", token(|it| it.without("access_token")), overlaid),
        ("a list for the token", token(|it| it.member("access_token", json!([]))), "properties/access_token/type"),
        ("an unknown member", token(|it| it.member("refresh_token", "abc")), "TokenResponse/unevaluatedProperties"),
        ("another scope", token(|it| it.member("scope", "other")), "RFC 6749 section 3.3"),
        ("a member twice", raw(json_type, &TOKEN.replace('{', r#"{"scope":"api","#)), content),
        ("a byte order mark", raw(json_type, &format!("\u{feff}{TOKEN}")), content),
        ("a byte too many", raw(json_type, &format!("{TOKEN}}}")), content),
        ("an empty body", raw(json_type, ""), content),
        (
            "a body cut by a byte",
            Raw::new(format!("HTTP/1.1 {json_type}\r\ncontent-length: 99\r\n\r\n{TOKEN}")).into(),
            responses,
        ),
        (
            "two lengths",
            Raw::new(format!("HTTP/1.1 {json_type}\r\ncontent-length: 76\r\ncontent-length: 77\r\n\r\n{TOKEN} "))
                .into(),
            responses,
        ),
        (
            "a chunk cut",
            Raw::new(format!("HTTP/1.1 {json_type}\r\ntransfer-encoding: chunked\r\n\r\nff\r\n{TOKEN}")).into(),
            responses,
        ),
        ("no HTTP", Raw::new("nothing of the kind\r\n\r\n").into(), responses),
        ("no answer", Step::close(), responses),
        (
            "an answer that may be kept",
            Raw::new(format!("HTTP/1.1 {json_type}\r\ncontent-length: 76\r\n\r\n{TOKEN}")).into(),
            "RFC 6749 section 5.1",
        ),
        ("a redirect", Step::redirect(307, "https://auth.leantech.me/oauth2/token"), responses),
        ("an error in place of a token", Reply::oauth_error(400, "invalid_request").into(), "responses/200"),
        ("no content", Step::status(204), responses),
    ]
}

#[tokio::test]
async fn a_server_that_departs_from_its_document_in_one_place_fails_the_run_and_is_named() {
    let documents = documents();
    for (name, step, place) in mutations() {
        let sandbox = Sandbox::start().await.unwrap();
        sandbox.lean().script().always(step);
        let report = local(&documents, &sandbox).await.unwrap().report;
        let first = &report.cases[0];
        let found: Vec<String> =
            first.findings.iter().filter(|finding| finding.severity >= Severity::Drift).map(described).collect();
        // An error in place of a token matches the error responses of the document; only the case reports that it is
        // not a token.
        let named = found.iter().any(|found| found.contains(place)) || place == "responses/200" && !found.is_empty();
        assert!(named, "{name}: {place} in {found:#?}");
        assert!(report.verdict() >= Verdict::Drift, "{name}");
        let others = report.cases.iter().filter(|case| case.document.contains("leanix"));
        assert!(others.into_iter().all(|case| case.verdict() == Verdict::Conforms), "{name}: LeanIX is unchanged");
        if std::env::var_os("SHOW_MUTATIONS").is_some() {
            eprintln!("{name}\n  {}", found.join("\n  "));
        }
    }
}
