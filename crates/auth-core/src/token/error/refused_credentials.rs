//! Whether a response refuses the credentials.

use crate::token::error::code::ErrorCode;
use crate::token::error::failure_reason::FailureReason;
use crate::token::error::not_a_token::NotAToken;
use crate::token::error::refused::Refused;
use crate::token::error::token_error::TokenError;

/// Codes that are not in RFC 6749 section 5.2 and concern the request, not the credentials: RFC 6749 section 4.1.2.1,
/// RFC 6750 section 3.1, RFC 8707 section 2.
const ABOUT_THE_SCOPE: [&str; 3] = ["access_denied", "insufficient_scope", "invalid_target"];

impl TokenError {
    /// True if the authorization server refused the credentials, so that only other credentials can help.
    ///
    /// This is the case for the code `invalid_client` with any status, even 200, and for a 401 without a code, with a
    /// code that is not in RFC 6749 section 5.2, or with `unauthorized_client`, which some servers send for a wrong
    /// secret.
    ///
    /// A 403 without a code, or with an unknown one, is first attributed to its scope, and this returns false. If a
    /// second scope gets one and no request has succeeded in between, a [`TokenCache`](crate::TokenCache) attributes it
    /// to the credentials, and this returns true.
    #[must_use]
    pub fn refuses_credentials(&self) -> bool {
        match self {
            Self::Refused(refused) => match &refused.code {
                Some(ErrorCode::InvalidClient) => true,
                // An unknown code is less informative than the status.
                Some(ErrorCode::Other(_)) | None => refused.status == 401 || refused.blames_credentials,
                // Status 401 means that the client could not be authenticated.
                Some(ErrorCode::UnauthorizedClient) => refused.status == 401,
                Some(_) => false,
            },
            Self::NotAToken(NotAToken::Error(code)) => *code == ErrorCode::InvalidClient,
            Self::OtherProcess { reason, .. } => *reason == FailureReason::InvalidClient,
            _ => false,
        }
    }

    /// True for a 403 that does not show whether it concerns the scope or the credentials.
    pub(crate) fn is_unexplained(&self) -> bool {
        match self {
            Self::Refused(Refused { status: 403, code: Some(ErrorCode::Other(code)), .. }) => {
                !ABOUT_THE_SCOPE.contains(&&**code)
            }
            Self::Refused(refused) => refused.status == 403 && refused.code.is_none(),
            _ => false,
        }
    }

    /// Attributes an unexplained 403 to the credentials.
    pub(crate) fn blame_credentials(&mut self) {
        if let Self::Refused(refused) = self {
            refused.blames_credentials = true;
        }
    }

    /// True for responses that a server sends only after it has accepted the credentials.
    pub(crate) fn accepts_credentials(&self) -> bool {
        match self {
            Self::Refused(refused) => refused.code == Some(ErrorCode::InvalidScope),
            Self::NotAToken(problem) => matches!(
                problem,
                NotAToken::Error(ErrorCode::InvalidScope) | NotAToken::AnotherCustomer | NotAToken::Expired
            ),
            Self::ScopeNotGranted { .. } => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::scope::Scope;

    #[test]
    fn credentials_are_refused_by_code_or_by_a_status_without_one() {
        let code = |code: &str| Some(ErrorCode::read(code, &[]));
        for (status, code, refuses) in [
            (400, code("invalid_client"), true),
            (401, code("invalid_client"), true),
            (403, code("invalid_client"), true),
            (500, code("invalid_client"), true),
            (401, None, true),
            (403, None, false),
            (401, code("Unauthorized"), true),
            (403, code("forbidden"), false),
            (400, None, false),
            (404, None, false),
            (407, None, false),
            (429, None, false),
            (500, None, false),
            (401, code("invalid_scope"), false),
            (401, code("unauthorized_client"), true),
            (400, code("unauthorized_client"), false),
            (403, code("unauthorized_client"), false),
            (400, code("invalid_grant"), false),
        ] {
            let error = TokenError::Refused(Refused::new(status, code));
            assert_eq!(error.refuses_credentials(), refuses, "{error}");
        }
        for (status, code, is_unexplained) in [
            (403, None, true),
            (403, code("forbidden"), true),
            (403, code("Forbidden"), true),
            (403, code("access_denied"), false),
            (403, code("insufficient_scope"), false),
            (403, code("invalid_scope"), false),
            (403, code("unauthorized_client"), false),
            (403, code("invalid_client"), false),
            (401, None, false),
            (400, None, false),
        ] {
            let mut error = TokenError::Refused(Refused::new(status, code));
            assert_eq!(error.is_unexplained(), is_unexplained, "{error}");
            if is_unexplained {
                error.blame_credentials();
                assert!(error.refuses_credentials(), "{error}");
                assert!(error.to_string().ends_with("check the credentials"), "{error}");
            }
        }
        assert!(TokenError::NotAToken(NotAToken::Error(ErrorCode::InvalidClient)).refuses_credentials());
        assert!(!TokenError::NotAToken(NotAToken::Error(ErrorCode::InvalidScope)).refuses_credentials());
        assert!(!TokenError::Interrupted.refuses_credentials());
        for (reason, refuses) in [(FailureReason::InvalidClient, true), (FailureReason::Timeout, false)] {
            let elsewhere = TokenError::OtherProcess { reason, is_transient: false, retry_after: None };
            assert_eq!(elsewhere.refuses_credentials(), refuses, "{elsewhere}");
        }
    }

    #[test]
    fn responses_about_scope_or_token_mean_that_the_credentials_are_accepted() {
        let refused = |status, code| TokenError::Refused(Refused::new(status, Some(ErrorCode::read(code, &[]))));
        for (error, wanted) in [
            (refused(400, "invalid_scope"), true),
            (refused(403, "invalid_scope"), true),
            // Some servers send this for unknown clients.
            (refused(400, "unauthorized_client"), false),
            (refused(400, "invalid_request"), false),
            (refused(400, "invalid_client"), false),
            (refused(403, "access_denied"), false),
            (TokenError::NotAToken(NotAToken::Error(ErrorCode::InvalidScope)), true),
            (TokenError::NotAToken(NotAToken::Expired), true),
            (TokenError::NotAToken(NotAToken::AnotherCustomer), true),
            (TokenError::NotAToken(NotAToken::TokenType), false),
            (TokenError::ScopeNotGranted { requested: Scope::empty(), missing: Scope::empty() }, true),
            (TokenError::Interrupted, false),
        ] {
            assert_eq!(error.accepts_credentials(), wanted, "{error}");
        }
    }
}
