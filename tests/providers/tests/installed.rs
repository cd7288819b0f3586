//! A process whose program has installed a TLS provider of its own.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use provider_tests::{gets_tokens, offer, presents_certificates, server, signs_assertions, transports};
use rustls::CipherSuite;
use rustls::crypto::{CryptoProvider, aws_lc_rs};

#[tokio::test]
async fn the_provider_that_a_program_installed_comes_before_those_that_are_built_in() {
    let suites = vec![aws_lc_rs::cipher_suite::TLS13_CHACHA20_POLY1305_SHA256];
    CryptoProvider { cipher_suites: suites, ..aws_lc_rs::default_provider() }.install_default().unwrap();
    let (_, root) = server();
    for transport in transports(&root) {
        let offer = offer(transport.unwrap()).await;
        assert!(offer.suites.contains(&CipherSuite::TLS13_CHACHA20_POLY1305_SHA256), "{offer:?}");
        assert!(!offer.suites.contains(&CipherSuite::TLS13_AES_256_GCM_SHA384), "{offer:?}");
    }
    gets_tokens().await;
    signs_assertions().await;
    presents_certificates().await;
}
