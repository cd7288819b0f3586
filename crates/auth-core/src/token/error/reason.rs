//! Finds the reason of an error.

use auth_transport::TransportErrorKind;

use crate::credentials::error::CredentialError;
use crate::credentials::place::SecretProblem;
use crate::token::error::code::ErrorCode;
use crate::token::error::failure_reason::FailureReason;
use crate::token::error::metadata::MetadataProblem;
use crate::token::error::not_a_token::NotAToken;
use crate::token::error::token_error::TokenError;

impl TokenError {
    /// Returns the reason why there is no token, as one of a fixed set of words.
    #[must_use]
    pub fn reason(&self) -> FailureReason {
        FailureReason::of(self)
    }
}

impl FailureReason {
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
            TokenError::Metadata(error) => match error.problem {
                MetadataProblem::Status(429) => Self::TooManyRequests,
                MetadataProblem::Status(408 | 500..=599) => Self::ServerError,
                _ => Self::Metadata,
            },
            TokenError::NotAToken(NotAToken::Error(code)) => Self::of_code(code).unwrap_or(Self::Refused),
            TokenError::NotAToken(_) => Self::NotAToken,
            TokenError::ScopeNotGranted { .. } => Self::ScopeNotGranted,
            TokenError::ExpiredOnArrival => Self::ExpiredOnArrival,
            TokenError::ValidityTooShort { .. } => Self::ValidityTooShort,
            TokenError::Timeout { .. } => Self::Timeout,
            TokenError::Interrupted => Self::Interrupted,
            TokenError::NoRuntime | TokenError::InsideRuntime => Self::Runtime,
            TokenError::OtherProcess { reason, .. } => *reason,
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use auth_transport::{ProxyProblem, TransportError};

    use super::*;
    use crate::credentials::place::SecretPlace;
    use crate::token::error::metadata::MetadataError;
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
        let metadata = |problem| TokenError::Metadata(MetadataError::new("https://a.example", problem));
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
            (metadata(MetadataProblem::NoTokenEndpoint), "metadata"),
            (metadata(MetadataProblem::Status(404)), "metadata"),
            (metadata(MetadataProblem::Status(429)), "too_many_requests"),
            (metadata(MetadataProblem::Status(503)), "server_error"),
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
            (TokenError::OtherProcess { reason: FailureReason::Dns, is_transient: true, retry_after: None }, "dns"),
        ] {
            assert_eq!(error.reason().to_string(), reason, "{error}");
            assert_eq!(FailureReason::read(reason), Some(error.reason()), "{error}");
            let row =
                documented.lines().find(|line| line.starts_with("/// | `") && line.contains(&format!("`{reason}`")));
            assert!(row.is_some(), "{reason} is not in the table");
        }
    }
}
