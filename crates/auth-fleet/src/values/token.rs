//! The token of a scope.

use auth_core::{ExpiresIn, TokenResponse};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::values::text;

/// The members of a response (RFC 6749 section 5.1). They hold no character that JSON escapes, since only checked responses are
/// published.
#[derive(Deserialize, Serialize)]
struct Token<'text> {
    access_token: &'text str,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'text str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'text str>,
}

/// The text of a response.
pub(crate) fn write(response: &TokenResponse) -> Option<Zeroizing<Vec<u8>>> {
    let token = Token {
        access_token: response.access_token.expose(),
        token_type: response.token_type.as_deref(),
        expires_in: response.expires_in.map(ExpiresIn::as_secs),
        scope: response.scope.as_deref(),
    };
    text(&token, token.access_token.len() + token.scope.map_or(0, str::len))
}

/// The response in a text.
pub(crate) fn read(text: &[u8]) -> Option<TokenResponse> {
    let token: Token<'_> = serde_json::from_slice(text).ok()?;
    let mut response = TokenResponse::new(token.access_token);
    response.token_type = token.token_type.map(str::to_owned);
    response.expires_in = token.expires_in.map(ExpiresIn::from_secs);
    response.scope = token.scope.map(str::to_owned);
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_read_as_it_was_written() {
        for (token_type, expires_in, scope) in
            [(None, None, None), (Some("Bearer"), Some(3_600), Some("a b")), (Some("bearer"), Some(-1), Some(""))]
        {
            let mut response = TokenResponse::new("a-token._~+/=");
            response.token_type = token_type.map(str::to_owned);
            response.expires_in = expires_in.map(ExpiresIn::from_secs);
            response.scope = scope.map(str::to_owned);
            let written = write(&response).unwrap();
            assert!(written.capacity() >= written.len() && written.len() < 1_024);
            let read = read(&written).unwrap();
            assert_eq!(read.access_token, response.access_token);
            assert_eq!(
                (read.token_type, read.expires_in, read.scope, read.sent_after),
                (response.token_type, response.expires_in, response.scope, response.sent_after)
            );
        }
        assert!(read(b"{}").is_none() && read(b"").is_none() && read(b"[]").is_none());
    }
}
