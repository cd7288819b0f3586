//! What goes over the wire, and what must not.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use auth_transport::{BasicCredentials, Call, Error, ResponseValue, Secret, Transport, TransportErrorKind};
use contract_tests::{answering, responding};
use lean_auth::types::{TokenRequest, TokenRequestGrantType};
use leanix_auth::types::{AccessTokenRequest, AccessTokenRequestGrantType};

const TOKEN: &str = r#"{"access_token":"abc","token_type":"Bearer","expires_in":"3599"}"#;

fn lean_request() -> TokenRequest {
    TokenRequest {
        client_id: "my id".to_owned(),
        client_secret: Secret::from("s&cret"),
        grant_type: TokenRequestGrantType::ClientCredentials,
        scope: "api".to_owned(),
    }
}

fn leanix_request() -> AccessTokenRequest {
    AccessTokenRequest { grant_type: AccessTokenRequestGrantType::ClientCredentials }
}

/// Body of a request and its head in lower case.
fn parts(request: &str) -> (String, &str) {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    (head.to_ascii_lowercase(), body)
}

#[tokio::test]
async fn a_lean_request_is_what_the_document_says() {
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
    assert!(!head.contains("api-version") && !head.contains("accept-encoding") && !head.contains("cookie"), "{head}");
    assert_eq!(body, "client_id=my+id&client_secret=s%26cret&grant_type=client_credentials&scope=api");
}

#[tokio::test]
async fn a_leanix_request_is_what_the_document_says() {
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
        .with_bearer(&secret("bearer"))
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
        Call::new(&transport).with_bearer(&Secret::from("a\r\nb: c")),
        Call::new(&transport).with_header("x-api-key", &Secret::from("a\nb")),
        Call::new(&transport).with_cookie("session", &Secret::from("a; other=b")),
    ] {
        let request = call.client().get(server.base_url()).build().unwrap();
        let send = async {
            let response = call.execute(request).await?;
            ResponseValue::<serde_json::Value>::from_response::<()>(response).await
        };
        let answer = call.clone().finish(send).await;
        assert!(matches!(answer, Err(Error::Request)), "{answer:?}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_redirect_delivers_nothing_to_the_other_origin() {
    let other = responding("200 OK", &[], TOKEN);
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let location = format!("location: {}/oauth2/token?client_secret=s%26cret", other.base_url());
        let server = responding(status, &[&location], "");
        let client = lean_auth::Client::new(&server.base_url()).unwrap();
        let Err(Error::Transport(error)) = client.generate_access_token(&lean_request()).await else {
            panic!("{status} was followed")
        };
        assert!(!error.is_transient());
        let TransportErrorKind::Redirect { target, .. } = error.kind() else { panic!("{error:?}") };
        assert_eq!(target.as_deref(), Some(other.base_url().as_str()), "origin alone, without path and query");

        let client = leanix_auth::Client::new(&server.base_url()).unwrap();
        let answer = client.create_access_token(&BasicCredentials::new("apitoken", "x"), &leanix_request()).await;
        assert!(matches!(answer, Err(Error::Transport(_))), "{status}");
    }
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn a_refusal_is_told_by_its_status_and_by_its_body_if_that_can_be_read() {
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
async fn a_body_is_read_up_to_the_limit_and_no_further() {
    let long = format!("{{\"access_token\":\"{}\",\"token_type\":\"bearer\"}}", "a".repeat(70_000));
    let announced = responding("200 OK", &[], &long);
    let unannounced = answering(format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{long}"));
    for (server, limit, fits) in [
        (&announced, 65_536, false),
        (&unannounced, 65_536, false),
        (&announced, long.len(), true),
        (&unannounced, long.len(), true),
        (&announced, long.len() - 1, false),
    ] {
        let transport = Transport::builder().body_limit(limit).build().unwrap();
        let client = lean_auth::Client::new(&server.base_url()).unwrap().with_transport(transport);
        match client.generate_access_token(&lean_request()).await {
            Ok(_) => assert!(fits, "limit {limit}"),
            Err(Error::Transport(error)) => {
                assert!(!fits, "limit {limit}");
                assert_eq!(error.kind(), &TransportErrorKind::BodyTooLarge { limit });
            }
            other => panic!("{other:?}"),
        }
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

#[tokio::test]
async fn failures_before_an_answer_have_kinds_of_their_own() {
    let closed_port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let closing = answering("");
    let cut_body = answering("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"access");
    let cut_chunk = answering("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n{\"acc");
    let garbage = answering("this is no HTTP at all\r\n\r\n");
    let two_lengths = answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{} ");
    // A TCP server that answers a TLS handshake with plain text.
    let no_tls = answering("HTTP/1.1 400 Bad Request\r\n\r\n");
    for (case, base_url, kind, transient) in [
        ("refused", closed_port, TransportErrorKind::Connect, true),
        ("no such host", "https://no-such-host.invalid".to_owned(), TransportErrorKind::Dns, true),
        ("closed before a reply", closing.base_url(), TransportErrorKind::Closed, true),
        ("cut in the body", cut_body.base_url(), TransportErrorKind::Closed, true),
        ("cut in a chunk", cut_chunk.base_url(), TransportErrorKind::Closed, true),
        ("garbage", garbage.base_url(), TransportErrorKind::Protocol, false),
        ("two lengths", two_lengths.base_url(), TransportErrorKind::Protocol, false),
        ("no TLS", no_tls.base_url().replace("http:", "https:"), TransportErrorKind::Tls, false),
    ] {
        let client = lean_auth::Client::new(&base_url).unwrap();
        match client.generate_access_token(&lean_request()).await {
            Err(Error::Transport(error)) => {
                assert_eq!(error.kind(), &kind, "{case}");
                assert_eq!(error.is_transient(), transient, "{case}");
                let host = base_url.split("//").nth(1).unwrap();
                assert!(error.to_string().contains(host), "{case}: {error} names {host}");
            }
            other => panic!("{case}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn one_deadline_covers_a_silent_server() {
    // Accepts and never answers: nobody calls accept on it, the kernel completes the handshake.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let transport = Transport::builder().timeout(std::time::Duration::from_millis(100)).build().unwrap();
    let base_url = format!("http://{}", silent.local_addr().unwrap());
    let client = lean_auth::Client::over(&base_url, transport).unwrap();
    let answer = client.generate_access_token(&lean_request()).await;
    let Err(Error::Transport(error)) = answer else { panic!("{answer:?}") };
    assert_eq!(error.kind(), &TransportErrorKind::Timeout);
}

#[tokio::test]
async fn interim_answers_and_old_protocol_versions_work() {
    for reply in [
        format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{TOKEN}", TOKEN.len()),
        format!("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{TOKEN}"),
        format!("HTTP/1.0 200 OK\r\n\r\n{TOKEN}"),
        format!("HTTP/1.1 200 OK\r\nset-cookie: a=b\r\nage: 999999\r\nconnection: close\r\n\r\n{TOKEN}"),
    ] {
        let server = answering(reply.clone());
        let client = lean_auth::Client::new(&server.base_url()).unwrap();
        for _ in 0..2 {
            let answer = client.generate_access_token(&lean_request()).await;
            assert_eq!(answer.unwrap().access_token.expose(), "abc", "{reply}");
        }
        assert!(server.requests().iter().all(|request| !request.to_ascii_lowercase().contains("cookie")));
    }
}

#[test]
fn every_server_of_the_documents_has_its_constructor() {
    for (client, base_url) in [
        (lean_auth::Client::production(), "https://auth.leantech.me"),
        (lean_auth::Client::sandbox_uae(), "https://auth.sandbox.ae.leantech.me"),
        (lean_auth::Client::sandbox_ksa(), "https://auth.sandbox.sa.leantech.me"),
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
