//! Assertions that authenticate a client (RFC 7523 section 3).

use std::time::{SystemTime, UNIX_EPOCH};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::Value;

use crate::oauth2::registration::{Registration, State};

/// Value of `client_assertion_type` (RFC 7523 section 2.2).
pub(crate) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Seconds until the latest permitted end of an assertion.
const LONGEST: u64 = 300;

/// The members of a header that are checked (RFC 7515 section 4.1).
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Value,
    jti: String,
    exp: u64,
    iat: Option<u64>,
    nbf: Option<u64>,
}

/// Verifies an assertion for one of these audiences. An error says which rule it breaks, for the developer of the client.
pub(crate) fn verify(
    state: &State,
    client: &Registration,
    assertion: &str,
    audiences: &[String],
) -> Result<(), &'static str> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let claims = signed_claims(client, assertion)?;
    let is_ours = |audience: &Value| audiences.iter().any(|ours| audience == ours.as_str());
    if claims.iss != client.id || claims.sub != client.id {
        Err("iss and sub of the assertion must be the client id")
    } else if !(is_ours(&claims.aud) || claims.aud.as_array().is_some_and(|all| all.iter().any(is_ours))) {
        Err("aud of the assertion must be the issuer or the URL of the token endpoint")
    } else if claims.exp <= now {
        Err("the assertion has expired")
    } else if claims.exp > now + LONGEST {
        Err("exp of the assertion is more than five minutes ahead")
    } else if claims.iat.max(claims.nbf).is_some_and(|begin| begin > now) {
        Err("the assertion is not yet valid")
    } else if claims.jti.is_empty() || !state.is_first(&claims.jti) {
        Err("jti of the assertion has been used before")
    } else {
        Ok(())
    }
}

/// The claims of an assertion with a valid signature.
fn signed_claims(client: &Registration, assertion: &str) -> Result<Claims, &'static str> {
    let not_a_jwt = "the assertion is not a signed JSON Web Token with iss, sub, aud, jti and exp";
    let (message, signature) = assertion.rsplit_once('.').ok_or(not_a_jwt)?;
    let (header, claims) = message.split_once('.').ok_or(not_a_jwt)?;
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| not_a_jwt);
    let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| not_a_jwt)?;
    let key = client.key.as_ref().ok_or("no key is registered")?;
    if header.crit.is_some() {
        return Err("the assertion has a critical extension (crit)");
    }
    if header.kid.is_some_and(|kid| kid != key.id) {
        return Err("kid of the assertion names another key than the registered one");
    }
    if !key.verifies(&header.alg, message.as_bytes(), &decode(signature)?) {
        return Err("the signature of the assertion is wrong, or its algorithm is not that of the registered key");
    }
    serde_json::from_slice(&decode(claims)?).map_err(|_| not_a_jwt)
}
