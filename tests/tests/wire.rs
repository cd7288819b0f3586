//! Requests as they are sent, and what they must not contain.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use auth_transport::{BasicCredentials, Call, Error, ResponseValue, Secret, Tokens, Transport};
use integration_tests::{answering, responding};
use lean_auth::types::{TokenRequest, TokenRequestGrantType};
use leanix_auth::types::{AccessTokenRequest, AccessTokenRequestGrantType};

const TOKEN: &str = r#"{"access_token":"abc","token_type":"Bearer","expires_in":"3599"}"#;

fn lean_request() -> TokenRequest {
    TokenRequest::new("my id", Secret::from("s&cret"), TokenRequestGrantType::ClientCredentials, "api")
}

fn leanix_request() -> AccessTokenRequest {
    AccessTokenRequest::new(AccessTokenRequestGrantType::ClientCredentials)
}

/// Body of a request and its head in lower case.
fn parts(request: &str) -> (String, &str) {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    (head.to_ascii_lowercase(), body)
}

#[tokio::test]
async fn a_lean_request_matches_the_document() {
    let server = responding("200 OK", &["content-type: application/json"], TOKEN);
    let client = lean_auth::Client::new(&server.base_url()).unwrap();
    let answer = client.generate_access_token(&lean_request()).await.unwrap().into_inner();
    assert_eq!(answer.access_token.expose(), "abc");
    assert_eq!(answer.expires_in.unwrap().as_secs(), 3599);

    let received = server.requests();
    let (head, body) = parts(&received[0]);
    assert!(head.starts_with("post /oauth2/token http/1.1\r\n"), "{head}");
    assert!(head.contains("content-type: application/x-www-form-urlencoded"), "{head}");
    assert!(!head.contains("authorization"), "one authentication method at a time: {head}");
    assert!(head.contains("accept-encoding: identity\r\n"), "{head}");
    assert!(!head.contains("api-version") && !head.contains("cookie"), "{head}");
    assert_eq!(body, "client_id=my+id&client_secret=s%26cret&grant_type=client_credentials&scope=api");
}

#[tokio::test]
async fn a_leanix_request_matches_the_document() {
    let answer = r#"{"scope":"","expired":false,"access_token":"abc","token_type":"bearer","expires_in":3599}"#;
    let server = responding("200 OK", &["content-type: application/json"], answer);
    let client = leanix_auth::Client::new(&server.base_url()).unwrap();
    let credentials = BasicCredentials::new("apitoken", "JqcSfeB7sO3Bd9dEDcSOXfjs6G6ORCsT6G9fBHCc");
    let answer = client.create_access_token(&credentials, &leanix_request()).await.unwrap().into_inner();
    assert_eq!((answer.expired, answer.scope.as_deref()), (Some(false), Some("")));

    let received = server.requests();
    assert!(received[0].contains("Basic YXBpdG9rZW46SnFjU2ZlQjdzTzNCZDlkRURjU09YZmpzNkc2T1JDc1Q2RzlmQkhDYw=="));
    let (head, body) = parts(&received[0]);
    assert!(head.starts_with("post /services/mtm/v1/oauth2/token http/1.1\r\n"), "{head}");
    assert!(!head.contains("api-version"), "{head}");
    assert_eq!(body, "grant_type=client_credentials");
}

#[tokio::test]
async fn credentials_go_to_the_place_that_the_document_names_and_are_not_shown() {
    let server = responding("200 OK", &[], "{}");
    let secret = |name: &str| Secret::from(format!("MARKER{name}"));
    let call = Call::new(&Transport::builder().build().unwrap())
        .with_tokens(&Tokens::new(secret("bearer")))
        .with_header("x-api-key", &secret("header"))
        .with_query("key", &secret("query"))
        .with_cookie("session", &secret("cookie"));
    assert!(!format!("{call:?}").contains("MARKER"), "{call:?}");
    let request = call.client().get(format!("{}/a?b=c", server.base_url())).build().unwrap();
    assert_eq!(call.execute(request).await.unwrap().status(), 200);
    let received = server.requests();
    assert!(received[0].starts_with("GET /a?b=c&key=MARKERquery HTTP/1.1\r\n"), "{received:?}");
    let (head, _) = parts(&received[0]);
    for line in ["authorization: bearer markerbearer", "x-api-key: markerheader", "cookie: session=markercookie"] {
        assert!(head.lines().any(|sent| sent == line), "{line} in {head}");
    }
}

#[tokio::test]
async fn a_credential_that_its_place_cannot_hold_stops_the_call() {
    let server = responding("200 OK", &[], "{}");
    let transport = Transport::builder().build().unwrap();
    for call in [
        Call::new(&transport).with_header("x-api-key", &Secret::from("a\nb")),
        Call::new(&transport).with_cookie("session", &Secret::from("a; other=b")),
    ] {
        let request = call.client().get(server.base_url()).build().unwrap();
        let send = async {
            let response = call.execute(request).await?;
            ResponseValue::<serde_json::Value>::from_response::<()>(response).await
        };
        let answer = call.clone().finish(send).await;
        assert!(matches!(answer, Err(Error::Request(_))), "{answer:?}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_refusal_has_its_status_and_its_body_if_that_is_readable() {
    for (status, body, code) in [
        ("400 Bad Request", r#"{"error":"invalid_scope"}"#, Some("invalid_scope")),
        ("401 Unauthorized", r#"{"error":"invalid_client","error_description":"no"}"#, Some("invalid_client")),
        ("401 Unauthorized", "", None),
        ("401 Unauthorized", "<html>", None),
        ("401 Unauthorized", r#"{"error":42}"#, None),
        ("403 Forbidden", "", None),
        ("500 Internal Server Error", r#"{"error":"server_error"}"#, None),
        ("599 Odd", "", None),
        ("999 Odder", "", None),
    ] {
        let server = responding(status, &["retry-after: 7"], body);
        let client = lean_auth::Client::new(&server.base_url()).unwrap();
        let Err(Error::Refused(refusal)) = client.generate_access_token(&lean_request()).await else {
            panic!("{status} {body}")
        };
        assert!(status.starts_with(refusal.status.as_str()));
        assert_eq!(refusal.body.as_ref().map(|body| body.error.as_str()), code, "{status} {body}");
        assert_eq!(refusal.headers["retry-after"], "7");
    }
}

#[tokio::test]
async fn the_status_of_an_error_counts_even_if_its_body_cannot_be_read() {
    let long = "x".repeat(1_000_000);
    for reply in [
        format!("HTTP/1.1 503 Busy\r\nretry-after: 7\r\ncontent-length: 1000000\r\n\r\n{long}"),
        format!("HTTP/1.1 503 Busy\r\nretry-after: 7\r\nconnection: close\r\n\r\n{long}"),
        "HTTP/1.1 503 Busy\r\nretry-after: 7\r\ncontent-length: 100\r\n\r\ncut".to_owned(),
    ] {
        let server = answering(reply);
        let client = lean_auth::Client::new(&server.base_url()).unwrap();
        let answer = client.generate_access_token(&lean_request()).await;
        let Err(Error::Refused(refusal)) = answer else { panic!("{answer:?}") };
        assert_eq!((refusal.status.as_u16(), &refusal.headers["retry-after"]), (503, &"7".parse().unwrap()));
    }
}

#[test]
fn every_server_of_the_documents_has_its_constructor() {
    for (client, base_url) in [
        (lean_auth::Client::production_uae(), "https://auth.leantech.me"),
        (lean_auth::Client::production_ksa(), "https://auth.sa.leantech.me"),
        (lean_auth::Client::sandbox_uae(), "https://auth.sandbox.ae.leantech.me"),
        (lean_auth::Client::sandbox_ksa(), "https://auth.sandbox.sa.leantech.me"),
    ] {
        assert_eq!(client.unwrap().base_url().as_str(), base_url);
    }
    let token = || Secret::from("token");
    for (client, base_url) in [
        (lean_customers::Client::production_uae(token()), "https://api2.leantech.me"),
        (lean_customers::Client::production_ksa(token()), "https://api2.sa.leantech.me"),
        (lean_customers::Client::sandbox_uae(token()), "https://sandbox.ae.leantech.me"),
        (lean_customers::Client::sandbox_ksa(token()), "https://sandbox.sa.leantech.me"),
    ] {
        assert_eq!(client.unwrap().base_url().as_str(), base_url);
    }
    let client = leanix_auth::Client::instance(leanix_auth::Client::DEFAULT_SUBDOMAIN).unwrap();
    assert_eq!(client.base_url().as_str(), "https://app.leanix.net");
    for subdomain in ["evil.com/", "app.leanix.net@evil.com", "-x", "", "\u{430}pp", "a:1", "a#"] {
        let error = leanix_auth::Client::instance(subdomain).unwrap_err();
        assert!(error.to_string().starts_with("subdomain: "), "{subdomain}: {error}");
    }
    assert!(lean_auth::Client::new("http://auth.leantech.me").is_err());
    assert!(leanix_auth::Client::new("https://user:secret@app.leanix.net").is_err());
    let poll = |subdomain| leanix_poll::Client::instance(subdomain, Secret::from("token"));
    assert_eq!(poll("eu-2").unwrap().base_url().as_str(), "https://eu-2.leanix.net");
    assert!(poll("evil.com/").is_err());
}

#[test]
fn the_generated_types_describe_themselves() {
    let schema = serde_json::to_value(schemars::schema_for!(TokenRequest)).unwrap();
    assert_eq!(schema["properties"]["client_secret"]["format"], "password");
    let mut required: Vec<_> =
        schema["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    required.sort_unstable();
    assert_eq!(required, ["client_id", "client_secret", "grant_type", "scope"]);
    let schema = serde_json::to_value(schemars::schema_for!(leanix_auth::types::AccessTokenResponse)).unwrap();
    assert_eq!(schema["properties"]["access_token"]["format"], "password");
}
