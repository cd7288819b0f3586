//! Why a command failed: its exit code, and what it prints.

use std::fmt;
use std::io::{self, Write};
use std::time::Duration;

use auth_core::{
    CredentialError, FailureReason, SecretPlace, SecretProblem, TokenError, TransportError, TransportErrorKind,
};
use auth_transport::TimeLimit;
use clap::ValueEnum;
use serde::Serialize;

use crate::printable::printable;

/// The kind of a failure. The numbers are exit codes, and they are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Anything else, such as a response that is not a token.
    Other = 1,
    /// The command line or the configuration is wrong; nothing was sent.
    Usage = 2,
    /// The authorization server refused the request.
    Refused = 3,
    /// The authorization server cannot be reached or does not work at the moment.
    Unavailable = 4,
    /// Too many requests; the failure says when to try again.
    RateLimited = 5,
}

impl Kind {
    /// The member `error` of the JSON form. The names are stable.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Other => "other",
            Self::Usage => "usage",
            Self::Refused => "refused",
            Self::Unavailable => "unavailable",
            Self::RateLimited => "rate_limited",
        }
    }

    /// The exit code.
    pub(crate) fn code(self) -> u8 {
        self as u8
    }
}

/// How failures are printed to standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ErrorFormat {
    /// One line of text
    #[default]
    Text,
    /// One line of JSON
    Json,
}

/// Why a command failed. Holds no credential, no token and no bytes of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    pub(crate) message: String,
    /// How long to wait before the next attempt.
    pub(crate) retry_after: Option<Duration>,
    pub(crate) profile: Option<String>,
}

impl Failure {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), retry_after: None, profile: None }
    }

    /// The command line or the configuration is wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    pub(crate) fn other(message: impl Into<String>) -> Self {
        Self::new(Kind::Other, message)
    }

    /// The same failure of this profile.
    pub(crate) fn of_profile(mut self, name: &str) -> Self {
        self.profile = Some(name.to_owned());
        self
    }

    /// Prints the failure as one line.
    pub(crate) fn print(&self, format: ErrorFormat, out: &mut dyn Write) -> io::Result<()> {
        match format {
            ErrorFormat::Text => writeln!(out, "access-token: {}", printable(&self.message)),
            ErrorFormat::Json => {
                let Self { kind, message, retry_after, profile } = self;
                // Rounded up, so that nobody tries too early.
                let retry_after = retry_after.map(|after| after.as_secs() + u64::from(after.subsec_nanos() > 0));
                let line = Line { error: kind.name(), message, retry_after, profile: profile.as_deref() };
                serde_json::to_writer(&mut *out, &line)?;
                writeln!(out)
            }
        }
    }
}

/// The JSON form of a failure.
#[derive(Serialize)]
struct Line<'failure> {
    error: &'static str,
    message: &'failure str,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<&'failure str>,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<&TokenError> for Failure {
    fn from(error: &TokenError) -> Self {
        let message = match error {
            TokenError::Credentials(error) => credentials(error),
            TokenError::Transport(error) => transport(error),
            TokenError::ValidityTooShort { available } => format!(
                "a new token is valid for only {} seconds; ask for a shorter `--min-validity`",
                available.as_secs()
            ),
            error => error.to_string(),
        };
        let retry_after = match error {
            TokenError::RateLimited { retry_after } | TokenError::Rejected { retry_after } => Some(*retry_after),
            error => error.retry_after(),
        };
        Self { retry_after, ..Self::new(kind(error.reason(), error.is_transient()), message) }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::other(format!("cannot write the result: {error}"))
    }
}

/// The kind of a failure with this reason, which may or may not be over a moment later.
fn kind(reason: FailureReason, is_transient: bool) -> Kind {
    use FailureReason as Reason;

    match reason {
        // The metadata of an issuer.
        Reason::Metadata if is_transient => Kind::Unavailable,
        Reason::Metadata => Kind::Usage,
        Reason::CredentialsUnavailable | Reason::Unsendable | Reason::ValidityTooShort => Kind::Usage,
        Reason::AccessDenied
        | Reason::InvalidClient
        | Reason::InvalidGrant
        | Reason::InvalidRequest
        | Reason::InvalidScope
        | Reason::Refused
        | Reason::Rejected
        | Reason::ScopeNotGranted
        | Reason::UnauthorizedClient
        | Reason::UnsupportedGrantType => Kind::Refused,
        Reason::Connect
        | Reason::Dns
        | Reason::ExpiredOnArrival
        | Reason::Interrupted
        | Reason::Proxy
        | Reason::ServerError
        | Reason::Timeout
        | Reason::Tls
        | Reason::TooManyOpenFiles
        | Reason::Transport => Kind::Unavailable,
        Reason::RateLimited | Reason::TooManyRequests => Kind::RateLimited,
        _ => Kind::Other,
    }
}

/// The message, in the words of the configuration instead of those of the library.
fn credentials(error: &CredentialError) -> String {
    match error {
        CredentialError::Place {
            place: place @ SecretPlace::File(_),
            problem: SecretProblem::ReadableByOthers { mode },
        } => format!(
            "no credentials: {place} is readable by every user (mode {mode:04o}); run `chmod o-r` on it, or set \
             `readable_by_others = true` next to `file`"
        ),
        error => error.to_string(),
    }
}

/// The message, without settings of the library that the program does not have.
pub(crate) fn transport(error: &TransportError) -> String {
    let server = error.server();
    match (error.kind(), error.time_limit()) {
        (TransportErrorKind::BodyTooLarge { limit }, _) => {
            format!("the response from {server} is too large: it has more than {limit} bytes; check the URL")
        }
        (TransportErrorKind::Timeout, Some(TimeLimit::Connect(time))) => {
            format!("no connection to {server} within {time:?}")
        }
        (TransportErrorKind::Timeout, Some(TimeLimit::Exchange(time))) => {
            format!("{server} did not answer within {time:?}")
        }
        (TransportErrorKind::Timeout, Some(TimeLimit::Idle(time))) => {
            format!("the response from {server} stalled for {time:?}")
        }
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(failure: &Failure, format: ErrorFormat) -> String {
        let mut out = Vec::new();
        failure.print(format, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_failure_is_one_line_of_text_or_json() {
        let failure = Failure::new(Kind::RateLimited, "too many\n\"requests\"").of_profile("lean");
        let failure = Failure { retry_after: Some(Duration::from_millis(29_001)), ..failure };
        assert_eq!(
            printed(&failure, ErrorFormat::Json),
            "{\"error\":\"rate_limited\",\"message\":\"too many\\n\\\"requests\\\"\",\"retry_after\":30,\"profile\":\"lean\"}\n"
        );
        let failure = Failure::usage("there is no profile");
        assert_eq!(printed(&failure, ErrorFormat::Json), "{\"error\":\"usage\",\"message\":\"there is no profile\"}\n");
        assert_eq!(printed(&failure, ErrorFormat::Text), "access-token: there is no profile\n");
        let failure = Failure::other("a\u{1b}[31m\nb");
        assert_eq!(printed(&failure, ErrorFormat::Text), "access-token: a\\u{1b}[31m\\nb\n");
    }

    #[test]
    fn every_reason_has_the_exit_code_that_is_documented() {
        for (label, code) in [
            ("access_denied", 3),
            ("connect", 4),
            ("credentials_unavailable", 2),
            ("dns", 4),
            ("expired_on_arrival", 4),
            ("interrupted", 4),
            ("invalid_client", 3),
            ("invalid_grant", 3),
            ("invalid_request", 3),
            ("invalid_scope", 3),
            ("metadata", 2),
            ("not_a_token", 1),
            ("proxy", 4),
            ("rate_limited", 5),
            ("refused", 3),
            ("rejected", 3),
            ("runtime", 1),
            ("scope_not_granted", 3),
            ("server_error", 4),
            ("timeout", 4),
            ("tls", 4),
            ("too_many_open_files", 4),
            ("too_many_requests", 5),
            ("transport", 4),
            ("unauthorized_client", 3),
            ("unsendable", 2),
            ("unsupported_grant_type", 3),
            ("validity_too_short", 2),
        ] {
            let reason = FailureReason::read(label).unwrap();
            assert_eq!(kind(reason, false).code(), code, "{label}");
        }
    }

    #[test]
    fn seconds_of_the_programs_own_limits_are_passed_on() {
        let failure = Failure::from(&TokenError::RateLimited { retry_after: Duration::from_secs(7) });
        assert_eq!((failure.kind, failure.retry_after), (Kind::RateLimited, Some(Duration::from_secs(7))));
    }
}
