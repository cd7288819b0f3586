//! Responses that are not the documented success, and requests that cannot be sent.

use std::fmt;

use http::{HeaderMap, StatusCode};

use crate::exchange::{Exchange, Prefix};
use crate::raw_body::RawBody;
use crate::{Secret, Sent};

/// A response with an error status.
///
/// `Display` and `Debug` do not show the body, since servers repeat parts of the request in it.
#[non_exhaustive]
pub struct Refusal<E> {
    /// The status.
    pub status: StatusCode,
    /// The headers of the response, such as `Retry-After`.
    pub headers: HeaderMap,
    /// The body, if it is the documented one. It may repeat what was sent.
    pub body: Option<E>,
    pub(crate) sent: Sent,
    pub(crate) exchange: Exchange,
    pub(crate) code: Option<Box<str>>,
    pub(crate) raw: RawBody,
}

impl<E> Refusal<E> {
    /// The first 64 KiB of the body as received, whether or not the document describes it. `None` if it is empty, larger than the
    /// body limit, in a content coding, or did not arrive completely.
    ///
    /// The body may repeat what was sent, credentials included. The bytes are overwritten when the error is dropped.
    #[must_use]
    pub fn raw_body(&self) -> Option<&[u8]> {
        self.raw.bytes()
    }

    /// What was sent. Search a text of this response for it before you show the text.
    #[must_use]
    pub fn sent(&self) -> &Sent {
        &self.sent
    }

    /// The member `error` of the body, if that is an object with such a string (RFC 6749 section 5.2). It may repeat what was
    /// sent.
    #[must_use]
    pub fn oauth_error(&self) -> Option<Secret> {
        self.raw.oauth_error()
    }

    /// Host and port of the server.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.exchange.server
    }

    /// The id of the request, from a response header such as `X-Request-Id`. `None` if it is longer than 64 characters, holds other
    /// characters than letters, digits and `-_.:`, or repeats a part of what was sent.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.exchange.request_id.as_deref()
    }

    /// The error code of a JSON body (`error`, `error.code` or `code`). `None` if it is not a plain word of at most 64 characters
    /// ([`Sent::word`]), or repeats a part of what was sent.
    #[must_use]
    pub fn error_code(&self) -> Option<&str> {
        self.code.as_deref()
    }
}

impl<E> fmt::Display for Refusal<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, exchange, .. } = self;
        let (server, notes) = (&exchange.server, exchange.notes(self.error_code()));
        write!(formatter, "{}{server} refused the request with status {status}{notes}", exchange.prefix())
    }
}

impl<E> fmt::Debug for Refusal<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("Refusal");
        debug.field("status", &self.status).field("exchange", &self.exchange).field("code", &self.code);
        debug.finish_non_exhaustive()
    }
}

/// A response whose status is not an error, and that the document does not describe.
#[derive(Clone, Debug, thiserror::Error)]
#[error(
    "{}{} answered with status {status}, which the document does not mention{}",
    .exchange.prefix(), .exchange.server, .exchange.notes(None)
)]
#[non_exhaustive]
pub struct UnexpectedStatus {
    /// The status.
    pub status: StatusCode,
    pub(crate) sent: Sent,
    pub(crate) exchange: Exchange,
    pub(crate) raw: RawBody,
}

impl UnexpectedStatus {
    /// The member `error` of the body, as with [`Refusal::oauth_error`].
    #[must_use]
    pub fn oauth_error(&self) -> Option<Secret> {
        self.raw.oauth_error()
    }

    /// What was sent, as with [`Refusal::sent`].
    #[must_use]
    pub fn sent(&self) -> &Sent {
        &self.sent
    }

    /// The body as received, as with [`Refusal::raw_body`].
    #[must_use]
    pub fn raw_body(&self) -> Option<&[u8]> {
        self.raw.bytes()
    }
}

/// A request cannot be built from its arguments. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}invalid request, nothing was sent: {problem}", Prefix(*.operation))]
pub struct RequestError {
    operation: Option<&'static str>,
    problem: RequestProblem,
}

impl RequestError {
    pub(crate) fn new(operation: Option<&'static str>, problem: RequestProblem) -> Self {
        Self { operation, problem }
    }

    /// The problem with the arguments.
    #[must_use]
    pub fn problem(&self) -> RequestProblem {
        self.problem
    }

    pub(crate) fn operation(&self) -> Option<&'static str> {
        self.operation
    }
}

/// The problem with the arguments of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestProblem {
    /// A path parameter is empty, `.` or `..`: the request would reach another resource.
    PathParameter,
    /// A credential holds a character that is not allowed in its header or cookie.
    Credential,
    /// The client lacks a key that the operation requires. This method of the client sets it.
    NoKey(&'static str),
    /// An argument holds a character that is not allowed in a header.
    Header,
    /// The body or a parameter cannot be serialized.
    Serialization,
    /// A file of the body is a stream that an earlier request has sent.
    StreamSent,
}

/// The message of [`multipart_body`](crate::multipart_body) for a stream that is gone.
pub(crate) const STREAM_SENT: &str = "a file is a stream that was sent already";

/// The message of [`path_segment`](crate::path_segment).
pub(crate) const NO_SEGMENT: &str = "a path parameter is not a segment of a path";

impl RequestProblem {
    /// Classifies the error of generated code that could not build a request.
    pub(crate) fn of<E>(error: &progenitor_client::Error<E>) -> Self {
        match error {
            progenitor_client::Error::InvalidRequest(text) if text == NO_SEGMENT => Self::PathParameter,
            progenitor_client::Error::InvalidRequest(text) if text == STREAM_SENT => Self::StreamSent,
            // The only header values of arguments are those of header parameters.
            progenitor_client::Error::InvalidRequest(text) if text.contains("header") => Self::Header,
            _ => Self::Serialization,
        }
    }
}

impl fmt::Display for RequestProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NoKey(method) => {
                return write!(
                    formatter,
                    "the client lacks a key that the operation requires; `Client::{method}` sets it"
                );
            }
            Self::PathParameter => "a path parameter is empty, `.` or `..`",
            Self::Credential => "a credential holds a character that is not allowed in its header or cookie",
            Self::Header => "an argument holds a character that is not allowed in a header",
            Self::Serialization => "the body or a parameter cannot be serialized",
            Self::StreamSent => STREAM_SENT,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_of_an_invalid_request_states_the_reason() {
        let text = http::HeaderValue::from_str("\n").unwrap_err().to_string();
        let of = |text: &str| RequestProblem::of(&progenitor_client::Error::<()>::InvalidRequest(text.to_owned()));
        assert_eq!(of(NO_SEGMENT), RequestProblem::PathParameter);
        assert_eq!(of(&text), RequestProblem::Header);
        assert_eq!(of(STREAM_SENT), RequestProblem::StreamSent);
        assert_eq!(of("failed to serialize body"), RequestProblem::Serialization);
        assert_eq!(
            RequestError::new(Some("getIt"), RequestProblem::PathParameter).to_string(),
            "getIt: invalid request, nothing was sent: a path parameter is empty, `.` or `..`"
        );
    }
}
