//! Retries a token request whose credentials were replaced while it was in flight.

use std::future::Future;

use crate::credentials::error::CredentialError;
use crate::token::error::token_error::TokenError;
use crate::token::response::TokenResponse;

/// Requests a token with the credentials of `source`. If they are refused, it queries the source once more. If the
/// source returns other credentials, these are tried once; the same ones are not sent again.
pub(crate) async fn request_with<C, Q, A>(
    source: impl Fn() -> Q,
    is_same: impl Fn(&C, &C) -> bool,
    send: impl Fn(C) -> A,
) -> Result<TokenResponse, TokenError>
where
    C: Clone,
    Q: Future<Output = Result<C, CredentialError>>,
    A: Future<Output = Result<TokenResponse, TokenError>>,
{
    let sent = source().await?;
    let refusal = match send(sent.clone()).await {
        Err(error) if error.refuses_credentials() || error.is_unexplained() => error,
        answer => return answer,
    };
    match source().await {
        Ok(current) if !is_same(&current, &sent) => send(current).await,
        // If the source has no credentials now, the refusal remains the more useful error.
        _ => Err(refusal),
    }
}
