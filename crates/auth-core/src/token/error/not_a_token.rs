//! A success response of the authorization server that is not a token.

use std::fmt;

use auth_transport::PayloadProblem;

use crate::token::error::code::ErrorCode;

/// Why a successful response is not a token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotAToken {
    /// The body is not the documented JSON object.
    Body {
        /// The problem with the body.
        problem: PayloadProblem,
        /// Line at which reading stopped, from 1; 0 if unknown.
        line: usize,
        /// Column at which reading stopped, from 1; 0 if unknown.
        column: usize,
    },
    /// The status is not an error, but the document does not describe it.
    Status(u16),
    /// The token is empty or holds characters that are not allowed in a bearer token (RFC 6750 section 2.1).
    Characters,
    /// The token type is not `bearer` (RFC 6749 section 7.1 forbids using a token of an unknown type).
    TokenType,
    /// The granted scope holds characters that are not allowed in a scope (RFC 6749 section 3.3).
    Scope,
    /// The token is for a customer that it was not requested for.
    AnotherCustomer,
    /// The response holds an error code despite its status.
    Error(ErrorCode),
    /// The server reports that the token has expired.
    Expired,
}

impl fmt::Display for NotAToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Body { problem, line, column } => write!(formatter, "it {problem} (line {line}, column {column})"),
            Self::Status(status) => write!(formatter, "its status is {status}"),
            Self::Characters => {
                formatter.write_str("access_token is empty or holds characters that are not allowed in a bearer token")
            }
            Self::TokenType => formatter.write_str("token_type is not bearer"),
            Self::Scope => formatter.write_str("scope holds characters that are not allowed in a scope"),
            Self::AnotherCustomer => formatter.write_str("scope names a customer that was not requested"),
            Self::Error(code) => write!(formatter, "it holds the error {code}"),
            Self::Expired => formatter.write_str("the server says that the token has expired"),
        }
    }
}
