//! The TLS settings of a client: the trusted root certificates, and the client certificate.

use std::sync::Arc;

use rustls::client::WantsClientCert;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use rustls_platform_verifier::BuilderVerifierExt;

use crate::CertificateProblem;
use crate::certificate::{self, Certificate, Identity};
use crate::provider::provider;
use crate::{BuildError, SharedIdentity, descriptors};

/// The root certificates that are trusted.
#[derive(Debug)]
pub(crate) enum Roots {
    /// The root certificates of the system, and these.
    System(Vec<Certificate>),
    /// Only these.
    Only(Vec<Certificate>),
}

/// The client certificate that is presented, with its key.
pub(crate) enum Presented {
    None,
    Always(Identity),
    Current(SharedIdentity),
}

/// The settings of a client.
pub(crate) fn config(roots: Roots, presented: Presented) -> Result<ClientConfig, BuildError> {
    let versions = ClientConfig::builder_with_provider(provider()?).with_protocol_versions(&[&TLS13, &TLS12]);
    let config = trusting(versions.map_err(build_error)?, roots)?;
    let mut config = match presented {
        Presented::None => config.with_no_client_auth(),
        Presented::Always(Identity { chain, key }) => {
            let config = config.with_client_auth_cert(chain, key.clone_key());
            config.map_err(|_| BuildError::Certificate(CertificateProblem::Key))?
        }
        Presented::Current(identity) => identity.present(config),
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
