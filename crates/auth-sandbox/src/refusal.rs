//! The ways to say no (RFC 6749 §5.2, RFC 6750 §3).

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::json;

use crate::reply;

/// A refusal: status, error code, a text for the developer of the client, which never repeats what was sent.
pub(crate) struct Refusal {
    status: StatusCode,
    pub(crate) code: Option<&'static str>,
    description: Option<&'static str>,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, description: &'static str) -> Self {
        Self { status, code: Some(code), description: Some(description), header: None }
    }

    fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.header = Some((name, HeaderValue::from_static(value)));
        self
    }

    pub(crate) fn invalid_request(description: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", description)
    }

    pub(crate) fn method_not_allowed(allow: &'static str) -> Self {
        let refusal = Self::new(StatusCode::METHOD_NOT_ALLOWED, "invalid_request", "this endpoint has another method");
        refusal.with(header::ALLOW, allow)
    }

    pub(crate) fn not_a_form() -> Self {
        let description = "the content type must be application/x-www-form-urlencoded, given once";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "invalid_request", description)
    }

    pub(crate) fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request", "no token request is that large")
    }

    /// Bad credentials. The challenge is due if the client used the `Authorization` header.
    pub(crate) fn invalid_client(challenge: Option<&'static str>) -> Self {
        let refusal =
            Self { status: StatusCode::UNAUTHORIZED, code: Some("invalid_client"), description: None, header: None };
        match challenge {
            Some(challenge) => refusal.with(header::WWW_AUTHENTICATE, challenge),
            None => refusal,
        }
    }

    pub(crate) fn unsupported_grant_type() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "unsupported_grant_type", "only client_credentials is supported")
    }

    pub(crate) fn invalid_scope() -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: Some("invalid_scope"), description: None, header: None }
    }

    /// No bearer token at all: a challenge without an error code.
    pub(crate) fn no_token() -> Self {
        Self { status: StatusCode::UNAUTHORIZED, code: None, description: None, header: None }
            .with(header::WWW_AUTHENTICATE, "Bearer")
    }

    pub(crate) fn invalid_token() -> Self {
        let description = "the token is not ours, expired or revoked";
        Self::new(StatusCode::UNAUTHORIZED, "invalid_token", description)
            .with(header::WWW_AUTHENTICATE, r#"Bearer error="invalid_token""#)
    }

    pub(crate) fn insufficient_scope() -> Self {
        Self::new(StatusCode::FORBIDDEN, "insufficient_scope", "this resource wants the scope api")
            .with(header::WWW_AUTHENTICATE, r#"Bearer error="insufficient_scope", scope="api""#)
    }

    pub(crate) fn server_error() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "the token could not be signed")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = match (self.code, self.description) {
            (Some(code), Some(description)) => json!({ "error": code, "error_description": description }).to_string(),
            (Some(code), None) => json!({ "error": code }).to_string(),
            (None, _) => String::new(),
        };
        let mut response = reply::no_store(self.status, body);
        if self.code.is_none() {
            response.headers_mut().remove(header::CONTENT_TYPE);
        }
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}
