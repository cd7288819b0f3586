//! Machines without root certificates, or without a free file descriptor. The tests run themselves in a second process,
//! since both are properties of a process. On Apple's systems and on Windows the system verifies certificates, so a
//! client is built without loading any.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::error::Error as _;
use std::fs::File;
use std::path::Path;
use std::process::Command;

use auth_core::{
    BearerClient, BuildError, CredentialError, CredentialSource, FailureReason, ProxyProblem, Secret, SecretFile,
    SecretProblem, TokenError, Transport, TransportErrorKind,
};
use auth_sandbox::{Authority, Certificate, FaultServer, Raw, Tls};
use integration_tests::{Endpoint, output, write_secret};

/// The address of a server on loopback, for the second process.
const TARGET: &str = "INTEGRATION_TESTS_TARGET";
/// The certificate that the second process must trust.
const ROOT: &str = "INTEGRATION_TESTS_ROOT";
const TOKEN: &str = r#"{"access_token":"abc","token_type":"bearer","expires_in":3599}"#;

/// Runs one test of this file in a process with these variables.
async fn run_again(test: &str, variables: &[(&str, &str)]) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test]).envs(variables.iter().copied());
    let output = output(command).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "no test is named {test}");
}

#[tokio::test]
async fn missing_root_certificates_are_reported_and_own_ones_can_be_trusted() {
    if let Ok(target) = std::env::var(TARGET) {
        return without_roots(&target).await;
    }
    let authority = Authority::new().unwrap();
    let tls = Tls::new(authority.issue(Certificate::for_host("127.0.0.1")).unwrap().server_config().unwrap());
    let answer = Raw::response("200 OK", &["content-type: application/json"], TOKEN);
    let server = FaultServer::builder().tls(tls).always(answer).start().unwrap();
    let nowhere = std::env::temp_dir().join("there-are-no-certificates-here").display().to_string();
    let variables = [
        ("SSL_CERT_FILE", nowhere.as_str()),
        ("SSL_CERT_DIR", &nowhere),
        (TARGET, &server.base_url()),
        (ROOT, authority.root_pem()),
    ];
    run_again("missing_root_certificates_are_reported_and_own_ones_can_be_trusted", &variables).await;
    assert_eq!(server.connections(), 3, "its own certificates are trusted");
}

async fn without_roots(target: &str) {
    let clients = [
        Transport::new().err(),
        Transport::builder().build().err(),
        BearerClient::new(Secret::from("abc"), target).err(),
        lean_auth::Client::sandbox_uae().err(),
    ];
    for error in clients {
        let error = error.expect("there are no root certificates");
        assert!(matches!(error, BuildError::NoRootCertificates), "{error:?}");
        assert!(error.source().is_none(), "{error:?}");
        let text = error.to_string();
        for part in ["no root certificates", "`ca-certificates`", "SSL_CERT_FILE", "`only_root_certificates`"] {
            assert!(text.contains(part), "no {part} in {text}");
        }
    }
    // Without TLS, no certificates are needed.
    assert!(BearerClient::new(Secret::from("abc"), "http://127.0.0.1:1").is_ok());
    let root = auth_transport::Certificate::from_pem(std::env::var(ROOT).unwrap().as_bytes()).unwrap();
    let added = Transport::builder().add_root_certificate(root.clone()).build().unwrap();
    let only = Transport::builder().only_root_certificates([root]).build().unwrap();
    for endpoint in Endpoint::both(target, &only) {
        endpoint.call().await.unwrap();
    }
    Endpoint::both(target, &added).into_iter().next().unwrap().call().await.unwrap();
}

#[tokio::test]
async fn too_many_open_files_are_named_as_the_cause_and_pass() {
    if let Ok(target) = std::env::var(TARGET) {
        return with_too_many_open_files(&target).await;
    }
    let answer = Raw::response("200 OK", &["content-type: application/json"], TOKEN);
    let server = FaultServer::builder().always(answer).start().unwrap();
    run_again("too_many_open_files_are_named_as_the_cause_and_pass", &[(TARGET, &server.base_url())]).await;
    assert_eq!(server.connections(), 2, "only after a descriptor was free");
}

/// Opens files until the limit is reached.
fn fill() -> Vec<File> {
    let mut open = Vec::new();
    loop {
        match File::open("/dev/null") {
            Ok(file) => open.push(file),
            Err(error) => {
                assert_eq!(error.raw_os_error(), Some(24), "{error}");
                return open;
            }
        }
    }
}

async fn with_too_many_open_files(target: &str) {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bare-machine-secret");
    write_secret(&path, "abc");
    let secret = SecretFile::new(&path);
    let read = async || CredentialSource::<Secret>::credentials(&secret).await;
    read().await.unwrap();
    let proxy = reqwest::Proxy::all("http://127.0.0.1:1").unwrap();
    let proxied = Transport::builder().proxy(proxy).only_root_certificates([]).build().unwrap();
    let direct = Transport::builder().only_root_certificates([]).build().unwrap();
    rlimit::setrlimit(rlimit::Resource::NOFILE, 64, 64).unwrap();

    let open = fill();
    let endpoints = [
        Endpoint::both(target, &direct),
        Endpoint::both("https://auth.example.invalid", &direct),
        Endpoint::both("https://auth.example.invalid", &proxied),
    ];
    for endpoint in endpoints.iter().flatten() {
        let tokens = endpoint.builder().retries(0).build();
        for error in [endpoint.call().await.unwrap_err(), tokens.access_token(&endpoint.scope).await.unwrap_err()] {
            let TokenError::Transport(failure) = &error else { panic!("{error:?}") };
            assert_eq!(failure.kind(), &TransportErrorKind::TooManyOpenFiles, "{failure}");
            assert!(error.is_transient(), "a file that is closed makes room");
            assert_eq!(error.reason(), FailureReason::TooManyOpenFiles);
            let text = error.to_string();
            assert!(text.contains("too many open files") && text.contains("`ulimit -n`"), "{text}");
            assert!(text.contains(failure.server()), "{text}");
        }
    }
    let error = read().await.unwrap_err();
    assert!(matches!(error, CredentialError::Place { problem: SecretProblem::TooManyOpenFiles, .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("too many open files") && text.contains("`ulimit -n`"), "{text}");
    assert_eq!(TokenError::from(error).reason(), FailureReason::TooManyOpenFiles);
    // The certificate files exist, but cannot be opened.
    let error = Transport::new().unwrap_err();
    assert!(matches!(error, BuildError::TooManyOpenFiles), "{error:?}");
    assert!(error.to_string().contains("`ulimit -n`"), "{error}");

    drop(open);
    for endpoint in endpoints[0].iter() {
        endpoint.call().await.unwrap();
    }
    let kinds = [(&endpoints[1], false), (&endpoints[2], true)];
    for (endpoints, is_proxied) in kinds {
        let TokenError::Transport(error) = endpoints[0].call().await.unwrap_err() else { panic!("no connection") };
        let wanted = if is_proxied {
            TransportErrorKind::Proxy { proxy: Some("127.0.0.1:1".to_owned()), problem: ProxyProblem::Connect }
        } else {
            TransportErrorKind::Dns
        };
        assert_eq!(error.kind(), &wanted, "with free descriptors, the cause is another one");
    }
    read().await.unwrap();
}
