//! The command `proxy`, in front of APIs of the sandbox and of servers that show what they receive.

use std::time::Duration;

use auth_sandbox::{FaultServer, Raw, Sandbox, Step};
use integration_tests::within;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::http::{Target, get, read};
use crate::running::{CALLER_TOKEN, Host, Running, port};

/// A proxy to this upstream, on a socket.
async fn proxy(host: &Host, upstream: &str, more: &[&str]) -> Running {
    let socket = host.path("proxy");
    let path = socket.display().to_string();
    let arguments = [&["proxy", "lean", upstream, "--socket", &path], more].concat();
    host.start(&arguments, socket).await
}

fn ok(body: &str) -> Raw {
    Raw::response("200 OK", &[], body.to_owned())
}

/// The header of the last request that a server has received.
fn sent(server: &FaultServer, name: &str) -> Option<String> {
    let request = server.requests().pop().unwrap();
    let head = request.split("\r\n\r\n").next().unwrap().to_owned();
    let mut lines = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    lines.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
}

#[tokio::test]
async fn requests_reach_the_upstream_with_the_token_and_without_what_is_for_the_proxy() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "");
    let server = FaultServer::builder().always(ok("hello")).start().unwrap();
    let proxy = proxy(&host, &format!("{}/base", server.base_url()), &[]).await;
    let headers = [
        ("authorization", "Bearer of-the-caller"),
        ("cookie", "session=of-another-program"),
        ("proxy-authorization", "Basic abc"),
        ("te", "trailers"),
        ("x-own", "kept"),
        ("accept", "application/json"),
    ];
    let reply = get(&proxy.target(), "/customers?a=b%20c", &headers).await;
    assert_eq!((reply.status, reply.body.as_str(), reply.header("via")), (200, "hello", Some("1.1 access-token")));
    let request = server.requests().pop().unwrap();
    assert!(request.starts_with("GET /base/customers?a=b%20c HTTP/1.1\r\n"), "{request}");
    let token = sent(&server, "authorization").unwrap();
    assert!(token.starts_with("Bearer ey"), "the token of the profile");
    assert_eq!(sent(&server, "x-own").as_deref(), Some("kept"));
    assert_eq!(sent(&server, "host").as_deref(), server.base_url().strip_prefix("http://"));
    for name in ["cookie", "proxy-authorization", "te", "connection", "content-length", "transfer-encoding"] {
        assert_eq!(sent(&server, name), None, "{name}");
    }
    assert!(!request.contains("of-the-caller"));
    host.check_for_leaks(&proxy, &[token.strip_prefix("Bearer ").unwrap()]);
}

const LIST: &str = "/customers/v1";
const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn a_rejected_token_is_replaced_once_if_the_request_can_be_repeated() {
    const CUSTOMER: &str = r#"{"app_user_id":"one"}"#;
    for (body, headers, status, issued) in [
        ("", vec![], 200, 2),
        (CUSTOMER, vec![JSON], 201, 2),
        // A stream is sent once; the next request has another token.
        ("15\r\n{\"app_user_id\":\"two\"}\r\n0\r\n\r\n", vec![JSON, ("transfer-encoding", "chunked")], 401, 2),
    ] {
        let sandbox = Sandbox::start().await.unwrap();
        let host = Host::of(&sandbox, "");
        let proxy = proxy(&host, sandbox.base_url(), &[]).await;
        assert_eq!(get(&proxy.target(), LIST, &[]).await.status, 200);
        sandbox.revoke_all();
        let method = if body.is_empty() { "GET" } else { "POST" };
        let is_stream = headers.len() > 1;
        let request = proxy.target().request(method, LIST, &headers, if is_stream { "" } else { body });
        let reply = proxy.target().send(if is_stream { request + body } else { request }).await;
        assert_eq!((reply.status, sandbox.lean().issued()), (status, issued), "{body}: {reply:?}");
    }
}

#[tokio::test]
async fn a_server_that_rejects_every_token_is_asked_twice() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "");
    let proxy = proxy(&host, sandbox.base_url(), &[]).await;
    sandbox.lean().resource_script().always(Step::status(401));
    assert_eq!(get(&proxy.target(), LIST, &[]).await.status, 401);
    assert_eq!((sandbox.lean().resource_requests(), sandbox.lean().issued()), (2, 2));
}

/// A server that rejects every token for paths that begin with `/401`, and no token for others.
async fn choosy_upstream() -> (String, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") && stream.read_buf(&mut head).await.is_ok_and(|read| read > 0) {}
                let status = if head.starts_with(b"GET /401") { "401 Unauthorized" } else { "200 OK" };
                let answer = format!("HTTP/1.1 {status}\r\nconnection: close\r\n\r\n");
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    (url, serving)
}

#[tokio::test]
async fn a_caller_whose_requests_are_rejected_does_not_stop_the_others() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "");
    let (url, _serving) = choosy_upstream().await;
    let proxy = proxy(&host, &url, &[]).await;
    for round in 0..20 {
        let target = proxy.target();
        let (rejected, good) = tokio::join!(get(&target, "/401", &[]), get(&target, "/ok", &[]));
        assert_eq!((rejected.status, good.status), (401, 200), "{round}: {rejected:?} {good:?}");
    }
    assert_eq!(sandbox.lean().issued(), 2, "the token was replaced once, for all rejections of a minute");
}

#[tokio::test]
async fn while_there_is_no_other_token_a_rejected_one_serves_the_other_requests() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "");
    let (url, _serving) = choosy_upstream().await;
    let proxy = proxy(&host, &url, &[]).await;
    assert_eq!(get(&proxy.target(), "/ok", &[]).await.status, 200);
    sandbox.lean().script().always(Step::status(503));
    for path in ["/401", "/ok", "/401", "/ok"] {
        let reply = get(&proxy.target(), path, &[]).await;
        assert_eq!(reply.status, if path == "/ok" { 200 } else { 401 }, "{reply:?}");
    }
}

#[tokio::test]
async fn a_redirect_stays_at_the_proxy_or_names_the_other_place() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "");
    let redirect = |status: &str, location: &str| Raw::response(status, &[&format!("location: {location}")], "body");
    let elsewhere = FaultServer::builder().always(ok("no")).start().unwrap();
    let (found, created) = ("302 Found", "201 Created");
    let server = FaultServer::builder()
        .then(redirect(found, "/base/next?a=b"))
        .then(redirect(found, "other"))
        .then(redirect(found, &elsewhere.base_url()))
        .then(redirect(created, "https://other.example/created"))
        .then(redirect(found, "/outside"))
        .then(redirect(found, "//evil.example/base/"))
        .then(redirect(created, "https://["))
        .start()
        .unwrap();
    let proxy = proxy(&host, &format!("{}/base", server.base_url()), &[]).await;
    let (other, outside) = (format!("{}/", elsewhere.base_url()), format!("{}/outside", server.base_url()));
    for (location, status) in [
        (Some("/next?a=b"), 302),
        (Some("/one/other"), 302),
        (Some(other.as_str()), 302),
        (Some("https://other.example/created"), 201),
        (Some(outside.as_str()), 302),
        (Some("http://evil.example/base/"), 302),
        (None, 201),
    ] {
        let reply = get(&proxy.target(), "/one/two", &[]).await;
        assert_eq!((reply.status, reply.header("location")), (status, location), "{reply:?}");
        assert_eq!(reply.body, "body");
    }
    assert_eq!(elsewhere.connections(), 0);
    for path in ["/../outside", "/%2e%2e/outside", "/..%2foutside", "/%252e%252e/outside", "/..;/outside", "*"] {
        let method = if path == "*" { "OPTIONS" } else { "GET" };
        let reply = proxy.target().send(proxy.target().request(method, path, &[], "")).await;
        assert_eq!(reply.status, 400, "{path}: {reply:?}");
    }
    for request in [
        "CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example:443\r\n\r\n".to_owned(),
        proxy.target().request("TRACE", "/", &[], ""),
    ] {
        assert_eq!(proxy.target().send(&request).await.status, 405, "{request}");
    }
    let absolute = get(&proxy.target(), "http://evil.example/", &[]).await;
    assert_eq!((absolute.status, server.connections()), (403, 7));
}

#[tokio::test]
async fn over_tcp_the_caller_presents_its_own_token() {
    let sandbox = Sandbox::start().await.unwrap();
    let settings = "[serve]\ncaller_tokens = 'callers'\n[serve.callers.reports]\nprofiles.lean = []\n[serve.callers.jobs]\nprofiles.leanix = []";
    let host = Host::of(&sandbox, settings);
    host.write("callers", &format!("reports {CALLER_TOKEN}\njobs {CALLER_TOKEN}-of-jobs\n"));
    let server = FaultServer::builder().always(ok("hello")).start().unwrap();
    let command = host.command(&["proxy", "lean", &server.base_url(), "--tcp", "127.0.0.1:0"]);
    let proxy = host.spawn(command, host.path("none"));
    proxy.logged("listening").await;
    let target = port(&proxy);
    let (own, other) = (format!("Bearer {CALLER_TOKEN}"), format!("Bearer {CALLER_TOKEN}-of-jobs"));
    for (headers, status) in [
        (vec![("authorization", own.as_str())], 200),
        (vec![("authorization", other.as_str())], 403),
        (vec![("authorization", "Bearer wrong")], 401),
        (vec![], 401),
        (vec![("authorization", own.as_str()), ("origin", "https://evil.example")], 403),
        (vec![("authorization", own.as_str()), ("host", "evil.example")], 403),
    ] {
        assert_eq!(get(&target, "/", &headers).await.status, status, "{headers:?}");
    }
    assert_eq!(server.connections(), 1);
    assert!(!server.requests()[0].contains(CALLER_TOKEN), "the upstream does not get it");
    host.check_for_leaks(&proxy, &[]);
}

#[tokio::test]
async fn a_body_may_take_long_as_long_as_it_moves() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "[serve.limits]\nidle = '1s'\nbody = '1s'");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = proxy(&host, &format!("http://{}", listener.local_addr().unwrap()), &[]).await;
    let head = "POST /upload HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n";
    let (mut caller, pause) = (proxy.target().connect().await, Duration::from_millis(300));
    caller.write_all(head.as_bytes()).await.unwrap();
    let mut upstream = accept(&listener).await;
    // Together, longer than the limit.
    for _ in 0..8 {
        caller.write_all(b"3\r\nabc\r\n").await.unwrap();
        tokio::time::sleep(pause).await;
    }
    caller.write_all(b"0\r\n\r\n").await.unwrap();
    upstream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await.unwrap();
    for _ in 0..8 {
        upstream.write_all(b"3\r\nxyz\r\n").await.unwrap();
        tokio::time::sleep(pause).await;
    }
    upstream.write_all(b"0\r\n\r\n").await.unwrap();
    let reply = read(&mut caller).await.unwrap();
    assert_eq!((reply.status, reply.body.matches("xyz").count()), (200, 8), "{reply:?}");

    drop(upstream);

    // An upstream that does not answer, and one that stops in the middle of its answer.
    let mut caller = proxy.target().connect().await;
    caller.write_all(proxy.target().request("GET", "/silent", &[], "").as_bytes()).await.unwrap();
    let _silent = accept(&listener).await;
    assert_eq!(read(&mut caller).await.map(|reply| reply.status), Some(504));
    let mut caller = proxy.target().connect().await;
    caller.write_all(proxy.target().request("GET", "/stalls", &[], "").as_bytes()).await.unwrap();
    let mut stalls = accept(&listener).await;
    stalls.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc").await.unwrap();
    let reply = read(&mut caller).await.unwrap();
    assert_eq!((reply.status, reply.body.as_str()), (200, "abc"), "it is cut off");

    // Callers that stop in the middle of a body, of unknown and of known length.
    for framing in ["transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n", "content-length: 9\r\n\r\nabc"] {
        let mut caller = proxy.target().connect().await;
        caller.write_all(format!("POST / HTTP/1.1\r\nhost: localhost\r\n{framing}").as_bytes()).await.unwrap();
        let reply = read(&mut caller).await.unwrap();
        assert_eq!((reply.status, reply.text("error").as_str()), (408, "usage"), "{framing}: {reply:?}");
    }

    // A body that is malformed.
    let framing = "transfer-encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n";
    let mut caller = proxy.target().connect().await;
    caller.write_all(format!("POST / HTTP/1.1\r\nhost: localhost\r\n{framing}").as_bytes()).await.unwrap();
    let reply = read(&mut caller).await.unwrap();
    assert_eq!((reply.status, reply.text("error").as_str()), (400, "usage"), "{reply:?}");
}

/// Accepts one connection, and reads the head of its request.
async fn accept(listener: &TcpListener) -> TcpStream {
    let (mut stream, _) = within("a connection of the proxy", listener.accept()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let byte = within("the head of the request", stream.read_u8()).await.unwrap();
        head.push(byte);
    }
    stream
}

#[tokio::test]
async fn bodies_are_forwarded_as_they_arrive_in_both_directions() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = proxy(&host, &format!("http://{}", listener.local_addr().unwrap()), &[]).await;
    let Target::Socket(path) = proxy.target() else { panic!("a socket") };
    let mut caller = tokio::net::UnixStream::connect(path).await.unwrap();
    let head = "POST /upload HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n";
    caller.write_all(head.as_bytes()).await.unwrap();
    let mut upstream = accept(&listener).await;
    let (mut received, mut answered) = (Vec::new(), Vec::new());
    for part in ["one", "two", "six"] {
        caller.write_all(format!("3\r\n{part}\r\n").as_bytes()).await.unwrap();
        while !String::from_utf8_lossy(&received).contains(part) {
            within("a part of the request", upstream.read_buf(&mut received)).await.unwrap();
        }
    }
    upstream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await.unwrap();
    for part in ["abc", "def", "xyz"] {
        upstream.write_all(format!("3\r\n{part}\r\n").as_bytes()).await.unwrap();
        while !String::from_utf8_lossy(&answered).contains(part) {
            within("a part of the response", caller.read_buf(&mut answered)).await.unwrap();
        }
    }
    // The caller goes away, and so does the exchange with the upstream.
    drop(caller);
    let closed = async {
        let mut rest = Vec::new();
        while upstream.write_all(b"3\r\nend\r\n").await.is_ok()
            && upstream.read_buf(&mut rest).await.is_ok_and(|read| read > 0)
        {}
    };
    within("the connection to the upstream is closed", closed).await;
}

#[tokio::test]
async fn a_large_body_passes_and_a_broken_one_is_not_passed_as_whole() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "");
    let large = "x".repeat(8 * 1024 * 1024);
    let broken = Raw::head("200 OK", &["content-length: 100"]).send("only this");
    let server = FaultServer::builder().then(ok(&large)).always(broken).start().unwrap();
    let proxy = proxy(&host, &server.base_url(), &[]).await;
    let reply = get(&proxy.target(), "/", &[]).await;
    assert_eq!((reply.status, reply.body.len()), (200, large.len()));
    let mut connection = proxy.target().connect().await;
    connection.write_all(proxy.target().request("GET", "/", &[], "").as_bytes()).await.unwrap();
    let reply = read(&mut connection).await.unwrap();
    assert_eq!((reply.header("content-length"), reply.body.len()), (Some("100"), 9), "it is cut off");
}

#[tokio::test]
async fn without_an_upstream_or_a_token_there_is_an_error_that_says_which() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = Host::of(&sandbox, "");
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let proxy = proxy(&host, &format!("http://{closed}"), &[]).await;
    let reply = get(&proxy.target(), "/", &[]).await;
    assert_eq!((reply.status, reply.text("error").as_str()), (502, "unavailable"), "{reply:?}");
    assert!(reply.text("message").contains(&closed.to_string()), "{reply:?}");
    drop(proxy);
    tokio::time::sleep(Duration::from_millis(50)).await;

    sandbox.lean().script().always(Step::status(503));
    std::fs::remove_dir_all(host.path(".cache")).unwrap();
    let proxy = self::proxy(&host, sandbox.base_url(), &[]).await;
    let reply = get(&proxy.target(), "/customers/v1", &[]).await;
    assert_eq!(
        (reply.status, reply.text("error").as_str(), reply.text("profile").as_str()),
        (503, "unavailable", "lean")
    );
    assert_eq!(sandbox.lean().resource_requests(), 0);

    for (arguments, problem) in [
        (vec!["proxy", "lean", "http://api.example"], "http"),
        (vec!["proxy", "none", "https://api.example", "--socket", "/tmp/a"], "no profile"),
        (vec!["proxy", "lean", "https://api.example"], "nothing to listen on"),
        (vec!["proxy", "lean", "https://api.example", "--tcp", "0.0.0.0:80"], "loopback"),
        (vec!["proxy", "lean", "https://api.example", "--tcp", "127.0.0.1:0"], "caller_tokens"),
        (vec!["proxy", "lean", "https://api.example", "--scope", "\"", "--socket", "/tmp/a"], "scope"),
    ] {
        let output = host.command(&arguments).output().await.unwrap();
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        assert!(message.contains(problem), "{arguments:?}: {message}");
    }
}
