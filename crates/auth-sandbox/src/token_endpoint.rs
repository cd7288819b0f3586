//! The part that both token endpoints have in common.

use std::time::Instant;

use axum::{
    body::to_bytes,
    extract::Request,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{Method, StatusCode, header, request::Parts};
use serde_json::Value;

use crate::{
    Endpoint, TokenReply, Vendor, form,
    form::Form,
    jwt::Period,
    lean, leanix, random,
    refusal::Refusal,
    reply, routes,
    script::Answer,
    state::{ProviderState, Shared},
};

/// Longest body that a token request may have.
const MAX_BODY: usize = 16 * 1024;
/// So much is read at all, for the refusal of a body that is somewhat too long to reach its sender.
const MAX_READ: usize = 1024 * 1024;

/// What a correct request has earned.
pub(crate) struct Grant {
    pub(crate) subject: String,
    pub(crate) scope: String,
}

pub(crate) async fn handle(shared: &Shared, vendor: Vendor, request: Request) -> Response {
    let started = Instant::now();
    let provider = shared.provider(vendor);
    let _in_hand = provider.arrival();
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_READ).await.ok();
    let verdict = match &body {
        Some(body) if body.len() <= MAX_BODY => {
            shared.record(vendor, &parts, body);
            provider.count_scope(&asked_scope(body));
            check(shared, vendor, &parts, body)
        }
        _ => Err(Refusal::too_large()),
    };
    if verdict.is_err() {
        provider.count_refusal();
    }

    let step = provider.script.next();
    step.wait().await;
    let (response, error, scope) = match (step.answer, verdict) {
        (Answer::Raw(raw), _) => (routes::hijack(raw), None, None),
        (Answer::Reply(reply), _) => (reply.into_response(), None, None),
        (Answer::Token(_), Err(refusal)) => {
            let code = refusal.code;
            (refusal.into_response(), code, None)
        }
        (Answer::Token(change), Ok(grant)) => match issue(shared, vendor, &grant, &change) {
            Some(response) => (response, None, Some(grant.scope)),
            None => (Refusal::server_error().into_response(), Some("server_error"), None),
        },
    };
    shared.observe(vendor, Endpoint::Token, &response, error, scope, started);
    response
}

/// Rules that hold for both vendors, then the vendor's own.
fn check(shared: &Shared, vendor: Vendor, parts: &Parts, body: &Bytes) -> Result<Grant, Refusal> {
    if parts.method != Method::POST {
        return Err(Refusal::method_not_allowed("POST"));
    }
    if parts.uri.query().is_some() {
        return Err(Refusal::invalid_request("nothing belongs into the query string"));
    }
    if parts.headers.contains_key("api-version") {
        return Err(Refusal::invalid_request("neither vendor knows a header api-version"));
    }
    let mut types = parts.headers.get_all(header::CONTENT_TYPE).iter();
    match (types.next(), types.next()) {
        (Some(value), None) if is_form(value.as_bytes()) => {}
        _ => return Err(Refusal::not_a_form()),
    }
    let form = Form::parse(body).map_err(Refusal::invalid_request)?;
    let accepted = shared.credentials();
    match vendor {
        Vendor::Lean => lean::check(&parts.headers, &form, &accepted),
        Vendor::LeanIx => leanix::check(&parts.headers, &form, &accepted),
    }
}

/// The form's media type, alone or with `charset=utf-8`.
fn is_form(content_type: &[u8]) -> bool {
    let text = String::from_utf8_lossy(content_type).to_ascii_lowercase();
    let mut parts = text.split(';').map(str::trim);
    parts.next() == Some("application/x-www-form-urlencoded")
        && parts.all(|parameter| matches!(parameter, "charset=utf-8" | r#"charset="utf-8""#))
}

fn asked_scope(body: &[u8]) -> String {
    let fields = form::fields(body).unwrap_or_default();
    fields.into_iter().find(|(name, _)| name == "scope").map(|(_, scope)| scope).unwrap_or_default()
}

fn issue(shared: &Shared, vendor: Vendor, grant: &Grant, change: &TokenReply) -> Option<Response> {
    let provider = shared.provider(vendor);
    let lifetime = change.lifetime.map_or_else(|| provider.lifetime(), |lifetime| lifetime.as_secs());
    let repeated = if change.repeats { provider.last_token(&grant.scope) } else { None };
    let token = match repeated {
        Some(token) => token,
        None => sign(shared, vendor, provider, grant, lifetime)?,
    };
    provider.count_issued();
    let mut answer = match vendor {
        Vendor::Lean => lean::answer(token, lifetime, grant),
        Vendor::LeanIx => leanix::answer(token, lifetime),
    };
    change.apply(&mut answer);
    Some(reply::no_store(StatusCode::OK, serde_json::to_string(&answer).ok()?))
}

fn sign(shared: &Shared, vendor: Vendor, provider: &ProviderState, grant: &Grant, lifetime: u64) -> Option<String> {
    let id = random::uuid().ok()?;
    let period = Period::from_now(lifetime);
    let claims: Value = match vendor {
        Vendor::Lean => lean::claims(grant, &provider.issuer, period, &id),
        Vendor::LeanIx => leanix::claims(grant, &shared.base_url, &provider.issuer, period, &id),
    };
    let token = shared.key.sign(&claims)?;
    provider.keep(id, &grant.scope, &token);
    Some(token)
}

#[cfg(test)]
mod tests {
    use super::is_form;

    #[test]
    fn the_media_type_may_name_utf_8_and_nothing_else() {
        assert!(is_form(b"application/x-www-form-urlencoded"));
        assert!(is_form(b"Application/X-WWW-Form-Urlencoded; charset=UTF-8"));
        for other in ["", "application/json", "application/x-www-form-urlencoded; charset=latin1", "text/plain; a"] {
            assert!(!is_form(other.as_bytes()), "{other}");
        }
    }
}
