//! The certificate and key of a server.

use std::{fmt, sync::Arc};

use rcgen::{ExtendedKeyUsagePurpose, KeyPair};
use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
};

use crate::{
    Certificate, StartError,
    certificate::{new_key, unusable},
};

/// A server's certificate with its key. Cloning is cheap.
#[derive(Clone)]
pub struct ServerIdentity {
    certificate: CertificateDer<'static>,
    key: Arc<PrivateKeyDer<'static>>,
}

impl ServerIdentity {
    /// Creates a self-signed certificate, which clients must not accept.
    ///
    /// # Errors
    ///
    /// [`StartError::Certificate`] if the host is neither a DNS name nor an IP address.
    pub fn self_signed(certificate: Certificate) -> Result<Self, StartError> {
        let key = new_key()?;
        let parameters = certificate.parameters(ExtendedKeyUsagePurpose::ServerAuth)?;
        let issued = parameters.self_signed(&key).map_err(unusable)?;
        Ok(Self::new(issued.der().clone(), &key))
    }

    pub(crate) fn new(certificate: CertificateDer<'static>, key: &KeyPair) -> Self {
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        Self { certificate, key: Arc::new(key.into()) }
    }

    /// The configuration of a TLS 1.2 and 1.3 server for HTTP/1.1 with this identity, without client certificates.
    ///
    /// # Errors
    ///
    /// [`StartError::Certificate`] if TLS cannot be set up with the key.
    pub fn server_config(&self) -> Result<Arc<ServerConfig>, StartError> {
        self.config(WebPkiClientVerifier::no_client_auth())
    }

    pub(crate) fn config(&self, clients: Arc<dyn ClientCertVerifier>) -> Result<Arc<ServerConfig>, StartError> {
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .with_client_cert_verifier(clients)
            .with_single_cert(vec![self.certificate.clone()], self.key.clone_key())
            .map_err(unusable)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

impl fmt::Debug for ServerIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the key.
        f.debug_struct("ServerIdentity").finish_non_exhaustive()
    }
}

/// Set explicitly, since the process-wide provider belongs to the program that uses the sandbox.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}
