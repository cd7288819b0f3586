//! A failed token request.

use std::borrow::Cow;
use std::time::Duration;

use auth_core::{ErrorCode, FailureReason, Refused, TokenError};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::values::text;

/// An error that other processes can use.
#[derive(Deserialize, Serialize)]
pub(crate) struct Failure<'text> {
    #[serde(borrow)]
    reason: Cow<'text, str>,
    is_transient: bool,
    /// `Retry-After` in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    refused: Option<Refusal<'text>>,
}

/// A refusal of the authorization server.
#[derive(Deserialize, Serialize)]
struct Refusal<'text> {
    status: u16,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    code: Option<Cow<'text, str>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    server: Option<Cow<'text, str>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    request_id: Option<Cow<'text, str>>,
}

impl<'text> Failure<'text> {
    /// What other processes need to know of this error. `None` if it concerns only this process: its credentials, its network, its
    /// files, its limits.
    pub(crate) fn of(error: &'text TokenError) -> Option<Self> {
        let reason = error.reason();
        if !concerns_others(reason) {
            return None;
        }
        let refused = match error {
            TokenError::Refused(refused) => Some(Refusal {
                status: refused.status,
                code: refused.code.as_ref().map(|code| code.as_str().into()),
                server: refused.server.as_deref().map(Cow::Borrowed),
                request_id: refused.request_id.as_deref().map(Cow::Borrowed),
            }),
            _ => None,
        };
        let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Some(Self {
            reason: reason.as_str().into(),
            is_transient: error.is_transient(),
            retry_after: error.retry_after().map(millis),
            refused,
        })
    }

    /// The error for a caller in this process. A `Retry-After` becomes `retry_after`, if that is known.
    pub(crate) fn error(self, retry_after: Option<Duration>) -> TokenError {
        let retry_after = self.retry_after.map(|asked| retry_after.unwrap_or(Duration::from_millis(asked)));
        match self.refused {
            Some(refusal) => {
                let code = refusal.code.map(|code| ErrorCode::read(&code, &[]));
                let mut refused = Refused::new(refusal.status, code);
                refused.retry_after = retry_after;
                refused.server = refusal.server.map(Box::from);
                refused.request_id = refusal.request_id.map(Box::from);
                TokenError::Refused(refused)
            }
            None => {
                // A later version may have reasons that this one does not know.
                let reason = FailureReason::read(&self.reason).unwrap_or(FailureReason::Refused);
                TokenError::OtherProcess { reason, is_transient: self.is_transient, retry_after }
            }
        }
    }
}

/// The text of a failure.
pub(crate) fn write(error: &TokenError) -> Option<Zeroizing<Vec<u8>>> {
    text(&Failure::of(error)?, 0)
}

/// The error in a text.
pub(crate) fn read(text: &[u8]) -> Option<TokenError> {
    let failure: Failure<'_> = serde_json::from_slice(text).ok()?;
    Some(failure.error(None))
}

/// True if the same request of another process would probably fail as well.
fn concerns_others(reason: FailureReason) -> bool {
    !matches!(
        reason,
        FailureReason::CredentialsUnavailable
            | FailureReason::Interrupted
            | FailureReason::Proxy
            | FailureReason::RateLimited
            | FailureReason::Rejected
            | FailureReason::Runtime
            | FailureReason::Tls
            | FailureReason::TooManyOpenFiles
            | FailureReason::Transport
            | FailureReason::Unsendable
            | FailureReason::ValidityTooShort
    )
}

#[cfg(test)]
mod tests {
    use auth_core::{NotAToken, Scope};

    use super::*;

    fn passed_on(error: &TokenError) -> Option<TokenError> {
        read(&write(error)?)
    }

    #[test]
    fn a_refusal_is_passed_on_as_it_is() {
        for (status, code, retry_after) in [
            (401, Some("invalid_client"), None),
            (400, Some("invalid_scope"), None),
            (400, Some("TENANT_SUSPENDED"), None),
            (403, None, None),
            (429, None, Some(7)),
            (503, Some("temporarily_unavailable"), None),
        ] {
            let mut refused = Refused::new(status, code.map(|code| ErrorCode::read(code, &[])));
            refused.retry_after = retry_after.map(Duration::from_secs);
            (refused.server, refused.request_id) = (Some("auth.example.com:443".into()), Some("7f3a".into()));
            let Some(TokenError::Refused(found)) = passed_on(&TokenError::Refused(refused.clone())) else { panic!() };
            assert_eq!(found, refused);
        }
    }

    #[test]
    fn other_failures_keep_their_reason_and_whether_they_are_transient() {
        for error in [
            TokenError::Timeout { after: Duration::from_secs(1) },
            TokenError::NotAToken(NotAToken::TokenType),
            TokenError::NotAToken(NotAToken::Error(ErrorCode::InvalidClient)),
            TokenError::ScopeNotGranted { requested: Scope::empty(), missing: Scope::empty() },
            TokenError::ExpiredOnArrival,
        ] {
            let found = passed_on(&error).unwrap();
            assert!(matches!(found, TokenError::OtherProcess { .. }), "{found:?}");
            assert_eq!(
                (found.reason(), found.is_transient(), found.refuses_credentials()),
                (error.reason(), error.is_transient(), error.refuses_credentials())
            );
        }
    }

    #[test]
    fn what_concerns_only_one_process_is_not_passed_on() {
        for error in [
            auth_core::CredentialError::unavailable("sealed").into(),
            TokenError::Request("no scope"),
            TokenError::RateLimited { retry_after: Duration::from_secs(1) },
            TokenError::NoRuntime,
            TokenError::Interrupted,
        ] {
            assert!(passed_on(&error).is_none(), "{error}");
        }
    }

    #[test]
    fn a_reason_of_a_later_version_is_a_refusal() {
        let found = read(br#"{"reason":"new","is_transient":true,"more":1}"#).unwrap();
        assert_eq!((found.reason(), found.is_transient()), (FailureReason::Refused, true));
    }
}
