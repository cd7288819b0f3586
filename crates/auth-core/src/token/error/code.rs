//! Error codes. They are checked before they are shown, since a server may send any text as a code.

use std::fmt;

use auth_transport::{Secret, Sent};

/// The error code of an OAuth 2.0 response (RFC 6749 section 5.2).
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
    /// Any other code, cut to 64 characters; `unknown` if it is not a plain word or repeats a part of the request.
    Other(Box<str>),
}

impl ErrorCode {
    /// Reads the code of a response. A text that repeats a part of one of `secrets` becomes `unknown`, see
    /// [`Sent::shows_up_in`].
    #[must_use]
    pub fn read(text: &str, secrets: &[&Secret]) -> Self {
        Self::read_answer(text, &secrets.iter().fold(Sent::default(), |sent, secret| sent.with_secret(secret)))
    }

    /// Reads the code of the response to the request `sent`. A text that repeats a part of the request becomes
    /// `unknown`.
    #[must_use]
    pub fn read_answer(text: &str, sent: &Sent) -> Self {
        match text {
            "invalid_request" => Self::InvalidRequest,
            "invalid_client" => Self::InvalidClient,
            "invalid_grant" => Self::InvalidGrant,
            "unauthorized_client" => Self::UnauthorizedClient,
            "unsupported_grant_type" => Self::UnsupportedGrantType,
            "invalid_scope" => Self::InvalidScope,
            other => Self::Other(sent.word(other).unwrap_or("unknown").into()),
        }
    }

    /// The code as servers send it.
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
            ("AADSTS7000215", "AADSTS7000215"),
            ("ERR-401", "ERR-401"),
            ("err401a", "unknown"),
            ("8472619055320918", "unknown"),
        ] {
            assert_eq!(ErrorCode::read(text, &[&Secret::from("marker")]).as_str(), kept);
        }
    }

    #[test]
    fn no_part_of_a_secret_is_kept_as_a_code_in_any_case_and_however_it_is_split() {
        let secret = Secret::from("qzxvkwjhygpbmfdtnrcslo");
        for text in [
            "xvkwjhygpbmfdtnrcs",
            "qzxvkwjhygpbmfdtnrcslo",
            "XVKWJHYG",
            "x-v-k-w-j-h-y-g",
            "error_xvkw_jhyg_pbmf",
            "QZ.XVKWJH.YGPB",
            "xvkw--jhyg",
        ] {
            assert_eq!(ErrorCode::read(text, &[&secret]).as_str(), "unknown", "{text}");
        }
        for text in ["access_denied", "slow_down", "RATE_LIMIT_EXCEEDED", "xvkwjhy_error"] {
            assert_eq!(ErrorCode::read(text, &[&secret]).as_str(), text);
        }
    }
}
