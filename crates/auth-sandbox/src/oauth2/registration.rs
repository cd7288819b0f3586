//! What the server knows of its client.

use std::{
    collections::HashSet,
    sync::{
        Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
};

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    UnparsedPublicKey, VerificationAlgorithm,
};

use crate::{Script, lock::lock};

/// The names of the client authentications (RFC 8414 section 2, RFC 8705 section 2).
pub(crate) const BASIC: &str = "client_secret_basic";
pub(crate) const POST: &str = "client_secret_post";
pub(crate) const PRIVATE_KEY_JWT: &str = "private_key_jwt";
pub(crate) const TLS: &str = "tls_client_auth";
pub(crate) const SELF_SIGNED_TLS: &str = "self_signed_tls_client_auth";

/// The client, and what it has sent.
pub(crate) struct State {
    registration: RwLock<Registration>,
    initial_secret: String,
    /// The ids of all assertions.
    assertions: Mutex<HashSet<String>>,
    pub(crate) metadata_script: Script,
    pub(crate) metadata_requests: AtomicU64,
}

/// What is registered of the client.
pub(crate) struct Registration {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) key: Option<PublicKey>,
    pub(crate) certificate: Option<Accepted>,
    /// The client authentications that are accepted; `None`: all for which something is registered.
    pub(crate) only: Option<Vec<String>>,
}

/// The client certificate that is accepted (RFC 8705 section 2).
pub(crate) enum Accepted {
    /// Any certificate of the sandbox's authority for this name (`tls_client_auth_san_dns`).
    Name(String),
    /// A certificate with this SHA-256 thumbprint (`self_signed_tls_client_auth`).
    Thumbprint(Vec<u8>),
}

/// The public key of the client.
pub(crate) struct PublicKey {
    /// `SubjectPublicKeyInfo`.
    pub(crate) der: Vec<u8>,
    /// Its `kid`.
    pub(crate) id: String,
    /// The algorithms for which it may be used.
    pub(crate) algorithms: &'static [&'static str],
}

impl PublicKey {
    /// True if this is the signature of a message with this algorithm.
    pub(crate) fn verifies(&self, algorithm: &str, message: &[u8], signature: &[u8]) -> bool {
        let verifier: &'static dyn VerificationAlgorithm = match algorithm {
            "RS256" => &RSA_PKCS1_2048_8192_SHA256,
            "PS256" => &RSA_PSS_2048_8192_SHA256,
            "ES256" => &ECDSA_P256_SHA256_FIXED,
            "ES384" => &ECDSA_P384_SHA384_FIXED,
            "EdDSA" => &ED25519,
            _ => return false,
        };
        self.algorithms.contains(&algorithm)
            && UnparsedPublicKey::new(verifier, &self.der).verify(message, signature).is_ok()
    }
}

impl Registration {
    /// The client authentications that are accepted.
    pub(crate) fn methods(&self) -> Vec<&'static str> {
        let of_certificate = match self.certificate {
            None => None,
            Some(Accepted::Name(_)) => Some(TLS),
            Some(Accepted::Thumbprint(_)) => Some(SELF_SIGNED_TLS),
        };
        let all = [Some(BASIC), Some(POST), self.key.as_ref().map(|_| PRIVATE_KEY_JWT), of_certificate];
        let is_accepted = |name: &&str| self.only.as_ref().is_none_or(|only| only.iter().any(|own| own == name));
        all.into_iter().flatten().filter(is_accepted).collect()
    }
}

impl State {
    pub(crate) fn new(id: String, secret: String) -> Self {
        Self {
            initial_secret: secret.clone(),
            registration: RwLock::new(Registration { id, secret, key: None, certificate: None, only: None }),
            assertions: Mutex::default(),
            metadata_script: Script::default(),
            metadata_requests: AtomicU64::new(0),
        }
    }

    pub(crate) fn registration(&self) -> RwLockReadGuard<'_, Registration> {
        self.registration.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn registration_mut(&self) -> RwLockWriteGuard<'_, Registration> {
        self.registration.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Restores the state of the start: the first secret, and nothing else is registered.
    pub(crate) fn reset(&self) {
        let mut registration = self.registration_mut();
        registration.secret.clone_from(&self.initial_secret);
        (registration.key, registration.certificate, registration.only) = (None, None, None);
        lock(&self.assertions).clear();
        self.metadata_script.reset();
        self.metadata_requests.store(0, SeqCst);
    }

    /// Records the id of an assertion; false if it has been there before.
    pub(crate) fn is_first(&self, assertion_id: &str) -> bool {
        lock(&self.assertions).insert(assertion_id.to_owned())
    }
}
