//! Answers that are not the documented success, and requests that are never sent.

use std::error::Error as StdError;
use std::fmt;

use http::{HeaderMap, StatusCode};

use crate::exchange::{Exchange, Prefix};
use crate::raw_body::RawBody;
use crate::{Secret, Sent};

/// An answer with an error status.
///
/// Neither `Display` nor `Debug` shows the body: servers repeat in it what they were sent.
#[non_exhaustive]
pub struct Refusal<E> {
    /// The status.
    pub status: StatusCode,
    /// The headers of the answer, `Retry-After` among them.
    pub headers: HeaderMap,
    /// The body, if it is the documented one. May repeat what was sent.
    pub body: Option<E>,
    pub(crate) sent: Sent,
    pub(crate) exchange: Exchange,
    pub(crate) code: Option<Box<str>>,
    pub(crate) raw: RawBody,
}

impl<E> Refusal<E> {
    /// The body as it came, whether or not the document describes it; the first 64 KiB of it. `None` if it is empty, larger
    /// than the limit for bodies, or did not arrive in full.
    ///
    /// May repeat what was sent, credentials included. The bytes are wiped when the error is dropped.
    #[must_use]
    pub fn raw_body(&self) -> Option<&[u8]> {
        self.raw.bytes()
    }

    /// What was sent, to be looked for in a text of this answer before the text is shown.
    #[must_use]
    pub fn sent(&self) -> &Sent {
        &self.sent
    }

    /// The member `error` of the body, if that is an object with such a text (RFC 6749 section 5.2). May repeat what was
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

    /// The id that the server gave the request in a header such as `X-Request-Id`, if it is a short one of plain characters.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.exchange.request_id.as_deref()
    }

    /// The error code of a JSON body (`error`, `error.code` or `code`), if it is a plain word that repeats nothing of what
    /// was sent.
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

/// An answer whose status is no error, and that the document does not mention.
#[derive(Clone, Debug)]
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

    /// The body as it came, as with [`Refusal::raw_body`].
    #[must_use]
    pub fn raw_body(&self) -> Option<&[u8]> {
        self.raw.bytes()
    }
}

impl fmt::Display for UnexpectedStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, exchange, .. } = self;
        let (server, notes) = (&exchange.server, exchange.notes(None));
        let prefix = exchange.prefix();
        write!(formatter, "{prefix}{server} answered with status {status}, which the document does not mention{notes}")
    }
}

impl StdError for UnexpectedStatus {}

/// A request that cannot be built from its arguments. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestError {
    operation: Option<&'static str>,
    problem: RequestProblem,
}

impl RequestError {
    pub(crate) fn new(operation: Option<&'static str>, problem: RequestProblem) -> Self {
        Self { operation, problem }
    }

    /// What is wrong with the arguments.
    #[must_use]
    pub fn problem(&self) -> RequestProblem {
        self.problem
    }

    pub(crate) fn operation(&self) -> Option<&'static str> {
        self.operation
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}invalid request, nothing was sent: {}", Prefix(self.operation), self.problem)
    }
}

impl StdError for RequestError {}

/// What is wrong with the arguments of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestProblem {
    /// A path parameter is empty, `.` or `..`: the request would reach another resource.
    PathParameter,
    /// A credential holds a character that its header or cookie cannot carry.
    Credential,
    /// An argument holds a character that no header can carry.
    Header,
    /// The body, or a parameter of the query, cannot be serialized.
    Serialization,
}

/// What [`path_segment`](crate::path_segment) says.
pub(crate) const NO_SEGMENT: &str = "a path parameter is no segment of a path";

impl RequestProblem {
    /// What the generated code failed with before it had a request.
    pub(crate) fn of<E>(error: &progenitor_client::Error<E>) -> Self {
        match error {
            progenitor_client::Error::InvalidRequest(text) if text == NO_SEGMENT => Self::PathParameter,
            // The only header values of arguments are those of header parameters.
            progenitor_client::Error::InvalidRequest(text) if text.contains("header") => Self::Header,
            _ => Self::Serialization,
        }
    }
}

impl fmt::Display for RequestProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::PathParameter => "a path parameter is empty, `.` or `..`",
            Self::Credential => "a credential holds a character that its header or cookie cannot carry",
            Self::Header => "an argument holds a character that no header can carry",
            Self::Serialization => "the body or a query parameter cannot be serialized",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_cannot_be_built_says_why() {
        let text = http::HeaderValue::from_str("\n").unwrap_err().to_string();
        let of = |text: &str| RequestProblem::of(&progenitor_client::Error::<()>::InvalidRequest(text.to_owned()));
        assert_eq!(of(NO_SEGMENT), RequestProblem::PathParameter);
        assert_eq!(of(&text), RequestProblem::Header);
        assert_eq!(of("failed to serialize body"), RequestProblem::Serialization);
        assert_eq!(
            RequestError::new(Some("getIt"), RequestProblem::PathParameter).to_string(),
            "getIt: invalid request, nothing was sent: a path parameter is empty, `.` or `..`"
        );
    }
}
