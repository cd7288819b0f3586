//! The proxies of the environment. The tests start themselves a second time with one set, since a process reads them once.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::process::Command;
use std::sync::{Arc, Mutex};

use auth_core::{TokenError, Transport, TransportErrorKind};
use auth_sandbox::{Authority, Certificate, FaultServer, Raw, Tls};
use contract_tests::{Endpoint, Planted, responding};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::io::InspectReader;

/// Holds the address of a server on loopback in the process that has proxies.
const TARGET: &str = "CONTRACT_TESTS_TARGET";
/// Holds the certificate that such a process has to trust.
const ROOT: &str = "CONTRACT_TESTS_ROOT";
/// Where only a proxy leads to.
const ELSEWHERE: &str = "https://auth.example.com";
const TOKEN: &str = r#"{"access_token":"abc","token_type":"bearer"}"#;

/// Runs one test of this file in a process whose environment has this proxy for everything, and these variables.
async fn run_behind(proxy: &str, test: &str, variables: &[(&str, &str)]) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test]).env_remove("NO_PROXY").env_remove("no_proxy");
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        command.env(name, proxy);
    }
    command.envs(variables.iter().copied());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// Row: proxy from the environment.
#[tokio::test]
async fn a_plain_request_to_loopback_does_not_pass_a_proxy_and_another_one_passes_encrypted() {
    if let Ok(target) = std::env::var(TARGET) {
        return behind_a_proxy_that_refuses(&target).await;
    }
    let target = responding("200 OK", &[], TOKEN);
    let wants_credentials = ["proxy-authenticate: Basic realm=\"proxy\"", "content-type: application/json"];
    let refusal = r#"{"error":"invalid_client"}"#;
    let proxy = responding("407 Proxy Authentication Required", &wants_credentials, refusal);
    let test = "a_plain_request_to_loopback_does_not_pass_a_proxy_and_another_one_passes_encrypted";
    run_behind(&proxy.base_url(), test, &[(TARGET, &target.base_url())]).await;
    assert_eq!(target.connections(), 4);
    let received = proxy.requests();
    assert_eq!(received.len(), 4, "{received:?}");
    for request in received {
        assert!(request.starts_with("CONNECT auth.example.com:443 "), "{request}");
        let (head, rest) = request.split_once("\r\n\r\n").unwrap();
        assert!(rest.is_empty() && !head.to_ascii_lowercase().contains("authorization"), "{request}");
        assert_eq!(Planted::MIXED.markers().find_in(&request), None);
    }
}

async fn behind_a_proxy_that_refuses(target: &str) {
    let transport = Transport::new().unwrap();
    for endpoint in Endpoint::both(target, &transport) {
        assert!(endpoint.call().await.is_ok());
        assert!(endpoint.builder().build().access_token(&endpoint.scope).await.is_ok());
    }
    for endpoint in Endpoint::both(ELSEWHERE, &transport) {
        let tokens = endpoint.builder().retries(0).build();
        for error in [endpoint.call().await.unwrap_err(), tokens.access_token(&endpoint.scope).await.unwrap_err()] {
            let TokenError::Transport(failure) = &error else { panic!("a 407 is no bad credential: {error:?}") };
            assert_eq!(failure.kind(), &TransportErrorKind::Connect);
            assert!(!error.refuses_credentials());
        }
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

    let (received, markers) = (target.requests(), Planted::MIXED.markers());
    assert_eq!(received.iter().filter(|request| markers.find_in(request).is_some()).count(), 4, "the server reads it");
    let passed = String::from_utf8_lossy(&passed.lock().unwrap()).into_owned();
    assert_eq!(passed.matches("CONNECT auth.example.com:443 ").count(), 4);
    assert_eq!(markers.find_in(&passed), None, "the proxy does not");
}

/// A proxy that keeps what clients send through it.
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
            // Either side may hang up first.
            let _ = copy_bidirectional(&mut stream, &mut target).await;
        });
    }
}

async fn behind_a_proxy_that_relays(root: &str) {
    let root = reqwest::Certificate::from_pem(root.as_bytes()).unwrap();
    let transport = Transport::builder().only_root_certificates([root]).build().unwrap();
    for endpoint in Endpoint::both(ELSEWHERE, &transport) {
        assert_eq!(endpoint.call().await.unwrap().expose(), "abc");
        let tokens = endpoint.builder().build();
        assert_eq!(tokens.access_token(&endpoint.scope).await.unwrap().expose(), "abc");
    }
}
