//! API calls by generated clients: their limits of size and time, and their errors.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::error::Error as _;
use std::path::Path;
use std::time::Duration;

use auth_core::{LeanTokenEndpoint, SecretFile, TokenCache, TokenHandle, Transport, lean};
use auth_sandbox::{FaultServer, Raw};
use auth_transport::{Error, Secret, TimeLimit};
use integration_tests::{ClosedPort, responding, write_secret};
use lean_customers::Client;

const JSON: &str = "content-type: application/json";

/// A list of this many customers.
fn customers(count: usize) -> String {
    let customer = |number| format!(r#"{{"customer_id":"{number:036}","app_user_id":"user-{number:08}"}}"#);
    format!("[{}]", (0..count).map(customer).collect::<Vec<_>>().join(","))
}

fn client(server: &FaultServer) -> Client {
    Client::new(&server.base_url(), Secret::from("t0ken")).unwrap()
}

/// Row: an API response that is larger than any token, or late.
#[tokio::test]
async fn a_list_of_4_000_customers_is_no_more_than_a_client_of_an_api_takes() {
    let body = customers(4_000);
    assert!(body.len() > 300_000, "{}", body.len());
    let server = responding("200 OK", &[JSON], &body);
    assert_eq!(client(&server).list_customers().await.unwrap().len(), 4_000);
}

/// Row: an API response that is larger than any token, or late.
#[tokio::test]
async fn a_size_limit_is_set_for_a_client_or_a_call_and_named_in_the_error() {
    let server = responding("200 OK", &[JSON], &customers(10));
    let (client, name) = (client(&server), server.base_url().replace("http://", ""));
    let error = client.with_body_limit(100).list_customers().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "listCustomers: the response from {name} is too large: `body_limit` is 100 bytes, raise it with `with_body_limit` of \
             the client"
        )
    );
    assert_eq!(client.list_customers().await.unwrap().len(), 10, "another call of the same client");
    let small = client.with_transport(Transport::builder().body_limit(100).build().unwrap());
    assert!(small.list_customers().await.is_err());
    assert!(small.with_body_limit(10_000).list_customers().await.is_ok());
}

/// Row: an API response that is larger than any token, or late.
#[tokio::test]
async fn a_timeout_is_set_for_a_client_or_a_call_and_named_in_the_error() {
    let head = Raw::head("200 OK", &[JSON, "content-length: 2"]);
    let answer = head.pause(Duration::from_millis(200)).send("[]");
    let slow = FaultServer::start(answer).unwrap();
    let (client, name) = (client(&slow), slow.base_url().replace("http://", ""));
    let error = client.with_timeout(Duration::from_millis(50)).list_customers().await.unwrap_err();
    let words = "did not answer in time: `timeout` is 50ms, raise it with `with_timeout` of the client";
    assert_eq!(error.to_string(), format!("listCustomers: {name} {words}"));
    assert!(client.list_customers().await.is_ok(), "another call of the same client");
    let hasty = client.with_transport(Transport::builder().timeout(Duration::from_millis(50)).build().unwrap());
    let Error::Transport(error) = hasty.list_customers().await.unwrap_err() else { panic!("an answer") };
    assert_eq!(error.time_limit(), Some(TimeLimit::Exchange(Duration::from_millis(50))));
    assert!(hasty.with_timeout(Duration::from_secs(20)).list_customers().await.is_ok());

    // A handshake that does not end is not part of an exchange.
    let silent = FaultServer::start(Raw::nothing().then_silence()).unwrap();
    let hasty =
        Transport::builder().connect_timeout(Duration::from_millis(50)).only_root_certificates([]).build().unwrap();
    let client = Client::over(&silent.base_url().replace("http", "https"), hasty, Secret::from("t0ken")).unwrap();
    let error = client.list_customers().await.unwrap_err().to_string();
    assert!(error.ends_with("in time: `connect_timeout` is 50ms, `TransportBuilder` sets it"), "{error}");
}

#[tokio::test]
async fn the_error_of_a_call_names_operation_server_status_code_and_request_in_one_line() {
    let id = "x-request-id: 7f3a-01";
    for (status, headers, body, line) in [
        (
            "403 Forbidden",
            [JSON, id],
            r#"{"error":"insufficient_scope"}"#,
            "{} refused the request with status 403 Forbidden (error code insufficient_scope, request id 7f3a-01)",
        ),
        (
            "404 Not Found",
            [JSON, id],
            "<html>",
            "{} refused the request with status 404 Not Found (request id 7f3a-01)",
        ),
        (
            "429 Too Many Requests",
            [JSON, JSON],
            r#"{"error":{"code":"SLOW_DOWN"}}"#,
            "{} refused the request with status 429 Too Many Requests (error code SLOW_DOWN)",
        ),
        (
            "200 OK",
            [JSON, id],
            "nonsense",
            "the response from {} with status 200 OK is not JSON (line 1, column 2) (request id 7f3a-01)",
        ),
        (
            "206 Partial Content",
            [JSON, id],
            "[]",
            "{} answered with status 206 Partial Content, which the document does not mention (request id 7f3a-01)",
        ),
        // A text that repeats the token is neither an id nor a code, in any header or member.
        (
            "403 Forbidden",
            [JSON, "x-request-id: a-S3CRET-T0KEN"],
            r#"{"error":"s3cret-t0ken"}"#,
            "{} refused the request with status 403 Forbidden",
        ),
        (
            "200 OK",
            [JSON, "x-request-id: 0123456789"],
            r#"{"x":"0123456789"}"#,
            "the response from {} with status 200 OK does not fit the document: the body has another JSON type (line 1, column 0)",
        ),
    ] {
        let server = responding(status, &headers, body);
        let name = server.base_url().replace("http://", "");
        let client = Client::new(&server.base_url(), Secret::from("s3cret-t0ken")).unwrap();
        let error = client.list_customers().await.unwrap_err();
        assert_eq!(error.to_string(), format!("listCustomers: {}", line.replace("{}", &name)));
        assert_eq!((error.operation(), error.server()), (Some("listCustomers"), Some(name.as_str())));
        assert_eq!(error.status().map(|status| status.to_string()).as_deref(), Some(status));
        assert!(error.source().is_none(), "the message is complete");
        assert_eq!(error.raw_body(), Some(body.as_bytes()), "the bytes are there for a program that asks");
        for printed in [format!("{error:?}"), format!("{error:#?}")] {
            assert!(
                !printed.contains("message") && !printed.contains("nonsense") && !printed.contains("html"),
                "{printed}"
            );
        }
    }
}

#[tokio::test]
async fn an_error_body_that_is_documented_is_typed_and_its_bytes_are_there_too() {
    let body = r#"{"error":"invalid_token","message":"for people"}"#;
    let server = responding("403 Forbidden", &[JSON], body);
    let client = leanix_poll::Client::new(&server.base_url(), Secret::from("t0ken")).unwrap();
    let Err(Error::Refused(refusal)) = client.list_poll_runs().await else { panic!("not refused") };
    assert_eq!((refusal.raw_body(), refusal.error_code()), (Some(body.as_bytes()), Some("invalid_token")));
    assert_eq!(refusal.body.as_ref().unwrap().message.as_deref(), Some("for people"));
    let printed = format!("{refusal} {refusal:?}");
    assert!(!printed.contains("people"), "{printed}");

    // Of a long body the beginning is kept, of one that is too long or cut off nothing.
    let long = responding("500 Internal Server Error", &[], &"x".repeat(100_000));
    let client = leanix_poll::Client::new(&long.base_url(), Secret::from("t0ken")).unwrap();
    assert_eq!(client.list_poll_runs().await.unwrap_err().raw_body().map(<[u8]>::len), Some(64 * 1024));
    assert!(client.with_body_limit(99_999).list_poll_runs().await.unwrap_err().raw_body().is_none());
    let cut = FaultServer::start(Raw::head("500 Internal Server Error", &["content-length: 9"]).send("half")).unwrap();
    let client = leanix_poll::Client::new(&cut.base_url(), Secret::from("t0ken")).unwrap();
    let error = client.list_poll_runs().await.unwrap_err();
    assert_eq!((error.status().unwrap().as_u16(), error.raw_body()), (500, None));
}

/// A token source whose secret is in this file, at this authorization server.
fn tokens(server: &str, secret: &Path) -> TokenHandle {
    let credentials = SecretFile::new(secret).for_client("my-application");
    let endpoint = LeanTokenEndpoint::new(lean_auth::Client::new(server).unwrap(), credentials);
    TokenCache::builder(endpoint).retries(0).build().handle(&lean::Scope::Api.into())
}

#[tokio::test]
async fn the_error_of_a_call_says_in_one_line_why_there_is_no_token() {
    let api = responding("200 OK", &[JSON], "[]");
    let refusal = r#"{"error":"invalid_client"}"#;
    let refusing = responding("401 Unauthorized", &[JSON, "x-request-id: 7f3a"], refusal);
    let refused = format!("{} refused the request with status 401", refusing.base_url().replace("http://", ""));
    let closed = ClosedPort::new();
    let down = format!("http://{}", closed.address());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("api-calls");
    std::fs::create_dir_all(&folder).unwrap();
    let server = api.base_url().replace("http://", "");
    for (case, content, server_of_tokens, causes) in [
        ("wrong", Some("wr0ng-secret"), refusing.base_url(), [refused.as_str(), "invalid_client, request id 7f3a"]),
        ("bom", Some("\u{feff}wr0ng-secret"), refusing.base_url(), ["401", "invalid_client"]),
        ("empty", Some(""), refusing.base_url(), ["api-calls/empty", "empty"]),
        ("missing", None, refusing.base_url(), ["api-calls/missing", "missing"]),
        ("", None, refusing.base_url(), ["api-calls", "is a directory"]),
        ("good", Some("s3cret"), down, ["cannot connect", &closed.address().to_string()]),
    ] {
        let path = folder.join(case);
        if let Some(content) = content {
            write_secret(&path, content);
        }
        let client = Client::new(&api.base_url(), tokens(&server_of_tokens, &path)).unwrap();
        let error = client.list_customers().await.unwrap_err();
        let line = error.to_string();
        for part in causes.into_iter().chain(["listCustomers", &server, "no access token"]) {
            assert!(line.contains(part) && !line.contains('\n'), "{case}: no {part} in {line}");
        }
    }
    assert_eq!(api.connections(), 0);
}
