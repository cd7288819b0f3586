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
use crate::cache::shared::{CacheRef, Issuer};
use crate::cache::slot::Rejection;
use crate::cache::slot::{Entry, Step};
use crate::clock::millis;
use crate::token::access_token::{AccessToken, CachedToken};
use crate::token::error::token_error::TokenError;
use crate::token::scope::Scope;

/// How many lost requests one caller waits for before it gives up.
const ATTEMPTS: usize = 3;

/// The longest time between two checks of a scope that is kept warm: timers do not run while the machine sleeps.
const LOOK: Duration = Duration::from_secs(30);

/// The shortest time between two checks.
const BREATH: Duration = Duration::from_millis(250);

/// A handle to one scope of a [`TokenCache`](crate::TokenCache), which is looked up only once. Cloning is cheap.
///
/// A scope is not evicted while it has a handle. The handle works after its cache has been dropped.
#[derive(Clone)]
pub struct TokenHandle {
    // Dropped in this order: the entry can be evicted only when the handle no longer holds it.
    entry: triomphe::Arc<Entry>,
    cache: CacheRef,
}

impl TokenHandle {
    pub(crate) fn new(entry: triomphe::Arc<Entry>, cache: CacheRef) -> Self {
        Self { entry, cache }
    }

    fn issuer(&self) -> &Issuer {
        &self.cache.issuer
    }

    /// The scope.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        self.entry.scope()
    }

    /// Returns the token if a usable one is cached, see [`TokenCache::cached`](crate::TokenCache::cached).
    #[must_use]
    pub fn cached(&self) -> Option<CachedToken> {
        match self.entry.fresh(self.issuer().clock.now(), 0) {
            Some(token) => Some(token),
            None => due(&self.entry, &self.cache),
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
        if let Some(token) = self.entry.fresh(self.issuer().clock.now(), min_validity) {
            return Ok(token.into_access_token());
        }
        let mut deadline = None;
        for _ in 0..ATTEMPTS {
            let flight = match step(&self.entry, &self.cache, min_validity) {
                Next::Ready(token) => return Ok(token.into_access_token()),
                Next::Failed(error) => return Err(error),
                Next::Wait(flight) => flight,
                Next::Again => continue,
            };
            let deadline = *deadline.get_or_insert_with(|| Instant::now() + self.issuer().deadline);
            // If the request was lost, or its token has expired since, decide again.
            if let Some(result) = self.wait(flight, min_validity, deadline).await {
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
        let fresh = self.entry.fresh(self.issuer().clock.now(), 0);
        // Inside a runtime, a token that is due can be renewed in the background.
        let at_hand = fresh.or_else(|| Handle::try_current().ok().and_then(|_| self.cached()));
        match at_hand {
            Some(token) => Ok(token.to_access_token()),
            None => self.issuer().background.run(self.access_token()),
        }
    }

    /// Waits for a request until the deadline of the call, or, while the token at hand has not expired, until half of its remaining
    /// lifetime has passed.
    async fn wait(
        &self,
        flight: InFlightRequest,
        min_validity: u64,
        deadline: Instant,
    ) -> Option<Result<AccessToken, TokenError>> {
        let in_need = || self.entry.living(self.issuer().clock.exact(), min_validity).map(Ok);
        let longest = in_need().and_then(|_| self.entry.outlook(self.issuer().clock.now()));
        let end = longest.map_or(deadline, |(remaining, _)| deadline.min(Instant::now() + remaining / 2));
        match flight.wait(end).await {
            Ok(Some(Ok(token))) => {
                let remaining = token.times().map(|times| times.remaining(self.issuer().clock.exact()));
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
            Ok(None) => Some(in_need().unwrap_or(Err(TokenError::Timeout { after: self.issuer().deadline }))),
            Err(error) => Some(in_need().unwrap_or(Err(error))),
        }
    }

    /// Drops a token that a resource server did not accept; see [`TokenCache::reject`](crate::TokenCache::reject).
    pub fn reject(&self, token: &AccessToken) -> Rejection {
        reject(&self.entry, self.issuer(), token)
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
                let (left, until_due) = handle.entry.outlook(handle.issuer().clock.now()).unwrap_or_default();
                let pause = if until_due.is_zero() {
                    let pause = within_life(growing(BREATH, failures), left, BREATH);
                    failures = failures.saturating_add(1);
                    pause
                } else {
                    failures = 0;
                    until_due
                };
                sleep(pause.clamp(BREATH, LOOK)).await;
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

fn step(entry: &triomphe::Arc<Entry>, cache: &CacheRef, min_validity: u64) -> Next {
    let issuer = &cache.issuer;
    let now = issuer.clock.exact();
    let runtime = Handle::try_current();
    let start = |sender: Option<OutcomeSender>| {
        if let (Some(sender), Ok(runtime)) = (sender, &runtime) {
            request::start(sender, runtime, entry, cache);
        }
    };
    let (step, settled) = entry.step(issuer.gate.view(issuer.deadline), now, min_validity, runtime.is_ok());
    issuer.tell_pause(entry.scope(), &settled);
    match step {
        Step::Ready(token) => Next::Ready(token),
        Step::Stale(token, sender) => {
            start(sender);
            let remaining = token.times().map_or(Duration::ZERO, |times| times.remaining(now));
            issuer.observers.tell(entry.scope(), &Event::ServedStale { remaining });
            Next::Ready(token)
        }
        Step::Wait(flight, sender) => {
            start(sender);
            Next::Wait(flight)
        }
        Step::Failed(error) => Next::Failed(error),
        // The pause may have ended in between.
        Step::Closed => issuer.gate.obstacle(now).map_or(Next::Again, |(error, _)| Next::Failed(error)),
        Step::Short(available) => Next::Failed(TokenError::ValidityTooShort { available }),
    }
}

/// The token at hand if it has not expired but is due for renewal.
#[cold]
pub(crate) fn due(entry: &triomphe::Arc<Entry>, cache: &CacheRef) -> Option<CachedToken> {
    // Without a living token there is nothing to hand out, and no caller waits for a new one.
    entry.living(cache.issuer.clock.exact(), 0)?;
    match step(entry, cache, 0) {
        Next::Ready(token) => Some(token),
        Next::Wait(_) | Next::Failed(_) | Next::Again => None,
    }
}

pub(crate) fn reject(entry: &Entry, issuer: &Issuer, token: &AccessToken) -> Rejection {
    let (rejection, settled) = entry.reject(token, &issuer.nothing, issuer.clock.now());
    if rejection == Rejection::Dropped {
        issuer.observers.tell(entry.scope(), &Event::Rejected);
    }
    issuer.tell_pause(entry.scope(), &settled);
    rejection
}

impl fmt::Debug for TokenHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TokenHandle").field("scope", self.scope()).finish_non_exhaustive()
    }
}
