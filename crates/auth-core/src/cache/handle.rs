//! The public handle to one scope.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use auth_transport::TokenSource;
use http::HeaderValue;
use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::cache::in_flight::InFlightRequest;
use crate::cache::observe::Event;
use crate::cache::policy::{Action, Need, Waited, is_result};
use crate::cache::request;
use crate::cache::shared::{CacheRef, Shared};
use crate::cache::slot::{Rejection, Slot};
use crate::clock::millis;
use crate::token::access_token::{AccessToken, CachedToken};
use crate::token::error::token_error::TokenError;
use crate::token::scope::Scope;

/// Maximum number of requests that a call waits for. A request may be lost, or its token may expire before the caller
/// resumes.
const MOST_WAITS: usize = 3;

/// A handle to one scope of a [`TokenCache`](crate::TokenCache); its calls do not look the scope up again. Cloning is
/// cheap.
///
/// A scope is not evicted while it has a handle. The handle still works after its cache has been dropped.
#[derive(Clone)]
pub struct TokenHandle {
    // The slot is dropped first: dropping `cache` may evict it, which requires that the handle no longer holds it.
    pub(super) slot: triomphe::Arc<Slot>,
    cache: CacheRef,
}

impl TokenHandle {
    pub(crate) fn new(slot: triomphe::Arc<Slot>, cache: CacheRef) -> Self {
        Self { slot, cache }
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.cache.shared
    }

    /// The scope of this handle.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        self.slot.scope()
    }

    /// Returns the token if a usable one is cached, see [`TokenCache::cached`](crate::TokenCache::cached).
    #[must_use]
    pub fn cached(&self) -> Option<CachedToken> {
        match self.slot.fresh(self.shared().clock.now(), 0) {
            Some(token) => Some(token),
            None => due(&self.slot, &self.cache),
        }
    }

    /// Returns a token, from the cache or from the authorization server; see
    /// [`TokenCache::access_token`](crate::TokenCache::access_token).
    ///
    /// # Errors
    /// [`TokenError`] if the cache has no usable token and cannot obtain one.
    pub async fn access_token(&self) -> Result<AccessToken, TokenError> {
        self.access_token_for(Duration::ZERO).await
    }

    /// Returns a token that is valid for at least `min_validity` from now; see
    /// [`TokenCache::access_token_for`](crate::TokenCache::access_token_for).
    ///
    /// # Errors
    /// [`TokenError::ValidityTooShort`] if a new token is not valid for that long; otherwise as with
    /// [`access_token`](Self::access_token).
    pub async fn access_token_for(&self, min_validity: Duration) -> Result<AccessToken, TokenError> {
        let min_validity = millis(min_validity);
        if let Some(token) = self.slot.fresh(self.shared().clock.now(), min_validity) {
            return Ok(token.into_access_token());
        }
        let (mut waited, mut deadline) = (Waited::Not, None);
        for waits in (0..=MOST_WAITS).rev() {
            let (in_flight, at_most) = match act(&self.slot, &self.cache, min_validity, waits, waited) {
                Action::Serve(token) | Action::ServeStale(token) | Action::ServeAndRenew(token, _) => {
                    return Ok(token.into_access_token());
                }
                Action::Wait(in_flight, at_most) | Action::SendAndWait(in_flight, at_most) => (in_flight, at_most),
                Action::Renew(_) | Action::Nothing => break,
                Action::Fail(error) => return Err(error),
            };
            let began = in_flight.began;
            let deadline = *deadline.get_or_insert_with(|| Instant::now() + self.shared().deadline);
            waited = match self.wait(in_flight, at_most, deadline).await {
                // All waiting callers resume at the same time, so this takes no lock. `decide` would return the same
                // token.
                Waited::Token(times, token) if is_result(times, self.shared().clock.exact(), min_validity) => {
                    return Ok(token.into_access_token());
                }
                // The next request replaces it.
                Waited::Token(Some(times), _) if waits > 1 && times.is_older_than(began) => Waited::InVain,
                waited => waited,
            };
        }
        Err(TokenError::Interrupted)
    }

    /// Returns a token in a program that is not async; see
    /// [`TokenCache::blocking_access_token`](crate::TokenCache::blocking_access_token).
    ///
    /// # Errors
    /// As with [`access_token`](Self::access_token), and [`TokenError::InsideRuntime`] if the token is not cached and
    /// the caller is inside a Tokio runtime.
    #[cfg(feature = "blocking")]
    pub fn blocking_access_token(&self) -> Result<AccessToken, TokenError> {
        let fresh = self.slot.fresh(self.shared().clock.now(), 0);
        // Inside a runtime, a token that is due for renewal can be renewed in the background.
        let at_hand = fresh.or_else(|| Handle::try_current().ok().and_then(|_| self.cached()));
        match at_hand {
            Some(token) => Ok(token.to_access_token()),
            None => self.shared().background.run(self.access_token()),
        }
    }

    /// Waits for a request until the deadline of the call, and no longer than `at_most`.
    async fn wait(
        &self,
        in_flight: InFlightRequest,
        at_most: Option<Duration>,
        deadline: Instant,
    ) -> Waited<CachedToken, Cow<'static, TokenError>> {
        let end = at_most.map_or(deadline, |at_most| deadline.min(Instant::now() + at_most));
        match in_flight.wait(end).await {
            Ok(Some(Ok(token))) => Waited::Token(token.times(), CachedToken::of(token)),
            Ok(Some(Err(error))) | Err(error) => Waited::Failed(Cow::Owned(error)),
            Ok(None) if Instant::now() < deadline => Waited::InVain,
            Ok(None) => Waited::Failed(Cow::Owned(TokenError::Timeout { after: self.shared().deadline })),
        }
    }

    /// Drops a token that a resource server did not accept; see [`TokenCache::reject`](crate::TokenCache::reject).
    pub fn reject(&self, token: &AccessToken) -> Rejection {
        reject(&self.slot, self.shared(), token)
    }
}

/// Decides for one caller, sends the request if the action requires one, and notifies observers.
fn act(
    slot: &triomphe::Arc<Slot>,
    cache: &CacheRef,
    min_validity: u64,
    waits: usize,
    waited: Waited<CachedToken, Cow<'static, TokenError>>,
) -> Action<CachedToken, InFlightRequest, InFlightRequest, TokenError> {
    let shared = &cache.shared;
    let need = Need { min_validity, runtime: Handle::try_current().ok(), waits, waited };
    let (breaker, now) = (shared.breaker.view(shared.deadline), shared.clock.exact());
    let (action, cooldown) = slot.decide(breaker, now, need);
    shared.notify_cooldown(slot.scope(), cooldown);
    let action = action.map_sender(|(runtime, sender)| {
        let in_flight = sender.in_flight.clone();
        request::start(sender, &runtime, slot, cache);
        in_flight
    });
    if let Action::ServeStale(token) | Action::ServeAndRenew(token, _) = &action {
        let remaining = token.times().map_or(Duration::ZERO, |times| times.remaining(now));
        shared.observers.notify(slot.scope(), &Event::ServedStale { remaining });
    }
    action
}

/// Returns the cached token if it is due for renewal but can still be returned.
#[cold]
pub(crate) fn due(slot: &triomphe::Arc<Slot>, cache: &CacheRef) -> Option<CachedToken> {
    match act(slot, cache, 0, 0, Waited::Not) {
        Action::Serve(token) | Action::ServeStale(token) | Action::ServeAndRenew(token, _) => Some(token),
        Action::Wait(..) | Action::SendAndWait(..) | Action::Renew(_) | Action::Nothing | Action::Fail(_) => None,
    }
}

pub(crate) fn reject(slot: &Slot, shared: &Shared, token: &AccessToken) -> Rejection {
    let (rejection, cooldown) = slot.reject(token, &shared.nothing, shared.clock.now());
    if rejection == Rejection::Dropped {
        shared.observers.notify(slot.scope(), &Event::Rejected);
    }
    shared.notify_cooldown(slot.scope(), cooldown);
    rejection
}

/// Provides the tokens of this scope to clients, middleware and layers.
impl TokenSource for TokenHandle {
    type Token = AccessToken;
    type Error = TokenError;

    async fn token(&self) -> Result<AccessToken, TokenError> {
        self.access_token().await
    }

    fn authorization(&self, token: &AccessToken) -> Result<HeaderValue, TokenError> {
        Ok(token.authorization())
    }

    fn is_same(one: &AccessToken, other: &AccessToken) -> bool {
        triomphe::Arc::ptr_eq(&one.0, &other.0)
    }

    fn reject(&self, token: &AccessToken) {
        TokenHandle::reject(self, token);
    }
}

impl fmt::Debug for TokenHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TokenHandle").field("scope", self.scope()).finish_non_exhaustive()
    }
}
