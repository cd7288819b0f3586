//! The proxies of the environment. The test starts itself a second time with one set, since a process reads them once.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::process::Command;

use auth_transport::{Error, Secret, TransportErrorKind};
use contract_tests::responding;
use lean_auth::types::{TokenRequest, TokenRequestGrantType};

/// Holds the address of a server on loopback in the process that has proxies.
const TARGET: &str = "CONTRACT_TESTS_TARGET";

#[tokio::test]
async fn a_plain_request_to_loopback_does_not_pass_a_proxy_and_another_one_passes_encrypted() {
    if let Ok(target) = std::env::var(TARGET) {
        return behind_a_proxy(&target).await;
    }
    let token = r#"{"access_token":"abc","token_type":"bearer"}"#;
    let target = responding("200 OK", &[], token);
    let proxy = responding("407 Proxy Authentication Required", &[], "");
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env(TARGET, target.base_url()).env_remove("NO_PROXY").env_remove("no_proxy");
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        command.env(name, proxy.base_url());
    }
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(target.connections(), 1);
    let received = proxy.requests();
    assert_eq!(received.len(), 1, "{received:?}");
    assert!(received[0].starts_with("CONNECT auth.example.com:443 "), "{received:?}");
    assert!(!received[0].contains("MARKER"), "{received:?}");
}

async fn behind_a_proxy(target: &str) {
    let request = TokenRequest {
        client_id: "id".to_owned(),
        client_secret: Secret::from("MARKER"),
        grant_type: TokenRequestGrantType::ClientCredentials,
        scope: "api".to_owned(),
    };
    let client = lean_auth::Client::new(target).unwrap();
    client.generate_access_token(&request).await.unwrap();
    let client = lean_auth::Client::new("https://auth.example.com").unwrap();
    let answer = client.generate_access_token(&request).await;
    let Err(Error::Transport(error)) = answer else { panic!("a 407 is no bad credential: {answer:?}") };
    assert_eq!(error.kind(), &TransportErrorKind::Connect);
}
