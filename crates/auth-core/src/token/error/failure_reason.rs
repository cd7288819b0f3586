//! Reasons for failures: a fixed set of words for a metrics label.

use std::fmt;

use auth_transport::TransportErrorKind;

use crate::credentials::error::CredentialError;
use crate::credentials::place::SecretProblem;
use crate::token::error::code::ErrorCode;
use crate::token::error::not_a_token::NotAToken;
use crate::token::error::token_error::TokenError;

/// Why there is no token, as one of a fixed set of words for metrics and alerts. [`TokenError`] has the details.
///
/// | value | meaning |
/// |---|---|
/// | `access_denied` | a 403, or the code `access_denied`, that does not concern the credentials |
/// | `connect` | no connection |
/// | `credentials_unavailable` | the credential source has no credentials |
/// | `dns` | the host name has no address |
/// | `expired_on_arrival` | the token had expired before it arrived |
/// | `interrupted` | the request's runtime was shut down, or its endpoint panicked |
/// | `invalid_client` | the authorization server does not accept the credentials |
/// | `invalid_grant`, `invalid_request`, `invalid_scope`, `unauthorized_client` | the error code of RFC 6749 section 5.2 |
/// | `not_a_token` | the server reports success, but its response is not a usable token |
/// | `proxy` | the proxy opened no tunnel to the server |
/// | `rate_limited` | the program's limit for token requests is reached |
/// | `refused` | any other refusal by the server |
/// | `rejected` | resource servers keep rejecting the tokens that the server issues |
/// | `runtime` | no Tokio runtime, or a blocking call inside one |
/// | `scope_not_granted` | the server granted less than was requested |
/// | `server_error` | status 408 or 5xx |
/// | `timeout` | no response within a deadline |
/// | `tls` | no trusted TLS connection |
/// | `too_many_open_files` | no connection or no secret file, because too many files and sockets are open |
/// | `too_many_requests` | status 429 |
/// | `transport` | any other failed exchange, for example a redirect or a response that is too large |
/// | `unsendable` | invalid request: the scope or another argument could not be encoded |
/// | `unsupported_grant_type` | the error code of RFC 6749 section 5.2 |
/// | `validity_too_short` | a new token is not valid for as long as the caller needs it |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureReason {
    /// `access_denied`
    AccessDenied,
    /// `connect`
    Connect,
    /// `credentials_unavailable`
    CredentialsUnavailable,
    /// `dns`
    Dns,
    /// `expired_on_arrival`
    ExpiredOnArrival,
    /// `interrupted`
    Interrupted,
    /// `invalid_client`
    InvalidClient,
    /// `invalid_grant`
    InvalidGrant,
    /// `invalid_request`
    InvalidRequest,
    /// `invalid_scope`
    InvalidScope,
    /// `not_a_token`
    NotAToken,
    /// `proxy`
    Proxy,
    /// `rate_limited`
    RateLimited,
    /// `refused`
    Refused,
    /// `rejected`
    Rejected,
    /// `runtime`
    Runtime,
    /// `scope_not_granted`
    ScopeNotGranted,
    /// `server_error`
    ServerError,
    /// `timeout`
    Timeout,
    /// `tls`
    Tls,
    /// `too_many_open_files`
    TooManyOpenFiles,
    /// `too_many_requests`
    TooManyRequests,
    /// `transport`
    Transport,
    /// `unauthorized_client`
    UnauthorizedClient,
    /// `unsendable`
    Unsendable,
    /// `unsupported_grant_type`
    UnsupportedGrantType,
    /// `validity_too_short`
    ValidityTooShort,
}

impl TokenError {
    /// Why there is no token, as one of a fixed set of words.
    #[must_use]
    pub fn reason(&self) -> FailureReason {
        FailureReason::of(self)
    }
}

impl FailureReason {
    /// The value of the label.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccessDenied => "access_denied",
            Self::Connect => "connect",
            Self::CredentialsUnavailable => "credentials_unavailable",
            Self::Dns => "dns",
            Self::ExpiredOnArrival => "expired_on_arrival",
            Self::Interrupted => "interrupted",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidRequest => "invalid_request",
            Self::InvalidScope => "invalid_scope",
            Self::NotAToken => "not_a_token",
            Self::Proxy => "proxy",
            Self::RateLimited => "rate_limited",
            Self::Refused => "refused",
            Self::Rejected => "rejected",
            Self::Runtime => "runtime",
            Self::ScopeNotGranted => "scope_not_granted",
            Self::ServerError => "server_error",
            Self::Timeout => "timeout",
            Self::Tls => "tls",
            Self::TooManyOpenFiles => "too_many_open_files",
            Self::TooManyRequests => "too_many_requests",
            Self::Transport => "transport",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::Unsendable => "unsendable",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::ValidityTooShort => "validity_too_short",
        }
    }

    pub(crate) fn of(error: &TokenError) -> Self {
        match error {
            _ if error.refuses_credentials() => Self::InvalidClient,
            TokenError::Credentials(CredentialError::Place { problem: SecretProblem::TooManyOpenFiles, .. }) => {
                Self::TooManyOpenFiles
            }
            TokenError::Credentials(_) => Self::CredentialsUnavailable,
            TokenError::Request(_) | TokenError::Scope(_) => Self::Unsendable,
            TokenError::Transport(error) => match error.kind() {
                TransportErrorKind::Connect => Self::Connect,
                TransportErrorKind::Dns => Self::Dns,
                TransportErrorKind::Proxy { .. } => Self::Proxy,
                TransportErrorKind::Timeout => Self::Timeout,
                TransportErrorKind::Tls => Self::Tls,
                TransportErrorKind::TooManyOpenFiles => Self::TooManyOpenFiles,
                _ => Self::Transport,
            },
            TokenError::Refused(refused) => match refused.status {
                429 => Self::TooManyRequests,
                408 | 500..=599 => Self::ServerError,
                status => refused.code.as_ref().and_then(Self::of_code).unwrap_or(match status {
                    403 => Self::AccessDenied,
                    _ => Self::Refused,
                }),
            },
            TokenError::NotAToken(NotAToken::Error(code)) => Self::of_code(code).unwrap_or(Self::Refused),
            TokenError::NotAToken(_) => Self::NotAToken,
            TokenError::ScopeNotGranted { .. } => Self::ScopeNotGranted,
            TokenError::ExpiredOnArrival => Self::ExpiredOnArrival,
            TokenError::ValidityTooShort { .. } => Self::ValidityTooShort,
            TokenError::Timeout { .. } => Self::Timeout,
            TokenError::Interrupted => Self::Interrupted,
            TokenError::NoRuntime | TokenError::InsideRuntime => Self::Runtime,
            TokenError::RateLimited { .. } => Self::RateLimited,
            TokenError::Rejected { .. } => Self::Rejected,
        }
    }

    fn of_code(code: &ErrorCode) -> Option<Self> {
        match code {
            ErrorCode::InvalidRequest => Some(Self::InvalidRequest),
            ErrorCode::InvalidClient => Some(Self::InvalidClient),
            ErrorCode::InvalidGrant => Some(Self::InvalidGrant),
            ErrorCode::UnauthorizedClient => Some(Self::UnauthorizedClient),
            ErrorCode::UnsupportedGrantType => Some(Self::UnsupportedGrantType),
            ErrorCode::InvalidScope => Some(Self::InvalidScope),
            ErrorCode::Other(code) => (&**code == "access_denied").then_some(Self::AccessDenied),
        }
    }
}

impl fmt::Display for FailureReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use auth_transport::{ProxyProblem, TransportError};

    use super::*;
    use crate::credentials::place::SecretPlace;
    use crate::token::error::refused::Refused;
    use crate::token::scope::Scope;

    #[test]
    fn every_error_has_one_reason_that_is_documented() {
        use TransportErrorKind as Kind;

        let refused = |status, code: &str| {
            let code = (!code.is_empty()).then(|| ErrorCode::read(code, &[]));
            TokenError::Refused(Refused::new(status, code))
        };
        let transport = |kind| TokenError::Transport(TransportError::new(kind, "a:1"));
        let time = Duration::from_secs(1);
        let documented = include_str!("failure_reason.rs");
        for (error, reason) in [
            (CredentialError::unavailable("sealed").into(), "credentials_unavailable"),
            (
                CredentialError::Place {
                    place: SecretPlace::File("a".into()),
                    problem: SecretProblem::TooManyOpenFiles,
                }
                .into(),
                "too_many_open_files",
            ),
            (TokenError::Request("no scope"), "unsendable"),
            (TokenError::Scope("\u{e9}".parse::<Scope>().unwrap_err()), "unsendable"),
            (transport(Kind::Dns), "dns"),
            (transport(Kind::Connect), "connect"),
            (transport(Kind::Tls), "tls"),
            (transport(Kind::Timeout), "timeout"),
            (transport(Kind::TooManyOpenFiles), "too_many_open_files"),
            (transport(Kind::Proxy { proxy: None, problem: ProxyProblem::Tunnel }), "proxy"),
            (transport(Kind::Closed), "transport"),
            (transport(Kind::Plaintext), "transport"),
            (refused(401, ""), "invalid_client"),
            (refused(500, "invalid_client"), "invalid_client"),
            (refused(400, "invalid_scope"), "invalid_scope"),
            (refused(403, "invalid_scope"), "invalid_scope"),
            (refused(400, "invalid_grant"), "invalid_grant"),
            (refused(400, "invalid_request"), "invalid_request"),
            (refused(403, "unauthorized_client"), "unauthorized_client"),
            (refused(400, "unsupported_grant_type"), "unsupported_grant_type"),
            (refused(403, ""), "access_denied"),
            (refused(403, "Forbidden"), "access_denied"),
            (refused(400, "access_denied"), "access_denied"),
            (refused(404, ""), "refused"),
            (refused(400, "TENANT_IS_SUSPENDED"), "refused"),
            (refused(429, "slow_down"), "too_many_requests"),
            (refused(408, ""), "server_error"),
            (refused(503, "temporarily_unavailable"), "server_error"),
            (refused(999, ""), "refused"),
            (TokenError::NotAToken(NotAToken::Error(ErrorCode::InvalidClient)), "invalid_client"),
            (TokenError::NotAToken(NotAToken::Error(ErrorCode::InvalidScope)), "invalid_scope"),
            (TokenError::NotAToken(NotAToken::Error(ErrorCode::Other("a".into()))), "refused"),
            (TokenError::NotAToken(NotAToken::TokenType), "not_a_token"),
            (TokenError::ScopeNotGranted { requested: Scope::empty(), missing: Scope::empty() }, "scope_not_granted"),
            (TokenError::ExpiredOnArrival, "expired_on_arrival"),
            (TokenError::ValidityTooShort { available: time }, "validity_too_short"),
            (TokenError::Timeout { after: time }, "timeout"),
            (TokenError::Interrupted, "interrupted"),
            (TokenError::NoRuntime, "runtime"),
            (TokenError::InsideRuntime, "runtime"),
            (TokenError::RateLimited { retry_after: time }, "rate_limited"),
            (TokenError::Rejected { retry_after: time }, "rejected"),
        ] {
            assert_eq!(error.reason().to_string(), reason, "{error}");
            let row =
                documented.lines().find(|line| line.starts_with("/// | `") && line.contains(&format!("`{reason}`")));
            assert!(row.is_some(), "{reason} is not in the table");
        }
    }
}
