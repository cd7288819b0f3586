//! The token endpoint that shares the tokens of another one.
//!
//! `call` is one call: it reads the store with `reading`, and does what `policy` decides. `lease_guard` ends the lease of a call that is dropped,
//! `announcement` publishes failures. `state` has what all clones share, and `builder` its settings.

mod announcement;
pub(crate) mod builder;
mod call;
mod lease_guard;
mod names;
mod reading;
mod state;

use std::fmt;
use std::sync::Arc;

use auth_core::{EndpointIdentity, Replaced, Scope, TokenEndpoint, TokenError, TokenResponse};

use crate::health::Health;
use crate::observe::observers::FleetStats;
use crate::shared::state::State;
use crate::store::Store;

/// A token endpoint that shares the tokens of another one with other processes.
///
/// It stands between a [`TokenCache`](auth_core::TokenCache) and the endpoint `E`. The cache calls it only when it would otherwise
/// send a request. It then returns the token that the store has, or one process requests a token for all:
///
/// - If the store has no token, or only the one that the cache wants to replace, the process asks for a lease. The one that gets it
///   requests a token and publishes it; the others wait for that.
/// - A token that a resource server rejected in one process is replaced for all.
/// - A process that is killed or stopped while it has the lease delays the others until the lease ends. If it goes on later, it
///   cannot overwrite a newer token.
/// - `Retry-After` and refused credentials suspend the requests of all processes with the same credentials.
/// - If the store does not work, each process goes on alone, as without a store.
///
/// Processes share tokens only if they have the same [identity](TokenEndpoint::identity): the same token URL, client, parameters and
/// credential. Replaced credentials do not find the tokens of the old ones.
///
/// Cloning is cheap, and clones share their state: keep one for [`stats`](Self::stats) and [`health`](Self::health).
pub struct Shared<E, S> {
    state: Arc<State<E, S>>,
}

impl<E: TokenEndpoint, S: Store> Shared<E, S> {
    /// Returns counters of what has happened so far.
    #[must_use]
    pub fn stats(&self) -> FleetStats {
        self.state.observers.stats()
    }

    /// Returns whether the store works, for a health check.
    #[must_use]
    pub fn health(&self) -> Health {
        match self.state.store.down() {
            None => Health::Sharing,
            Some((error, since)) => Health::Alone { error, since },
        }
    }
}

impl<E: TokenEndpoint, S: Store> TokenEndpoint for Shared<E, S> {
    async fn request_token(&self, scope: &Scope) -> Result<TokenResponse, TokenError> {
        self.state.observers.in_span(scope, call::run(&self.state, scope, None)).await
    }

    async fn replace_token(&self, scope: &Scope, replaced: &Replaced<'_>) -> Result<TokenResponse, TokenError> {
        self.state.observers.in_span(scope, call::run(&self.state, scope, Some(replaced))).await
    }

    async fn identity(&self) -> Result<EndpointIdentity, TokenError> {
        self.state.endpoint.identity().await
    }

    fn issuer_name(&self) -> &str {
        self.state.endpoint.issuer_name()
    }
}

impl<E, S> Clone for Shared<E, S> {
    fn clone(&self) -> Self {
        Self { state: Arc::clone(&self.state) }
    }
}

impl<E, S> fmt::Debug for Shared<E, S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let State { settings, observers, .. } = &*self.state;
        formatter
            .debug_struct("Shared")
            .field("settings", settings)
            .field("stats", &observers.stats())
            .finish_non_exhaustive()
    }
}
