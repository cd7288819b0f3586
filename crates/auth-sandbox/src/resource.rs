//! The protected resources (RFC 6750).

use std::time::Instant;

use axum::{
    body::to_bytes,
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{Method, StatusCode, header, request::Parts};
use serde_json::{Value, json};

use crate::{Endpoint, Vendor, form, refusal::Refusal, reply, routes, script::Answer, state::Shared};

const MAX_BODY: usize = 1024 * 1024;

pub(crate) async fn handle(shared: &Shared, vendor: Vendor, request: Request) -> Response {
    let started = Instant::now();
    let provider = shared.provider(vendor);
    provider.count_resource_request();
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY).await.unwrap_or_default();
    shared.record(vendor, &parts, &body);

    let step = provider.resource_script.next();
    step.wait().await;
    let (response, error) = match step.answer {
        Answer::Raw(raw) => (routes::hijack(raw), None),
        Answer::Reply(reply) => (reply.into_response(), None),
        Answer::Token(_) => match check(shared, vendor, &parts) {
            Ok(()) => (reply::no_store(StatusCode::OK, content(vendor).to_string()), None),
            Err(refusal) => {
                let code = refusal.code;
                (refusal.into_response(), code)
            }
        },
    };
    shared.observe(vendor, Endpoint::Resource, &response, error, None, started);
    response
}

fn check(shared: &Shared, vendor: Vendor, parts: &Parts) -> Result<(), Refusal> {
    if parts.method != Method::GET {
        return Err(Refusal::method_not_allowed("GET"));
    }
    let query = form::fields(parts.uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    if query.iter().any(|(name, _)| name == "access_token") {
        return Err(Refusal::invalid_request("a token does not belong into the query string"));
    }
    let mut sent = parts.headers.get_all(header::AUTHORIZATION).iter();
    let token = match (sent.next(), sent.next()) {
        (Some(_), Some(_)) => {
            return Err(Refusal::invalid_request("the Authorization header comes more than once"));
        }
        (Some(value), None) => bearer(value.as_bytes()).ok_or_else(Refusal::no_token)?,
        (None, _) => return Err(Refusal::no_token()),
    };
    let provider = shared.provider(vendor);
    let claims = shared.key.verify(token, &provider.issuer).filter(|claims| provider.is_live(&claims.jti));
    let claims = claims.ok_or_else(Refusal::invalid_token)?;
    if vendor == Vendor::Lean && !claims.has_scope("api") {
        return Err(Refusal::insufficient_scope());
    }
    Ok(())
}

/// The token of an `Authorization: Bearer` value.
fn bearer(authorization: &[u8]) -> Option<&str> {
    let (scheme, token) = std::str::from_utf8(authorization).ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

fn content(vendor: Vendor) -> Value {
    match vendor {
        Vendor::Lean => json!([
            { "customer_id": "a1b2c3d4-e5f6-7890-abcd-ef0123456789", "app_user_id": "first-user" },
            { "customer_id": "b2c3d4e5-f6a7-4890-8bcd-f01234567890", "app_user_id": "second-user" },
        ]),
        Vendor::LeanIx => json!({
            "status": "OK",
            "type": "PollRunListResponse",
            "message": null,
            "errors": [],
            "total": 1,
            "data": [{
                "id": "c3d4e5f6-a7b8-4901-9cde-012345678901",
                "pollId": "d4e5f6a7-b8c9-4012-adef-123456789012",
                "status": "IN_PROGRESS",
                "subject": "Review your applications",
            }],
        }),
    }
}
