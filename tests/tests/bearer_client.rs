//! The settings of `BearerClient`: those of the transport, with the limits of an API.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use auth_core::reqwest::{Method, StatusCode};
use auth_core::{
    BearerClient, CallError, PayloadProblem, ResponseError, Secret, Transport, TransportError,
    TransportErrorKind as Kind,
};
use auth_sandbox::{Authority, Certificate, FaultServer, Raw, Tls};
use auth_transport::{BaseUrl, TokenUnavailable};
use integration_tests::{ClosedPort, responding, within};
use tokio::task::JoinSet;

const LIMIT: usize = 16 * 1024 * 1024;
const TOKEN: &str = "xK7f3aQ9MARKERxLw2Zr";

fn client(base_url: &str) -> BearerClient<Secret> {
    BearerClient::new(Secret::from(TOKEN), base_url).unwrap()
}

fn kind_of(error: CallError<TransportError, TokenUnavailable>) -> Kind {
    let CallError::Send(error) = error else { panic!("{error:?}") };
    error.kind().clone()
}

fn body_kind(error: &ResponseError, server: &FaultServer) -> Kind {
    assert!(error.to_string().contains(server.base_url().split_once("//").unwrap().1), "{error}");
    let ResponseError::Transport(error) = error else { panic!("{error:?}") };
    error.kind().clone()
}

/// Row: API that is silent, slow, endless or huge, asked by `BearerClient`.
#[tokio::test]
async fn the_deadline_of_a_request_covers_its_head_and_its_body() {
    let pause = Duration::from_millis(20);
    let mut calls = JoinSet::new();
    for (fault, has_head) in [
        (Raw::nothing().then_silence(), false),
        (Raw::new("HTTP/1.1 200 OK\r\na: ").then_repeat("b", pause), false),
        (Raw::head("200 OK", &["content-length: 62"]).send("{").then_silence(), true),
        (Raw::head("200 OK", &[]).then_repeat(" ", pause), true),
        (Raw::head("200 OK", &["transfer-encoding: chunked"]).then_repeat("1\r\n \r\n", pause), true),
    ] {
        for is_of_the_request in [true, false] {
            let fault = fault.clone();
            calls.spawn(async move {
                let server = FaultServer::start(fault).unwrap();
                let patience = Duration::from_millis(300);
                let answer = if is_of_the_request {
                    client(&server.base_url()).get("/").timeout(patience).send().await
                } else {
                    let base_url = BaseUrl::parse(&server.base_url()).unwrap();
                    let transport = Transport::builder().timeout(patience).build_to(&base_url).unwrap();
                    let client = BearerClient::through(Secret::from(TOKEN), base_url.as_str(), transport).unwrap();
                    client.get("/").send().await
                };
                match answer {
                    Err(error) => assert!(kind_of(error) == Kind::Timeout && !has_head),
                    Ok(answer) => {
                        let error = answer.text().await.unwrap_err();
                        assert_eq!((body_kind(&error, &server), has_head), (Kind::Timeout, true));
                    }
                }
            });
        }
    }
    within("every call has ended", calls.join_all()).await;
}

/// Row: API that is silent, slow, endless or huge, asked by `BearerClient`.
#[tokio::test]
async fn a_body_is_read_up_to_the_limit_of_client_or_request_and_in_parts_beyond() {
    let body = " ".repeat(LIMIT + 1);
    let chunk = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let too_large = Kind::BodyTooLarge { limit: LIMIT };
    for answer in [
        Raw::response("200 OK", &[], body.clone()),
        Raw::head("200 OK", &[]).send(body.clone()),
        Raw::head("200 OK", &["transfer-encoding: chunked"]).send(chunk),
    ] {
        let server = FaultServer::start(answer).unwrap();
        let api = client(&server.base_url());
        let over = reqwest::Client::builder().no_proxy().build().unwrap();
        let over = BearerClient::over(Secret::from(TOKEN), &server.base_url(), over).unwrap();
        for api in [&api, &over] {
            let error = api.get("/").send().await.unwrap().bytes().await.unwrap_err();
            assert_eq!(body_kind(&error, &server), too_large);
            assert!(error.to_string().contains("16777216"), "{error}");
        }
        let error = api.get("/").send().await.unwrap().text().await.unwrap_err();
        assert_eq!(body_kind(&error, &server), too_large);
        let error = api.get("/").send().await.unwrap().json::<Vec<u8>>().await.unwrap_err();
        assert_eq!(body_kind(&error, &server), too_large);
        let raised = api.get("/").body_limit(LIMIT + 1).send().await.unwrap();
        assert_eq!(raised.bytes().await.unwrap().len(), LIMIT + 1);
        let raised = api.clone().with_body_limit(LIMIT + 1).get("/").send().await.unwrap();
        assert_eq!(raised.text().await.unwrap().len(), LIMIT + 1);
        let (mut length, mut answer) = (0, api.get("/").send().await.unwrap());
        while let Some(part) = answer.chunk().await.unwrap() {
            length += part.len();
        }
        assert_eq!(length, LIMIT + 1, "in parts");
    }
    let server = FaultServer::start(Raw::head("200 OK", &[]).then_repeat(" ".repeat(65_536), Duration::ZERO)).unwrap();
    let error = client(&server.base_url()).get("/").send().await.unwrap().bytes().await.unwrap_err();
    assert_eq!(body_kind(&error, &server), too_large, "endless");
}

/// Row: content coding, such as gzip.
#[tokio::test]
async fn no_coding_is_requested_from_an_api_and_a_response_in_one_is_not_read() {
    let server = responding("200 OK", &["content-encoding: gzip"], "not gzip");
    let api = client(&server.base_url());
    let get = async || api.get("/").send().await.unwrap();
    let coded = Kind::Encoded { coding: Some("gzip") };
    assert_eq!(body_kind(&get().await.text().await.unwrap_err(), &server), coded);
    assert_eq!(body_kind(&get().await.bytes().await.unwrap_err(), &server), coded);
    assert_eq!(body_kind(&get().await.json::<u8>().await.unwrap_err(), &server), coded);
    assert_eq!(body_kind(&get().await.chunk().await.unwrap_err(), &server), coded);
    assert!(server.requests().iter().all(|request| request.contains("\r\naccept-encoding: identity\r\n")));
    let asked = api.get("/").header("accept-encoding", "gzip").send().await.unwrap();
    assert_eq!(asked.bytes().await.unwrap(), "not gzip", "the program decodes what it asks for");
    assert!(server.requests()[4].contains("\r\naccept-encoding: gzip\r\n"));
}

/// Row: 301, 302, 303, 307, 308 to anywhere.
#[tokio::test]
async fn a_redirect_is_returned_as_the_response_and_is_not_a_success() {
    for status in [301, 302, 303, 307, 308] {
        let server = responding(&format!("{status} Moved"), &["location: /elsewhere"], "");
        let answer = client(&server.base_url()).get("/").send().await.unwrap();
        assert_eq!((answer.status().as_u16(), &answer.headers()["location"]), (status, &"/elsewhere".parse().unwrap()));
        let error = answer.error_for_status().unwrap_err();
        assert!(error.to_string().contains(&status.to_string()) && error.to_string().contains("redirect"), "{error}");
        assert_eq!(server.connections(), 1);
    }
    for (status, is_error) in [(200, false), (204, false), (304, false), (400, true), (404, true), (503, true)] {
        let server = responding(&format!("{status} Status"), &[], "");
        let answer = client(&server.base_url()).get("/").send().await.unwrap();
        match answer.error_for_status() {
            Ok(answer) => assert!(!is_error && answer.status() == status),
            Err(ResponseError::Status { status: found, .. }) => assert!(is_error && found == status),
            Err(error) => panic!("{error:?}"),
        }
    }
}

#[tokio::test]
async fn every_method_and_kind_of_body_can_be_sent() {
    let server = responding("200 OK", &[], r#"{"a":1}"#);
    let api = client(&server.base_url());
    let content = BTreeMap::from([("b", "c d")]);
    let post = api.post("/1").query(&[("q", "r s")]).header("x-trace", "t").json(&content).send().await.unwrap();
    assert_eq!(post.json::<BTreeMap<String, u8>>().await.unwrap()["a"], 1);
    api.put("/2").form(&content).send().await.unwrap();
    api.patch("/3").body("text").send().await.unwrap();
    api.delete("/4").send().await.unwrap();
    assert_eq!(api.head("/5").send().await.unwrap().status(), StatusCode::OK);
    api.request(Method::OPTIONS, "/6").send().await.unwrap();
    let sent = server.requests();
    for (request, start, parts) in [
        (
            &sent[0],
            "POST /1?q=r+s HTTP/1.1\r\n",
            &["x-trace: t\r\n", "application/json\r\n", "\r\n\r\n{\"b\":\"c d\"}"][..],
        ),
        (&sent[1], "PUT /2 HTTP/1.1\r\n", &["application/x-www-form-urlencoded\r\n", "\r\n\r\nb=c+d"]),
        (&sent[2], "PATCH /3 HTTP/1.1\r\n", &["\r\n\r\ntext"]),
        (&sent[3], "DELETE /4 HTTP/1.1\r\n", &[]),
        (&sent[4], "HEAD /5 HTTP/1.1\r\n", &[]),
        (&sent[5], "OPTIONS /6 HTTP/1.1\r\n", &[]),
    ] {
        assert!(request.starts_with(start), "{request}");
        for part in parts.iter().copied().chain([&*format!("authorization: Bearer {TOKEN}\r\n")]) {
            assert!(request.contains(part), "{part} in {request}");
        }
    }
}

#[tokio::test]
async fn errors_state_the_cause_and_show_nothing_sent_or_received() {
    let server = responding("200 OK", &["x-header: MARKER"], "{\"MARKER\": MARKER}");
    let api = client(&server.base_url());
    let mut printed = String::new();
    for (broken, cause) in [
        (api.get("/").header("a\n", "MARKER"), "header name"),
        (api.get("/").header("x-key", "MARKER\n"), "header value"),
        (api.request_to(Method::GET, "//MARKER"), "relative URL"),
        (api.get("/").json(&BTreeMap::from([((1, 2), "MARKER")])), "key must be a string"),
    ] {
        let error = broken.send().await.unwrap_err();
        assert!(matches!(error, CallError::Request(_)) && error.to_string().contains(cause), "{error}");
        printed += &format!("{error} {error:?} {:?}\n", std::error::Error::source(&error));
    }
    assert_eq!(server.connections(), 0);
    let answer = api.get("/?key=MARKER").send().await.unwrap();
    printed += &format!("{answer:?}");
    let error = answer.json::<BTreeMap<String, u8>>().await.unwrap_err();
    let ResponseError::Payload(payload) = &error else { panic!("{error:?}") };
    assert_eq!((payload.problem, payload.line, payload.column), (PayloadProblem::Syntax, 1, 12));
    printed += &format!("{error} {error:?}");
    let closed = ClosedPort::new();
    let gone = closed.address();
    let error = client(&format!("http://{gone}")).get("/?key=MARKER").send().await.unwrap_err();
    assert!(error.to_string().contains(&gone.to_string()), "{error}");
    printed += &format!("{error} {error:?}");
    assert_eq!(kind_of(error), Kind::Connect);
    assert!(!printed.contains("MARKER"), "{printed}");
}

#[tokio::test]
async fn a_server_that_no_root_certificate_vouches_for_gets_no_token() {
    let identity = Authority::new().unwrap().issue(Certificate::for_host("127.0.0.1")).unwrap();
    let tls = Tls::new(identity.server_config().unwrap());
    let server = FaultServer::builder().tls(tls).always(Raw::response("200 OK", &[], "")).start().unwrap();
    let error = client(&server.base_url()).get("/").send().await.unwrap_err();
    assert_eq!((kind_of(error), server.received()), (Kind::Tls, vec![Vec::new()]));
    // A transport without TLS does not send requests in clear text instead.
    let plain = Transport::to(&BaseUrl::parse("http://127.0.0.1").unwrap()).unwrap();
    let plain = BearerClient::through(Secret::from(TOKEN), &server.base_url(), plain).unwrap();
    assert_eq!(kind_of(plain.get("/").send().await.unwrap_err()), Kind::Tls);
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_request_and_localhost_is_this_machine() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            counted.fetch_add(1, Ordering::SeqCst);
            std::thread::spawn(move || {
                let mut request = Vec::new();
                let mut byte = [0];
                while let Ok(1) = stream.read(&mut byte) {
                    request.push(byte[0]);
                    if request.ends_with(b"\r\n\r\n") {
                        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").unwrap();
                    }
                }
            });
        }
    });
    let api = client(&format!("http://localhost:{port}"));
    for _ in 0..3 {
        assert_eq!(api.get("/").send().await.unwrap().bytes().await.unwrap(), "{}");
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn over_a_client_of_the_program_its_rules_hold() {
    let server = FaultServer::builder()
        .then(Raw::response("302 Found", &["location: /there"], ""))
        .always(Raw::response("200 OK", &["content-encoding: br"], "not br"))
        .start()
        .unwrap();
    let own = reqwest::Client::builder().no_proxy().user_agent("own").timeout(Duration::from_secs(5)).build().unwrap();
    let api = BearerClient::over(Secret::from(TOKEN), &server.base_url(), own).unwrap();
    let answer = api.get("/here").send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.url().path()), (200, "/there"));
    assert_eq!(body_kind(&answer.bytes().await.unwrap_err(), &server), Kind::Encoded { coding: Some("br") });
    for request in server.requests() {
        assert!(request.contains("user-agent: own\r\n") && !request.contains("accept-encoding"), "{request}");
    }
    let looping = FaultServer::start(Raw::response("302 Found", &["location: /"], "")).unwrap();
    let own = reqwest::Client::builder().no_proxy().build().unwrap();
    let api = BearerClient::over(Secret::from(TOKEN), &looping.base_url(), own).unwrap();
    assert_eq!(kind_of(api.get("/").send().await.unwrap_err()), Kind::RedirectPolicy);
}
