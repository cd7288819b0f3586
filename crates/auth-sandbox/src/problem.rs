//! Refusals of the protected resources: the challenge of RFC 6750 section 3, and a body in the vendor's envelope.

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use crate::{Vendor, reply, timestamp};

/// A refusal by a resource. Its texts repeat nothing of the request.
///
/// `word` is the status in Lean's envelope: one of <https://docs.leantech.me/reference/general-errors>, except for
/// `UNAUTHORIZED`, `UNKNOWN_CUSTOMER` and `UNSUPPORTED_MEDIA_TYPE`, which are unverified.
pub(crate) struct Problem {
    status: StatusCode,
    /// Error code of RFC 6750 section 3.1.
    code: Option<&'static str>,
    word: &'static str,
    message: &'static str,
    challenge: Option<&'static str>,
    allow: Option<&'static str>,
}

impl Problem {
    fn new(status: StatusCode, word: &'static str, message: &'static str) -> Self {
        Self { status, code: None, word, message, challenge: None, allow: None }
    }

    fn about_the_token(mut self, code: Option<&'static str>, challenge: &'static str) -> Self {
        self.code = code;
        self.challenge = Some(challenge);
        self
    }

    /// A request without a bearer token: a challenge without an error code.
    pub(crate) fn no_token() -> Self {
        let problem = Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "an access token is required");
        problem.about_the_token(None, "Bearer")
    }

    pub(crate) fn invalid_token() -> Self {
        let message = "the access token is unknown, expired or revoked";
        let problem = Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", message);
        problem.about_the_token(Some("invalid_token"), r#"Bearer error="invalid_token""#)
    }

    pub(crate) fn insufficient_scope() -> Self {
        let message = "this resource requires a token for the scope api";
        let problem = Self::new(StatusCode::FORBIDDEN, "INCORRECT_ACCESS_LEVEL", message);
        problem.about_the_token(Some("insufficient_scope"), r#"Bearer error="insufficient_scope", scope="api""#)
    }

    /// A request with more than one token, or with a token in an invalid place.
    pub(crate) fn invalid_request(message: &'static str) -> Self {
        let problem = Self::invalid_parameters(message);
        problem.about_the_token(Some("invalid_request"), r#"Bearer error="invalid_request""#)
    }

    pub(crate) fn invalid_parameters(message: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "INVALID_PARAMETERS", message)
    }

    pub(crate) fn missing_parameters(message: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "MISSING_PARAMETERS", message)
    }

    pub(crate) fn not_json() -> Self {
        let message = "the content type must be application/json, given once";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message)
    }

    pub(crate) fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "INVALID_PARAMETERS", "the body is too large")
    }

    pub(crate) fn slow_body() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "INVALID_PARAMETERS", "the body took too long")
    }

    pub(crate) fn unknown_customer() -> Self {
        Self::new(StatusCode::NOT_FOUND, "UNKNOWN_CUSTOMER", "no customer has this customer_id")
    }

    pub(crate) fn customer_exists() -> Self {
        Self::new(StatusCode::CONFLICT, "CUSTOMER_ALREADY_EXISTS", "a customer with this app_user_id exists already")
    }

    pub(crate) fn method_not_allowed(allow: &'static str) -> Self {
        let message = "this resource does not allow this method";
        let problem = Self::new(StatusCode::METHOD_NOT_ALLOWED, "INVALID_HTTP_METHOD", message);
        Self { allow: Some(allow), ..problem }
    }

    pub(crate) fn server_error() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR", "random numbers are unavailable")
    }

    /// Its name in a log.
    pub(crate) fn code(&self, vendor: Vendor) -> Option<&'static str> {
        self.code.or((vendor == Vendor::Lean).then_some(self.word))
    }

    /// The response in the envelope of this vendor.
    pub(crate) fn into_response(self, vendor: Vendor) -> Response {
        let body = match (vendor, self.code) {
            (Vendor::Lean, _) => {
                json!({ "timestamp": timestamp::now(), "status": self.word, "message": self.message, "metadata": null })
            }
            (Vendor::OAuth2, code) => {
                json!({ "error": code.unwrap_or("invalid_request"), "error_description": self.message })
            }
            (Vendor::LeanIx, None) => {
                json!({ "status": "ERROR", "type": "ErrorResponse", "message": self.message, "errors": [] })
            }
            (Vendor::LeanIx, Some(code)) => json!({
                "error": code,
                "status": "ERROR",
                "type": "ErrorResponse",
                "message": self.message,
                "errors": [],
            }),
        };
        let mut response = reply::no_store(self.status, body.to_string());
        for (name, value) in [(header::WWW_AUTHENTICATE, self.challenge), (header::ALLOW, self.allow)] {
            if let Some(value) = value {
                response.headers_mut().insert(name, HeaderValue::from_static(value));
            }
        }
        reply::closing_if_timed_out(response)
    }
}
