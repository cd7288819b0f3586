//! Reasons for failures: a fixed set of words for a metrics label.

use std::fmt;

/// The reason why there is no token: one of a fixed set of words, for metrics and alerts. [`TokenError`](crate::TokenError) has the details.
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
/// | `metadata` | the metadata document of the authorization server is not usable |
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
    /// `metadata`
    Metadata,
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

impl FailureReason {
    /// All reasons.
    const ALL: [Self; 28] = [
        Self::AccessDenied,
        Self::Connect,
        Self::CredentialsUnavailable,
        Self::Dns,
        Self::ExpiredOnArrival,
        Self::Interrupted,
        Self::InvalidClient,
        Self::InvalidGrant,
        Self::InvalidRequest,
        Self::InvalidScope,
        Self::Metadata,
        Self::NotAToken,
        Self::Proxy,
        Self::RateLimited,
        Self::Refused,
        Self::Rejected,
        Self::Runtime,
        Self::ScopeNotGranted,
        Self::ServerError,
        Self::Timeout,
        Self::Tls,
        Self::TooManyOpenFiles,
        Self::TooManyRequests,
        Self::Transport,
        Self::UnauthorizedClient,
        Self::Unsendable,
        Self::UnsupportedGrantType,
        Self::ValidityTooShort,
    ];

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
            Self::Metadata => "metadata",
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

    /// The reason with this value of the label, as [`as_str`](Self::as_str) returns it.
    #[must_use]
    pub fn read(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == label)
    }
}

impl fmt::Display for FailureReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
