//! Errors that repeat nothing of what was sent or received.

use std::error::Error as StdError;
use std::fmt;

use http::StatusCode;
use serde_json::error::Category;

use crate::exchange::Exchange;
use crate::raw_body::RawBody;
use crate::{
    BaseUrlProblem, LabelProblem, Refusal, RequestError, Secret, Sent, TokenUnavailable, TransportError,
    UnexpectedStatus, object,
};

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
/// `Display` names in one line what went wrong, the operation, the server, and, where there are such, the status, the error
/// code and the id of the request; [`source`](StdError::source) goes on where that line ends.
///
/// `E` is the documented error body. Neither `Display` nor `Debug` shows it, or any other body: servers repeat in it what
/// they were sent. [`Error::raw_body`] has the bytes.
#[non_exhaustive]
pub enum Error<E = ()> {
    /// The request could not be built from the arguments. Nothing was sent.
    Request(RequestError),
    /// There is no token: for the request, or after the server did not accept the first one, another to repeat it with.
    /// [`TokenUnavailable::reason`] is the error of the source of tokens, which can be downcast.
    Token(TokenUnavailable),
    /// There is no answer, or one that must not be looked at.
    Transport(TransportError),
    /// The server answered with an error status.
    Refused(Box<Refusal<E>>),
    /// The server reports success, but with a body that is not the documented one.
    Payload(PayloadError),
    /// The server reports a status that is no error and that the document does not mention.
    UnexpectedStatus(UnexpectedStatus),
}

impl<E> Error<E> {
    /// The status of the answer, if there was one.
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

    /// Host and port of the server that was to be called, if the call got that far.
    #[must_use]
    pub fn server(&self) -> Option<&str> {
        match self {
            Self::Transport(error) => Some(error.server()),
            _ => Some(&self.exchange()?.server),
        }
    }

    /// The id that the server gave the request in a header such as `X-Request-Id`, if it is a short one of plain characters.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.exchange()?.request_id.as_deref()
    }

    /// The error code of a JSON body (`error`, `error.code` or `code`), if it is a plain word that repeats nothing of what
    /// was sent.
    #[must_use]
    pub fn error_code(&self) -> Option<&str> {
        match self {
            Self::Refused(refusal) => refusal.error_code(),
            _ => None,
        }
    }

    /// The body of the answer as it came, as with [`Refusal::raw_body`].
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

/// A body that is not what the document says.
#[derive(Clone, Debug)]
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
    pub(crate) sent: Sent,
    /// In a box, since results hold this error beside their value.
    pub(crate) exchange: Box<Exchange>,
    pub(crate) raw: RawBody,
}

/// By what is public.
impl PartialEq for PayloadError {
    fn eq(&self, other: &Self) -> bool {
        let parts = |error: &Self| (error.status, error.problem, error.line, error.column);
        parts(self) == parts(other)
    }
}

impl Eq for PayloadError {}

impl PayloadError {
    /// What keeps the body of an answer with this status from being read. The text of `error`, which may hold bytes of the
    /// body, goes no further.
    #[must_use]
    pub fn new(status: StatusCode, error: &serde_json::Error) -> Self {
        let problem = match error.classify() {
            Category::Data => PayloadProblem::Schema,
            Category::Eof => PayloadProblem::Truncated,
            Category::Io | Category::Syntax => PayloadProblem::Syntax,
        };
        let (line, column) = (error.line(), error.column());
        let (sent, exchange, raw) = (Sent::default(), Box::default(), RawBody::default());
        Self { status, problem, line, column, sent, exchange, raw }
    }

    /// The member `error` of the body, as with [`Refusal::oauth_error`]: an error of an OAuth 2.0 server that reports success
    /// all the same.
    #[must_use]
    pub fn oauth_error(&self) -> Option<Secret> {
        self.raw.oauth_error()
    }

    /// What was sent, as with [`Refusal::sent`].
    #[must_use]
    pub fn sent(&self) -> &Sent {
        &self.sent
    }

    /// The body as it came, as with [`Refusal::raw_body`]. Of a token endpoint it may hold a token.
    #[must_use]
    pub fn raw_body(&self) -> Option<&[u8]> {
        self.raw.bytes()
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
        let Self { status, problem, line, column, exchange, .. } = self;
        let (prefix, notes) = (exchange.prefix(), exchange.notes(None));
        let of = if exchange.server.is_empty() { "" } else { " of " };
        let server = &exchange.server;
        write!(
            formatter,
            "{prefix}the answer{of}{server} with status {status} {problem} (line {line}, column {column}){notes}"
        )
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
