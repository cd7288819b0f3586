//! Says who requests a token, before it is requested.

use auth_core::{EndpointIdentity, Replaced, Scope, TokenEndpoint, TokenError, TokenResponse};

use crate::worker::said::Said;
use crate::{boot_clock, markers};

/// An endpoint whose requests are announced.
pub(super) struct Announced<E>(pub(super) E);

fn announce(scope: &Scope) {
    let scope = markers::number(scope.as_str()).unwrap();
    Said::Leads { scope, at: boot_clock::now() }.say();
}

impl<E: TokenEndpoint> TokenEndpoint for Announced<E> {
    async fn request_token(&self, scope: &Scope) -> Result<TokenResponse, TokenError> {
        announce(scope);
        self.0.request_token(scope).await
    }

    async fn replace_token(&self, scope: &Scope, replaced: &Replaced<'_>) -> Result<TokenResponse, TokenError> {
        announce(scope);
        self.0.replace_token(scope, replaced).await
    }

    async fn identity(&self) -> Result<EndpointIdentity, TokenError> {
        self.0.identity().await
    }

    fn issuer_name(&self) -> &str {
        self.0.issuer_name()
    }
}
