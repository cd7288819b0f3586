//! Settings of a cache.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use crate::cache::TokenCache;
use crate::clock::{AnyClock, Clock};
use crate::endpoint::AnyTokenEndpoint;
use crate::issuer::{IssuanceLimit, Issuer};
use crate::observe::Observer;

/// Nothing that is waited for takes longer than this.
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Settings of a [`TokenCache`].
#[must_use]
pub struct TokenCacheBuilder {
    issuer: Issuer,
    most_scopes: usize,
}

impl TokenCacheBuilder {
    pub(crate) fn new(endpoint: Box<dyn AnyTokenEndpoint>) -> Self {
        Self { issuer: Issuer::new(endpoint), most_scopes: 4_096 }
    }

    /// Time after which a request is given up, with all its repetitions and pauses, and a call that waits for one, or for
    /// several of which each was lost. Default: 45 seconds; a day at most.
    pub fn request_deadline(mut self, deadline: Duration) -> Self {
        self.issuer.deadline = deadline.min(A_DAY);
        self
    }

    /// How often a failed request is repeated while nobody has a token that lives, if the failure is
    /// [transient](crate::TokenError::is_transient). Default: 2.
    ///
    /// The pauses before are random, below a quarter of a second first and twice as much each further time.
    pub fn retries(mut self, retries: u32) -> Self {
        self.issuer.retries = retries;
        self
    }

    /// The longest `Retry-After` that is obeyed to the end. Default: five minutes; a day at most.
    pub fn longest_retry_after(mut self, longest: Duration) -> Self {
        self.issuer.longest_retry_after = longest.min(A_DAY);
        self
    }

    /// Whether a token is accepted that is good for a part of the requested scope only (RFC 6749 section 3.3). Default: it is
    /// not, and the request fails with [`TokenError::ScopeNotGranted`](crate::TokenError::ScopeNotGranted).
    ///
    /// The token is kept under what was requested, and nothing says what is missing: what it is not good for, resource
    /// servers refuse. One that is good for something else instead is never accepted.
    pub fn accept_narrower_scope(mut self, accept: bool) -> Self {
        self.issuer.narrower_scope = accept;
        self
    }

    /// How many scopes are kept that can be forgotten, one at least. Default: 4,096.
    ///
    /// When there is no room for another, one is evicted: of a random sample, one without a usable token first, then the
    /// least recently used. A scope is kept in addition, whatever this bound, while a [`TokenHandle`](crate::TokenHandle) or
    /// a waiting caller holds it, while its request is in flight, and while it is left alone after a failure.
    pub fn max_scopes(mut self, scopes: usize) -> Self {
        self.most_scopes = scopes;
        self
    }

    /// How many requests are sent per minute, and how many at once after a quiet time. Default: no limit.
    ///
    /// A second try with credentials that were replaced meanwhile belongs to the first and does not count.
    ///
    /// Beyond the limit, those with a usable token are served from the cache; others wait, or get
    /// [`TokenError::RateLimited`](crate::TokenError::RateLimited) if that would be beyond the request's deadline.
    pub fn issuance_limit(mut self, per_minute: NonZeroU32, burst: NonZeroU32) -> Self {
        self.issuer.limit = Some(IssuanceLimit::new(per_minute, burst));
        self
    }

    /// Where the time is read. Default: the clocks of the system.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.issuer.clock = AnyClock::of(clock);
        self
    }

    /// A name of the authorization server for observers, logs and metrics, which tells two caches in one program apart.
    /// Default: [`TokenEndpoint::issuer_name`](crate::TokenEndpoint::issuer_name), for Lean and SAP LeanIX the host.
    pub fn issuer_name(mut self, name: impl Into<String>) -> Self {
        self.issuer.observers.set_issuer(name.into());
        self
    }

    /// Registers an [`Observer`]. Can be called more than once.
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.issuer.observers.add(observer);
        self
    }

    /// The cache.
    #[must_use]
    pub fn build(self) -> TokenCache {
        TokenCache::of(self.issuer, self.most_scopes)
    }
}

impl fmt::Debug for TokenCacheBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TokenCacheBuilder")
            .field("issuer_name", &self.issuer.observers.issuer())
            .field("request_deadline", &self.issuer.deadline)
            .field("retries", &self.issuer.retries)
            .field("longest_retry_after", &self.issuer.longest_retry_after)
            .field("accept_narrower_scope", &self.issuer.narrower_scope)
            .field("max_scopes", &self.most_scopes)
            .field("clock", &self.issuer.clock)
            .finish_non_exhaustive()
    }
}
