//! The TLS settings of a client: the provider, the trusted root certificates, and the client certificate.

use std::sync::Arc;

use rustls::client::WantsClientCert;
use rustls::crypto::CryptoProvider;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use rustls_platform_verifier::BuilderVerifierExt;

use crate::CertificateProblem;
use crate::certificate::{self, Certificate, Identity};
use crate::{BuildError, descriptors};

/// The root certificates that are trusted.
#[derive(Debug)]
pub(crate) enum Roots {
    /// The root certificates of the system, and these.
    System(Vec<Certificate>),
    /// Only these.
    Only(Vec<Certificate>),
}

/// The providers that this crate was built with, the preferred one first.
const BUILT_IN: &[fn() -> CryptoProvider] = &[
    #[cfg(feature = "aws-lc-rs")]
    rustls::crypto::aws_lc_rs::default_provider,
    #[cfg(feature = "ring")]
    rustls::crypto::ring::default_provider,
];

/// Returns the provider of the process, otherwise the first built-in one. It is not installed for the process: only the
/// program may do that.
fn provider() -> Result<Arc<CryptoProvider>, BuildError> {
    let installed = CryptoProvider::get_default().cloned();
    installed.or_else(|| Some(Arc::new(BUILT_IN.first()?()))).ok_or(BuildError::NoCryptoProvider)
}

/// The settings of a client.
pub(crate) fn config(roots: Roots, identity: Option<Identity>) -> Result<ClientConfig, BuildError> {
    let versions = ClientConfig::builder_with_provider(provider()?).with_protocol_versions(&[&TLS13, &TLS12]);
    let config = trusting(versions.map_err(build_error)?, roots)?;
    let mut config = match identity {
        None => config.with_no_client_auth(),
        Some(Identity { chain, key }) => {
            config.with_client_auth_cert(chain, key).map_err(|_| BuildError::Certificate(CertificateProblem::Key))?
        }
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn trusting(
    config: ConfigBuilder<ClientConfig, WantsVerifier>,
    roots: Roots,
) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, BuildError> {
    match roots {
        Roots::System(more) if more.is_empty() => config.with_platform_verifier().map_err(build_error),
        Roots::System(more) => with_more_roots(config, more),
        Roots::Only(roots) => {
            let mut store = RootCertStore::empty();
            for root in certificate::all(roots) {
                store.add(root).map_err(|_| BuildError::Certificate(CertificateProblem::Certificate))?;
            }
            Ok(config.with_root_certificates(store))
        }
    }
}

#[cfg(not(target_os = "android"))]
fn with_more_roots(
    config: ConfigBuilder<ClientConfig, WantsVerifier>,
    more: Vec<Certificate>,
) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, BuildError> {
    let provider = Arc::clone(config.crypto_provider());
    let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(certificate::all(more), provider);
    // A test checks that no other verifier is installed here.
    Ok(config.dangerous().with_custom_certificate_verifier(Arc::new(verifier.map_err(build_error)?)))
}

#[cfg(target_os = "android")]
fn with_more_roots(
    _: ConfigBuilder<ClientConfig, WantsVerifier>,
    _: Vec<Certificate>,
) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, BuildError> {
    Err(BuildError::Certificate(CertificateProblem::Unsupported))
}

/// Converts an error of the TLS setup. The platform verifier has no error type for a system without root certificates,
/// only a text; a test builds a transport on such a system and detects a change of this text.
fn build_error(error: rustls::Error) -> BuildError {
    match &error {
        rustls::Error::General(text) if text.starts_with("No CA certificates were loaded") => {
            // Files that cannot be opened are skipped, whatever the reason.
            if descriptors::are_exhausted() { BuildError::TooManyOpenFiles } else { BuildError::NoRootCertificates }
        }
        _ => BuildError::Tls(error.into()),
    }
}
