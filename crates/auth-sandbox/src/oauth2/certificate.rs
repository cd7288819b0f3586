//! Client certificates (RFC 8705 section 2).

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use rustls::{
    DigitallySignedStruct, DistinguishedName, Error, SignatureScheme,
    client::{danger::HandshakeSignatureValid, verify_server_name},
    crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::{
        ParsedCertificate,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};

use crate::{Authority, StartError, identity::provider, oauth2::registration::Accepted};

/// The SHA-256 thumbprint of a certificate.
pub(crate) fn thumbprint(certificate: &CertificateDer<'_>) -> Vec<u8> {
    digest(&SHA256, certificate).as_ref().to_vec()
}

/// True if this is the certificate that is registered.
pub(crate) fn is_accepted(chain: &[CertificateDer<'_>], accepted: &Accepted, authority: &Authority) -> bool {
    let Some((leaf, others)) = chain.split_first() else { return false };
    match accepted {
        Accepted::Thumbprint(registered) => thumbprint(leaf) == *registered,
        Accepted::Name(name) => {
            let issued = authority
                .client_verifier()
                .is_ok_and(|verifier| verifier.verify_client_cert(leaf, others, UnixTime::now()).is_ok());
            let is_for_name = || {
                let name = ServerName::try_from(name.as_str()).ok()?;
                verify_server_name(&ParsedCertificate::try_from(leaf).ok()?, &name).ok()
            };
            issued && is_for_name().is_some()
        }
    }
}

/// Accepts any client certificate, and also none: the token endpoint decides. The client must still have the key.
#[derive(Debug)]
pub(crate) struct AnyClient(WebPkiSupportedAlgorithms);

impl AnyClient {
    pub(crate) fn verifier() -> Arc<dyn ClientCertVerifier> {
        Arc::new(Self(provider().signature_verification_algorithms))
    }
}

impl ClientCertVerifier for AnyClient {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

/// The part of the sandbox that uses TLS.
pub(crate) struct Secure {
    pub(crate) base_url: String,
    pub(crate) authority: Authority,
}

impl Secure {
    pub(crate) fn new(base_url: String) -> Result<Self, StartError> {
        Ok(Self { base_url, authority: Authority::new()? })
    }
}
