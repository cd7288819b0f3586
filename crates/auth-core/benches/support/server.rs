//! An authorization server inside the process, with a delay, a counter and outages.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use auth_core::{ExpiresIn, Scope, TokenEndpoint, TokenError, TokenResponse};

/// Answers each request with a token, or with a failure.
pub(crate) struct Server {
    requests: AtomicUsize,
    takes: Duration,
    suspends: bool,
    lifetime: Duration,
    bytes: usize,
    opened: Instant,
    failure: Option<(Range<Duration>, TokenError)>,
}

impl Server {
    /// A server that takes this long for a token of 1,000 bytes with this lifetime.
    pub(crate) fn new(takes: Duration, lifetime: Duration) -> Self {
        let (requests, opened) = (AtomicUsize::new(0), Instant::now());
        Self { requests, takes, suspends: false, lifetime, bytes: 1_000, opened, failure: None }
    }

    /// Yields to other tasks before it answers.
    pub(crate) fn suspending(mut self) -> Self {
        self.suspends = true;
        self
    }

    /// Fails with this error while the time since the server was created is within `when`.
    pub(crate) fn failing(mut self, when: Range<Duration>, error: TokenError) -> Self {
        self.failure = Some((when, error));
        self
    }

    /// Number of requests received.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    pub(crate) fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// Handles one request.
    pub(crate) async fn token(&self) -> Result<String, TokenError> {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        if !self.takes.is_zero() {
            tokio::time::sleep(self.takes).await;
        }
        if self.suspends {
            tokio::task::yield_now().await;
        }
        match &self.failure {
            Some((when, error)) if when.contains(&self.opened.elapsed()) => Err(error.clone()),
            _ => Ok(format!("{number:0width$}", width = self.bytes)),
        }
    }
}

/// The server as a [`TokenEndpoint`](auth_core::TokenEndpoint).
pub(crate) struct Endpoint(pub(crate) Arc<Server>);

impl TokenEndpoint for Endpoint {
    async fn request_token(&self, _scope: &Scope) -> Result<TokenResponse, TokenError> {
        let mut response = TokenResponse::new(self.0.token().await?);
        let seconds = i64::try_from(self.0.lifetime.as_secs()).unwrap();
        response.expires_in = Some(ExpiresIn::from_secs(seconds));
        Ok(response)
    }
}
