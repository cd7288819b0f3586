//! A token endpoint that wraps another one and counts the requests it sends.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use auth_core::{EndpointIdentity, Replaced, Scope, TokenEndpoint, TokenError, TokenResponse};

pub(crate) struct Counted<E> {
    endpoint: E,
    requests: Arc<AtomicU64>,
}

impl<E> Counted<E> {
    pub(crate) fn new(endpoint: E) -> (Self, Arc<AtomicU64>) {
        let requests = Arc::new(AtomicU64::new(0));
        (Self { endpoint, requests: Arc::clone(&requests) }, requests)
    }
}

impl<E: TokenEndpoint> TokenEndpoint for Counted<E> {
    async fn request_token(&self, scope: &Scope) -> Result<TokenResponse, TokenError> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.endpoint.request_token(scope).await
    }

    async fn replace_token(&self, scope: &Scope, replaced: &Replaced<'_>) -> Result<TokenResponse, TokenError> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.endpoint.replace_token(scope, replaced).await
    }

    async fn identity(&self) -> Result<EndpointIdentity, TokenError> {
        self.endpoint.identity().await
    }
}
