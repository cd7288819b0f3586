//! Why a call of an API got no response.

use std::error::Error as StdError;
use std::fmt;

use crate::token::error::token_error::TokenError;

/// Why a request with a bearer token got no response.
///
/// `E` is the error of the HTTP client, `T` that of the token source.
#[derive(Debug)]
#[non_exhaustive]
pub enum CallError<E, T = TokenError> {
    /// There is no token. Nothing was sent, or the request was not repeated after its token was rejected.
    Token(T),
    /// The request is for an origin that the token must not be sent to. Nothing was sent.
    OtherOrigin,
    /// The request cannot be built: its URL, a header or its body is invalid. Nothing was sent.
    Request(Box<dyn StdError + Send + Sync>),
    /// The HTTP client could not send the request, or got no response.
    Send(E),
}

#[cfg(feature = "reqwest")]
impl<E, T> CallError<E, T> {
    /// The error of a request that `reqwest` could not build, without the URL, which may hold keys.
    pub(crate) fn unbuilt(error: reqwest::Error) -> Self {
        Self::Request(Box::new(error.without_url()))
    }
}

impl<E: fmt::Display, T: fmt::Display> fmt::Display for CallError<E, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(error) => write!(formatter, "no access token: {error}"),
            Self::OtherOrigin => {
                formatter.write_str("the request is for an origin that its token must not be sent to; nothing was sent")
            }
            Self::Request(error) => {
                let cause = error.source().unwrap_or(&**error);
                write!(formatter, "invalid request, nothing was sent: {cause}")
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
