//! The state that all scopes of a cache share.

use std::sync::Weak;
use std::time::Duration;

use triomphe::Arc;

use crate::cache::circuit_breaker::CircuitBreaker;
use crate::cache::issuance_limit::IssuanceLimit;
use crate::cache::observe::{Event, Observers};
use crate::cache::scopes::Scopes;
use crate::cache::slot::Slot;
use crate::clock::AnyClock;
use crate::token::access_token::Token;
use crate::token::endpoint::AnyTokenEndpoint;
use crate::token::scope::Scope;

/// The token endpoint, settings, circuit breaker and observers of a cache.
pub(crate) struct Shared {
    pub(crate) endpoint: Box<dyn AnyTokenEndpoint>,
    pub(crate) deadline: Duration,
    pub(crate) retries: u32,
    pub(crate) longest_retry_after: Duration,
    /// Whether a token for only a part of the requested scope is accepted.
    pub(crate) narrower_scope: bool,
    pub(crate) clock: AnyClock,
    pub(crate) breaker: CircuitBreaker,
    pub(crate) limit: Option<IssuanceLimit>,
    pub(crate) observers: Observers,
    /// The placeholder of a slot without a token.
    pub(crate) nothing: Arc<Token>,
    #[cfg(feature = "blocking")]
    pub(crate) background: crate::cache::blocking::Background,
}

impl Shared {
    pub(crate) fn new(endpoint: Box<dyn AnyTokenEndpoint>) -> Self {
        let observers = Observers::of(endpoint.issuer());
        Self {
            endpoint,
            deadline: Duration::from_secs(45),
            retries: 2,
            longest_retry_after: Duration::from_secs(300),
            narrower_scope: false,
            clock: AnyClock::default(),
            breaker: CircuitBreaker::default(),
            limit: None,
            observers,
            nothing: Arc::new(Token::none()),
            #[cfg(feature = "blocking")]
            background: crate::cache::blocking::Background::default(),
        }
    }

    /// Returns `None` and counts the request if one may be sent now; otherwise returns the time until one may be sent.
    pub(crate) fn limited(&self) -> Option<Duration> {
        self.limit.as_ref().and_then(|limit| limit.take().err())
    }

    /// Notifies observers of evicted scopes.
    pub(crate) fn notify_evicted(&self, evicted: &[Arc<Slot>]) {
        for slot in evicted {
            self.observers.notify(slot.scope(), &Event::Evicted);
        }
    }

    /// Notifies observers of the cooldown of a scope, if one starts.
    pub(crate) fn notify_cooldown(&self, scope: &Scope, cooldown: Option<Duration>) {
        if let Some(duration) = cooldown {
            self.observers.notify(scope, &Event::CooldownStarted { duration });
        }
    }
}

/// The reference of a handle or a request to its cache. It does not keep the slots alive: when the cache is dropped, so
/// are its tokens, except those that handles hold.
#[derive(Clone)]
pub(crate) struct CacheRef {
    pub(crate) shared: std::sync::Arc<Shared>,
    scopes: Weak<Scopes>,
}

impl CacheRef {
    pub(crate) fn new(shared: &std::sync::Arc<Shared>, scopes: &std::sync::Arc<Scopes>) -> Self {
        Self { shared: std::sync::Arc::clone(shared), scopes: std::sync::Arc::downgrade(scopes) }
    }
}

/// Evicts scopes beyond the limit, since the scope of this reference may have become idle.
impl Drop for CacheRef {
    fn drop(&mut self) {
        if let Some(scopes) = self.scopes.upgrade() {
            self.shared.notify_evicted(&scopes.trim(|| self.shared.clock.now(), &self.shared.nothing));
        }
    }
}
