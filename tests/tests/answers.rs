//! Responses with status 200 that are not tokens, and unusual ones that are.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use auth_core::{ErrorCode, NotAToken, PayloadProblem, Scope, TokenError, Transport};
use auth_sandbox::{FaultServer, Raw};
use auth_transport::BaseUrl;
use integration_tests::{Endpoint, customer};

const JSON: &str = "content-type: application/json";

/// A token with more members, each preceded by a comma.
fn token(rest: &str) -> String {
    format!(r#"{{"access_token":"abc","token_type":"Bearer","expires_in":3599{rest}}}"#)
}

/// Without TLS, so that the root certificates of the system need not be loaded each time.
fn transport() -> Transport {
    Transport::to(&BaseUrl::parse("http://127.0.0.1").unwrap()).unwrap()
}

/// A server that sends this response to every client.
fn server(headers: &[&str], body: impl AsRef<[u8]>) -> FaultServer {
    FaultServer::start(Raw::response("200 OK", headers, body.as_ref().to_vec())).unwrap()
}

/// Checks that the caches of both vendors return this as a final error, send one request, keep nothing and do not
/// panic.
async fn is_no_token(answer: Raw, is_expected: impl Fn(&TokenError) -> bool, case: &str) {
    let server = FaultServer::start(answer).unwrap();
    for endpoint in Endpoint::both(&server.base_url(), &transport()) {
        let case = format!("{}: {case}", endpoint.vendor());
        refuses(&endpoint, &server, &is_expected, &case).await;
    }
}

/// The same for one vendor.
async fn refuses(endpoint: &Endpoint, server: &FaultServer, is_expected: impl Fn(&TokenError) -> bool, case: &str) {
    let before = server.connections();
    let tokens = endpoint.builder().retries(2).build();
    let error = tokens.access_token(&endpoint.scope).await.unwrap_err();
    assert!(is_expected(&error), "{case}: {error:?}");
    assert!(!error.is_transient() && !error.refuses_credentials(), "{case}: {error:?}");
    assert_eq!(server.connections() - before, 1, "{case}");
    assert!(tokens.cached(&endpoint.scope).is_none(), "{case}");
    assert_eq!((tokens.stats().issued, tokens.stats().failed), (0, 1), "{case}");
}

/// Checks that the generated clients also return an error, with the same problem.
async fn is_no_body(body: impl AsRef<[u8]>, problem: PayloadProblem) {
    let body = body.as_ref();
    let case = String::from_utf8_lossy(body).into_owned();
    let is_expected = |error: &TokenError| match error {
        TokenError::NotAToken(NotAToken::Body { problem: found, .. }) => *found == problem,
        _ => false,
    };
    let answer = Raw::response("200 OK", &[JSON], body.to_vec());
    let server = FaultServer::start(answer.clone()).unwrap();
    for endpoint in Endpoint::both(&server.base_url(), &transport()) {
        let error = endpoint.call().await.unwrap_err();
        assert!(is_expected(&error), "{}: {case}: {error:?}", endpoint.vendor());
    }
    is_no_token(answer, is_expected, &case).await;
}

/// Checks that the clients and caches of both vendors accept the response as a token.
async fn is_token(headers: &[&str], body: impl AsRef<[u8]>) {
    let case = String::from_utf8_lossy(body.as_ref()).into_owned();
    let server = server(headers, body);
    for endpoint in Endpoint::both(&server.base_url(), &transport()) {
        assert_eq!(endpoint.call().await.unwrap().expose(), "abc", "{case}");
        let tokens = endpoint.builder().build();
        let token = tokens.access_token(&endpoint.scope).await.unwrap();
        assert_eq!(token.authorization(), "Bearer abc", "{case}");
        assert!(tokens.cached(&endpoint.scope).is_some(), "{case}");
    }
}

/// Row: HTML, empty body, 204, `null`, array, string, number, form-encoded body.
#[tokio::test]
async fn a_body_that_is_not_an_object_is_not_a_token() {
    use PayloadProblem::{Schema, Syntax, Truncated};
    for (body, problem) in [
        ("<html><body>abc</body></html>", Syntax),
        ("", Truncated),
        (" \r\n", Truncated),
        ("null", Schema),
        ("[]", Schema),
        ("[{\"access_token\":\"abc\",\"token_type\":\"bearer\"}]", Schema),
        // The members of Lean's and SAP LeanIX's responses in the order of their declaration.
        ("[\"abc\",null,3599,\"api\",\"bearer\"]", Schema),
        ("[\"abc\",null,false,3599,\"\",\"bearer\"]", Schema),
        ("\"abc\"", Schema),
        ("42", Schema),
        ("true", Schema),
        ("{}", Schema),
        ("access_token=abc&token_type=bearer&expires_in=3599", Syntax),
    ] {
        is_no_body(body, problem).await;
    }
    for status in [201, 202, 203, 204, 206, 299] {
        let answer =
            Raw::response(&format!("{status} Odd"), &[JSON], if status == 204 { String::new() } else { token("") });
        let is_expected =
            |error: &TokenError| matches!(error, TokenError::NotAToken(NotAToken::Status(found)) if *found == status);
        is_no_token(answer, is_expected, "an undocumented success").await;
    }
}

/// Row: JSON with another or no Content-Type.
#[tokio::test]
async fn a_json_object_is_accepted_with_any_content_type() {
    for headers in [
        &[][..],
        &["content-type: text/plain"],
        &["content-type: text/html; charset=utf-8"],
        &["content-type: application/octet-stream"],
        &["content-type: application/json;charset=UTF-8"],
        &["content-type: nonsense"],
        &["content-type: text/plain", "content-type: application/json"],
    ] {
        is_token(headers, token("")).await;
    }
}

/// Row: BOM, UTF-16, invalid UTF-8, NaN, truncated, trailing bytes, two documents.
#[tokio::test]
async fn a_body_that_is_not_one_complete_json_document_is_not_a_token() {
    use PayloadProblem::{Syntax, Truncated};
    let whole = token("");
    is_token(&[JSON], format!("\u{feff}{whole}")).await;
    is_token(&[JSON], format!("\r\n\t {whole} \n")).await;

    let utf_16 = |to_bytes: fn(u16) -> [u8; 2], mark: &str| -> Vec<u8> {
        format!("{mark}{whole}").encode_utf16().flat_map(to_bytes).collect()
    };
    for mark in ["", "\u{feff}"] {
        is_no_body(utf_16(u16::to_le_bytes, mark), Syntax).await;
        is_no_body(utf_16(u16::to_be_bytes, mark), Syntax).await;
    }
    is_no_body(format!("\u{feff}\u{feff}{whole}"), Syntax).await;
    for (before, after) in [
        (&br#"{"access_token":"abc"#[..], &br#"","token_type":"bearer"}"#[..]),
        (br#"{"access_token":"abc","token_type":"bearer","more":""#, br#""}"#),
        (br#"{"access_token":"abc","token_type":"bearer","more":{"deep":[""#, br#""]}}"#),
        (br#"{"access_token":"abc","token_type":"bearer","more"#, br#"":1}"#),
    ] {
        // A byte that never occurs, a lone continuation, an overlong slash, a surrogate, and one beyond Unicode.
        for invalid in [&b"\xff"[..], b"\x80", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"] {
            is_no_body([before, invalid, after].concat(), Syntax).await;
        }
    }
    for number in ["NaN", "Infinity", "-Infinity", "0x10", "01", "1.", "+1", ".5"] {
        is_no_body(token(&format!(r#","more":{number}"#)), Syntax).await;
        is_no_body(token("").replace("3599", number), Syntax).await;
    }
    for length in 1..whole.len() {
        is_no_body(&whole[..length], Truncated).await;
    }
    for trailing in ["x", "}", ",", "\0", "{}", &whole, "null", "/* comment */", "\u{feff}"] {
        is_no_body(format!("{whole}{trailing}"), Syntax).await;
    }
    is_no_body(token(r#","more":"\ud800""#).replace("\"more\":\"\\ud800\"", "\"scope\":\"\\ud800\""), Syntax).await;
    is_no_body(token(r#","more":1,"#), Syntax).await;
}

/// Row: duplicate member.
#[tokio::test]
async fn a_duplicate_member_makes_a_response_ambiguous() {
    for twice in [
        r#","access_token":"abc""#,
        r#","access_token":"other""#,
        r#","\u0061ccess_token":"other""#,
        r#","token_type":"bearer""#,
        r#","expires_in":3599"#,
        r#","scope":"","scope":"""#,
        r#","error":null,"error":null"#,
        r#","more":1,"more":1"#,
        r#","more":1,"m\u006fre":2"#,
    ] {
        is_no_body(token(twice), PayloadProblem::Schema).await;
    }
}

/// Row: unknown members, `refresh_token`.
#[tokio::test]
async fn unknown_members_are_ignored() {
    for unknown in [
        r#","refresh_token":"def""#,
        r#","refresh_token":{"not":["a","text"]}"#,
        r#","id_token":null,"more":{"access_token":"other","deep":[[1e400,true]]}"#,
        r#","ACCESS_TOKEN":"other","Access_Token":"other","":0"#,
    ] {
        is_token(&[JSON], token(unknown)).await;
    }
}

/// Row: access_token missing, null, empty, not a string; CR, LF, NUL, tab, space, quote, non-ASCII inside.
#[tokio::test]
async fn a_text_that_no_header_can_carry_is_not_a_token() {
    for value in ["null", "42", "true", "[\"abc\"]", "{\"abc\":1}"] {
        is_no_body(token("").replace("\"abc\"", value), PayloadProblem::Schema).await;
    }
    is_no_body(token("").replace(r#""access_token":"abc","#, ""), PayloadProblem::Schema).await;
    for text in [
        "",
        " ",
        "abc ",
        " abc",
        "a bc",
        "abc\\r\\n",
        "a\\r\\nx-other: b",
        "abc\\n",
        "abc\\u0000",
        "a\\tb",
        "\\\"abc\\\"",
        "a,b",
        "abc\u{e9}",
        "\\u00e9",
        "a\u{200b}b",
        "=",
        "a=b",
        "Bearer abc",
    ] {
        let body = token("").replace("\"abc\"", &format!("\"{text}\""));
        let is_expected = |error: &TokenError| matches!(error, TokenError::NotAToken(NotAToken::Characters));
        is_no_token(Raw::response("200 OK", &[JSON], body), is_expected, text).await;
    }
}

/// Row: token_type other than bearer (any case), missing.
#[tokio::test]
async fn a_token_of_another_type_is_not_used_and_one_without_where_the_document_allows_it() {
    for bearer in ["bearer", "Bearer", "BEARER", "bEaReR"] {
        is_token(&[JSON], token("").replace("Bearer", bearer)).await;
    }
    for other in ["mac", "DPoP", "N_A", "", " bearer", "bearer ", "Bearer,mac", "b\u{435}arer", "bearer\\u0000"] {
        let answer = Raw::response("200 OK", &[JSON], token("").replace("Bearer", other));
        let is_expected = |error: &TokenError| matches!(error, TokenError::NotAToken(NotAToken::TokenType));
        is_no_token(answer, is_expected, other).await;
    }
    for value in ["1", "[\"bearer\"]", "{}"] {
        is_no_body(token("").replace("\"Bearer\"", value), PayloadProblem::Schema).await;
    }
    for missing in [token("").replace(r#""token_type":"Bearer","#, ""), token("").replace(r#""Bearer""#, "null")] {
        let server = server(&[JSON], &missing);
        let lacking = |error: &TokenError| {
            matches!(error, TokenError::NotAToken(NotAToken::Body { problem: PayloadProblem::Schema, .. }))
        };
        // Lean's document requires the member.
        let lean = Endpoint::lean(&server.base_url(), &transport());
        refuses(&lean, &server, lacking, &missing).await;
        assert!(lacking(&lean.call().await.unwrap_err()));
        let leanix = Endpoint::leanix(&server.base_url(), &transport());
        assert_eq!(leanix.call().await.unwrap().expose(), "abc");
        let tokens = leanix.builder().build();
        assert_eq!(tokens.access_token(&leanix.scope).await.unwrap().expose(), "abc");
    }
}

/// Row: `error` member beside or instead of a token.
#[tokio::test]
async fn an_error_member_is_an_error_with_any_status_and_next_to_a_token() {
    for code in ["invalid_scope", "server_error", "invalid_request"] {
        let beside = Raw::response("200 OK", &[JSON], token(&format!(r#","error":"{code}""#)));
        let is_code = |error: &TokenError| matches!(error, TokenError::NotAToken(NotAToken::Error(found)) if found.as_str() == code);
        is_no_token(beside, is_code, "beside a token").await;
    }
    // An error takes precedence over anything else that is missing or wrong.
    for rest in
        ["", r#","error_description":"no""#, r#","access_token":null"#, r#","token_type":1,"access_token":"abc""#]
    {
        let instead = Raw::response("200 OK", &[JSON], format!(r#"{{"error":"invalid_scope"{rest}}}"#));
        let is_scope =
            |error: &TokenError| matches!(error, TokenError::NotAToken(NotAToken::Error(ErrorCode::InvalidScope)));
        is_no_token(instead, is_scope, "instead of a token").await;
    }
    for body in [token(r#","error":{"code":1}"#), token(r#","error":false"#), r#"{"error":null}"#.to_owned()] {
        is_no_body(body, PayloadProblem::Schema).await;
    }
    is_token(&[JSON], token(r#","error":null"#)).await;

    let server = server(&[JSON], token(r#","error":"invalid_client""#));
    for endpoint in Endpoint::both(&server.base_url(), &transport()) {
        let tokens = endpoint.builder().build();
        let error = tokens.access_token(&endpoint.scope).await.unwrap_err();
        assert!(error.refuses_credentials() && !error.is_transient(), "{error:?}");
        assert!(tokens.cached(&endpoint.scope).is_none());
    }
}

/// Row: LeanIX `expired: true`.
#[tokio::test]
async fn a_token_that_the_server_calls_expired_is_an_error() {
    let server = server(&[JSON], token(r#","expired":true"#));
    let leanix = Endpoint::leanix(&server.base_url(), &transport());
    let is_expected = |error: &TokenError| matches!(error, TokenError::NotAToken(NotAToken::Expired));
    refuses(&leanix, &server, is_expected, "expired").await;
    // The member is not in Lean's document.
    let lean = Endpoint::lean(&server.base_url(), &transport());
    assert!(lean.builder().build().access_token(&lean.scope).await.is_ok());
    for alive in [r#","expired":false"#, r#","expired":null"#] {
        is_token(&[JSON], token(alive)).await;
    }
}

/// The result of Lean's cache if the server grants another scope than requested.
async fn granted(requested: &Scope, scope: &str, narrower: bool) -> Result<(), TokenError> {
    let server = server(&[JSON], token(&format!(r#","scope":"{scope}""#)));
    let endpoint = Endpoint::lean(&server.base_url(), &transport());
    assert!(endpoint.call().await.is_ok(), "the client alone does not decide");
    let tokens = endpoint.builder().accept_narrower_scope(narrower).build();
    let result = tokens.access_token(requested).await;
    assert_eq!(server.connections(), 2);
    for other in scope.parse::<Scope>().unwrap().tokens().map(|token| token.parse::<Scope>().unwrap()) {
        assert!(tokens.cached(&other).is_none() || other == *requested, "cached under the requested scope only");
    }
    assert_eq!(tokens.cached(requested).is_some(), result.is_ok());
    result.map(|token| assert_eq!(token.scope(), requested))
}

/// Row: scope absent or `""`.
#[tokio::test]
async fn a_scope_that_is_not_named_is_as_requested() {
    is_token(&[JSON], token("")).await;
    for scope in [r#","scope":null"#, r#","scope":"""#, r#","scope":"  ""#] {
        is_token(&[JSON], token(scope)).await;
    }
    granted(&customer(1), "", false).await.unwrap();
}

/// Row: scope wider.
#[tokio::test]
async fn a_wider_scope_is_accepted_and_cached_under_the_requested_one() {
    granted(&customer(1), &format!("api {}", customer(1)), false).await.unwrap();
    granted(&"api".parse().unwrap(), "more api and_more", false).await.unwrap();
    // SAP LeanIX requests have no scope, so every scope is wider.
    let server = server(&[JSON], token(r#","scope":"read write""#));
    let leanix = Endpoint::leanix(&server.base_url(), &transport());
    let tokens = leanix.builder().build();
    assert_eq!(tokens.access_token(&leanix.scope).await.unwrap().scope(), &Scope::empty());
    assert!(tokens.cached(&leanix.scope).is_some() && tokens.cached(&"read write".parse().unwrap()).is_none());
}

/// Row: scope narrower, or another customer.
#[tokio::test]
async fn a_narrower_scope_is_accepted_on_request_and_another_customer_never() {
    let two: Scope = "read write".parse().unwrap();
    let error = granted(&two, "read", false).await.unwrap_err();
    let TokenError::ScopeNotGranted { requested, missing } = &error else { panic!("{error:?}") };
    assert_eq!((requested, missing.as_str()), (&two, "write"));
    assert!(!error.is_transient());
    granted(&two, "read", true).await.unwrap();

    // A different scope in place of the missing one is not less, but another scope.
    for (requested, scope) in [(&two, "read admin"), (&two, "admin"), (&two, "READ"), (&"api".parse().unwrap(), "apis")]
    {
        for narrower in [false, true] {
            let error = granted(requested, scope, narrower).await.unwrap_err();
            assert!(matches!(error, TokenError::ScopeNotGranted { .. }), "{scope}: {error:?}");
        }
    }
    let (mine, other) = (customer(1), customer(2));
    for scope in [other.to_string(), format!("{mine} {other}"), format!("api {other}"), format!("{other}0 {mine}")] {
        for (requested, narrower) in [(&mine, false), (&mine, true), (&"api".parse().unwrap(), true)] {
            let error = granted(requested, &scope, narrower).await.unwrap_err();
            assert!(matches!(error, TokenError::NotAToken(NotAToken::AnotherCustomer)), "{scope}: {error:?}");
            assert!(!error.is_transient() && !format!("{error} {error:?}").contains("-4000-"), "{error:?}");
        }
    }
}
