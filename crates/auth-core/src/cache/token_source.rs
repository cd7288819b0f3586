//! A handle as a source of tokens for requests.

use auth_transport::TokenSource;
use http::HeaderValue;

use crate::cache::handle::TokenHandle;
use crate::token::access_token::AccessToken;
use crate::token::error::token_error::TokenError;

/// Provides the tokens of this scope to clients, middleware and layers.
impl TokenSource for TokenHandle {
    type Token = AccessToken;
    type Error = TokenError;

    async fn token(&self) -> Result<AccessToken, TokenError> {
        self.access_token().await
    }

    fn authorization(&self, token: &AccessToken) -> Result<HeaderValue, TokenError> {
        Ok(token.authorization())
    }

    fn is_same(one: &AccessToken, other: &AccessToken) -> bool {
        triomphe::Arc::ptr_eq(&one.0, &other.0)
    }

    fn reject(&self, token: &AccessToken) {
        TokenHandle::reject(self, token);
    }
}
