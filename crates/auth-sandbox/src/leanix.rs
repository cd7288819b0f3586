//! The requests and responses of SAP LeanIX's authorization server.

use http::{HeaderMap, header};
use serde_json::{Value, json};

use crate::{
    basic, credentials::Credentials, form::Form, grant::Grant, jwt::Period, refusal::Refusal, token_reply::Members,
};

const CHALLENGE: &str = r#"Basic realm="SAP LeanIX", charset="UTF-8""#;
const WORKSPACE: &str = "4f3c2b1a-0d9e-4c8b-a7f6-5e4d3c2b1a09";

/// Checks credentials, grant type and the absence of a scope, in this order.
pub(crate) fn check(headers: &HeaderMap, form: &Form, accepted: &Credentials) -> Result<Grant, Refusal> {
    let mut sent = headers.get_all(header::AUTHORIZATION).iter();
    let (first, second) = (sent.next(), sent.next());
    if second.is_some() {
        return Err(Refusal::invalid_request("the Authorization header occurs more than once"));
    }
    if form.value("client_id").is_some() || form.value("client_secret").is_some() {
        // RFC 6749 §2.3: the client must not use more than one authentication method in each request.
        return Err(Refusal::invalid_request("credentials must be in Authorization only, not in the form as well"));
    }
    let grant_type = form.value("grant_type").ok_or(Refusal::invalid_request("grant_type is missing"))?;
    match first.and_then(|value| basic::decode(value.as_bytes())) {
        Some((user, token)) if user == "apitoken" && token == accepted.leanix_api_token => {}
        _ => return Err(Refusal::invalid_client(Some(CHALLENGE))),
    }
    if grant_type != "client_credentials" {
        return Err(Refusal::unsupported_grant_type());
    }
    if form.value("scope").is_some() {
        return Err(Refusal::invalid_scope());
    }
    Ok(Grant { subject: "technical.user@example.com".to_owned(), scope: String::new(), claims: Value::Null })
}

pub(crate) fn claims(grant: &Grant, base_url: &str, issuer: &str, period: Period, id: &str) -> Value {
    json!({
        "iss": issuer,
        "sub": grant.subject,
        "iat": period.issued_at,
        "exp": period.expires_at,
        "jti": id,
        "scope": "",
        "instanceUrl": base_url,
        "principal": {
            "id": "9b8a7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d",
            "permission": { "workspaceId": WORKSPACE, "workspaceName": "Sandbox" },
        },
    })
}

pub(crate) fn answer(token: String, lifetime: u64) -> Members {
    Members::new([
        ("scope", "".into()),
        ("expired", false.into()),
        ("access_token", token.into()),
        ("token_type", "bearer".into()),
        ("expires_in", lifetime.into()),
    ])
}
