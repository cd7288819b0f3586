use std::{
    fmt,
    sync::{Arc, atomic::Ordering::SeqCst},
};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rcgen::{
    ExtendedKeyUsagePurpose, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, PKCS_RSA_SHA256,
    PublicKeyData as _, RsaKeySize,
};

use crate::{
    Certificate, Script, StartError,
    certificate::{new_key, unusable},
    oauth2::registration::{Accepted, PublicKey},
    random,
    state::Shared,
};

/// The client of the server for RFC 6749, and what the server knows of it. Clones are the same client.
///
/// From the start, the client has an id and a secret. [`new_key`](Self::new_key) and the methods for certificates register
/// another way to authenticate.
#[derive(Clone)]
pub struct OAuth2Client(Arc<Shared>);

/// A private key, whose public key is registered.
#[derive(Clone)]
#[non_exhaustive]
pub struct ClientKey {
    /// The private key as PKCS #8 in PEM format.
    pub pem: String,
    /// The `kid` of the public key.
    pub key_id: String,
}

/// A certificate with its key, which is registered.
#[derive(Clone)]
#[non_exhaustive]
pub struct ClientCertificate {
    /// The certificate in PEM format.
    pub chain: String,
    /// The private key as PKCS #8 in PEM format.
    pub key: String,
}

impl OAuth2Client {
    pub(crate) fn new(shared: &Arc<Shared>) -> Self {
        Self(Arc::clone(shared))
    }

    /// The client id.
    #[must_use]
    pub fn id(&self) -> String {
        self.0.oauth2.registration().id.clone()
    }

    /// The client secret.
    #[must_use]
    pub fn secret(&self) -> String {
        self.0.oauth2.registration().secret.clone()
    }

    /// Replaces the client secret.
    pub fn set_secret(&self, secret: impl Into<String>) {
        self.0.oauth2.registration_mut().secret = secret.into();
    }

    /// Creates a key for this algorithm (`RS256`, `PS256`, `ES256`, `ES384` or `EdDSA`) and registers its public key for
    /// `private_key_jwt`, instead of an earlier one. A key for `RS256` may sign with `PS256`, too.
    ///
    /// # Errors
    ///
    /// [`StartError::Crypto`] for another algorithm, or if the operating system provides no randomness.
    pub fn new_key(&self, algorithm: &str) -> Result<ClientKey, StartError> {
        let (pair, algorithms): (_, &'static [&'static str]) = match algorithm {
            "RS256" | "PS256" => (KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048), &["RS256", "PS256"]),
            "ES256" => (KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256), &["ES256"]),
            "ES384" => (KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384), &["ES384"]),
            "EdDSA" => (KeyPair::generate_for(&PKCS_ED25519), &["EdDSA"]),
            _ => return Err(StartError::Crypto),
        };
        let pair = pair.map_err(|_| StartError::Crypto)?;
        let der = pair.subject_public_key_info();
        let id = URL_SAFE_NO_PAD.encode(digest(&SHA256, &der));
        self.0.oauth2.registration_mut().key = Some(PublicKey { der, id: id.clone(), algorithms });
        Ok(ClientKey { pem: pair.serialize_pem(), key_id: id })
    }

    /// Creates a certificate of the sandbox's authority and registers its name for `tls_client_auth` (RFC 8705 section 2.1),
    /// instead of an earlier certificate. Each call registers another name.
    ///
    /// # Errors
    ///
    /// [`StartError::NoTls`] unless [`Builder::tls`](crate::Builder::tls) was called; otherwise as
    /// [`Authority::new`](crate::Authority::new).
    pub fn new_certificate(&self) -> Result<ClientCertificate, StartError> {
        let authority = &self.0.secure.as_ref().ok_or(StartError::NoTls)?.authority;
        let name = format!("client-{}.example", random::uuid()?);
        let pem = authority.client_identity_pem(&name)?;
        let end = "-----END CERTIFICATE-----\n";
        let at = pem.find(end).map_or(0, |at| at + end.len());
        let (chain, key) = pem.split_at(at);
        self.0.oauth2.registration_mut().certificate = Some(Accepted::Name(name));
        Ok(ClientCertificate { chain: chain.to_owned(), key: key.to_owned() })
    }

    /// Creates a self-signed certificate and registers it for `self_signed_tls_client_auth` (RFC 8705 section 2.2), instead
    /// of an earlier certificate.
    ///
    /// # Errors
    ///
    /// As [`new_certificate`](Self::new_certificate).
    pub fn new_self_signed_certificate(&self) -> Result<ClientCertificate, StartError> {
        if self.0.secure.is_none() {
            return Err(StartError::NoTls);
        }
        let key = new_key()?;
        let parameters = Certificate::for_host("client.example").parameters(ExtendedKeyUsagePurpose::ClientAuth)?;
        let issued = parameters.self_signed(&key).map_err(unusable)?;
        let thumbprint = digest(&SHA256, issued.der()).as_ref().to_vec();
        self.0.oauth2.registration_mut().certificate = Some(Accepted::Thumbprint(thumbprint));
        Ok(ClientCertificate { chain: issued.pem(), key: key.serialize_pem() })
    }

    /// Accepts only these client authentications, by their registered names such as `client_secret_post`. The metadata
    /// document lists them. Default: all for which something is registered.
    pub fn accept_only<'name>(&self, methods: impl IntoIterator<Item = &'name str>) {
        self.0.oauth2.registration_mut().only = Some(methods.into_iter().map(str::to_owned).collect());
    }

    /// The script of the metadata document. There, [`Step::token`](crate::Step::token) means the normal document, and a
    /// [`TokenReply`](crate::TokenReply) changes members of it.
    #[must_use]
    pub fn metadata_script(&self) -> Script {
        self.0.oauth2.metadata_script.clone()
    }

    /// Number of requests for the metadata document, at either of its URLs.
    #[must_use]
    pub fn metadata_requests(&self) -> u64 {
        self.0.oauth2.metadata_requests.load(SeqCst)
    }
}

impl fmt::Debug for OAuth2Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth2Client").field("id", &self.id()).finish_non_exhaustive()
    }
}

impl fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the key.
        f.debug_struct("ClientKey").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the key.
        f.debug_struct("ClientCertificate").finish_non_exhaustive()
    }
}
