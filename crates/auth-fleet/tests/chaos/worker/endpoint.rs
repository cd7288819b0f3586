//! Says who requests a token, before it is requested, and when the token was shared.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use auth_core::{EndpointIdentity, Replaced, Scope, TokenEndpoint, TokenError, TokenResponse};

use crate::worker::said::Said;
use crate::{boot_clock, markers};

/// The scopes for which the process requests a token.
#[derive(Clone, Default)]
pub(super) struct Leading(Arc<Mutex<HashSet<usize>>>);

/// The endpoint of the authorization server, whose requests are announced.
pub(super) struct Announced<E>(pub(super) E, pub(super) Leading);

/// The shared endpoint, whose calls are announced that have requested a token.
pub(super) struct Concluded<E>(pub(super) E, pub(super) Leading);

impl Leading {
    fn begin(&self, scope: &Scope) {
        let scope = markers::number(scope.as_str()).unwrap();
        self.0.lock().unwrap().insert(scope);
        Said::Leads { scope, at: boot_clock::now() }.say();
    }

    fn end(&self, scope: &Scope) {
        let scope = markers::number(scope.as_str()).unwrap();
        if self.0.lock().unwrap().remove(&scope) {
            Said::Led { scope }.say();
        }
    }
}

impl<E: TokenEndpoint> TokenEndpoint for Announced<E> {
    async fn request_token(&self, scope: &Scope) -> Result<TokenResponse, TokenError> {
        self.1.begin(scope);
        self.0.request_token(scope).await
    }

    async fn replace_token(&self, scope: &Scope, replaced: &Replaced<'_>) -> Result<TokenResponse, TokenError> {
        self.1.begin(scope);
        self.0.replace_token(scope, replaced).await
    }

    async fn identity(&self) -> Result<EndpointIdentity, TokenError> {
        self.0.identity().await
    }
}

impl<E: TokenEndpoint> TokenEndpoint for Concluded<E> {
    async fn request_token(&self, scope: &Scope) -> Result<TokenResponse, TokenError> {
        let answer = self.0.request_token(scope).await;
        self.1.end(scope);
        answer
    }

    async fn replace_token(&self, scope: &Scope, replaced: &Replaced<'_>) -> Result<TokenResponse, TokenError> {
        let answer = self.0.replace_token(scope, replaced).await;
        self.1.end(scope);
        answer
    }
}
