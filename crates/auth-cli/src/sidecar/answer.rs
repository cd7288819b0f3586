//! Responses of the API.

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;
use serde::Serialize;

use crate::failure::{Failure, Kind};

/// A response with a body that is in memory.
pub(super) type Answer = Response<Full<Bytes>>;

/// Why a request gets no token, and with which status.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) failure: Failure,
    /// The header that belongs to the status.
    header: Option<Header>,
}

/// A header that belongs to a status.
#[derive(Clone, Copy, Debug)]
enum Header {
    /// With 401.
    WwwAuthenticate,
    /// With 405: the method that is allowed.
    Allow(&'static str),
}

impl Refusal {
    pub(super) fn new(status: StatusCode, kind: Kind, message: impl Into<String>) -> Self {
        Self { status, failure: Failure::new(kind, message), header: None }
    }

    /// The request is not one of this API.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Kind::Usage, message)
    }

    /// The caller may not have this.
    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, Kind::Refused, message)
    }

    /// The caller presents no token, or none that is accepted.
    pub(super) fn unauthorized(message: impl Into<String>) -> Self {
        let header = Some(Header::WwwAuthenticate);
        Self { header, ..Self::new(StatusCode::UNAUTHORIZED, Kind::Refused, message) }
    }

    /// The path has no such method.
    pub(super) fn method(allowed: &'static str) -> Self {
        let header = Some(Header::Allow(allowed));
        let message = format!("this path has the method {allowed} only");
        Self { header, ..Self::new(StatusCode::METHOD_NOT_ALLOWED, Kind::Usage, message) }
    }

    /// There is no token, for a reason that the caller has not caused, or only by its arguments.
    pub(super) fn no_token(failure: Failure) -> Self {
        let status = match failure.kind {
            Kind::Refused => StatusCode::BAD_GATEWAY,
            Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Kind::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            // The mistake is in the configuration of this process.
            Kind::Usage | Kind::Other => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self { status, failure, header: None }
    }

    /// Seconds to wait, rounded up so that nobody tries too early.
    pub(super) fn retry_after(&self) -> Option<u64> {
        self.failure.retry_after.map(|after| after.as_secs() + u64::from(after.subsec_nanos() > 0))
    }

    /// The response, with the error as the commands of this program print it.
    pub(super) fn answer(&self) -> Answer {
        let Failure { kind, message, profile, .. } = &self.failure;
        let (retry_after, profile) = (self.retry_after(), profile.as_deref());
        self.answer_with(&ErrorBody { error: kind.name(), message, retry_after, profile })
    }

    /// The response, with another body.
    pub(super) fn answer_with(&self, body: &impl Serialize) -> Answer {
        let mut answer = json(self.status, body);
        let headers = answer.headers_mut();
        match self.header {
            Some(Header::WwwAuthenticate) => headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")),
            Some(Header::Allow(method)) => headers.insert(ALLOW, HeaderValue::from_static(method)),
            None => None,
        };
        if let Some(seconds) = self.retry_after() {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        // Whoever may have nothing does not keep a connection, and a body that was not read is not waited for.
        if matches!(self.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::PAYLOAD_TOO_LARGE) {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        answer
    }
}

#[derive(Serialize)]
struct ErrorBody<'refusal> {
    error: &'static str,
    message: &'refusal str,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<&'refusal str>,
}

/// A response that no cache stores (RFC 6749 section 5.1).
pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Answer {
    // Strings and numbers can always be written.
    let body = serde_json::to_vec(body).unwrap_or_default();
    with_type(status, "application/json", body)
}

/// A response with a body of this media type that no cache stores.
pub(super) fn with_type(status: StatusCode, media_type: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    answer
}
