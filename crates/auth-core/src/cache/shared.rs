//! The authorization server as all scopes of a cache share it.

use std::num::NonZeroU32;
use std::sync::Weak;
use std::time::Duration;

use governor::clock::{Clock as _, MonotonicClock};
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use triomphe::Arc;

use crate::cache::circuit_breaker::Gate;
use crate::cache::observe::{Event, Observers};
use crate::cache::scopes::Scopes;
use crate::cache::slot::Entry;
use crate::cache::slot_state::Settled;
use crate::clock::AnyClock;
use crate::token::access_token::Token;
use crate::token::response::AnyTokenEndpoint;
use crate::token::scope::Scope;

/// Who is asked, how often and for how long at most.
pub(crate) struct Issuer {
    pub(crate) endpoint: Box<dyn AnyTokenEndpoint>,
    pub(crate) deadline: Duration,
    pub(crate) retries: u32,
    pub(crate) longest_retry_after: Duration,
    /// Whether a part of what was requested is enough.
    pub(crate) narrower_scope: bool,
    pub(crate) clock: AnyClock,
    pub(crate) gate: Gate,
    pub(crate) limit: Option<IssuanceLimit>,
    pub(crate) observers: Observers,
    /// The placeholder of an entry without a token.
    pub(crate) nothing: Arc<Token>,
    #[cfg(feature = "blocking")]
    pub(crate) background: crate::cache::blocking::Background,
}

impl Issuer {
    pub(crate) fn new(endpoint: Box<dyn AnyTokenEndpoint>) -> Self {
        let observers = Observers::of(endpoint.issuer());
        Self {
            endpoint,
            deadline: Duration::from_secs(45),
            retries: 2,
            longest_retry_after: Duration::from_secs(300),
            narrower_scope: false,
            clock: AnyClock::default(),
            gate: Gate::default(),
            limit: None,
            observers,
            nothing: Arc::new(Token::none()),
            #[cfg(feature = "blocking")]
            background: crate::cache::blocking::Background::default(),
        }
    }

    /// `None` if a request may begin, and counts it; otherwise the time until one may.
    pub(crate) fn limited(&self) -> Option<Duration> {
        self.limit.as_ref().and_then(IssuanceLimit::take)
    }

    /// Tells observers of scopes that were evicted.
    pub(crate) fn tell_evicted(&self, evicted: &[Arc<Entry>]) {
        for entry in evicted {
            self.observers.tell(entry.scope(), &Event::Evicted);
        }
    }

    /// Tells observers of the pause of a scope, if there is one.
    pub(crate) fn tell_pause(&self, scope: &Scope, settled: &Settled) {
        if let Settled::Rests(pause) = *settled {
            self.observers.tell(scope, &Event::CooledDown { pause });
        }
    }
}

/// A cache as its handles and requests know it. The scopes are not kept alive: tokens end with their cache, except those of
/// handles.
#[derive(Clone)]
pub(crate) struct CacheRef {
    pub(crate) issuer: std::sync::Arc<Issuer>,
    scopes: Weak<Scopes>,
}

impl CacheRef {
    pub(crate) fn new(issuer: &std::sync::Arc<Issuer>, scopes: &std::sync::Arc<Scopes>) -> Self {
        Self { issuer: std::sync::Arc::clone(issuer), scopes: std::sync::Arc::downgrade(scopes) }
    }
}

/// Evicts scopes beyond the bound: what this was for may be such a scope.
impl Drop for CacheRef {
    fn drop(&mut self) {
        if let Some(scopes) = self.scopes.upgrade() {
            self.issuer.tell_evicted(&scopes.trim(self.issuer.clock.now(), &self.issuer.nothing));
        }
    }
}

/// So many requests, and no more.
pub(crate) struct IssuanceLimit(RateLimiter<NotKeyed, InMemoryState, MonotonicClock>);

impl IssuanceLimit {
    pub(crate) fn new(per_minute: NonZeroU32, burst: NonZeroU32) -> Self {
        Self(RateLimiter::direct_with_clock(Quota::per_minute(per_minute).allow_burst(burst), MonotonicClock))
    }

    fn take(&self) -> Option<Duration> {
        self.0.check().err().map(|limited| limited.wait_time_from(MonotonicClock.now()))
    }
}
