//! Settings of a cache.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use crate::cache::issuance_limit::IssuanceLimit;
use crate::cache::observe::Observer;
use crate::cache::shared::Shared;
use crate::cache::token_cache::TokenCache;
use crate::clock::{AnyClock, Clock};
use crate::token::response::{AnyTokenEndpoint, TokenEndpoint};

/// Upper bound on all durations that a program sets.
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Settings of a [`TokenCache`]; [`TokenCache::builder`] starts one.
#[must_use]
pub struct TokenCacheBuilder {
    shared: Shared,
    most_scopes: usize,
}

/// Starts a cache.
impl TokenCache {
    /// A cache over `endpoint` with the defaults of [`TokenCacheBuilder`].
    #[must_use]
    pub fn new(endpoint: impl TokenEndpoint) -> Self {
        Self::builder(endpoint).build()
    }

    /// Settings for a cache over `endpoint`.
    pub fn builder(endpoint: impl TokenEndpoint) -> TokenCacheBuilder {
        TokenCacheBuilder::new(Box::new(endpoint))
    }
}

impl TokenCacheBuilder {
    pub(crate) fn new(endpoint: Box<dyn AnyTokenEndpoint>) -> Self {
        Self { shared: Shared::new(endpoint), most_scopes: 4_096 }
    }

    /// Sets the deadline of a token request, including its retries and the pauses between them, and of a call that waits for
    /// one. Default: 45 seconds; values above a day count as a day.
    ///
    /// A call keeps its deadline even if a request that it waits for is lost and replaced.
    pub fn request_deadline(mut self, deadline: Duration) -> Self {
        self.shared.deadline = deadline.min(A_DAY);
        self
    }

    /// Sets how often a request is retried after a [transient](crate::TokenError::is_transient) failure. Default: 2.
    ///
    /// A request is not retried while the scope still has a token that has not expired. The pause before a retry is random
    /// (full jitter): up to 250 ms before the first, up to twice as long before each further one, never more than 5 seconds.
    pub fn retries(mut self, retries: u32) -> Self {
        self.shared.retries = retries;
        self
    }

    /// Sets the longest `Retry-After` that is obeyed; a longer one is shortened to this. Default: five minutes; values above a
    /// day count as a day.
    pub fn longest_retry_after(mut self, longest: Duration) -> Self {
        self.shared.longest_retry_after = longest.min(A_DAY);
        self
    }

    /// Accepts a token that covers only a part of the requested scope (RFC 6749 section 3.3). Default: `false`; the request
    /// fails with [`TokenError::ScopeNotGranted`](crate::TokenError::ScopeNotGranted).
    ///
    /// The token is cached under the requested scope, and [`Token::scope`](crate::Token::scope) returns the requested scope;
    /// resource servers refuse what the token does not cover. A token for scopes that were not requested, and that lacks a
    /// requested one, is never accepted.
    pub fn accept_narrower_scope(mut self, accept: bool) -> Self {
        self.shared.narrower_scope = accept;
        self
    }

    /// Bounds the number of idle scopes in the cache. Default: 4,096; the minimum is 1.
    ///
    /// A scope is idle unless a [`TokenHandle`](crate::TokenHandle) or a waiting caller holds it, its request is in flight, or
    /// it is in a cooldown after a failure; such scopes are kept in addition to the bound. When a new scope exceeds the bound, one
    /// from a random sample of idle scopes is evicted: first one without a usable token, then the least recently used.
    pub fn max_scopes(mut self, scopes: usize) -> Self {
        self.most_scopes = scopes;
        self
    }

    /// Limits token requests to `per_minute`, and to `burst` at once after a quiet period. Default: no limit.
    ///
    /// Beyond the limit, callers whose scope has a usable token get it from the cache. Others wait, or get
    /// [`TokenError::RateLimited`](crate::TokenError::RateLimited) if the wait would exceed the request's deadline. Retries count;
    /// the second request that follows when refused credentials have been replaced does not.
    pub fn issuance_limit(mut self, per_minute: NonZeroU32, burst: NonZeroU32) -> Self {
        self.shared.limit = Some(IssuanceLimit::new(per_minute, burst));
        self
    }

    /// Sets the clock. Default: the system's clocks.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.shared.clock = AnyClock::of(clock);
        self
    }

    /// Names the authorization server in observers, logs and metrics, to distinguish the caches of one program. Default:
    /// [`TokenEndpoint::issuer_name`](crate::TokenEndpoint::issuer_name), which is the host for Lean and SAP LeanIX.
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
