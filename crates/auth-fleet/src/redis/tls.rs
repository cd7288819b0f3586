//! The TLS settings of connections.

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;

use crate::store::error::{StoreError, StoreErrorKind};

/// The settings of a client that trusts these root certificates in PEM format, or those of the system. Uses the provider of the
/// process, otherwise that of aws-lc-rs.
pub(super) fn config(roots: Option<&[u8]>) -> Result<Arc<ClientConfig>, StoreError> {
    let provider = CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(aws_lc_rs::default_provider()));
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| refused("the TLS provider of the process has no usable version of TLS"))?;
    let config = match roots {
        None => config.with_platform_verifier().map_err(|_| refused("the system has no root certificates"))?,
        Some(pem) => config.with_root_certificates(store(pem)?),
    };
    Ok(Arc::new(config.with_no_client_auth()))
}

/// Reads root certificates in PEM format. Errors of the parser are dropped, since they repeat lines of the text.
fn store(pem: &[u8]) -> Result<RootCertStore, StoreError> {
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|_| refused("the root certificates are not in PEM format"))?;
        store.add(certificate).map_err(|_| refused("a root certificate cannot be read"))?;
    }
    if store.is_empty() { Err(refused("the text of the root certificates has none")) } else { Ok(store) }
}

fn refused(reason: &'static str) -> StoreError {
    StoreError::new(StoreErrorKind::Configuration, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_certificates_that_cannot_be_used_are_refused_without_repeating_them() {
        for pem in [
            "",
            "s3cret",
            "-----BEGIN CERTIFICATE-----\ns3cret",
            "-----BEGIN CERTIFICATE-----\nczNjcmV0\n-----END CERTIFICATE-----\n",
        ] {
            let error = config(Some(pem.as_bytes())).unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Configuration);
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
    }
}
