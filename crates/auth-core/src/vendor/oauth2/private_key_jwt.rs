//! Clients that authenticate with a private key (RFC 7523 section 2.2, OpenID Connect Core section 9).

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use auth_transport::{BuildError, Secret, SigningAlgorithm, SigningKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use crate::credentials::error::CredentialError;
use crate::credentials::file::SecretFile;
use crate::credentials::values::{CredentialSource, check};
use crate::token::identity::EndpointIdentity;
use crate::vendor::oauth2::authentication::ClientAuthentication;
use crate::vendor::oauth2::client::{Authenticate, Presented};
use crate::vendor::oauth2::metadata::Requirement;

/// Seconds for which an assertion is valid.
const LIFETIME: u64 = 60;

/// Seconds by which the clock of the server may be behind: some servers refuse an assertion that is issued in the future.
const BEHIND: u64 = 10;

/// A client that authenticates with a private key instead of a secret: it signs a short-lived JSON Web Token for each
/// request (`private_key_jwt`: RFC 7523 section 2.2, OpenID Connect Core section 9).
///
/// The key is read from its source before each token request: unencrypted PEM with PKCS #8, PKCS #1 or SEC 1. If the server
/// refuses it and the source meanwhile has another one, that one is tried once. An assertion is valid for 60 seconds and has
/// a random `jti`. The clock of this machine may be up to 10 seconds ahead of that of the server, or 60 seconds behind; many
/// servers allow more.
///
/// ```no_run
/// use auth_core::{OAuth2TokenEndpoint, PrivateKeyJwt, TokenCache};
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = PrivateKeyJwt::from_file("my-client-id", "/etc/my-application/key.pem").with_key_id("2026-11");
/// let tokens = TokenCache::new(OAuth2TokenEndpoint::new("https://auth.example.com/oauth2/token", client)?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct PrivateKeyJwt<S = SecretFile> {
    client_id: String,
    key: S,
    algorithm: Option<SigningAlgorithm>,
    key_id: Option<String>,
    audience: Option<String>,
}

impl PrivateKeyJwt {
    /// A client with the key in this file, which must not be readable by every user, see [`SecretFile`].
    #[must_use]
    pub fn from_file(client_id: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self::new(client_id, SecretFile::new(path).permit_line_breaks())
    }
}

impl<S: CredentialSource<Secret>> PrivateKeyJwt<S> {
    /// A client with a key in PEM format from this source: a [`Secret`], a [`SecretFile`] or
    /// [`SecretVariable`](crate::SecretVariable) that permits line breaks, or a function.
    ///
    /// Default: the usual algorithm for the kind of key, no key id, and the token URL as the audience.
    #[must_use]
    pub fn new(client_id: impl Into<String>, key: S) -> Self {
        Self { client_id: client_id.into(), key, algorithm: None, key_id: None, audience: None }
    }

    /// Sets the algorithm. Default: RS256 for RSA, ES256 or ES384 by curve, EdDSA for Ed25519.
    #[must_use]
    pub fn with_algorithm(mut self, algorithm: SigningAlgorithm) -> Self {
        self.algorithm = Some(algorithm);
        self
    }

    /// Sets the `kid` in the header of an assertion, by which the server finds the public key. Default: none.
    #[must_use]
    pub fn with_key_id(mut self, key_id: impl Into<String>) -> Self {
        self.key_id = Some(key_id.into());
        self
    }

    /// Sets the `aud` of an assertion, for servers that expect their issuer there. Default: the token URL.
    #[must_use]
    pub fn with_audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// The algorithm that is set, or the usual one for this key.
    fn algorithm(&self, key: &SigningKey) -> Result<SigningAlgorithm, CredentialError> {
        let none = || {
            CredentialError::unavailable("the private key supports none of the algorithms RS256, ES256, ES384, EdDSA")
        };
        self.algorithm.or_else(|| key.usual_algorithm()).ok_or_else(none)
    }
}

/// A key, and the text that it was read from.
#[derive(Clone, Debug)]
pub struct PemKey {
    pem: Secret,
    key: SigningKey,
}

impl<S: CredentialSource<Secret>> Authenticate for PrivateKeyJwt<S> {
    type Credentials = PemKey;

    async fn current(&self) -> Result<PemKey, CredentialError> {
        check("client_id", &self.client_id)?;
        let pem = self.key.credentials().await?;
        let key = SigningKey::from_pem(pem.as_ref()).map_err(unusable)?;
        Ok(PemKey { pem, key })
    }

    fn is_same(one: &PemKey, other: &PemKey) -> bool {
        one.pem == other.pem
    }

    fn requirement(&self, pem: &PemKey, _: ClientAuthentication) -> Result<Requirement, CredentialError> {
        let algorithm = Some(self.algorithm(&pem.key)?);
        Ok(Requirement { methods: &["private_key_jwt"], algorithm, certificate: false })
    }

    fn present(
        &self,
        PemKey { key, .. }: &PemKey,
        _: ClientAuthentication,
        token_url: &str,
    ) -> Result<Presented, CredentialError> {
        let algorithm = self.algorithm(key)?;
        let id = key.unique_id().map_err(unusable)?;
        let claims =
            Claims::new(&self.client_id, self.audience.as_deref().unwrap_or(token_url), &id, SystemTime::now());
        // Only maps with keys that are not text cannot be written.
        let claims = serde_json::to_string(&claims).unwrap_or_default();
        let assertion = key.sign_jwt(algorithm, self.key_id.as_deref(), &claims).map_err(unusable)?;
        Ok(Presented::Assertion(self.client_id.clone(), assertion))
    }

    fn identity(&self, PemKey { pem, key }: &PemKey, issuer: &str) -> EndpointIdentity {
        // The same key in another encoding is the same key.
        let credential = key.public_key().map(|key| Secret::from(URL_SAFE_NO_PAD.encode(key)));
        EndpointIdentity::new(issuer, &self.client_id, credential.as_ref().unwrap_or(pem))
            .with_parameter("client authentication", &Secret::from("private_key_jwt"))
    }
}

/// The error for a key that cannot be used. The text of a [`BuildError`] shows no part of the key.
fn unusable(error: BuildError) -> CredentialError {
    CredentialError::unavailable(error.to_string())
}

/// The claims of an assertion (RFC 7523 section 3).
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: &'a str,
    iat: u64,
    exp: u64,
}

impl<'a> Claims<'a> {
    fn new(client_id: &'a str, audience: &'a str, id: &'a str, now: SystemTime) -> Self {
        // Before 1970, the clock is wrong and the server refuses any assertion.
        let now = now.duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
        let (iat, exp) = (now.saturating_sub(BEHIND), now.saturating_add(LIFETIME));
        Self { iss: client_id, sub: client_id, aud: audience, jti: id, iat, exp }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_assertion_is_about_the_client_and_lives_a_minute() {
        let claims =
            Claims::new("my \"client\"", "https://a.example/token", "id", UNIX_EPOCH + Duration::from_millis(17_900));
        assert_eq!(
            serde_json::to_string(&claims).unwrap(),
            r#"{"iss":"my \"client\"","sub":"my \"client\"","aud":"https://a.example/token","jti":"id","iat":7,"exp":77}"#
        );
        assert_eq!(Claims::new("a", "b", "c", UNIX_EPOCH - Duration::from_secs(1)).exp, 60);
    }
}
