//! Private keys that sign JSON Web Tokens, with the cryptography of the TLS provider.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::crypto::CryptoProvider;
use rustls::sign;
use serde::Serialize;

use crate::pem::{Problem, private_key};
use crate::provider::provider;
use crate::{BuildError, Secret, SigningAlgorithm, SigningKeyProblem};

/// A private key that signs JSON Web Tokens (RFC 7515), such as those with which a client authenticates (RFC 7523).
///
/// It uses the TLS provider that a [`Transport`](crate::Transport) would use. `Debug` does not show the key.
///
/// ```no_run
/// use auth_transport::{SigningAlgorithm, SigningKey};
///
/// let key = SigningKey::from_pem(&std::fs::read("key.pem")?)?;
/// let token = key.sign_jwt(SigningAlgorithm::Es256, Some("2026-11"), r#"{"iss":"my-client-id"}"#)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SigningKey {
    key: Arc<dyn sign::SigningKey>,
    provider: Arc<CryptoProvider>,
}

impl SigningKey {
    /// Reads a private key in PEM format: PKCS #8, PKCS #1 (RSA) or SEC 1 (elliptic curves), not encrypted.
    ///
    /// # Errors
    /// [`BuildError::SigningKey`] if the text holds no such key. [`BuildError::NoCryptoProvider`] without a TLS provider.
    pub fn from_pem(pem: &[u8]) -> Result<Self, BuildError> {
        let provider = provider()?;
        let key = private_key(pem).map_err(|problem| match problem {
            Problem::NoKey => SigningKeyProblem::NoKey,
            Problem::Pem => SigningKeyProblem::Pem,
        });
        let key = key.map_err(BuildError::SigningKey)?;
        // The providers of this crate overwrite the key that they are given.
        let key = provider.key_provider.load_private_key(key.clone_key());
        Ok(Self { key: key.map_err(|_| BuildError::SigningKey(SigningKeyProblem::Unsupported))?, provider })
    }

    /// True if this key can sign with the algorithm.
    #[must_use]
    pub fn supports(&self, algorithm: SigningAlgorithm) -> bool {
        self.key.choose_scheme(&[algorithm.scheme()]).is_some()
    }

    /// The algorithm for this kind of key: RS256 for RSA, ES256 or ES384 by curve, EdDSA for Ed25519. `None` for a key
    /// that supports none of them.
    #[must_use]
    pub fn usual_algorithm(&self) -> Option<SigningAlgorithm> {
        SigningAlgorithm::ALL.into_iter().find(|algorithm| self.supports(*algorithm))
    }

    /// The public key as `SubjectPublicKeyInfo` (RFC 5280 section 4.1), by which two keys can be compared; `None` if the
    /// TLS provider does not tell it.
    #[must_use]
    pub fn public_key(&self) -> Option<Vec<u8>> {
        self.key.public_key().map(|key| key.as_ref().to_vec())
    }

    /// Signs a JSON Web Token with these claims, which must be the text of a JSON object. `key_id` becomes `kid` of its
    /// header.
    ///
    /// # Errors
    /// [`BuildError::SigningKey`] if the key does not support the algorithm, or if signing fails.
    pub fn sign_jwt(
        &self,
        algorithm: SigningAlgorithm,
        key_id: Option<&str>,
        claims: &str,
    ) -> Result<Secret, BuildError> {
        #[derive(Serialize)]
        struct Header<'a> {
            alg: &'a str,
            typ: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            kid: Option<&'a str>,
        }

        /// A longer signature than that of an RSA key with 8192 bits, in Base64.
        const SIGNATURE: usize = 1400;

        let failed = |problem| BuildError::SigningKey(problem);
        let signer = self.key.choose_scheme(&[algorithm.scheme()]);
        let signer = signer.ok_or(failed(SigningKeyProblem::Algorithm(algorithm)))?;
        let header = Header { alg: algorithm.as_str(), typ: "JWT", kid: key_id };
        let header = serde_json::to_string(&header).map_err(|_| failed(SigningKeyProblem::Signing))?;
        // The full capacity is reserved, since growing would leave an unwiped copy behind.
        let mut token = String::with_capacity((header.len() + claims.len()) / 3 * 4 + 16 + SIGNATURE);
        URL_SAFE_NO_PAD.encode_string(header, &mut token);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let signature = signer.sign(token.as_bytes()).ok().and_then(|signature| algorithm.signature(signature));
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature.ok_or(failed(SigningKeyProblem::Signing))?, &mut token);
        Ok(Secret::from(token))
    }

    /// 128 random bits in Base64url, for the claim `jti`.
    ///
    /// # Errors
    /// [`BuildError::SigningKey`] if the system provides no random numbers.
    pub fn unique_id(&self) -> Result<String, BuildError> {
        let mut bytes = [0; 16];
        let random = self.provider.secure_random.fill(&mut bytes);
        random.map_err(|_| BuildError::SigningKey(SigningKeyProblem::NoRandomness))?;
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SigningKey").finish_non_exhaustive()
    }
}
