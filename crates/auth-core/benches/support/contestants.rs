//! The cache of this crate, and its alternatives.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use auth_core::{AccessToken, Scope, TokenCache, TokenError};
use moka::Expiry;
use moka::future::Cache;
use tokio::sync::{Mutex, OnceCell};

use crate::support::server::{Endpoint, Server};

/// A cache that can be asked for a token.
pub(crate) trait Contestant: Send + Sync + 'static {
    /// The token that it returns.
    type Token: Send + 'static;

    /// Gets the token of a scope.
    fn ask(&self, scope: &Scope) -> impl Future<Output = Result<Self::Token, ()>> + Send;
}

/// A cache of this crate with default settings, except that the number of scopes is not limited.
pub(crate) fn ours(server: &Arc<Server>) -> TokenCache {
    TokenCache::builder(Endpoint(Arc::clone(server))).max_scopes(usize::MAX).build()
}

impl Contestant for TokenCache {
    type Token = AccessToken;

    async fn ask(&self, scope: &Scope) -> Result<AccessToken, ()> {
        self.access_token(scope).await.map_err(|_| ())
    }
}

/// A token as the alternatives store it.
#[derive(Clone)]
pub(crate) struct Kept {
    token: Arc<str>,
    usable_until: Instant,
}

impl Kept {
    /// Requests a token. The last tenth of its lifetime is not used, ten seconds at most, as in this crate.
    pub(crate) async fn fetch(server: &Server) -> Result<Self, TokenError> {
        let requested = Instant::now();
        let token = server.token().await?.into();
        let margin = (server.lifetime() / 10).min(Duration::from_secs(10));
        Ok(Self { token, usable_until: requested + server.lifetime() - margin })
    }

    pub(crate) fn is_usable(&self) -> bool {
        Instant::now() < self.usable_until && !self.token.is_empty()
    }
}

/// One `tokio::sync::OnceCell` for each scope, in a map that never changes. It has no expiry, and is the minimum for
/// callers that share a request.
pub(crate) struct Cells {
    cells: HashMap<Scope, OnceCell<Kept>>,
    server: Arc<Server>,
}

impl Cells {
    pub(crate) fn new(server: &Arc<Server>, scopes: &[Scope]) -> Self {
        let cells = scopes.iter().map(|scope| (scope.clone(), OnceCell::new())).collect();
        Self { cells, server: Arc::clone(server) }
    }
}

impl Contestant for Cells {
    type Token = Kept;

    async fn ask(&self, scope: &Scope) -> Result<Kept, ()> {
        let cell = self.cells.get(scope).ok_or(())?;
        cell.get_or_try_init(|| Kept::fetch(&self.server)).await.cloned().map_err(|_| ())
    }
}

/// A map behind one asynchronous lock that is held during requests.
pub(crate) struct Locked {
    tokens: Mutex<HashMap<Scope, Kept>>,
    server: Arc<Server>,
}

impl Locked {
    pub(crate) fn new(server: &Arc<Server>) -> Self {
        Self { tokens: Mutex::default(), server: Arc::clone(server) }
    }
}

impl Contestant for Locked {
    type Token = Kept;

    async fn ask(&self, scope: &Scope) -> Result<Kept, ()> {
        let mut tokens = self.tokens.lock().await;
        if let Some(kept) = tokens.get(scope).filter(|kept| kept.is_usable()) {
            return Ok(kept.clone());
        }
        let kept = Kept::fetch(&self.server).await.map_err(|_| ())?;
        tokens.insert(scope.clone(), kept.clone());
        Ok(kept)
    }
}

/// moka's cache with an expiry for each entry.
pub(crate) struct Moka {
    pub(crate) cache: Cache<Scope, Kept>,
    server: Arc<Server>,
}

/// Evicts tokens that are no longer usable.
struct WithToken;

impl Expiry<Scope, Kept> for WithToken {
    fn expire_after_create(&self, _scope: &Scope, kept: &Kept, created: Instant) -> Option<Duration> {
        Some(kept.usable_until.saturating_duration_since(created))
    }
}

impl Moka {
    pub(crate) fn new(server: &Arc<Server>) -> Self {
        Self { cache: Cache::builder().expire_after(WithToken).build(), server: Arc::clone(server) }
    }
}

impl Contestant for Moka {
    type Token = Kept;

    async fn ask(&self, scope: &Scope) -> Result<Kept, ()> {
        self.cache.try_get_with_by_ref(scope, Kept::fetch(&self.server)).await.map_err(|_| ())
    }
}
