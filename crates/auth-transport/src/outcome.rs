//! The outcome that the hook saw, for the error that the operation returns.

use std::fmt;

use http::{HeaderMap, StatusCode};
use url::Url;

use crate::exchange::{self, Exchange};
use crate::failure;
use crate::raw_body::RawBody;
use crate::{Error, PayloadError, Refusal, Sent, TokenUnavailable, TransportError, UnexpectedStatus};

/// Why the hook got no response.
#[derive(Debug)]
pub(crate) enum Failure {
    Token(TokenUnavailable),
    Transport(TransportError),
}

impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Self {
        Self::Transport(error)
    }
}

impl<E> From<Failure> for Error<E> {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Token(error) => Self::Token(error),
            Failure::Transport(error) => Self::Transport(error),
        }
    }
}

/// The outcome of a call whose hook was reached.
#[derive(Debug)]
pub(crate) enum Outcome {
    Failed(Failure),
    Answered(Box<Answered>),
}

/// A response whose body has been read or is still to come.
pub(crate) struct Answer {
    /// The response that the generator reads.
    pub(crate) response: reqwest::Response,
    pub(crate) answered: Answered,
}

/// The part of a response that the generator does not see.
pub(crate) struct Answered {
    pub(crate) url: Url,
    pub(crate) sent: Sent,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) raw: RawBody,
    /// The problem with a body that was expected to be an object.
    pub(crate) problem: Option<PayloadError>,
}

impl fmt::Debug for Answered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the request, whose URL may hold a key.
        formatter.debug_struct("Answered").field("status", &self.status).finish_non_exhaustive()
    }
}

impl Answered {
    /// Host and port of the server.
    pub(crate) fn server(&self) -> String {
        failure::server(&self.url)
    }

    /// The error of the operation with this name, for a response that the generator did not accept as a success.
    pub(crate) fn error<E>(mut self, operation: Option<&'static str>, error: progenitor_client::Error<E>) -> Error<E> {
        use progenitor_client::Error as Generated;
        let problem = self.problem.take();
        match error {
            Generated::ErrorResponse(body) => self.refusal(operation, Some(body.into_inner())),
            // For an error, the status decides, whatever the body is.
            _ if is_error(self.status) => self.refusal(operation, None),
            Generated::InvalidResponsePayload(_, error) => {
                let problem = PayloadError::new(self.status, &error);
                self.payload(operation, problem)
            }
            _ => match problem {
                Some(problem) => self.payload(operation, problem),
                None => {
                    let exchange = self.exchange(operation);
                    let Self { status, sent, raw, .. } = self;
                    Error::UnexpectedStatus(UnexpectedStatus { status, sent, exchange, raw })
                }
            },
        }
    }

    /// The error for a success whose body has this problem.
    pub(crate) fn payload<E>(self, operation: Option<&'static str>, problem: PayloadError) -> Error<E> {
        let exchange = Box::new(self.exchange(operation));
        Error::Payload(PayloadError { exchange, sent: self.sent, raw: self.raw, ..problem })
    }

    fn refusal<E>(self, operation: Option<&'static str>, body: Option<E>) -> Error<E> {
        let exchange = self.exchange(operation);
        let code = self.raw.bytes().and_then(|body| exchange::error_code(body, &self.sent));
        let Self { status, headers, sent, raw, .. } = self;
        Error::Refused(Box::new(Refusal { status, headers, body, sent, exchange, code, raw }))
    }

    /// The details of this exchange for an error.
    pub(crate) fn exchange(&self, operation: Option<&'static str>) -> Exchange {
        let request_id = exchange::request_id(&self.headers, &self.sent);
        // The body of a success may hold a token, which an id must not repeat either.
        let request_id = request_id.filter(|id| is_error(self.status) || !self.raw.shares_a_part_with(id));
        Exchange { operation, server: self.server().into(), request_id }
    }
}

/// True for 4xx and 5xx, and for higher statuses, which are not a success either.
pub(crate) fn is_error(status: StatusCode) -> bool {
    status.as_u16() >= 400
}
