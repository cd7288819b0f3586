//! From the errors of a generated client to [`TokenError`].

use auth_transport::{Error, Secret};

use crate::{ErrorCode, NotAToken, Refused, TokenError};

/// Translates `error`; `code` finds the error code in the documented body, `secrets` must not show up in it.
pub(crate) fn token_error<E>(
    error: Error<E>,
    code: impl FnOnce(&E) -> Option<&str>,
    secrets: &[&Secret],
) -> TokenError {
    match error {
        Error::Transport(error) => TokenError::Transport(error),
        Error::Refused(refusal) => {
            let code = refusal
                .body
                .as_ref()
                .and_then(code)
                .map(|code| ErrorCode::read(code, secrets));
            TokenError::Refused(Refused::new(refusal.status.as_u16(), code))
        }
        Error::Payload(error) => TokenError::NotAToken(NotAToken::Body {
            problem: error.problem,
            line: error.line,
            column: error.column,
        }),
        Error::UnexpectedStatus(status) => TokenError::NotAToken(NotAToken::Status(status.as_u16())),
        _ => TokenError::Request("an argument does not fit into it"),
    }
}
