//! Errors that show neither the request nor the response.

use std::error::Error as StdError;
use std::fmt;

use http::StatusCode;
use serde_json::error::Category;

use crate::exchange::Exchange;
use crate::raw_body::RawBody;
use crate::{
    Drift, DriftKind, PayloadProblem, ReadError, Refusal, RequestError, Secret, Sent, TokenUnavailable, TransportError,
    UnexpectedStatus, object,
};

/// Why a call of an operation did not return the documented success.
///
/// `Display` states the cause, the operation, the server and, if known, status, error code and request id, in one line.
/// [`source`](StdError::source) returns the next deeper cause.
///
/// `E` is the documented error body. `Display` and `Debug` show no body, since servers repeat parts of the request in
/// it. [`Error::raw_body`] returns its bytes.
#[non_exhaustive]
pub enum Error<E = ()> {
    /// The request could not be built from the arguments. Nothing was sent.
    Request(RequestError),
    /// The token source has no token for the request, or no second one after the server rejected the first.
    /// [`TokenUnavailable::reason`] is the error of the token source and can be downcast.
    Token(TokenUnavailable),
    /// There is no response, or one that is not read, such as an undocumented redirect or a body above the limit.
    Transport(TransportError),
    /// The server answered with an error status.
    Refused(Box<Refusal<E>>),
    /// The server reports success, but the body is not the documented one.
    Payload(PayloadError),
    /// The status is not an error, but the document does not describe it.
    UnexpectedStatus(UnexpectedStatus),
}

impl<E> Error<E> {
    /// The status of the response, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Refused(refusal) => Some(refusal.status),
            Self::Payload(error) => Some(error.status),
            Self::UnexpectedStatus(error) => Some(error.status),
            Self::Token(error) => error.rejected(),
            Self::Request(_) | Self::Transport(_) => None,
        }
    }

    /// The `operationId` of the call.
    #[must_use]
    pub fn operation(&self) -> Option<&'static str> {
        match self {
            Self::Request(error) => error.operation(),
            Self::Transport(error) => error.operation(),
            _ => self.exchange()?.operation,
        }
    }

    /// Host and port of the server; `None` if the request could not be built.
    #[must_use]
    pub fn server(&self) -> Option<&str> {
        match self {
            Self::Transport(error) => Some(error.server()),
            _ => Some(&self.exchange()?.server),
        }
    }

    /// The id of the request, as with [`Refusal::request_id`].
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.exchange()?.request_id.as_deref()
    }

    /// The error code of the response, as with [`Refusal::error_code`].
    #[must_use]
    pub fn error_code(&self) -> Option<&str> {
        match self {
            Self::Refused(refusal) => refusal.error_code(),
            _ => None,
        }
    }

    /// The body as received, as with [`Refusal::raw_body`].
    #[must_use]
    pub fn raw_body(&self) -> Option<&[u8]> {
        match self {
            Self::Refused(refusal) => refusal.raw_body(),
            Self::Payload(error) => error.raw_body(),
            Self::UnexpectedStatus(error) => error.raw_body(),
            Self::Request(_) | Self::Token(_) | Self::Transport(_) => None,
        }
    }

    fn exchange(&self) -> Option<&Exchange> {
        match self {
            Self::Refused(refusal) => Some(&refusal.exchange),
            Self::Payload(error) => Some(&error.exchange),
            Self::UnexpectedStatus(error) => Some(&error.exchange),
            Self::Token(error) => error.exchange(),
            Self::Request(_) | Self::Transport(_) => None,
        }
    }
}

impl<E> fmt::Display for Error<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(error) => error.fmt(formatter),
            Self::Token(error) => error.fmt(formatter),
            Self::Transport(error) => error.fmt(formatter),
            Self::Refused(refusal) => refusal.fmt(formatter),
            Self::Payload(error) => error.fmt(formatter),
            Self::UnexpectedStatus(error) => error.fmt(formatter),
        }
    }
}

impl<E> fmt::Debug for Error<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(error) => formatter.debug_tuple("Request").field(error).finish(),
            Self::Token(error) => formatter.debug_tuple("Token").field(error).finish(),
            Self::Transport(error) => formatter.debug_tuple("Transport").field(error).finish(),
            Self::Refused(refusal) => formatter.debug_tuple("Refused").field(refusal).finish(),
            Self::Payload(error) => formatter.debug_tuple("Payload").field(error).finish(),
            Self::UnexpectedStatus(error) => formatter.debug_tuple("UnexpectedStatus").field(error).finish(),
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

/// The body of a success is not what the document describes.
#[derive(Clone, Debug, thiserror::Error)]
#[error(
    "{}the response{}{} with status {status} {} (line {line}, column {column}){}",
    .exchange.prefix(), if .exchange.server.is_empty() { "" } else { " from " }, .exchange.server, self.says(),
    .exchange.notes(None)
)]
#[non_exhaustive]
pub struct PayloadError {
    /// The status of the response.
    pub status: StatusCode,
    /// The problem with the body.
    pub problem: PayloadProblem,
    /// Line at which reading stopped, from 1; 0 if unknown.
    pub line: usize,
    /// Column at which reading stopped, from 1; 0 if unknown.
    pub column: usize,
    /// The place and the kind of a difference from the document. Boxed, so that results stay small.
    pub(crate) difference: Option<Box<Drift>>,
    pub(crate) sent: Sent,
    /// Boxed, so that results stay small.
    pub(crate) exchange: Box<Exchange>,
    pub(crate) raw: RawBody,
}

/// Compares status, problem and place.
impl PartialEq for PayloadError {
    fn eq(&self, other: &Self) -> bool {
        let parts = |error: &Self| (error.status, error.problem, error.line, error.column);
        parts(self) == parts(other) && self.difference == other.difference
    }
}

impl Eq for PayloadError {}

impl PayloadError {
    /// The error for a body that could not be read as JSON. The text of `error`, which may hold bytes of the body, is dropped.
    #[must_use]
    pub fn new(status: StatusCode, error: &serde_json::Error) -> Self {
        let problem = match error.classify() {
            Category::Data => PayloadProblem::Schema,
            Category::Eof => PayloadProblem::Truncated,
            Category::Io | Category::Syntax => PayloadProblem::Syntax,
        };
        let (line, column) = (error.line(), error.column());
        let (sent, exchange, raw) = (Sent::default(), Box::default(), RawBody::default());
        Self { status, problem, line, column, difference: None, sent, exchange, raw }
    }

    /// The error for a body that could not be read.
    pub(crate) fn of(status: StatusCode, mut error: ReadError, request: &Sent) -> Self {
        error.hide(|name| request.has_credential_in(name));
        let ReadError { problem, difference, line, column } = error;
        let (sent, exchange, raw) = (Sent::default(), Box::default(), RawBody::default());
        Self { status, problem, line, column, difference: difference.map(Box::new), sent, exchange, raw }
    }

    /// The place that does not fit the document, as a JSON pointer (see [`Drift::pointer`]); `None` if the body is not JSON, or the
    /// place is not known.
    #[must_use]
    pub fn pointer(&self) -> Option<String> {
        self.difference.as_deref().map(Drift::pointer)
    }

    /// What does not fit the document at [`pointer`](Self::pointer).
    #[must_use]
    pub fn kind(&self) -> Option<DriftKind> {
        self.difference.as_deref().map(Drift::kind)
    }

    /// The problem, as the end of a sentence.
    fn says(&self) -> String {
        let difference = self.difference.as_ref().map(|drift| format!("does not fit the document: {drift}"));
        difference.unwrap_or_else(|| self.problem.to_string())
    }

    /// The member `error` of the body, as with [`Refusal::oauth_error`]: some OAuth 2.0 servers report errors with a success status.
    #[must_use]
    pub fn oauth_error(&self) -> Option<Secret> {
        self.raw.oauth_error()
    }

    /// What was sent, as with [`Refusal::sent`].
    #[must_use]
    pub fn sent(&self) -> &Sent {
        &self.sent
    }

    /// The body as received, as with [`Refusal::raw_body`]. The body of a token endpoint may hold a token.
    #[must_use]
    pub fn raw_body(&self) -> Option<&[u8]> {
        self.raw.bytes()
    }

    /// Checks a body for defects that its type does not detect, see
    /// [`Call::expecting_object`](crate::Call::expecting_object). `None` if there are none.
    #[must_use]
    pub fn of_object(status: StatusCode, body: &[u8]) -> Option<Self> {
        object::check(body).err().map(|error| Self::new(status, &error))
    }
}
