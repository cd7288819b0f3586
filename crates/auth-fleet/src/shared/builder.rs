//! The builder of a shared endpoint, with its settings.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use auth_core::{IssuanceLimit, TokenEndpoint};

use crate::guarded::Guarded;
use crate::observe::event::FleetObserver;
use crate::observe::observers::Observers;
use crate::shared::Shared;
use crate::shared::state::{Settings, State};
use crate::store::Store;

/// How long an operation of the store may take.
const STORE_TIMEOUT: Duration = Duration::from_millis(50);

/// Builds a [`Shared`] endpoint; [`Shared::builder`] creates it with the default settings.
#[must_use]
pub struct SharedBuilder<E, S> {
    state: State<E, S>,
}

/// Construction.
impl<E: TokenEndpoint, S: Store> Shared<E, S> {
    /// Shares the tokens of `endpoint` through `store`, with the default settings of [`SharedBuilder`].
    #[must_use]
    pub fn new(endpoint: E, store: S) -> Self {
        Self::builder(endpoint, store).build()
    }

    /// Creates a builder for an endpoint that shares the tokens of `endpoint` through `store`.
    pub fn builder(endpoint: E, store: S) -> SharedBuilder<E, S> {
        let observers = Observers::of(endpoint.issuer_name());
        let store = Guarded::new(store, STORE_TIMEOUT);
        SharedBuilder { state: State { endpoint, store, settings: Settings::default(), observers } }
    }
}

impl<E: TokenEndpoint, S: Store> SharedBuilder<E, S> {
    /// Sets how long an operation of the store may take. Default: 50 ms. Time in which this process does not run is not counted: while it
    /// waits for a processor, or blocks its runtime.
    ///
    /// If one takes longer, the process goes on without the store: for a second after the first failure, for up to half a minute
    /// after further ones.
    pub fn store_timeout(mut self, timeout: Duration) -> Self {
        self.state.store.set_timeout(timeout);
        self
    }

    /// Sets how long a request to the authorization server may take. Default: 10 seconds.
    ///
    /// The process that sends it has a lease for a moment longer. If the process is killed, the others wait until its lease ends.
    pub fn request_deadline(mut self, deadline: Duration) -> Self {
        self.state.settings.request_deadline = deadline;
        self
    }

    /// Sets how long a call waits for the requests of other processes. Default: 30 seconds.
    ///
    /// The sum with [`request_deadline`](Self::request_deadline) should be less than the
    /// [deadline of the cache](auth_core::TokenCacheBuilder::request_deadline).
    pub fn longest_wait(mut self, wait: Duration) -> Self {
        self.state.settings.longest_wait = wait;
        self
    }

    /// Sets the maximum `Retry-After`; longer ones are shortened to it. Default: 5 minutes. Set the
    /// [same value for the cache](auth_core::TokenCacheBuilder::longest_retry_after).
    pub fn longest_retry_after(mut self, longest: Duration) -> Self {
        self.state.settings.longest_retry_after = longest;
        self
    }

    /// Sets whether a token for only a part of the requested scope is shared (RFC 6749 section 3.3). Default: `false`. Set the
    /// [same value for the cache](auth_core::TokenCacheBuilder::accept_narrower_scope).
    pub fn accept_narrower_scope(mut self, accept: bool) -> Self {
        self.state.settings.narrower_scope = accept;
        self
    }

    /// Limits the requests that this process sends to the authorization server. Default: no limit.
    ///
    /// Tokens of the store do not count. Set the limit here and not for the cache, which cannot tell them from others. While the
    /// store is down, the limit of each process is all that limits the requests of all processes.
    pub fn issuance_limit(mut self, limit: IssuanceLimit) -> Self {
        self.state.settings.limit = Some(limit);
        self
    }

    /// Sets the name of the authorization server in events, logs and metrics. Default: [`TokenEndpoint::issuer_name`]. Set the
    /// [same name for the cache](auth_core::TokenCacheBuilder::issuer_name).
    pub fn issuer_name(mut self, name: impl Into<String>) -> Self {
        self.state.observers.set_issuer(name.into());
        self
    }

    /// Registers a [`FleetObserver`]. Can be called more than once.
    pub fn observer(mut self, observer: impl FleetObserver) -> Self {
        self.state.observers.add(observer);
        self
    }

    /// Builds the endpoint.
    #[must_use]
    pub fn build(self) -> Shared<E, S> {
        Shared { state: Arc::new(self.state) }
    }
}

impl<E, S> fmt::Debug for SharedBuilder<E, S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SharedBuilder").field("settings", &self.state.settings).finish_non_exhaustive()
    }
}
