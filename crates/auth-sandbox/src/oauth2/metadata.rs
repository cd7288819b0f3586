//! The metadata document of the server (RFC 8414).

use std::sync::atomic::Ordering::SeqCst;

use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::{Method, StatusCode, request::Parts};
use serde_json::json;

use crate::{
    Vendor, oauth2::registration::PRIVATE_KEY_JWT, observe::Arrival, peer::Peer, refusal::Refusal, reply,
    script::Answer, state::Shared, token_reply::Members,
};

/// The paths of the document: that of RFC 8414 section 3.1 and that of OpenID Connect Discovery section 4.
pub(crate) const PATHS: [&str; 2] =
    ["/.well-known/oauth-authorization-server/generic", "/generic/.well-known/openid-configuration"];

pub(crate) async fn handle(shared: &Shared, arrival: Arrival, parts: &Parts) -> Response {
    let state = &shared.oauth2;
    state.metadata_requests.fetch_add(1, SeqCst);
    shared.record(Vendor::OAuth2, parts, &Bytes::new());
    let step = state.metadata_script.next();
    step.wait().await;
    let (response, error) = match step.answer {
        Answer::Raw(raw) => (raw.into_response(), None),
        Answer::Reply(reply) => (reply.into_response(), None),
        Answer::Token(_) if parts.method != Method::GET => {
            let refusal = Refusal::method_not_allowed("GET");
            let code = refusal.code;
            (refusal.into_response(), Some(code))
        }
        Answer::Token(change) => {
            let mut document = document(shared, parts);
            change.apply(&mut document);
            let text = serde_json::to_string(&document).unwrap_or_default();
            (reply::no_store(StatusCode::OK, text), None)
        }
    };
    shared.observe(arrival, &response, error, None);
    response
}

/// The document for the server as the client reaches it, with TLS or without.
fn document(shared: &Shared, parts: &Parts) -> Members {
    let secure = shared.secure.as_ref();
    let is_secure = parts.extensions.get::<Peer>().is_some_and(|peer| matches!(peer, Peer::Tls(_)));
    let base_url = secure.filter(|_| is_secure).map_or(&*shared.base_url, |secure| &*secure.base_url);
    let token_url = |base: &str| format!("{base}{}", Vendor::OAuth2.token_path());
    let registration = shared.oauth2.registration();
    let methods = registration.methods();
    let mut document = Members::new([
        ("issuer", Vendor::OAuth2.issuer(base_url).into()),
        ("token_endpoint", token_url(base_url).into()),
        ("grant_types_supported", json!(["client_credentials"])),
        ("response_types_supported", json!([])),
        ("token_endpoint_auth_methods_supported", methods.clone().into()),
    ]);
    if let Some(key) = registration.key.as_ref().filter(|_| methods.contains(&PRIVATE_KEY_JWT)) {
        let algorithms = key.algorithms.to_vec().into();
        document.set("token_endpoint_auth_signing_alg_values_supported", Some(algorithms));
    }
    if let Some(secure) = secure {
        document.set("tls_client_certificate_bound_access_tokens", Some(true.into()));
        document.set("mtls_endpoint_aliases", Some(json!({ "token_endpoint": token_url(&secure.base_url) })));
    }
    document
}
