//! Why a call of an API came to no answer.

use std::error::Error as StdError;
use std::fmt;

use crate::TokenError;

/// Why a request with a bearer token came to no answer. `E` is what sending fails with, `T` what getting a token does.
#[derive(Debug)]
#[non_exhaustive]
pub enum CallError<E, T = TokenError> {
    /// There is no token. Nothing was sent, or nothing any more after a token was rejected.
    Token(T),
    /// The request would go to another origin than those that the token is for. Nothing was sent.
    OtherOrigin,
    /// The request cannot be built from what it was given: an address, a header or a body. Nothing was sent.
    Request(Box<dyn StdError + Send + Sync>),
    /// The request cannot be sent, or gets no answer.
    Send(E),
}

#[cfg(feature = "reqwest")]
impl<E, T> CallError<E, T> {
    /// The error of a request that `reqwest` could not build; its address, which may hold keys, goes no further.
    pub(crate) fn unbuilt(error: reqwest::Error) -> Self {
        Self::Request(Box::new(error.without_url()))
    }
}

impl<E: fmt::Display, T: fmt::Display> fmt::Display for CallError<E, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(error) => write!(formatter, "no access token: {error}"),
            Self::OtherOrigin => {
                formatter.write_str("the request would take its token to another origin than it is for")
            }
            Self::Request(error) => {
                let cause = error.source().unwrap_or(&**error);
                write!(formatter, "the request cannot be built, nothing was sent: {cause}")
            }
            Self::Send(error) => error.fmt(formatter),
        }
    }
}

impl<E: StdError + 'static, T: StdError + 'static> StdError for CallError<E, T> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Token(error) => error.source(),
            Self::OtherOrigin => None,
            Self::Request(error) => error.source().and_then(StdError::source),
            Self::Send(error) => error.source(),
        }
    }
}
