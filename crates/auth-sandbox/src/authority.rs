//! A certificate authority for one run.

use std::{fmt, sync::Arc};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::{
    RootCertStore, ServerConfig,
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
};

use crate::{
    Certificate, ServerIdentity, StartError,
    certificate::{new_key, unusable},
    identity::provider,
    random,
};

/// A certificate authority for tests. Clients trust it only if they add the root certificate. Each authority generates
/// its own key, which cannot be exported.
///
/// Cloning is cheap; clones are the same authority.
#[derive(Clone)]
pub struct Authority(Arc<Inner>);

struct Inner {
    issuer: Issuer<'static, KeyPair>,
    root: rcgen::Certificate,
    root_pem: String,
}

impl Authority {
    /// Creates an authority with a new key.
    ///
    /// # Errors
    ///
    /// [`StartError::Crypto`] or [`StartError::Certificate`] if the operating system provides no randomness.
    pub fn new() -> Result<Self, StartError> {
        let key = new_key()?;
        let mut parameters = CertificateParams::default();
        // Each authority has another name, so a client that trusts another authority reports an unknown issuer.
        let name = format!("auth-sandbox root {}", random::uuid()?);
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let root = parameters.self_signed(&key).map_err(unusable)?;
        let root_pem = root.pem();
        Ok(Self(Arc::new(Inner { issuer: Issuer::new(parameters, key), root, root_pem })))
    }

    /// The root certificate in PEM format, for clients to trust.
    #[must_use]
    pub fn root_pem(&self) -> &str {
        &self.0.root_pem
    }

    /// Issues a server certificate.
    ///
    /// # Errors
    ///
    /// [`StartError::Certificate`] if the host is neither a DNS name nor an IP address.
    pub fn issue(&self, certificate: Certificate) -> Result<ServerIdentity, StartError> {
        let key = new_key()?;
        let parameters = certificate.parameters(ExtendedKeyUsagePurpose::ServerAuth)?;
        let issued = parameters.signed_by(&key, &self.0.issuer).map_err(unusable)?;
        Ok(ServerIdentity::new(issued.der().clone(), &key))
    }

    /// Issues a client certificate for this name, for mutual TLS (RFC 8705). Returns certificate and key in PEM format, as
    /// `reqwest::Identity::from_pem` expects them.
    ///
    /// # Errors
    ///
    /// [`StartError::Certificate`] if the name is not valid in a certificate.
    pub fn client_identity_pem(&self, name: &str) -> Result<String, StartError> {
        let key = new_key()?;
        let parameters = Certificate::for_host(name).parameters(ExtendedKeyUsagePurpose::ClientAuth)?;
        let issued = parameters.signed_by(&key, &self.0.issuer).map_err(unusable)?;
        Ok(issued.pem() + &key.serialize_pem())
    }

    /// Accepts the client certificates of this authority.
    pub(crate) fn client_verifier(&self) -> Result<Arc<dyn ClientCertVerifier>, StartError> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.root.der().clone()).map_err(unusable)?;
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider());
        verifier.build().map_err(unusable)
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the key.
        f.debug_struct("Authority").finish_non_exhaustive()
    }
}

impl ServerIdentity {
    /// The same configuration, but it requires a client certificate issued by this authority (mutual TLS, RFC 8705).
    ///
    /// # Errors
    ///
    /// As with [`server_config`](Self::server_config).
    pub fn server_config_demanding_clients_of(&self, authority: &Authority) -> Result<Arc<ServerConfig>, StartError> {
        self.config(authority.client_verifier()?)
    }
}
