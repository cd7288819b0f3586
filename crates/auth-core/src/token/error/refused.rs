//! A refusal of the authorization server.

use std::fmt;
use std::time::Duration;

use crate::token::error::code::ErrorCode;

/// A refusal of the authorization server (RFC 6749 section 5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refused {
    /// The HTTP status.
    pub status: u16,
    /// The error code, if the response holds one.
    pub code: Option<ErrorCode>,
    /// The time to wait according to `Retry-After`, for status 429 or 503 (RFC 9110 section 10.2.3).
    pub retry_after: Option<Duration>,
    /// Host and port of the server.
    pub server: Option<Box<str>>,
    /// The id of the request, from a response header such as `X-Request-Id`. `None` if it is longer than 64 characters,
    /// holds other characters than letters, digits and `-_.:`, or repeats a part of what was sent.
    pub request_id: Option<Box<str>>,
    /// What to check when the credentials are refused. Default: the credentials.
    pub hint: Option<&'static str>,
    /// Several scopes got the same response, so it counts as a refusal of the credentials.
    pub(crate) blames_credentials: bool,
}

impl Refused {
    /// A refusal with this status and code.
    #[must_use]
    pub fn new(status: u16, code: Option<ErrorCode>) -> Self {
        let (server, request_id) = (None, None);
        Self { status, code, retry_after: None, server, request_id, hint: None, blames_credentials: false }
    }
}

/// True if the same request may succeed a moment later although it was answered with this status.
pub(crate) fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502..=504 | 506..=599)
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the authorization server ")?;
        if let Some(server) = &self.server {
            write!(formatter, "{server} ")?;
        }
        write!(formatter, "refused the request with status {}", self.status)?;
        match (&self.code, &self.request_id) {
            (Some(code), Some(id)) => write!(formatter, " ({code}, request id {id})")?,
            (Some(code), None) => write!(formatter, " ({code})")?,
            (None, Some(id)) => write!(formatter, " (request id {id})")?,
            (None, None) => {}
        }
        // A code that no RFC defines is less informative than the status.
        let code = self.code.as_ref().filter(|code| !matches!(code, ErrorCode::Other(_)));
        let credentials = self.hint.unwrap_or("check the credentials");
        let hint = match (code, self.status) {
            (Some(ErrorCode::InvalidClient), _) | (Some(ErrorCode::UnauthorizedClient) | None, 401) => credentials,
            (Some(ErrorCode::InvalidScope), _) => "check the scope",
            (None, 403) if self.blames_credentials => credentials,
            (None, 403) => "check the scope and the permissions of these credentials",
            (None, 404 | 405 | 413 | 415) => "check the base URL",
            (None, 407) => "the proxy requires credentials",
            _ => return Ok(()),
        };
        write!(formatter, "; {hint}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_server_status_code_and_request() {
        let mut refused = Refused::new(401, Some(ErrorCode::InvalidClient));
        assert_eq!(
            refused.to_string(),
            "the authorization server refused the request with status 401 (invalid_client); check the credentials"
        );
        (refused.server, refused.request_id) = (Some("auth.example.com:443".into()), Some("7f3a".into()));
        assert_eq!(
            refused.to_string(),
            "the authorization server auth.example.com:443 refused the request with status 401 (invalid_client, request \
             id 7f3a); check the credentials"
        );
    }
}
