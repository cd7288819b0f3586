//! Errors that repeat nothing of what was sent or received.

use std::error::Error as StdError;
use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::error::Category;

use crate::{BaseUrlProblem, LabelProblem, Secret, TokenUnavailable, TransportError, object};

/// A client that cannot be built from what it was given.
#[derive(Debug)]
#[non_exhaustive]
pub enum BuildError {
    /// The base URL breaks a rule.
    BaseUrl(BaseUrlProblem),
    /// A variable of a server's address breaks a rule.
    Variable {
        /// The variable's name in the document.
        name: &'static str,
        /// The rule.
        problem: LabelProblem,
    },
    /// The HTTP client cannot be set up.
    Client(reqwest::Error),
}

impl fmt::Display for BuildError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BaseUrl(problem) => write!(formatter, "base URL: {problem}"),
            Self::Variable { name, problem } => write!(formatter, "{name}: {problem}"),
            Self::Client(_) => {
                formatter.write_str("the HTTP client cannot be set up from its certificates and settings")
            }
        }
    }
}

impl StdError for BuildError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Client(error) => Some(error),
            Self::BaseUrl(_) | Self::Variable { .. } => None,
        }
    }
}

/// A call of an operation that did not bring the documented success.
///
/// `E` is the documented error body. Neither `Display` nor `Debug` shows it: servers repeat in it what they were sent.
#[non_exhaustive]
pub enum Error<E = ()> {
    /// The request could not be put together from the arguments. Nothing was sent.
    Request,
    /// There is no token: for the request, or after the server did not accept the first one, another to repeat it with. What
    /// the source of tokens says is this error's [`source`](StdError::source), which can be downcast.
    Token(TokenUnavailable),
    /// There is no answer, or one that must not be looked at.
    Transport(TransportError),
    /// The server answered with an error status.
    Refused(Box<Refusal<E>>),
    /// The server reports success, but with a body that is not the documented one.
    Payload(PayloadError),
    /// The server reports a status that is no error and that the document does not mention.
    UnexpectedStatus(StatusCode),
}

impl<E> Error<E> {
    /// The status of the answer, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Refused(refusal) => Some(refusal.status),
            Self::Payload(error) => Some(error.status),
            Self::UnexpectedStatus(status) => Some(*status),
            Self::Request | Self::Token(_) | Self::Transport(_) => None,
        }
    }
}

impl<E> fmt::Display for Error<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request => formatter.write_str("the request cannot be put together from its arguments"),
            Self::Token(error) => error.fmt(formatter),
            Self::Transport(error) => error.fmt(formatter),
            Self::Refused(refusal) => write!(formatter, "the server refused with status {}", refusal.status),
            Self::Payload(error) => error.fmt(formatter),
            Self::UnexpectedStatus(status) => write!(formatter, "the document does not mention status {status}"),
        }
    }
}

impl<E> fmt::Debug for Error<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request => formatter.write_str("Request"),
            Self::Token(error) => formatter.debug_tuple("Token").field(error).finish(),
            Self::Transport(error) => formatter.debug_tuple("Transport").field(error).finish(),
            Self::Refused(refusal) => formatter.debug_tuple("Refused").field(refusal).finish(),
            Self::Payload(error) => formatter.debug_tuple("Payload").field(error).finish(),
            Self::UnexpectedStatus(status) => formatter.debug_tuple("UnexpectedStatus").field(status).finish(),
        }
    }
}

impl<E> StdError for Error<E> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Token(error) => error.source(),
            _ => None,
        }
    }
}

/// An answer with an error status.
#[non_exhaustive]
pub struct Refusal<E> {
    /// The status.
    pub status: StatusCode,
    /// The headers of the answer, `Retry-After` among them.
    pub headers: HeaderMap,
    /// The body, if it is the documented one. May repeat what was sent.
    pub body: Option<E>,
    /// The body if it is not the documented one.
    raw: Option<Bytes>,
}

impl<E> Refusal<E> {
    pub(crate) fn new(status: StatusCode, headers: HeaderMap, body: Result<E, Bytes>) -> Self {
        let (body, raw) = match body {
            Ok(body) => (Some(body), None),
            Err(raw) => (None, Some(raw)),
        };
        Self { status, headers, body, raw }
    }

    /// The bytes of a body that is not the documented one, up to the transport's limit; overwritten when this is dropped.
    /// May repeat what was sent.
    #[must_use]
    pub fn raw_body(&self) -> Option<&[u8]> {
        self.raw.as_deref()
    }

    /// The `error` member of a body that is not the documented one, if that is an object with such a text (RFC 6749
    /// section 5.2). May repeat what was sent.
    #[must_use]
    pub fn oauth_error(&self) -> Option<Secret> {
        self.raw.as_deref().and_then(oauth_error)
    }
}

impl<E> fmt::Debug for Refusal<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Refusal").field("status", &self.status).finish_non_exhaustive()
    }
}

/// The `error` member of an object, if it is a text (RFC 6749 section 5.2).
fn oauth_error(body: &[u8]) -> Option<Secret> {
    #[derive(Deserialize)]
    struct Answer {
        error: Secret,
    }
    // A list is no object, though serde would read one as such.
    let is_object = body.trim_ascii_start().starts_with(b"{");
    is_object.then(|| serde_json::from_slice(body).ok()).flatten().map(|Answer { error }| error)
}

/// A body that is not what the document says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PayloadError {
    /// The status it came with.
    pub status: StatusCode,
    /// What is wrong with it.
    pub problem: PayloadProblem,
    /// Line at which reading stopped, from 1; 0 if there is none.
    pub line: usize,
    /// Column at which reading stopped, from 1; 0 if there is none.
    pub column: usize,
    error: ErrorMember,
}

/// What the body says in its member `error`; not shown.
#[derive(Clone, Default)]
struct ErrorMember(Option<Secret>);

impl fmt::Debug for ErrorMember {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("..")
    }
}

impl PartialEq for ErrorMember {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_ref().map(Secret::expose) == other.0.as_ref().map(Secret::expose)
    }
}

impl Eq for ErrorMember {}

impl PayloadError {
    pub(crate) fn new(status: StatusCode, error: &serde_json::Error) -> Self {
        let problem = match error.classify() {
            Category::Data => PayloadProblem::Schema,
            Category::Eof => PayloadProblem::Truncated,
            Category::Io | Category::Syntax => PayloadProblem::Syntax,
        };
        Self { status, problem, line: error.line(), column: error.column(), error: ErrorMember::default() }
    }

    /// The same, with what the body says in its member `error`.
    pub(crate) fn reading(mut self, body: &[u8]) -> Self {
        self.error = ErrorMember(oauth_error(body));
        self
    }

    /// The `error` member of the body, if it is an object with such a text: an error of an OAuth 2.0 server that reports
    /// success all the same (RFC 6749 section 5.2). May repeat what was sent.
    #[must_use]
    pub fn oauth_error(&self) -> Option<Secret> {
        self.error.0.clone()
    }

    /// What keeps the body of a success from being the object that a document promises, of what its type does not look at:
    /// see [`Call::expecting_object`](crate::Call::expecting_object). `None` if that is nothing.
    #[must_use]
    pub fn of_object(status: StatusCode, body: &[u8]) -> Option<Self> {
        object::check(body).err().map(|error| Self::new(status, &error))
    }
}

impl fmt::Display for PayloadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, problem, line, column, .. } = self;
        write!(formatter, "the answer with status {status} {problem} (line {line}, column {column})")
    }
}

impl StdError for PayloadError {}

/// What is wrong with a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PayloadProblem {
    /// It is not JSON.
    Syntax,
    /// It ends too early; an empty body does.
    Truncated,
    /// It is JSON, but a member is missing, doubled or of another type than documented.
    Schema,
}

impl fmt::Display for PayloadProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Syntax => "is not JSON",
            Self::Truncated => "is not a whole JSON document",
            Self::Schema => "lacks a documented member, has one twice, or has one of another type",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_member_is_read_where_the_document_has_no_body_and_shown_nowhere() {
        for (body, wanted) in [
            (&b"{\"error\":\"MARKER\"}"[..], Some("MARKER")),
            (b" {\"a\":{\"error\":\"x\"},\"error\":\"MARKER\",\"b\":1}", Some("MARKER")),
            (b"{\"error\":[\"MARKER\"]}", None),
            (b"{\"error\":null}", None),
            (b"{\"error\":1}", None),
            (b"{\"error\":\"MARKER\",\"error\":\"MARKER\"}", None),
            (b"[\"MARKER\"]", None),
            (b"{\"error\":\"MARKER\"", None),
            (b"MARKER", None),
            (b"", None),
        ] {
            let refusal =
                Refusal::<()>::new(StatusCode::FORBIDDEN, HeaderMap::new(), Err(Bytes::copy_from_slice(body)));
            assert_eq!(refusal.raw_body(), Some(body));
            assert_eq!(refusal.oauth_error().as_ref().map(Secret::expose), wanted, "{body:?}");
            let error = serde_json::from_slice::<()>(b"1").unwrap_err();
            let payload = PayloadError::new(StatusCode::OK, &error).reading(body);
            assert_eq!(payload.oauth_error().as_ref().map(Secret::expose), wanted, "{body:?}");
            let shown = format!("{refusal:?} {payload} {payload:?} {payload:#?} {:?}", refusal.oauth_error());
            assert!(!shown.contains("MARKER"), "{shown}");
        }
        let documented = Refusal::new(StatusCode::FORBIDDEN, HeaderMap::new(), Ok(()));
        assert!(documented.raw_body().is_none() && documented.oauth_error().is_none());
    }
}
