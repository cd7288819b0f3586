//! A handle to one scope, as programs hold it.

use std::fmt;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::cache::backoff::{growing, within_life};
use crate::cache::in_flight::{InFlightRequest, OutcomeSender, check_timers};
use crate::cache::observe::Event;
use crate::cache::request;
use crate::cache::shared::{CacheRef, Shared};
use crate::cache::slot::Rejection;
use crate::cache::slot::{Slot, Step};
use crate::clock::millis;
use crate::token::access_token::{AccessToken, CachedToken};
use crate::token::error::token_error::TokenError;
use crate::token::scope::Scope;

/// How many lost requests one caller waits for before it gives up.
const ATTEMPTS: usize = 3;

/// The longest time between two checks of a scope that is kept warm: timers do not run while the machine sleeps.
const LONGEST_CHECK_INTERVAL: Duration = Duration::from_secs(30);

/// The shortest time between two checks.
const SHORTEST_CHECK_INTERVAL: Duration = Duration::from_millis(250);

/// A handle to one scope of a [`TokenCache`](crate::TokenCache), which is looked up only once. Cloning is cheap.
///
/// A scope is not evicted while it has a handle. The handle works after its cache has been dropped.
#[derive(Clone)]
pub struct TokenHandle {
    // Dropped in this order: the slot can be evicted only when the handle no longer holds it.
    slot: triomphe::Arc<Slot>,
    cache: CacheRef,
}

impl TokenHandle {
    pub(crate) fn new(slot: triomphe::Arc<Slot>, cache: CacheRef) -> Self {
        Self { slot, cache }
    }

    fn shared(&self) -> &Shared {
        &self.cache.shared
    }

    /// The scope.
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
    /// [`TokenError`] if there is no usable token and none can be obtained.
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
        let mut deadline = None;
        for _ in 0..ATTEMPTS {
            let in_flight = match step(&self.slot, &self.cache, min_validity) {
                Next::Ready(token) => return Ok(token.into_access_token()),
                Next::Failed(error) => return Err(error),
                Next::Wait(in_flight) => in_flight,
                Next::Again => continue,
            };
            let deadline = *deadline.get_or_insert_with(|| Instant::now() + self.shared().deadline);
            // If the request was lost, or its token has expired since, decide again.
            if let Some(result) = self.wait(in_flight, min_validity, deadline).await {
                return result;
            }
        }
        Err(TokenError::Interrupted)
    }

    /// Returns a token in a program that is not async; see
    /// [`TokenCache::blocking_access_token`](crate::TokenCache::blocking_access_token).
    ///
    /// # Errors
    /// As with [`access_token`](Self::access_token), and [`TokenError::InsideRuntime`] if the token is not cached and the caller is
    /// inside a Tokio runtime.
    #[cfg(feature = "blocking")]
    pub fn blocking_access_token(&self) -> Result<AccessToken, TokenError> {
        let fresh = self.slot.fresh(self.shared().clock.now(), 0);
        // Inside a runtime, a token that is due can be renewed in the background.
        let at_hand = fresh.or_else(|| Handle::try_current().ok().and_then(|_| self.cached()));
        match at_hand {
            Some(token) => Ok(token.to_access_token()),
            None => self.shared().background.run(self.access_token()),
        }
    }

    /// Waits for a request until the deadline of the call, or, while the token at hand has not expired, until half of its remaining
    /// lifetime has passed.
    async fn wait(
        &self,
        in_flight: InFlightRequest,
        min_validity: u64,
        deadline: Instant,
    ) -> Option<Result<AccessToken, TokenError>> {
        let in_need = || self.slot.living(self.shared().clock.exact(), min_validity).map(Ok);
        let longest = in_need().and_then(|_| self.slot.outlook(self.shared().clock.now()));
        let end = longest.map_or(deadline, |(remaining, _)| deadline.min(Instant::now() + remaining / 2));
        match in_flight.wait(end).await {
            Ok(Some(Ok(token))) => {
                let remaining = token.times().map(|times| times.remaining(self.shared().clock.exact()));
                // A token issued with a lifetime of zero is handed out; one that expired before the caller woke up is not.
                if remaining == Some(Duration::ZERO) {
                    return None;
                }
                let available = remaining.unwrap_or_default();
                let is_long_enough = millis(available) >= min_validity;
                Some(if is_long_enough { Ok(token) } else { Err(TokenError::ValidityTooShort { available }) })
            }
            Ok(Some(Err(error))) => Some(in_need().unwrap_or(Err(error))),
            Ok(None) if Instant::now() < deadline => in_need(),
            Ok(None) => Some(in_need().unwrap_or(Err(TokenError::Timeout { after: self.shared().deadline }))),
            Err(error) => Some(in_need().unwrap_or(Err(error))),
        }
    }

    /// Drops a token that a resource server did not accept; see [`TokenCache::reject`](crate::TokenCache::reject).
    pub fn reject(&self, token: &AccessToken) -> Rejection {
        reject(&self.slot, self.shared(), token)
    }

    /// Keeps the token fresh in the background, used or not, until the returned guard is dropped.
    ///
    /// While no fresh token can be obtained, the scope's cooldowns apply, and the checks become less frequent, down to one every
    /// 30 seconds.
    ///
    /// # Errors
    /// [`TokenError::NoRuntime`] outside a Tokio runtime, or in one without timers.
    pub fn keep_warm(&self) -> Result<KeptWarm, TokenError> {
        let runtime = Handle::try_current().map_err(|_| TokenError::NoRuntime)?;
        check_timers()?;
        let handle = self.clone();
        let task = runtime.spawn(async move {
            // Consecutive checks that found no fresh token.
            let mut failures = 0;
            loop {
                // Observers and callers get the error.
                let _ = handle.access_token().await;
                let (left, until_due) = handle.slot.outlook(handle.shared().clock.now()).unwrap_or_default();
                let delay = if until_due.is_zero() {
                    let delay = within_life(growing(SHORTEST_CHECK_INTERVAL, failures), left, SHORTEST_CHECK_INTERVAL);
                    failures = failures.saturating_add(1);
                    delay
                } else {
                    failures = 0;
                    until_due
                };
                sleep(delay.clamp(SHORTEST_CHECK_INTERVAL, LONGEST_CHECK_INTERVAL)).await;
            }
        });
        Ok(KeptWarm { task })
    }
}

/// The guard of [`TokenHandle::keep_warm`]; dropping it ends the background renewal.
#[derive(Debug)]
#[must_use = "the scope is kept warm only while this is held"]
pub struct KeptWarm {
    task: JoinHandle<()>,
}

impl Drop for KeptWarm {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What a caller does next, after its request has been sent, if there was one to send.
enum Next {
    Ready(CachedToken),
    Wait(InFlightRequest),
    Failed(TokenError),
    Again,
}

fn step(slot: &triomphe::Arc<Slot>, cache: &CacheRef, min_validity: u64) -> Next {
    let shared = &cache.shared;
    let now = shared.clock.exact();
    let runtime = Handle::try_current();
    let start = |sender: Option<OutcomeSender>| {
        if let (Some(sender), Ok(runtime)) = (sender, &runtime) {
            request::start(sender, runtime, slot, cache);
        }
    };
    let (step, cooldown) = slot.step(shared.breaker.view(shared.deadline), now, min_validity, runtime.is_ok());
    shared.notify_cooldown(slot.scope(), cooldown);
    match step {
        Step::Ready(token) => Next::Ready(token),
        Step::Stale(token, sender) => {
            start(sender);
            let remaining = token.times().map_or(Duration::ZERO, |times| times.remaining(now));
            shared.observers.notify(slot.scope(), &Event::ServedStale { remaining });
            Next::Ready(token)
        }
        Step::Wait(in_flight, sender) => {
            start(sender);
            Next::Wait(in_flight)
        }
        Step::Failed(error) => Next::Failed(error),
        // The suspension may have ended in between.
        Step::Suspended => shared.breaker.suspension(now).map_or(Next::Again, |(error, _)| Next::Failed(error)),
        Step::Short(available) => Next::Failed(TokenError::ValidityTooShort { available }),
    }
}

/// The token at hand if it has not expired but is due for renewal.
#[cold]
pub(crate) fn due(slot: &triomphe::Arc<Slot>, cache: &CacheRef) -> Option<CachedToken> {
    // Without a living token there is nothing to hand out, and no caller waits for a new one.
    slot.living(cache.shared.clock.exact(), 0)?;
    match step(slot, cache, 0) {
        Next::Ready(token) => Some(token),
        Next::Wait(_) | Next::Failed(_) | Next::Again => None,
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

impl fmt::Debug for TokenHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TokenHandle").field("scope", self.scope()).finish_non_exhaustive()
    }
}
