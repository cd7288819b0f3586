//! Why there is no token.

use std::time::{Duration, SystemTime};

use auth_transport::{Error, Secret, Sent, TransportError};

use crate::credentials::error::CredentialError;
use crate::token::error::code::ErrorCode;
use crate::token::error::failure_reason::FailureReason;
use crate::token::error::metadata::MetadataError;
use crate::token::error::not_a_token::NotAToken;
use crate::token::error::refused::{Refused, is_transient};
use crate::token::error::retry_after::retry_after;
use crate::token::scope::{Scope, ScopeError};

/// Why there is no token.
///
/// Holds no credential, no token and no bytes of a response. It can be cloned, because all callers that waited for the
/// same request get the same error.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The credential source has no credentials. Nothing was sent.
    #[error(transparent)]
    Credentials(CredentialError),
    /// The text given as a scope is not a scope (RFC 6749 section 3.3). Nothing was sent.
    #[error(transparent)]
    Scope(ScopeError),
    /// The request cannot be built from its arguments, for the reason given. Nothing was sent.
    #[error("invalid token request, nothing was sent: {0}")]
    Request(&'static str),
    /// There is no response from the authorization server, or one that is not read, such as a redirect.
    #[error(transparent)]
    Transport(TransportError),
    /// The authorization server refused the request.
    #[error("{0}")]
    Refused(Refused),
    /// The authorization server reports success, but its response is not a usable token.
    #[error("the response of the authorization server is not a token: {0}")]
    NotAToken(NotAToken),
    /// The metadata document of the authorization server (RFC 8414) is not usable.
    #[error("{0}")]
    Metadata(MetadataError),
    /// The authorization server granted less than the requested scope (RFC 6749 section 3.3).
    #[error("scope `{requested}` was requested, `{missing}` was not granted")]
    ScopeNotGranted {
        /// The requested scope.
        requested: Scope,
        /// The part of it that was not granted. The granted scope is not kept, since the server may put anything there.
        missing: Scope,
    },
    /// The token had expired before it arrived.
    #[error("the token had expired before it arrived")]
    ExpiredOnArrival,
    /// A new token is not valid for as long as the caller needs it.
    #[error("a new token is valid for only {} seconds, less than required", .available.as_secs())]
    ValidityTooShort {
        /// How long it is valid.
        available: Duration,
    },
    /// The deadline of the request or of the call passed, see
    /// [`TokenCacheBuilder::request_deadline`](crate::TokenCacheBuilder::request_deadline).
    #[error("the token request took longer than {} seconds", .after.as_secs_f32())]
    Timeout {
        /// The deadline.
        after: Duration,
    },
    /// The requests that the caller waited for did not complete: their runtime was shut down, or the endpoint panicked.
    #[error("the token request was interrupted")]
    Interrupted,
    /// A request is needed, but the caller is outside a Tokio runtime, or in one without timers
    /// ([`enable_time`](https://docs.rs/tokio/latest/tokio/runtime/struct.Builder.html#method.enable_time)).
    #[error(
        "a token request needs a Tokio runtime with timers, and the caller is not in one; call it inside a runtime \
         with `enable_time`"
    )]
    NoRuntime,
    /// A blocking call inside a Tokio runtime, which would block a thread of the runtime.
    #[error("a blocking call inside a Tokio runtime; await `access_token` instead")]
    InsideRuntime,
    /// The [`IssuanceLimit`](crate::IssuanceLimit) of the cache or of its endpoint is reached.
    #[error(
        "the limit of token requests is reached; the next is possible in {:.1} seconds",
        .retry_after.as_secs_f32()
    )]
    RateLimited {
        /// Time until the next request may be sent.
        retry_after: Duration,
    },
    /// Another process requested the token and failed. Only an endpoint that shares tokens between processes returns it.
    #[error("the token request of another process failed: {reason}")]
    OtherProcess {
        /// Why it failed.
        reason: FailureReason,
        /// Whether the same request may succeed a moment later.
        is_transient: bool,
        /// The time to wait that the server requested with `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// Resource servers repeatedly rejected the tokens for this scope, which is in a cooldown.
    #[error(
        "resource servers keep rejecting new tokens; the next request is possible in {:.1} seconds",
        .retry_after.as_secs_f32()
    )]
    Rejected {
        /// Time until the next request may be sent.
        retry_after: Duration,
    },
}

impl TokenError {
    /// Converts the error of a generated client, for an implementation of [`TokenEndpoint`](crate::TokenEndpoint).
    ///
    /// `code` returns the error code from the documented error body. If a 4xx has no documented body, or a success is
    /// not the documented one, the code is the member `error` (RFC 6749 section 5.2). The code becomes `unknown` if it
    /// repeats a part of the request or of `secrets`, see [`ErrorCode::read_answer`]. If the client takes its own
    /// tokens from another cache, an error of that cache is returned unchanged.
    #[must_use]
    pub fn from_call<E>(error: Error<E>, code: impl FnOnce(&E) -> Option<&str>, secrets: &[&Secret]) -> Self {
        let read = |code: &str, sent: &Sent| {
            ErrorCode::read_answer(code, &secrets.iter().fold(sent.clone(), |sent, secret| sent.with_secret(secret)))
        };
        match error {
            Error::Token(error) => match error.reason().downcast_ref() {
                Some(error) => Self::clone(error),
                None => CredentialError::unavailable(error.to_string()).into(),
            },
            Error::Transport(error) => Self::Transport(error),
            Error::Refused(refusal) => {
                // The document may omit statuses. A 407 comes from a proxy, not from the server.
                let is_undocumented = refusal.status.is_client_error() && refusal.status != 407;
                let undocumented = refusal.oauth_error().filter(|_| is_undocumented);
                let code = refusal.body.as_ref().and_then(code).or(undocumented.as_ref().map(Secret::expose));
                let code = code.map(|code| read(code, refusal.sent()));
                let mut refused = Refused::new(refusal.status.as_u16(), code);
                refused.retry_after = retry_after(refusal.status, &refusal.headers, SystemTime::now());
                refused.server = Some(refusal.server().into());
                refused.request_id = refusal.request_id().map(Box::from);
                Self::Refused(refused)
            }
            Error::Payload(error) => Self::NotAToken(match error.oauth_error() {
                Some(code) => NotAToken::Error(read(code.expose(), error.sent())),
                None => NotAToken::Body { problem: error.problem, line: error.line, column: error.column },
            }),
            Error::UnexpectedStatus(error) => Self::NotAToken(match error.oauth_error() {
                Some(code) => NotAToken::Error(read(code.expose(), error.sent())),
                None => NotAToken::Status(error.status.as_u16()),
            }),
            _ => Self::Request("an argument could not be encoded"),
        }
    }

    /// Sets what `Display` suggests to check if the server refused the credentials. Default: `check the credentials`.
    /// Has no effect on errors other than [`TokenError::Refused`].
    #[must_use]
    pub fn with_hint(mut self, hint: &'static str) -> Self {
        if let Self::Refused(refused) = &mut self {
            refused.hint = Some(hint);
        }
        self
    }

    /// True if the same request may succeed a moment later without any change.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Transport(error) => error.is_transient(),
            Self::Metadata(error) => error.is_transient(),
            Self::OtherProcess { is_transient, .. } => *is_transient,
            Self::Refused(refused) => is_transient(refused.status),
            Self::Timeout { .. } | Self::Interrupted | Self::ExpiredOnArrival => true,
            Self::RateLimited { .. } | Self::Rejected { .. } => true,
            Self::Credentials(_)
            | Self::Scope(_)
            | Self::Request(_)
            | Self::NotAToken(_)
            | Self::ScopeNotGranted { .. }
            | Self::ValidityTooShort { .. }
            | Self::NoRuntime
            | Self::InsideRuntime => false,
        }
    }

    /// The time to wait that the server requested with `Retry-After`.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(refused) => refused.retry_after,
            Self::Metadata(error) => error.retry_after,
            Self::OtherProcess { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

impl From<ScopeError> for TokenError {
    fn from(error: ScopeError) -> Self {
        Self::Scope(error)
    }
}

impl From<CredentialError> for TokenError {
    fn from(error: CredentialError) -> Self {
        Self::Credentials(error)
    }
}

#[cfg(test)]
mod tests {
    use auth_transport::TokenUnavailable;

    use super::*;

    #[test]
    fn a_client_without_a_token_returns_the_error_of_its_cache() {
        let from = |error| TokenError::from_call(Error::<()>::Token(error), |()| None, &[]);
        let own = TokenError::Refused(Refused::new(503, None));
        assert!(matches!(from(TokenUnavailable::new(own)), TokenError::Refused(refused) if refused.status == 503));
        let other = from(TokenUnavailable::new(std::io::Error::other("the vault is sealed")));
        assert_eq!(other.to_string(), "no credentials: the vault is sealed");
    }
}
