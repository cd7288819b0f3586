//! A token endpoint without a server.

use auth_core::{Scope, TokenEndpoint, TokenError, TokenResponse};

/// An endpoint that always returns the same token, without a lifetime.
#[derive(Clone, Copy, Debug)]
pub struct Fixed;

impl Fixed {
    /// The token.
    pub const TOKEN: &str = "fixed";
}

impl TokenEndpoint for Fixed {
    async fn request_token(&self, _scope: &Scope) -> Result<TokenResponse, TokenError> {
        Ok(TokenResponse::new(Self::TOKEN))
    }
}
