//! The refusals of the token endpoints (RFC 6749 section 5.2).

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::json;

use crate::reply;

/// A refusal: status, error code, and a description for the developer of the client, which repeats nothing of the
/// request.
pub(crate) struct Refusal {
    status: StatusCode,
    pub(crate) code: &'static str,
    description: Option<&'static str>,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, description: &'static str) -> Self {
        Self { status, code, description: Some(description), header: None }
    }

    fn bare(status: StatusCode, code: &'static str) -> Self {
        Self { status, code, description: None, header: None }
    }

    fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.header = Some((name, HeaderValue::from_static(value)));
        self
    }

    pub(crate) fn invalid_request(description: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", description)
    }

    pub(crate) fn method_not_allowed(allow: &'static str) -> Self {
        let description = "this endpoint does not allow this method";
        let refusal = Self::new(StatusCode::METHOD_NOT_ALLOWED, "invalid_request", description);
        refusal.with(header::ALLOW, allow)
    }

    pub(crate) fn not_a_form() -> Self {
        let description = "the content type must be application/x-www-form-urlencoded, given once";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "invalid_request", description)
    }

    pub(crate) fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request", "the body is too large for a token request")
    }

    pub(crate) fn slow_body() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "invalid_request", "the body took too long")
    }

    /// Wrong credentials. A challenge is required if the client used the `Authorization` header.
    pub(crate) fn invalid_client(challenge: Option<&'static str>) -> Self {
        let refusal = Self::bare(StatusCode::UNAUTHORIZED, "invalid_client");
        match challenge {
            Some(challenge) => refusal.with(header::WWW_AUTHENTICATE, challenge),
            None => refusal,
        }
    }

    /// A client that is not authenticated, with the rule that it broke.
    pub(crate) fn unauthenticated(description: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_client", description)
    }

    /// A client that authenticates in a way that is not registered for it. RFC 6749 requires a challenge only for HTTP Basic.
    pub(crate) fn not_accepted(method: &'static str) -> Self {
        Self::unauthenticated(match method {
            "client_secret_basic" => "the client must not use client_secret_basic",
            "client_secret_post" => "the client must not use client_secret_post",
            "private_key_jwt" => "the client must not use private_key_jwt, or no key is registered",
            _ => "the client must not use a certificate, or none is registered",
        })
    }

    pub(crate) fn unsupported_grant_type() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "unsupported_grant_type", "only client_credentials is supported")
    }

    pub(crate) fn invalid_scope() -> Self {
        Self::bare(StatusCode::BAD_REQUEST, "invalid_scope")
    }

    pub(crate) fn server_error() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "the token could not be signed")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = match self.description {
            Some(description) => json!({ "error": self.code, "error_description": description }),
            None => json!({ "error": self.code }),
        };
        let mut response = reply::no_store(self.status, body.to_string());
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, value);
        }
        reply::closing_if_timed_out(response)
    }
}
