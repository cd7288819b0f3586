//! The builder of a cache, with its settings.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use crate::cache::issuance_limit::IssuanceLimit;
use crate::cache::observe::Observer;
use crate::cache::shared::Shared;
use crate::cache::token_cache::TokenCache;
use crate::clock::{AnyClock, Clock};
use crate::token::endpoint::{AnyTokenEndpoint, TokenEndpoint};

/// Upper bound on all durations that a program sets.
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Builds a [`TokenCache`]; [`TokenCache::builder`] creates it with the default settings.
#[must_use]
pub struct TokenCacheBuilder {
    shared: Shared,
    most_scopes: usize,
}

/// Construction.
impl TokenCache {
    /// Creates a cache of tokens from `endpoint`, with the default settings of [`TokenCacheBuilder`].
    #[must_use]
    pub fn new(endpoint: impl TokenEndpoint) -> Self {
        Self::builder(endpoint).build()
    }

    /// Creates a builder for a cache of tokens from `endpoint`.
    pub fn builder(endpoint: impl TokenEndpoint) -> TokenCacheBuilder {
        TokenCacheBuilder::new(Box::new(endpoint))
    }
}

impl TokenCacheBuilder {
    pub(crate) fn new(endpoint: Box<dyn AnyTokenEndpoint>) -> Self {
        Self { shared: Shared::new(endpoint), most_scopes: 4_096 }
    }

    /// Sets the deadline of each token request, including its retries and the delays between them, and of each call
    /// that waits for a request. Default: 45 seconds; maximum: one day.
    ///
    /// If the request that a call waits for is interrupted and another one replaces it, the call keeps its deadline.
    pub fn request_deadline(mut self, deadline: Duration) -> Self {
        self.shared.deadline = deadline.min(A_DAY);
        self
    }

    /// Sets how often a request is retried after a [transient](crate::TokenError::is_transient) failure. Default: 2.
    ///
    /// A request is not retried while the scope has an unexpired token. The delay before a retry is random (full
    /// jitter). Its upper bound is 250 ms for the first retry, doubles with each further retry, and is 5 seconds at
    /// most.
    pub fn retries(mut self, retries: u32) -> Self {
        self.shared.retries = retries;
        self
    }

    /// Sets the maximum `Retry-After`; longer ones are shortened to it. Default: 5 minutes; maximum: one day.
    pub fn longest_retry_after(mut self, longest: Duration) -> Self {
        self.shared.longest_retry_after = longest.min(A_DAY);
        self
    }

    /// Sets whether a token for only a part of the requested scope is accepted (RFC 6749 section 3.3). Default:
    /// `false`; the request then fails with [`TokenError::ScopeNotGranted`](crate::TokenError::ScopeNotGranted).
    ///
    /// The token is cached under the requested scope, which [`Token::scope`](crate::Token::scope) returns; resource
    /// servers refuse requests that the token does not cover. A token that lacks a requested scope and has one that was
    /// not requested is never accepted.
    pub fn accept_narrower_scope(mut self, accept: bool) -> Self {
        self.shared.narrower_scope = accept;
        self
    }

    /// Limits the number of idle scopes in the cache. Default: 4,096; minimum: 1.
    ///
    /// A scope is idle unless a [`TokenHandle`](crate::TokenHandle) or a waiting caller holds it, its request is in
    /// flight, or it is in a cooldown after a failure. Scopes that are not idle are kept in addition to the limit. When
    /// a new scope exceeds the limit, one scope of a random sample of idle scopes is evicted: one without a usable
    /// token if there is one, otherwise the least recently used.
    pub fn max_scopes(mut self, scopes: usize) -> Self {
        self.most_scopes = scopes;
        self
    }

    /// Limits token requests to `per_minute`, with up to `burst` at once after a quiet period. Default: no limit.
    ///
    /// When the limit is reached, callers get the cached token of their scope if it has not expired. Other callers
    /// wait, or get [`TokenError::RateLimited`](crate::TokenError::RateLimited) if the wait would exceed the request's
    /// deadline. Retries count towards the limit. The second request after refused credentials have been replaced does
    /// not.
    pub fn issuance_limit(mut self, per_minute: NonZeroU32, burst: NonZeroU32) -> Self {
        self.shared.limit = Some(IssuanceLimit::new(per_minute, burst));
        self
    }

    /// Sets the clock. Default: the system's clocks.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.shared.clock = AnyClock::of(clock);
        self
    }

    /// Sets the name of the authorization server in events, logs and metrics, which distinguishes the caches of one
    /// program. Default: [`TokenEndpoint::issuer_name`], which is the host for Lean and SAP LeanIX.
    pub fn issuer_name(mut self, name: impl Into<String>) -> Self {
        self.shared.observers.set_issuer(name.into());
        self
    }

    /// Registers an [`Observer`]. Can be called more than once.
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.shared.observers.add(observer);
        self
    }

    /// Builds the cache.
    #[must_use]
    pub fn build(self) -> TokenCache {
        TokenCache::of(self.shared, self.most_scopes)
    }
}

impl fmt::Debug for TokenCacheBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TokenCacheBuilder")
            .field("issuer_name", &self.shared.observers.issuer())
            .field("request_deadline", &self.shared.deadline)
            .field("retries", &self.shared.retries)
            .field("longest_retry_after", &self.shared.longest_retry_after)
            .field("accept_narrower_scope", &self.shared.narrower_scope)
            .field("max_scopes", &self.most_scopes)
            .field("clock", &self.shared.clock)
            .finish_non_exhaustive()
    }
}
