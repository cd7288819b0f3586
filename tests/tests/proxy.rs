//! The proxies of the environment. The tests run themselves in a second process with a proxy set, since a process reads
//! it once.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth_core::{BearerClient, CallError, ProxyProblem, Secret, TokenError, Transport, TransportErrorKind};
use auth_sandbox::{Authority, Certificate, FaultServer, Raw, Tls};
use integration_tests::{ClosedPort, Endpoint, TestSecrets, answering, output, responding};
use reqwest::Proxy;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::io::InspectReader;

/// The address of a server on loopback, for the process behind a proxy.
const TARGET: &str = "INTEGRATION_TESTS_TARGET";
/// The certificate that such a process must trust.
const ROOT: &str = "INTEGRATION_TESTS_ROOT";
/// An address that can only be reached through a proxy.
const ELSEWHERE: &str = "https://auth.example.com";
const TOKEN: &str = r#"{"access_token":"abc","token_type":"bearer"}"#;

/// Runs one test of this file in a process whose environment sets this proxy for everything, and these variables.
async fn run_behind(proxy: &str, test: &str, variables: &[(&str, &str)]) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test]).env_remove("NO_PROXY").env_remove("no_proxy");
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        command.env(name, proxy);
    }
    command.envs(variables.iter().copied());
    let output = output(command).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// Row: proxy from the environment.
#[tokio::test]
async fn a_plain_request_to_loopback_bypasses_the_proxy_and_others_pass_it_encrypted() {
    if let Ok(target) = std::env::var(TARGET) {
        return behind_a_proxy_that_refuses(&target).await;
    }
    let target = responding("200 OK", &[], TOKEN);
    let wants_credentials = ["proxy-authenticate: Basic realm=\"proxy\"", "content-type: application/json"];
    let refusal = r#"{"error":"invalid_client"}"#;
    let proxy = responding("407 Proxy Authentication Required", &wants_credentials, refusal);
    let test = "a_plain_request_to_loopback_bypasses_the_proxy_and_others_pass_it_encrypted";
    let address = proxy.base_url().replace("http://", "http://someone:proxyword@");
    run_behind(&address, test, &[(TARGET, &target.base_url())]).await;
    assert_eq!(target.connections(), 5);
    let received = proxy.requests();
    assert_eq!(received.len(), 5, "{received:?}");
    for request in received {
        assert!(request.starts_with("CONNECT auth.example.com:443 "), "{request}");
        let (head, rest) = request.split_once("\r\n\r\n").unwrap();
        let head = head.to_ascii_lowercase().replace("proxy-authorization: basic c29tzw9uztpwcm94exdvcmq=", "");
        assert!(rest.is_empty() && !head.contains("authorization"), "{request}");
        assert_eq!(TestSecrets::MIXED.markers().find_in(&request), None);
    }
}

async fn behind_a_proxy_that_refuses(target: &str) {
    let transport = Transport::new().unwrap();
    for endpoint in Endpoint::both(target, &transport) {
        assert!(endpoint.call().await.is_ok());
        assert!(endpoint.builder().build().access_token(&endpoint.scope).await.is_ok());
    }
    let api = BearerClient::new(Secret::from("abc"), target).unwrap();
    assert_eq!(api.get("/").send().await.unwrap().status(), 200);
    let proxy = std::env::var("HTTPS_PROXY").unwrap().replace("http://someone:proxyword@", "");
    for endpoint in Endpoint::both(ELSEWHERE, &transport) {
        let tokens = endpoint.builder().retries(2).build();
        for error in [endpoint.call().await.unwrap_err(), tokens.access_token(&endpoint.scope).await.unwrap_err()] {
            is_about_the_proxy(&error, &proxy, ProxyProblem::Authentication);
            assert!(!error.is_transient() && !error.refuses_credentials(), "{error}");
            assert!(error.to_string().contains("407"), "{error}");
        }
    }
    let api = BearerClient::new(Secret::from("abc"), ELSEWHERE).unwrap();
    let CallError::Send(error) = api.get("/").send().await.unwrap_err() else { panic!("a 407 of a proxy") };
    is_about_the_proxy(&TokenError::Transport(error), &proxy, ProxyProblem::Authentication);
}

/// Checks that an error names the proxy and the server, and shows no part of the proxy's password.
fn is_about_the_proxy(error: &TokenError, proxy: &str, problem: ProxyProblem) {
    let TokenError::Transport(failure) = error else { panic!("not of the server: {error:?}") };
    assert_eq!(failure.kind(), &TransportErrorKind::Proxy { proxy: Some(proxy.to_owned()), problem });
    assert_eq!(failure.server(), "auth.example.com:443");
    let printed = format!("{error} {error:?}");
    assert!(error.to_string().contains(proxy) && error.to_string().contains("auth.example.com:443"), "{error}");
    assert!(!printed.contains("someone") && !printed.contains("proxyword"), "{printed}");
}

/// A transport with this proxy and its password that trusts no server.
fn through(proxy: &str) -> Transport {
    let proxy = Proxy::https(proxy.replace("://", "://someone:proxyword@")).unwrap();
    Transport::builder().proxy(proxy).only_root_certificates([]).build().unwrap()
}

/// Row: proxy that opens no tunnel.
#[tokio::test]
async fn a_proxy_that_opens_no_tunnel_is_named_and_retried_except_after_a_407() {
    for (answer, problem, requests) in [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n",
            ProxyProblem::Authentication,
            1,
        ),
        ("HTTP/1.0 407 No\r\n\r\n", ProxyProblem::Authentication, 1),
        ("HTTP/1.1 403 Forbidden\r\n\r\n", ProxyProblem::Tunnel, 3),
        ("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 7\r\n\r\n<html>\n", ProxyProblem::Tunnel, 3),
        // According to RFC 9110 section 9.3.6 any 2xx opens the tunnel. The HTTP library accepts only 200.
        ("HTTP/1.1 201 Created\r\n\r\n", ProxyProblem::Tunnel, 3),
        ("this is not HTTP\r\n\r\n", ProxyProblem::Tunnel, 3),
        ("", ProxyProblem::Tunnel, 3),
    ] {
        let server = answering(answer);
        let transport = through(&server.base_url());
        let address = server.base_url().replace("http://", "");
        for endpoint in Endpoint::both(ELSEWHERE, &transport) {
            let before = server.connections();
            let tokens = endpoint.builder().retries(2).build();
            let error = tokens.access_token(&endpoint.scope).await.unwrap_err();
            is_about_the_proxy(&error, &address, problem);
            assert_eq!((server.connections() - before, error.is_transient()), (requests, requests > 1), "{answer}");
        }
    }
}

/// Row: proxy that opens no tunnel.
#[tokio::test]
async fn a_proxy_without_a_connection_or_with_a_wrong_certificate_is_named() {
    let closed = ClosedPort::new();
    let closed_port = closed.address().to_string();
    let no_name = "no-such-host.invalid:3128";
    for proxy in [closed_port.as_str(), no_name] {
        for endpoint in Endpoint::both(ELSEWHERE, &through(&format!("http://{proxy}"))) {
            let error = endpoint.call().await.unwrap_err();
            is_about_the_proxy(&error, proxy, ProxyProblem::Connect);
            assert!(error.is_transient());
        }
    }
    let identity = Authority::new().unwrap().issue(Certificate::for_host("127.0.0.1")).unwrap();
    let tls = Tls::new(identity.server_config().unwrap());
    let proxy = FaultServer::builder().tls(tls).always(Raw::nothing()).start().unwrap();
    for endpoint in Endpoint::both(ELSEWHERE, &through(&proxy.base_url())) {
        let error = endpoint.call().await.unwrap_err();
        is_about_the_proxy(&error, &proxy.base_url().replace("https://", ""), ProxyProblem::Tls);
        assert!(!error.is_transient());
    }
}

/// Row: proxy that opens no tunnel.
#[tokio::test]
async fn a_proxy_that_stays_silent_is_named_if_it_is_the_one_on_the_way() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let impatient = |proxy: Proxy| {
        let builder = Transport::builder().proxy(proxy).only_root_certificates([]);
        builder.connect_timeout(Duration::from_millis(200)).build().unwrap()
    };
    let proxy = || Proxy::https(format!("http://{address}")).unwrap();
    for endpoint in Endpoint::both(ELSEWHERE, &impatient(proxy())) {
        let error = endpoint.call().await.unwrap_err();
        is_about_the_proxy(&error, &address, ProxyProblem::Timeout);
        assert!(error.is_transient());
    }
    // Here the error cannot know whether the proxy was used.
    let maybe = impatient(proxy().no_proxy(reqwest::NoProxy::from_string("127.0.0.1")));
    for endpoint in Endpoint::both(&format!("https://{address}"), &maybe) {
        let error = endpoint.call().await.unwrap_err();
        let TokenError::Transport(failure) = &error else { panic!("{error:?}") };
        assert_eq!((failure.kind(), failure.server()), (&TransportErrorKind::Timeout, address.as_str()));
    }
}

/// Row: proxy that opens no tunnel.
#[tokio::test]
async fn behind_a_proxy_a_server_with_a_wrong_certificate_is_named_itself() {
    let identity = Authority::new().unwrap().issue(Certificate::for_host("auth.example.com")).unwrap();
    let tls = Tls::new(identity.server_config().unwrap());
    let target = FaultServer::builder().tls(tls).always(Raw::nothing()).start().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(relay(listener, target.base_url().replace("https://", ""), Arc::default()));
    for endpoint in Endpoint::both(ELSEWHERE, &through(&proxy)) {
        let error = endpoint.call().await.unwrap_err();
        let TokenError::Transport(failure) = &error else { panic!("{error:?}") };
        assert_eq!((failure.kind(), failure.server()), (&TransportErrorKind::Tls, "auth.example.com:443"));
    }
}

/// Row: proxy from the environment.
#[tokio::test]
async fn a_proxy_that_passes_on_what_it_cannot_read_leads_to_the_token() {
    if let Ok(root) = std::env::var(ROOT) {
        return behind_a_proxy_that_relays(&root).await;
    }
    let authority = Authority::new().unwrap();
    let identity = authority.issue(Certificate::for_host("auth.example.com")).unwrap();
    let tls = Tls::new(identity.server_config().unwrap());
    let target = FaultServer::builder().tls(tls).always(Raw::response("200 OK", &[], TOKEN)).start().unwrap();
    let address = target.base_url().replace("https://", "");

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let passed = Arc::new(Mutex::new(Vec::new()));
    tokio::spawn(relay(listener, address, Arc::clone(&passed)));
    let test = "a_proxy_that_passes_on_what_it_cannot_read_leads_to_the_token";
    run_behind(&proxy, test, &[(ROOT, authority.root_pem())]).await;

    let (received, markers) = (target.requests(), TestSecrets::MIXED.markers());
    assert_eq!(received.iter().filter(|request| markers.find_in(request).is_some()).count(), 4, "the server reads it");
    let passed = String::from_utf8_lossy(&passed.lock().unwrap()).into_owned();
    assert_eq!(passed.matches("CONNECT auth.example.com:443 ").count(), 4);
    assert_eq!(markers.find_in(&passed), None, "the proxy does not");
}

/// A proxy that records the data that clients send through it.
async fn relay(listener: TcpListener, target: String, passed: Arc<Mutex<Vec<u8>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (target, passed) = (target.clone(), Arc::clone(&passed));
        tokio::spawn(async move {
            let mut stream = InspectReader::new(stream, |bytes: &[u8]| passed.lock().unwrap().extend_from_slice(bytes));
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
            let mut target = TcpStream::connect(target).await.unwrap();
            // Either side may close the connection first.
            let _ = copy_bidirectional(&mut stream, &mut target).await;
        });
    }
}

async fn behind_a_proxy_that_relays(root: &str) {
    let root = auth_transport::Certificate::from_pem(root.as_bytes()).unwrap();
    let transport = Transport::builder().only_root_certificates([root]).build().unwrap();
    for endpoint in Endpoint::both(ELSEWHERE, &transport) {
        assert_eq!(endpoint.call().await.unwrap().expose(), "abc");
        let tokens = endpoint.builder().build();
        assert_eq!(tokens.access_token(&endpoint.scope).await.unwrap().expose(), "abc");
    }
}
