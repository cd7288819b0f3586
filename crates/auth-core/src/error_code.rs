//! Error codes, with care for what else a server may put in their place.

use std::fmt;

use auth_transport::Secret;

/// An unknown code is cut to this many characters.
const LONGEST: usize = 64;

/// The error code of an OAuth 2.0 answer (RFC 6749 section 5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorCode {
    /// `invalid_request`: a parameter is missing, repeated or malformed.
    InvalidRequest,
    /// `invalid_client`: the credentials are not accepted.
    InvalidClient,
    /// `invalid_grant`: the grant is invalid, expired or revoked.
    InvalidGrant,
    /// `unauthorized_client`: the client may not use this grant type.
    UnauthorizedClient,
    /// `unsupported_grant_type`: the server does not know the grant type.
    UnsupportedGrantType,
    /// `invalid_scope`: the scope is unknown, malformed or more than the client may have.
    InvalidScope,
    /// Any other code, cut to 64 characters; `unknown` if it is no plain word.
    Other(Box<str>),
}

impl ErrorCode {
    /// Reads the code of an answer; a text in which one of `secrets` shows up is not kept.
    #[must_use]
    pub fn read(text: &str, secrets: &[&Secret]) -> Self {
        match text {
            "invalid_request" => Self::InvalidRequest,
            "invalid_client" => Self::InvalidClient,
            "invalid_grant" => Self::InvalidGrant,
            "unauthorized_client" => Self::UnauthorizedClient,
            "unsupported_grant_type" => Self::UnsupportedGrantType,
            "invalid_scope" => Self::InvalidScope,
            other => Self::Other(unknown(other, secrets).into()),
        }
    }

    /// The code as it goes on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::Other(code) => code,
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A code that no RFC names. Real ones are words, all in small or all in capital letters. Anything else is text, which
/// may quote anything, or looks too much like a token.
fn unknown(text: &str, secrets: &[&Secret]) -> String {
    let separator = |byte: u8| b"_-.".contains(&byte);
    let is_word = text.bytes().all(|byte| byte.is_ascii_lowercase() || separator(byte))
        || text.bytes().all(|byte| byte.is_ascii_uppercase() || separator(byte));
    let quotes_secret = secrets.iter().any(|secret| !secret.expose().is_empty() && text.contains(secret.expose()));
    if quotes_secret || !is_word {
        return "unknown".to_owned();
    }
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_codes_are_matched_and_written_back() {
        for code in [
            "invalid_request",
            "invalid_client",
            "invalid_grant",
            "unauthorized_client",
            "unsupported_grant_type",
            "invalid_scope",
        ] {
            let read = ErrorCode::read(code, &[]);
            assert!(!matches!(read, ErrorCode::Other(_)), "{code}");
            assert_eq!(read.as_str(), code);
        }
    }

    #[test]
    fn unknown_codes_are_kept_short_and_plain() {
        let long = "x".repeat(1_000_000);
        for (text, kept) in [
            ("RATE_LIMIT_EXCEEDED", "RATE_LIMIT_EXCEEDED"),
            (long.as_str(), &long[..64]),
            ("two words", "unknown"),
            ("Mixed", "unknown"),
            ("LXT_0a1b2c", "unknown"),
            ("\u{1b}[31mred", "unknown"),
            ("client_secret=marker", "unknown"),
            ("marker", "unknown"),
            ("bad-marker-bad", "unknown"),
            ("server_error", "server_error"),
        ] {
            assert_eq!(ErrorCode::read(text, &[&Secret::from("marker")]).as_str(), kept);
        }
    }
}
