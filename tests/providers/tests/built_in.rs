//! Processes that have installed no TLS provider.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use auth_core::{BearerClient, BuildError, Secret, Transport};
use provider_tests::{gets_tokens, offer, presents_certificates, server, signs_assertions, transports};
use rustls::NamedGroup;
use rustls::crypto::CryptoProvider;

#[tokio::test]
#[cfg_attr(not(any(feature = "aws-lc-rs", feature = "ring")), ignore = "no provider is built in")]
async fn a_client_has_the_provider_that_it_is_built_with_and_aws_lc_rs_comes_first() {
    let (_, root) = server();
    for transport in transports(&root) {
        let offer = offer(transport.unwrap()).await;
        // Only aws-lc-rs has key exchange that is safe from quantum computers.
        let has = offer.groups.contains(&NamedGroup::X25519MLKEM768);
        assert_eq!(has, cfg!(feature = "aws-lc-rs"), "{offer:?}");
        assert!(offer.groups.contains(&NamedGroup::X25519), "{offer:?}");
    }
    gets_tokens().await;
    signs_assertions().await;
    presents_certificates().await;
    assert!(CryptoProvider::get_default().is_none(), "nothing is installed behind the program's back");
}

#[tokio::test]
#[cfg_attr(any(feature = "aws-lc-rs", feature = "ring"), ignore = "a provider is built in")]
async fn without_a_provider_no_client_is_built_and_the_error_says_what_to_do() {
    let (_, root) = server();
    let mut errors: Vec<_> = transports(&root).map(|transport| transport.unwrap_err()).into();
    errors.push(Transport::new().unwrap_err());
    errors.push(BearerClient::new(Secret::from("abc"), "https://127.0.0.1:1").unwrap_err());
    errors.push(BearerClient::new(Secret::from("abc"), "http://127.0.0.1:1").unwrap_err());
    errors.push(auth_core::lean::Client::sandbox_uae().unwrap_err());
    errors.push(auth_core::leanix::Client::new("https://example.leanix.net").unwrap_err());
    for error in errors {
        assert!(matches!(error, BuildError::NoCryptoProvider), "{error:?}");
        let text = error.to_string();
        for part in ["no TLS provider", "`aws-lc-rs`", "`ring`", "`rustls::crypto::CryptoProvider::install_default`"] {
            assert!(text.contains(part), "no {part} in {text}");
        }
    }
}
