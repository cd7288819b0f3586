//! The address of a token endpoint is requested exactly as given.

use auth_contract::{Severity, Target, Verdict};
use auth_sandbox::{FaultServer, Raw};

use crate::common::{described, oauth2, run};

#[tokio::test]
async fn a_token_endpoint_is_asked_with_its_whole_path_and_query() {
    let headers = ["content-type: application/json", "cache-control: no-store"];
    let reply = Raw::response("200 OK", &headers, r#"{"access_token":"abc","token_type":"bearer","scope":"api"}"#);
    let server = FaultServer::builder().always(reply).start().unwrap();
    for target in [
        "/token",
        "/token/",
        "/realms/a/token/",
        "/token?tenant=a",
        "/token/?tenant=a&x=%2F%20+b",
        "/a/b/c/token/?",
        "/",
        "/?tenant=a",
    ] {
        let variables = oauth2(format!("{}{target}", server.base_url()), "app", "secret", "api", "form");
        let report = run(Target::Oauth2, false, &variables).await.unwrap();
        let sent = server.requests().pop().unwrap();
        assert!(sent.starts_with(&format!("POST {target} HTTP/1.1\r\n")), "{target}: {sent}");
        let findings: Vec<String> = report.cases.iter().flat_map(|case| &case.findings).map(described).collect();
        assert_eq!(findings, [""; 0], "{target}");
        assert_eq!(report.verdict(), Verdict::Conforms, "{target}: {}", report.table());
        let forms = [report.json(), report.html().unwrap(), report.junit().unwrap(), report.sarif(), report.table()];
        for form in forms.iter().chain([&format!("{report:?}")]) {
            assert!(!form.contains("tenant"), "a query may hold anything: {form}");
        }
    }
    // Without a path, it is `/`.
    let variables = oauth2(server.base_url(), "app", "secret", "api", "form");
    let report = run(Target::Oauth2, false, &variables).await.unwrap();
    assert!(server.requests().pop().unwrap().starts_with("POST / HTTP/1.1\r\n"));
    assert!(report.cases[0].findings.iter().all(|finding| finding.severity < Severity::Drift));
}

#[tokio::test]
async fn a_token_endpoint_with_a_fragment_or_an_unsafe_address_is_refused() {
    for (url, words) in [
        ("https://auth.example.com/token#a", "fragment"),
        ("https://auth.example.com/token#", "fragment"),
        ("https://auth.example.com/token?a=b#c", "fragment"),
        ("http://auth.example.com/token?a=b", "not https"),
        ("https://user@auth.example.com/token?a=b", "user name"),
        ("https://auth.example.com/token?a=b c", "white space"),
        ("https://auth.example.com/token?a=\u{430}", "not ASCII"),
    ] {
        let error = run(Target::Oauth2, false, &oauth2(url.to_owned(), "app", "secret", "", "form")).await.unwrap_err();
        let message = error.to_string();
        assert!(message.starts_with("OAUTH2_TOKEN_URL: ") && message.contains(words), "{url}: {message}");
    }
}
