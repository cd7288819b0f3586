//! The common part of all token endpoints.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{Method, StatusCode, request::Parts};
use serde_json::Value;

use crate::{
    TokenReply, Vendor, body, form,
    form::Form,
    grant::Grant,
    jwt::Period,
    lean, leanix, media_type, oauth2,
    observe::Arrival,
    random,
    refusal::Refusal,
    reply,
    script::Answer,
    state::{ProviderState, Shared},
    tokens::Issued,
};

pub(crate) async fn handle(
    shared: &Shared,
    vendor: Vendor,
    mut arrival: Arrival,
    parts: &Parts,
    body: Body,
) -> Response {
    let provider = shared.provider(vendor);
    let _in_hand = provider.arrival();
    let verdict = match body::read(shared, body).await {
        Ok(body) => {
            shared.record(vendor, parts, &body);
            arrival.set_form(&body);
            provider.count_scope(&asked_scope(&body));
            check(shared, vendor, parts, &body)
        }
        Err(failure) => Err(failure.refusal()),
    };
    if verdict.is_err() {
        provider.count_refusal();
    }

    let step = provider.script.next();
    step.wait().await;
    let (response, error, scope) = match (step.answer, verdict) {
        (Answer::Raw(raw), _) => (raw.into_response(), None, None),
        (Answer::Reply(reply), _) => (reply.into_response(), None, None),
        (Answer::Token(_), Err(refusal)) => {
            let code = refusal.code;
            (refusal.into_response(), Some(code), None)
        }
        (Answer::Token(change), Ok(grant)) => match issue(shared, vendor, &grant, &change) {
            Some(response) => (response, None, Some(grant.scope)),
            None => (Refusal::server_error().into_response(), Some("server_error"), None),
        },
    };
    shared.observe(arrival, &response, error, scope);
    response
}

/// Checks the common rules, then those of one server.
fn check(shared: &Shared, vendor: Vendor, parts: &Parts, body: &Bytes) -> Result<Grant, Refusal> {
    if parts.method != Method::POST {
        return Err(Refusal::method_not_allowed("POST"));
    }
    if parts.uri.query().is_some() {
        return Err(Refusal::invalid_request("the query string must be empty"));
    }
    if parts.headers.contains_key("api-version") {
        return Err(Refusal::invalid_request("neither vendor supports the header api-version"));
    }
    if !media_type::is_once(&parts.headers, "application/x-www-form-urlencoded") {
        return Err(Refusal::not_a_form());
    }
    let form = || Form::parse(body).map_err(Refusal::invalid_request);
    let accepted = shared.credentials();
    match vendor {
        Vendor::Lean => lean::check(&parts.headers, &form()?, &accepted, shared.existing_customers()),
        Vendor::LeanIx => leanix::check(&parts.headers, &form()?, &accepted),
        Vendor::OAuth2 => oauth2::check::check(shared, parts, body),
    }
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
        Vendor::OAuth2 => oauth2::issue::answer(token, lifetime, grant),
    };
    change.apply(&mut answer);
    Some(reply::no_store(StatusCode::OK, serde_json::to_string(&answer).ok()?))
}

fn sign(shared: &Shared, vendor: Vendor, provider: &ProviderState, grant: &Grant, lifetime: u64) -> Option<String> {
    let id = random::uuid().ok()?.to_string();
    let period = Period::from_now(lifetime);
    let claims: Value = match vendor {
        Vendor::Lean => lean::claims(grant, &provider.issuer, period, &id),
        Vendor::LeanIx => leanix::claims(grant, &shared.base_url, &provider.issuer, period, &id),
        Vendor::OAuth2 => oauth2::issue::claims(grant, &provider.issuer, period, &id),
    };
    let token = shared.key.sign(&claims)?;
    provider.keep(Issued { id, scope: grant.scope.clone(), period, lifetime }, &token);
    Some(token)
}
