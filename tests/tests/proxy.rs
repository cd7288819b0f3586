//! The proxies of the environment. The test starts itself a second time with one set, since a process reads them once.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::process::Command;

use auth_core::{TokenError, Transport, TransportErrorKind};
use contract_tests::{Endpoint, Planted, responding};

/// Holds the address of a server on loopback in the process that has proxies.
const TARGET: &str = "CONTRACT_TESTS_TARGET";

/// Row: proxy from the environment.
#[tokio::test]
async fn a_plain_request_to_loopback_does_not_pass_a_proxy_and_another_one_passes_encrypted() {
    if let Ok(target) = std::env::var(TARGET) {
        return behind_a_proxy(&target).await;
    }
    let token = r#"{"access_token":"abc","token_type":"bearer"}"#;
    let target = responding("200 OK", &[], token);
    let wants_credentials = ["proxy-authenticate: Basic realm=\"proxy\"", "content-type: application/json"];
    let refusal = r#"{"error":"invalid_client"}"#;
    let proxy = responding("407 Proxy Authentication Required", &wants_credentials, refusal);
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env(TARGET, target.base_url()).env_remove("NO_PROXY").env_remove("no_proxy");
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        command.env(name, proxy.base_url());
    }
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(target.connections(), 4);
    let received = proxy.requests();
    assert_eq!(received.len(), 4, "{received:?}");
    for request in received {
        assert!(request.starts_with("CONNECT auth.example.com:443 "), "{request}");
        let (head, rest) = request.split_once("\r\n\r\n").unwrap();
        assert!(rest.is_empty() && !head.to_ascii_lowercase().contains("authorization"), "{request}");
        assert_eq!(Planted::markers().find_in(&request), None);
    }
}

async fn behind_a_proxy(target: &str) {
    let transport = Transport::new().unwrap();
    for endpoint in Endpoint::both(target, &transport) {
        assert!(endpoint.call().await.is_ok());
        assert!(endpoint.builder().build().access_token(&endpoint.scope).await.is_ok());
    }
    for endpoint in Endpoint::both("https://auth.example.com", &transport) {
        let tokens = endpoint.builder().retries(0).build();
        for error in [endpoint.call().await.unwrap_err(), tokens.access_token(&endpoint.scope).await.unwrap_err()] {
            let TokenError::Transport(failure) = &error else { panic!("a 407 is no bad credential: {error:?}") };
            assert_eq!(failure.kind(), &TransportErrorKind::Connect);
            assert!(!error.refuses_credentials());
        }
    }
}
