//! The claims of a token, and the response that has it.

use serde_json::{Value, json};

use crate::{grant::Grant, jwt::Period, token_reply::Members};

/// The claims of a token (RFC 9068 section 2.2).
pub(crate) fn claims(grant: &Grant, issuer: &str, period: Period, id: &str) -> Value {
    let mut claims = json!({
        "iss": issuer,
        "sub": grant.subject,
        "aud": issuer,
        "iat": period.issued_at,
        "exp": period.expires_at,
        "jti": id,
        "scope": grant.scope,
    });
    if let (Some(claims), Some(further)) = (claims.as_object_mut(), grant.claims.as_object()) {
        claims.extend(further.clone());
    }
    claims
}

/// The response (RFC 6749 section 5.1).
pub(crate) fn answer(token: String, lifetime: u64, grant: &Grant) -> Members {
    Members::new([
        ("access_token", token.into()),
        ("token_type", "Bearer".into()),
        ("expires_in", lifetime.into()),
        ("scope", grant.scope.as_str().into()),
    ])
}
