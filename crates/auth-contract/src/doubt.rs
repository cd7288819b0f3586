//! Failures that do not show whether the contract is kept: outages, and wrong values of environment variables.

use auth_core::{ErrorCode, NotAToken, Refused, TokenError, TransportErrorKind};

/// The environment variables that a case depends on, by the names that a message shows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Doubt {
    /// The variables of its credentials; `None` if the credentials are wrong on purpose.
    pub(crate) credentials: Option<&'static str>,
    /// The variable of its scope; `None` if the run chose the scope.
    pub(crate) scope: Option<&'static str>,
}

impl Doubt {
    /// For credentials that the run invents so that they are refused.
    pub(crate) const WRONG_ON_PURPOSE: Self = Self { credentials: None, scope: None };
}

/// Returns why a failure does not show whether `server` keeps the contract, in a text that names the server. `None` if
/// it does show this.
///
/// `is_silent` if the server sent no byte.
pub(crate) fn inconclusive(error: &TokenError, is_silent: bool, server: &str, doubt: &Doubt) -> Option<String> {
    let problem = match error {
        TokenError::Transport(error) => match error.kind() {
            TransportErrorKind::Dns => "cannot be resolved".to_owned(),
            // The recorder is the client's proxy, and opens no tunnel to a server that it cannot reach.
            TransportErrorKind::Connect | TransportErrorKind::Proxy { .. } => "cannot be reached".to_owned(),
            TransportErrorKind::TooManyOpenFiles => {
                "cannot be reached: too many open files here; raise the limit of the process (`ulimit -n`)".to_owned()
            }
            TransportErrorKind::Tls => "offers no trusted TLS connection".to_owned(),
            TransportErrorKind::Timeout => "did not answer in time".to_owned(),
            TransportErrorKind::Closed if is_silent => "closed the connection without a response".to_owned(),
            _ => return None,
        },
        TokenError::Timeout { .. } => "did not answer in time".to_owned(),
        TokenError::Refused(refused) if is_trouble(refused.status) => {
            format!("is unavailable or overloaded: it answered with status {}", refused.status)
        }
        error => format!("{}; check {}", refusal(error)?, ours(error, doubt)?),
    };
    Some(format!("{server} {problem}"))
}

/// Describes the refusal of a server.
fn refusal(error: &TokenError) -> Option<String> {
    match error {
        TokenError::Refused(Refused { status, code: Some(code), .. }) => {
            Some(format!("refused the request with status {status} ({code})"))
        }
        TokenError::Refused(Refused { status, .. }) => Some(format!("refused the request with status {status}")),
        TokenError::NotAToken(NotAToken::Error(code)) => Some(format!("answered with the error {code}")),
        _ => None,
    }
}

/// The variables whose values may be the reason for a refusal.
fn ours(error: &TokenError, doubt: &Doubt) -> Option<&'static str> {
    let TokenError::Refused(Refused { status, code, .. }) = error else {
        return doubt.credentials.filter(|_| error.refuses_credentials());
    };
    match (code, status) {
        (Some(ErrorCode::InvalidScope), _) => doubt.scope,
        (Some(ErrorCode::UnauthorizedClient), 400..=403) | (_, 401) | (None, 403) => doubt.credentials,
        (Some(ErrorCode::Other(code)), 400..=403) if **code == *"access_denied" => doubt.credentials,
        _ => doubt.credentials.filter(|_| error.refuses_credentials()),
    }
}

/// True for the statuses of a server that is overloaded, down or too slow. False for 501 and 505, which mean that the
/// server does not support the request.
fn is_trouble(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502..=504 | 506..=599)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use auth_transport::TransportError;

    use super::*;

    const DOUBT: Doubt = Doubt { credentials: Some("ID and SECRET"), scope: Some("SCOPE") };

    fn reason(error: &TokenError, is_silent: bool, doubt: &Doubt) -> Option<String> {
        inconclusive(error, is_silent, "auth.example.com:443", doubt)
    }

    #[test]
    fn a_missing_response_is_an_outage() {
        for (kind, words) in [
            (TransportErrorKind::Dns, Some("cannot be resolved")),
            (TransportErrorKind::Connect, Some("cannot be reached")),
            (
                TransportErrorKind::TooManyOpenFiles,
                Some("cannot be reached: too many open files here; raise the limit of the process (`ulimit -n`)"),
            ),
            (TransportErrorKind::Tls, Some("offers no trusted TLS connection")),
            (TransportErrorKind::Timeout, Some("did not answer in time")),
            (TransportErrorKind::Closed, None),
            (TransportErrorKind::Protocol, None),
            (TransportErrorKind::BodyTooLarge { limit: 1 }, None),
            (TransportErrorKind::Redirect { status: 307, target: None }, None),
        ] {
            let error = TokenError::Transport(TransportError::new(kind.clone(), "127.0.0.1:1"));
            let wanted = words.map(|words| format!("auth.example.com:443 {words}"));
            assert_eq!(reason(&error, false, &DOUBT), wanted, "{kind:?}");
        }
        let closed = TokenError::Transport(TransportError::new(TransportErrorKind::Closed, "127.0.0.1:1"));
        assert!(reason(&closed, true, &DOUBT).is_some(), "not a byte came");
        assert!(reason(&TokenError::Timeout { after: Duration::from_secs(1) }, false, &DOUBT).is_some());
        assert_eq!(reason(&TokenError::ExpiredOnArrival, false, &DOUBT), None);
        assert_eq!(reason(&TokenError::Request("no"), false, &DOUBT), None);
    }

    #[test]
    fn an_error_in_place_of_a_token_can_be_a_refusal_of_credentials() {
        let error = |code| TokenError::NotAToken(NotAToken::Error(ErrorCode::read(code, &[])));
        let found = reason(&error("invalid_client"), false, &DOUBT).unwrap();
        assert_eq!(found, "auth.example.com:443 answered with the error invalid_client; check ID and SECRET");
        assert_eq!(reason(&error("invalid_request"), false, &DOUBT), None);
        assert_eq!(reason(&error("invalid_client"), false, &Doubt::WRONG_ON_PURPOSE), None);
    }

    #[test]
    fn a_refusal_is_inconclusive_if_a_variable_may_be_the_reason() {
        let (trouble, credentials, scope) =
            (Some("is unavailable or overloaded"), Some("check ID and SECRET"), Some("check SCOPE"));
        for (status, code, wanted) in [
            (408, None, trouble),
            (429, None, trouble),
            (429, Some("invalid_client"), trouble),
            (500, None, trouble),
            (501, None, None),
            (503, None, trouble),
            (505, None, None),
            (599, None, trouble),
            (999, None, None),
            (401, None, credentials),
            (401, Some("invalid_client"), credentials),
            (401, Some("unknown_word"), credentials),
            (400, Some("invalid_client"), credentials),
            (403, Some("invalid_client"), credentials),
            (400, Some("unauthorized_client"), credentials),
            (403, Some("access_denied"), credentials),
            (400, Some("invalid_scope"), scope),
            (401, Some("invalid_scope"), scope),
            (400, Some("invalid_request"), None),
            (400, Some("unsupported_grant_type"), None),
            (400, None, None),
            (403, None, credentials),
            (403, Some("forbidden"), None),
            (404, None, None),
        ] {
            let code = code.map(|code| ErrorCode::read(code, &[]));
            let error = TokenError::Refused(Refused::new(status, code));
            let found = reason(&error, false, &DOUBT);
            match (wanted, &found) {
                (None, None) => {}
                (Some(wanted), Some(found)) if found.contains(wanted) && found.contains("auth.example.com") => {}
                _ => panic!("{error}: {wanted:?} is {found:?}"),
            }
            if wanted != trouble {
                assert_eq!(
                    reason(&error, false, &Doubt::WRONG_ON_PURPOSE),
                    None,
                    "{error}: nothing of ours is in doubt"
                );
            }
        }
    }
}
