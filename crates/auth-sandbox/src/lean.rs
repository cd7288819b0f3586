//! The requests and responses of Lean's authorization server.

use http::{HeaderMap, header};
use serde_json::{Value, json};

use crate::{
    credentials::Credentials, customers::Customers, form::Form, grant::Grant, jwt::Period, random, refusal::Refusal,
    token_reply::Members,
};

/// Checks credentials, grant type and scope, in this order. With `existing`, only these customers get tokens.
pub(crate) fn check(
    headers: &HeaderMap,
    form: &Form,
    accepted: &Credentials,
    existing: Option<&Customers>,
) -> Result<Grant, Refusal> {
    if headers.contains_key(header::AUTHORIZATION) {
        // RFC 6749 §2.3: the client must not use more than one authentication method in each request.
        return Err(Refusal::invalid_request("credentials must be in the form only, not in Authorization as well"));
    }
    let required = |name, missing| form.value(name).ok_or(Refusal::invalid_request(missing));
    let id = required("client_id", "client_id is missing")?;
    let secret = required("client_secret", "client_secret is missing")?;
    let grant_type = required("grant_type", "grant_type is missing")?;
    let scope = required("scope", "scope is missing")?;
    if id != accepted.lean_client_id || secret != accepted.lean_client_secret {
        return Err(Refusal::invalid_client(None));
    }
    if grant_type != "client_credentials" {
        return Err(Refusal::unsupported_grant_type());
    }
    // RFC 6749 §3.3: scope tokens separated by exactly one space. An empty token is not a known one.
    if !scope.split(' ').all(|scope| is_known(scope, existing)) {
        return Err(Refusal::invalid_scope());
    }
    Ok(Grant { subject: id.to_owned(), scope: scope.to_owned(), claims: Value::Null })
}

fn is_known(scope: &str, existing: Option<&Customers>) -> bool {
    let customer = |id| match existing {
        Some(customers) => customers.find(id).is_ok(),
        None => random::parse_uuid(id).is_some(),
    };
    scope == "api" || scope.strip_prefix("customer.").is_some_and(customer)
}

pub(crate) fn claims(grant: &Grant, issuer: &str, period: Period, id: &str) -> Value {
    json!({
        "iss": issuer,
        "sub": grant.subject,
        "aud": grant.subject,
        "iat": period.issued_at,
        "nbf": period.issued_at,
        "exp": period.expires_at,
        "jti": id,
        "scope": grant.scope.split(' ').collect::<Vec<_>>(),
    })
}

pub(crate) fn answer(token: String, lifetime: u64, grant: &Grant) -> Members {
    Members::new([
        ("access_token", token.into()),
        ("token_type", "Bearer".into()),
        ("expires_in", lifetime.into()),
        ("scope", grant.scope.as_str().into()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_api_and_customers_with_a_uuid_are_scopes() {
        let (existing, unknown) =
            ("customer.a1b2c3d4-e5f6-7890-abcd-ef0123456789", "customer.00000000-0000-4000-8000-000000000000");
        let customers = Customers::of("app");
        for (scope, anybody, somebody) in [
            ("api", true, true),
            (existing, true, true),
            (unknown, true, false),
            ("", false, false),
            ("API", false, false),
            ("apis", false, false),
            ("customer.", false, false),
            ("customer.42", false, false),
            ("Customer.a1b2c3d4-e5f6-7890-abcd-ef0123456789", false, false),
        ] {
            assert_eq!((is_known(scope, None), is_known(scope, Some(&customers))), (anybody, somebody), "{scope}");
        }
    }
}
