//! Refusals of the interface.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use super::{access::Foreign, headers};
use crate::{body, reply};

/// A refusal: a message for the developer of a test, and the field of the document that is wrong.
///
/// It repeats no value of the request.
pub(crate) struct Failure {
    status: StatusCode,
    message: String,
    field: Option<String>,
    /// Its name in a log, if it is logged.
    code: Option<&'static str>,
    allow: Option<&'static str>,
}

impl Failure {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), field: None, code: None, allow: None }
    }

    /// Its name in a log, if it is logged.
    pub(super) fn code(&self) -> Option<&'static str> {
        self.code
    }

    pub(super) fn not_found() -> Self {
        let message = "there is no such path; the README of auth-sandbox lists all";
        Self::new(StatusCode::NOT_FOUND, message)
    }

    pub(super) fn unknown_token() -> Self {
        let message = "no token with this id was issued, or it was issued long ago; use the claim `jti` of the token";
        Self::new(StatusCode::NOT_FOUND, message)
    }

    pub(super) fn method_not_allowed(allow: &'static str) -> Self {
        let message = format!("this path does not allow this method, only {allow}");
        Self { allow: Some(allow), ..Self::new(StatusCode::METHOD_NOT_ALLOWED, message) }
    }

    pub(super) fn not_json() -> Self {
        let message = "the content type must be application/json, given once";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message)
    }

    pub(super) fn body(failure: body::Failure) -> Self {
        match failure {
            body::Failure::TooLarge => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large; it may have 16 KiB")
            }
            body::Failure::Broken => {
                Self::new(StatusCode::BAD_REQUEST, "the framing of the body is invalid, or the body ends too early")
            }
            body::Failure::Slow => Self::new(StatusCode::REQUEST_TIMEOUT, "the body took too long"),
        }
    }

    pub(super) fn syntax(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// A field with a wrong value.
    pub(super) fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::syntax(message) }
    }

    pub(super) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the answer could not be written")
    }
}

impl From<Foreign> for Failure {
    fn from(foreign: Foreign) -> Self {
        let (code, message) = match foreign {
            Foreign::Host => (
                "foreign_host",
                "the interface cannot be used under this host name; use localhost or a loopback address, or start the \
                 sandbox with --control-host NAME",
            ),
            Foreign::Site => ("foreign_site", "pages of other sites cannot use the interface"),
        };
        Self { code: Some(code), ..Self::new(StatusCode::FORBIDDEN, message) }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = match self.field {
            Some(field) => json!({ "message": self.message, "field": field }),
            None => json!({ "message": self.message }),
        };
        let mut response = headers::guarded(reply::no_store(self.status, body.to_string()));
        if let Some(allow) = self.allow {
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
        }
        reply::closing_if_timed_out(response)
    }
}
