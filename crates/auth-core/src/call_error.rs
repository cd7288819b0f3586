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
    /// The request cannot be sent, or gets no answer.
    Send(E),
}

impl<E: fmt::Display, T: fmt::Display> fmt::Display for CallError<E, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(error) => write!(formatter, "no access token: {error}"),
            Self::OtherOrigin => {
                formatter.write_str("the request would take its token to another origin than it is for")
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
            Self::Send(error) => error.source(),
        }
    }
}
