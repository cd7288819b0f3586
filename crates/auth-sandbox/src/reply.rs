use std::fmt;

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

/// An HTTP response that is sent unchanged, regardless of the request.
#[derive(Clone)]
pub struct Reply {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

impl Reply {
    /// A response with this status, no body and no headers set by the script.
    ///
    /// # Panics
    ///
    /// Panics if the status is not between 200 and 999, so that the mistake is reported at its line in the test. For interim
    /// responses (1xx) use [`Raw`](crate::Raw).
    #[must_use]
    #[track_caller]
    pub fn new(status: u16) -> Self {
        // A closure would hide the line of the test.
        let Some(reply) = Self::with_status(status) else { panic!("{status} is not a status between 200 and 999") };
        reply
    }

    /// Like [`new`](Self::new); `None` if the status is not between 200 and 999.
    pub(crate) fn with_status(status: u16) -> Option<Self> {
        let status = StatusCode::from_u16(status).ok().filter(|status| !status.is_informational())?;
        Some(Self { status, headers: Vec::new(), body: Bytes::new() })
    }

    /// A response with a JSON body.
    ///
    /// # Panics
    ///
    /// Like [`Reply::new`].
    #[must_use]
    #[track_caller]
    pub fn json(status: u16, body: &Value) -> Self {
        Self::new(status).header("content-type", "application/json").body(body.to_string())
    }

    /// An error in the form of RFC 6749 §5.2.
    ///
    /// # Panics
    ///
    /// Like [`Reply::new`].
    #[must_use]
    #[track_caller]
    pub fn oauth_error(status: u16, code: &str) -> Self {
        Self::json(status, &json!({ "error": code }))
    }

    /// A redirect to another URL.
    ///
    /// # Panics
    ///
    /// Like [`Reply::new`] and [`Reply::header`].
    #[must_use]
    #[track_caller]
    pub fn redirect(status: u16, location: &str) -> Self {
        Self::new(status).header("location", location)
    }

    /// Adds a header; existing headers of the same name are kept.
    ///
    /// # Panics
    ///
    /// Panics if the name or the value is not valid in an HTTP header.
    #[must_use]
    #[track_caller]
    pub fn header(self, name: &str, value: &str) -> Self {
        let Some(reply) = self.with_header(name, value) else {
            panic!("`{name}` is not a header, or its value cannot be sent")
        };
        reply
    }

    /// Like [`header`](Self::header); `None` if the name or the value is not valid in an HTTP header.
    pub(crate) fn with_header(mut self, name: &str, value: &str) -> Option<Self> {
        self.headers.push((name.parse().ok()?, value.parse().ok()?));
        Some(self)
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// The status.
    pub(crate) fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The names of the headers.
    pub(crate) fn header_names(&self) -> impl Iterator<Item = &str> {
        self.headers.iter().map(|(name, _)| name.as_str())
    }

    /// The length of the body in bytes.
    pub(crate) fn body_length(&self) -> usize {
        self.body.len()
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without header values and body, which may contain a token from a test.
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("body_length", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        for (name, value) in self.headers {
            response.headers_mut().append(name, value);
        }
        response
    }
}

/// Adds `Connection: close` to a response with status 408 (RFC 9110 section 15.5.9).
pub(crate) fn closing_if_timed_out(mut response: Response) -> Response {
    if response.status() == StatusCode::REQUEST_TIMEOUT {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// A JSON response of the server, which must not be stored (RFC 6749 §5.1).
pub(crate) fn no_store(status: StatusCode, body: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::PRAGMA, HeaderValue::from_static("no-cache")),
    ];
    (status, headers, body).into_response()
}
