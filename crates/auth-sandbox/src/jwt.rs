//! Access tokens as signed JWTs (RFC 7519), RS256.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeySize,
    signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{StartError, lock::lock};

/// The signing key of this process. Generating one takes a tenth of a second, so all sandboxes of a process share it.
///
/// Tokens of different sandboxes are still distinct: each contains its issuer, with address and port.
pub(crate) struct SigningKey {
    pair: RsaKeyPair,
    public: DecodingKey,
}

/// The claims that a resource checks.
#[derive(Deserialize)]
pub(crate) struct Claims {
    pub(crate) jti: String,
    #[serde(default)]
    scope: Value,
}

impl Claims {
    pub(crate) fn has_scope(&self, wanted: &str) -> bool {
        self.scope.as_array().is_some_and(|scopes| scopes.iter().any(|scope| scope == wanted))
    }
}

/// When a token was issued and when it expires, in the seconds of a JWT's `NumericDate`.
#[derive(Clone, Copy)]
pub(crate) struct Period {
    pub(crate) issued_at: u64,
    pub(crate) expires_at: u64,
}

impl Period {
    /// A period that begins now and lasts `lifetime` seconds.
    ///
    /// `iat` is rounded down to the second and `exp` up, so a token is never refused before its announced end, and `exp
    /// - iat` is one more than `expires_in`: 3600 and 3599, as with the vendors.
    pub(crate) fn from_now(lifetime: u64) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
        Self { issued_at: now, expires_at: now.saturating_add(lifetime).saturating_add(1) }
    }
}

impl SigningKey {
    /// The key of this process, generated on first use, which blocks briefly.
    pub(crate) fn of_this_process() -> Result<Arc<Self>, StartError> {
        static KEY: Mutex<Option<Arc<SigningKey>>> = Mutex::new(None);

        let mut key = lock(&KEY);
        match &*key {
            Some(key) => Ok(Arc::clone(key)),
            None => Ok(Arc::clone(key.insert(Arc::new(Self::generate()?)))),
        }
    }

    fn generate() -> Result<Self, StartError> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| StartError::Crypto)?;
        let public = DecodingKey::from_rsa_der(pair.public_key().as_ref());
        Ok(Self { pair, public })
    }

    /// Signs claims; `None` if the system's randomness fails.
    pub(crate) fn sign(&self, claims: &Value) -> Option<String> {
        let header = json!({ "alg": "RS256", "typ": "JWT" });
        let mut token = URL_SAFE_NO_PAD.encode(header.to_string());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims.to_string(), &mut token);
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), token.as_bytes(), &mut signature).ok()?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Some(token)
    }

    /// The claims of a token that was signed by this key, issued by this issuer, and has not expired.
    pub(crate) fn verify(&self, token: &str, issuer: &str) -> Option<Claims> {
        let mut rules = Validation::new(Algorithm::RS256);
        rules.leeway = 0;
        // RFC 7519 §4.1.4: a token expires *on* its last second, not after it.
        rules.reject_tokens_expiring_in_less_than = 1;
        self.decode(token, issuer, rules)
    }

    /// Like [`verify`](Self::verify), but for expired tokens as well.
    pub(crate) fn verify_ever_issued(&self, token: &str, issuer: &str) -> Option<Claims> {
        let mut rules = Validation::new(Algorithm::RS256);
        rules.validate_exp = false;
        self.decode(token, issuer, rules)
    }

    fn decode(&self, token: &str, issuer: &str, mut rules: Validation) -> Option<Claims> {
        rules.validate_aud = false;
        rules.set_issuer(&[issuer]);
        rules.set_required_spec_claims(&["exp", "iss"]);
        jsonwebtoken::decode::<Claims>(token, &self.public, &rules).ok().map(|data| data.claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(key: &SigningKey, issuer: &str, exp: u64) -> String {
        key.sign(&json!({ "iss": issuer, "exp": exp, "jti": "1", "scope": ["api"] })).unwrap()
    }

    #[test]
    fn a_token_is_good_for_its_issuer_until_its_last_second() {
        let key = SigningKey::of_this_process().unwrap();
        let now = Period::from_now(0).issued_at;
        assert!(key.verify(&token(&key, "me", now + 5), "me").is_some_and(|claims| claims.has_scope("api")));
        assert!(key.verify(&token(&key, "me", now + 5), "you").is_none());
        assert!(key.verify(&token(&key, "me", now), "me").is_none());
        assert!(key.verify_ever_issued(&token(&key, "me", now), "me").is_some());
    }

    #[test]
    fn a_token_signed_by_another_key_is_invalid() {
        let key = SigningKey::of_this_process().unwrap();
        let other = SigningKey::generate().unwrap();
        assert!(key.verify(&token(&other, "me", u64::MAX), "me").is_none());
    }

    #[test]
    fn a_token_with_a_changed_claim_does_not_verify() {
        let key = SigningKey::of_this_process().unwrap();
        let token = token(&key, "me", u64::MAX);
        let parts: Vec<&str> = token.split('.').collect();
        let claims = URL_SAFE_NO_PAD.encode(json!({ "iss": "me", "exp": u64::MAX, "jti": "2" }).to_string());
        assert!(key.verify(&format!("{}.{claims}.{}", parts[0], parts[2]), "me").is_none());
    }

    #[test]
    fn the_signed_period_outlives_the_announced_lifetime_by_less_than_a_second() {
        let period = Period::from_now(3599);
        assert_eq!(period.expires_at - period.issued_at, 3600);
        assert_eq!(Period::from_now(u64::MAX).expires_at, u64::MAX);
    }
}
