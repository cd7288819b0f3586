//! Malformed, incomplete and slow requests, written byte by byte.

use std::time::Duration;

use crate::common::*;
use auth_sandbox::{Raw, Sandbox, Step};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

async fn connect(sandbox: &Sandbox) -> TcpStream {
    TcpStream::connect(sandbox.base_url().trim_start_matches("http://")).await.unwrap()
}

/// The status of one response, or `None` if the connection ends without one.
async fn status_of(stream: &mut TcpStream) -> Option<u16> {
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    let head = async {
        while !answer.windows(4).any(|window| window == b"\r\n\r\n") {
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(read) => answer.extend_from_slice(&buffer[..read]),
            }
        }
    };
    within("an answer, or the end of the connection", head).await;
    let answer = String::from_utf8(answer).unwrap();
    answer.split_once(' ').map(|(_, rest)| rest[..3].parse().unwrap())
}

/// The status of the response to these bytes.
async fn answer_to(sandbox: &Sandbox, bytes: &[u8]) -> Option<u16> {
    let mut stream = connect(sandbox).await;
    stream.write_all(bytes).await.unwrap();
    status_of(&mut stream).await
}

#[tokio::test]
async fn a_request_needs_exactly_one_well_formed_host() {
    let sandbox = sandbox().await;
    for (version, hosts, status) in [
        ("1.1", &["127.0.0.1:80"][..], 401),
        ("1.1", &["auth.leantech.me"], 401),
        ("1.1", &["[::1]:8080"], 401),
        ("1.1", &[], 400),
        ("1.1", &["a", "a"], 400),
        ("1.1", &[""], 400),
        ("1.1", &["a b"], 400),
        ("1.1", &["a/b"], 400),
        ("1.1", &["a:b"], 400),
        ("1.1", &["a:99999"], 400),
        ("1.1", &["a,b"], 400),
        ("1.1", &["user@a"], 400),
        ("1.1", &["[::1"], 400),
        ("1.1", &["[a]"], 400),
        ("1.1", &["\u{e4}"], 400),
        // HTTP/1.0 does not require it.
        ("1.0", &[], 401),
        ("1.0", &["a", "b"], 400),
    ] {
        for path in ["/customers/v1", "/unknown", "http://a/customers/v1"] {
            let wanted = if path == "/unknown" && status == 401 { 404 } else { status };
            let lines: String = hosts.iter().map(|host| format!("host: {host}\r\n")).collect();
            let request = format!("GET {path} HTTP/{version}\r\n{lines}\r\n");
            assert_eq!(answer_to(&sandbox, request.as_bytes()).await, Some(wanted), "{request}");
        }
    }
}

#[tokio::test]
async fn a_broken_or_cut_body_is_400_and_only_one_that_is_too_long_is_413() {
    let sandbox = sandbox().await;
    let form = lean_form(&sandbox, "api");
    let length = form.len();
    let long = 2 * 1024 * 1024;
    for path in ["/oauth2/token", "/services/mtm/v1/oauth2/token", "/customers/v1", "/unknown"] {
        let head = format!("POST {path} HTTP/1.1\r\nhost: a\r\ncontent-type: {FORM}\r\n");
        for (body, status) in [
            (format!("transfer-encoding: chunked\r\n\r\nzz\r\n{form}\r\n0\r\n\r\n"), 400),
            (format!("transfer-encoding: chunked\r\n\r\n{length:x}\r\n{form}"), 400),
            (format!("transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n{form}"), 400),
            (format!("content-length: {}\r\n\r\n{form}", length + 1), 400),
            (format!("content-length: {long}\r\n\r\n{}", "x".repeat(long)), 413),
        ] {
            let mut stream = connect(&sandbox).await;
            // The response to a long body may arrive before the body has been read.
            let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
            let _ = stream.shutdown().await;
            assert_eq!(status_of(&mut stream).await, Some(status), "{path} {}", &body[..40]);
        }
    }
    assert_eq!((sandbox.lean().issued(), sandbox.lean().requests()), (0, 5));
}

const SHORT: Duration = Duration::from_millis(250);

#[tokio::test]
async fn a_slow_head_or_body_is_408_and_ends_the_connection() {
    let sandbox = Sandbox::builder().head_timeout(SHORT).body_timeout(SHORT).start().await.unwrap();
    let post = format!("POST /oauth2/token HTTP/1.1\r\nhost: a\r\ncontent-type: {FORM}\r\n");
    for begin in [
        "G".to_owned(),
        "GET /customers/v1 HTTP/1.1\r\nhost: a\r\n".to_owned(),
        format!("{post}content-length: 9\r\n\r\ngrant"),
        format!("{post}transfer-encoding: chunked\r\n\r\n5\r\ngrant\r\n"),
    ] {
        let mut stream = connect(&sandbox).await;
        stream.write_all(begin.as_bytes()).await.unwrap();
        assert_eq!(status_of(&mut stream).await, Some(408), "{begin}");
        assert_eq!(status_of(&mut stream).await, None, "{begin}");
    }
}

#[tokio::test]
async fn sending_byte_by_byte_does_not_extend_a_timeout() {
    let sandbox = Sandbox::builder().head_timeout(SHORT).body_timeout(SHORT).start().await.unwrap();
    let long = "content-length: 1000000\r\n\r\n";
    for begin in ["GET / HTTP/1.1\r\nhost: ", &format!("POST /oauth2/token HTTP/1.1\r\nhost: a\r\n{long}")] {
        let (mut read, mut write) = connect(&sandbox).await.into_split();
        write.write_all(begin.as_bytes()).await.unwrap();
        let drip = tokio::spawn(async move {
            while write.write_all(b"a").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        let mut answer = Vec::new();
        // Bytes that arrive after the response may cause a reset.
        let _ = within("the connection has ended", read.read_to_end(&mut answer)).await;
        assert!(answer.starts_with(b"HTTP/1.1 408 "), "{begin}: {}", String::from_utf8_lossy(&answer));
        within("writing has failed", drip).await.unwrap();
    }
}

#[tokio::test]
async fn an_idle_connection_ends_without_an_answer_before_and_after_a_request() {
    let sandbox = Sandbox::builder().idle_timeout(SHORT).start().await.unwrap();
    let mut fresh = connect(&sandbox).await;
    assert_eq!(status_of(&mut fresh).await, None);

    let mut used = connect(&sandbox).await;
    for _ in 0..2 {
        used.write_all(b"GET /unknown HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        assert_eq!(status_of(&mut used).await, Some(404));
    }
    assert_eq!(status_of(&mut used).await, None);

    let forever = Duration::MAX;
    let builder = Sandbox::builder().idle_timeout(forever).head_timeout(forever).body_timeout(forever);
    let patient = builder.start().await.unwrap();
    assert_eq!(answer_to(&patient, b"GET /unknown HTTP/1.1\r\nhost: a\r\n\r\n").await, Some(404));
}

#[tokio::test]
async fn no_timeout_applies_to_a_held_request_or_a_played_answer() {
    let builder = Sandbox::builder().head_timeout(SHORT).body_timeout(SHORT).idle_timeout(SHORT);
    let sandbox = builder.start().await.unwrap();
    let late = SHORT * 4;
    sandbox
        .lean()
        .script()
        .push(Step::token().after(late))
        .push(Raw::new("HTTP/1.1 200 OK\r\n").pause(late).send("\r\n"));
    for _ in 0..2 {
        assert_eq!(lean_request(&sandbox, "api").send().await.unwrap().status(), 200);
    }
}
