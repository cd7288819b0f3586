//! The circuit breaker: suspends the token requests of all scopes after a failure that concerns all of them.

use std::borrow::Cow;
use std::pin::pin;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::cache::backoff::growing;
use crate::cache::forbidden::Forbidden;
use crate::cache::policy::{BreakerView, Cooldown};
use crate::cache::sync::Lock;
use crate::clock::Moment;
use crate::token::error::token_error::TokenError;
use crate::token::scope::Scope;

/// Duration of the suspension after the first refusal of the credentials; it doubles with each further refusal.
const FIRST_REFUSAL: Duration = Duration::from_secs(1);

/// Maximum number of concurrent requests until the server has accepted the credentials.
const UNPROVEN: usize = 16;

/// Maximum number of concurrent requests after a suspension because of refused credentials.
const TRIAL: usize = 1;

/// Suspends and limits requests to the server.
#[derive(Default)]
pub(crate) struct CircuitBreaker {
    state: Lock<BreakerState>,
    /// Notifies waiting requests that requests have been suspended, or that more of them may be sent.
    changed: Notify,
}

struct BreakerState {
    refused: Option<Suspension>,
    asked_to_wait: Option<Suspension>,
    refusals: u32,
    /// Version of the credentials; incremented when they are replaced.
    credentials: u32,
    /// Limit of concurrent requests; `None` once the server has accepted the credentials.
    limit: Option<Limit>,
    /// Version of the limit; incremented when it is set and when it is lifted.
    limits: u32,
    forbidden: Forbidden,
}

struct Limit {
    most: usize,
    /// For each in-flight request, the time at which it is considered lost, since its runtime may no longer be driven.
    in_flight: Vec<Instant>,
}

struct Suspension {
    cooldown: Cooldown,
    error: TokenError,
}

/// Permission to send one request; dropping it allows the next request.
#[must_use]
pub(crate) struct Permit<'breaker> {
    breaker: &'breaker CircuitBreaker,
    /// Version of the credentials that the request carries.
    credentials: u32,
    /// Version of the limit when the permit was issued.
    limit: u32,
    overdue: Instant,
}

/// Why a request may not be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoPermit {
    Suspended,
    /// The limit of concurrent requests is reached. The first of them is considered lost at `until`.
    Full {
        until: Instant,
    },
}

/// The consequences of a failed request for all scopes.
pub(crate) struct Verdict {
    /// The error of the request, which other failures may have attributed to the credentials.
    pub(crate) error: TokenError,
    /// Duration of the suspension of all requests, if this failure starts one.
    pub(crate) suspended_for: Option<Duration>,
}

impl Default for BreakerState {
    fn default() -> Self {
        Self {
            refused: None,
            asked_to_wait: None,
            refusals: 0,
            credentials: 0,
            limit: Some(Limit { most: UNPROVEN, in_flight: vec![] }),
            limits: 0,
            forbidden: Forbidden::default(),
        }
    }
}

impl CircuitBreaker {
    /// Returns the view for a decision; `deadline` is the deadline of a request.
    pub(crate) fn view(&self, deadline: Duration) -> BreakerView<Cow<'static, TokenError>> {
        let state = self.state.lock();
        let known = |suspension: &Suspension| (suspension.cooldown, Cow::Owned(suspension.error.clone()));
        let [refused, asked_to_wait] = [&state.refused, &state.asked_to_wait].map(|it| it.as_ref().map(known));
        BreakerView { refused, asked_to_wait, deadline }
    }

    /// Returns the error because of which requests are suspended, and the remaining time.
    pub(crate) fn suspension(&self, now: Moment) -> Option<(TokenError, Duration)> {
        let state = self.state.lock();
        let longest = state.suspensions(now).max_by_key(|suspension| suspension.cooldown.remaining(now));
        longest.map(|suspension| (suspension.error.clone(), suspension.cooldown.remaining(now)))
    }

    /// Waits until one more request may be sent; at `overdue`, that request is considered lost. Returns `None` if
    /// requests are suspended.
    ///
    /// Until the server has accepted the credentials, at most 16 requests are sent at once, and only one after a
    /// refusal. Otherwise a cache with a thousand scopes would send a wrong secret a thousand times.
    pub(crate) async fn permit(&self, now: impl Fn() -> Moment, overdue: Instant) -> Option<Permit<'_>> {
        loop {
            let mut changed = pin!(self.changed.notified());
            // Enabled before the state is checked, so that no change is missed.
            changed.as_mut().enable();
            match self.try_permit(now(), overdue) {
                Ok(permit) => return Some(permit),
                Err(NoPermit::Suspended) => return None,
                Err(NoPermit::Full { until }) => drop(timeout_at(until, changed).await),
            }
        }
    }

    pub(crate) fn try_permit(&self, now: Moment, overdue: Instant) -> Result<Permit<'_>, NoPermit> {
        let mut state = self.state.lock();
        if state.suspensions(now).next().is_some() {
            return Err(NoPermit::Suspended);
        }
        if let Some(limit) = &mut state.limit {
            let present = Instant::now();
            limit.in_flight.retain(|overdue| *overdue > present);
            if let Some(&until) = limit.in_flight.iter().min().filter(|_| limit.in_flight.len() >= limit.most) {
                return Err(NoPermit::Full { until });
            }
            limit.in_flight.push(overdue);
        }
        Ok(Permit { breaker: self, credentials: state.credentials, limit: state.limits, overdue })
    }

    /// Records the failure of the request for `scope` that was sent with `permit`. Suspends all requests if the failure
    /// concerns all scopes. A `Retry-After` longer than `longest` is shortened to it. A refusal of the credentials has
    /// no effect if they have been replaced since the request was sent, or if a later response has accepted or refused
    /// them.
    pub(crate) fn fail(
        &self,
        permit: &Permit<'_>,
        scope: &Scope,
        mut error: TokenError,
        now: Moment,
        longest: Duration,
    ) -> Verdict {
        let mut state = self.state.lock();
        let was_limited = state.credentials == permit.credentials && error.accepts_credentials() && state.accept(scope);
        // Refusals of requests that were in flight at the same time count as one.
        let is_current = state.limits == permit.limit;
        // Another unexplained 403 for the same scope is not new evidence and must not suspend the other scopes again.
        let is_repeated = error.is_unexplained() && state.forbidden.suspects(scope);
        if is_current && error.is_unexplained() && state.forbidden.add(scope) {
            error.blame_credentials();
        }
        let mut suspended_for = None;
        if let Some(asked) = error.retry_after() {
            let length = asked.min(longest);
            let is_later = |suspension: &Suspension| suspension.cooldown.remaining(now) >= length;
            if !length.is_zero() && !state.asked_to_wait.as_ref().is_some_and(is_later) {
                state.asked_to_wait =
                    Some(Suspension { cooldown: Cooldown { from: now, length }, error: error.clone() });
                suspended_for = Some(length);
            }
        } else if error.refuses_credentials() && is_current && !is_repeated {
            let length = growing(FIRST_REFUSAL, state.refusals);
            state.refusals = state.refusals.saturating_add(1);
            state.refused = Some(Suspension { cooldown: Cooldown { from: now, length }, error: error.clone() });
            state.limit_to(TRIAL);
            suspended_for = Some(length);
        }
        drop(state);
        if was_limited || suspended_for.is_some() {
            self.changed.notify_waiters();
        }
        Verdict { error, suspended_for }
    }

    /// Returns the version of the credentials that new requests carry.
    pub(crate) fn credentials(&self) -> u32 {
        self.state.lock().credentials
    }

    /// Records that the credentials have been replaced, and ends the suspension because of the old ones. A
    /// `Retry-After` still applies.
    pub(crate) fn replace_credentials(&self) {
        let mut state = self.state.lock();
        state.credentials = state.credentials.wrapping_add(1);
        state.forget_refusals();
        state.forbidden = Forbidden::default();
        state.limit_to(UNPROVEN);
        drop(state);
        self.changed.notify_waiters();
    }

    /// Records that the server accepted the credentials of the request for `scope` that was sent with `permit`.
    pub(crate) fn accept(&self, permit: &Permit<'_>, scope: &Scope) {
        let mut state = self.state.lock();
        if state.credentials == permit.credentials && state.accept(scope) {
            drop(state);
            self.changed.notify_waiters();
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut state = self.breaker.state.lock();
        if state.limits != self.limit {
            return;
        }
        if let Some(limit) = &mut state.limit {
            if let Some(own) = limit.in_flight.iter().position(|overdue| *overdue == self.overdue) {
                limit.in_flight.swap_remove(own);
            }
            drop(state);
            self.breaker.changed.notify_one();
        }
    }
}

impl BreakerState {
    /// Returns the suspensions in effect.
    fn suspensions(&self, now: Moment) -> impl Iterator<Item = &Suspension> {
        [&self.refused, &self.asked_to_wait]
            .into_iter()
            .flatten()
            .filter(move |suspension| suspension.cooldown.is_on(now))
    }

    /// Limits concurrent requests to `most`, not counting those that are already in flight.
    fn limit_to(&mut self, most: usize) {
        self.limit = Some(Limit { most, in_flight: vec![] });
        self.limits = self.limits.wrapping_add(1);
    }

    /// Clears the refusals of the credentials and the limit of requests. Returns true if there was a limit.
    fn accept(&mut self, scope: &Scope) -> bool {
        self.forget_refusals();
        self.forbidden.accept(scope);
        let was_limited = self.limit.take().is_some();
        self.limits = self.limits.wrapping_add(u32::from(was_limited));
        was_limited
    }

    fn forget_refusals(&mut self) {
        self.refused = None;
        self.refusals = 0;
    }
}

#[cfg(all(test, not(shuttle)))]
mod tests {
    use std::time::UNIX_EPOCH;

    use tokio::task::yield_now;
    use tokio::time::timeout;

    use super::*;
    use crate::token::error::code::ErrorCode;
    use crate::token::error::refused::Refused;

    const LONGEST: Duration = Duration::from_secs(300);

    fn at(seconds: u64) -> Moment {
        let seconds = Duration::from_secs(seconds);
        Moment::new(seconds, UNIX_EPOCH + seconds)
    }

    fn refusal(code: &str) -> TokenError {
        TokenError::Refused(Refused::new(400, Some(ErrorCode::read(code, &[]))))
    }

    /// A time that no test reaches, at which requests are considered lost.
    fn never() -> Instant {
        Instant::now() + LONGEST
    }

    /// Counts the available permits, up to 100.
    fn room(breaker: &CircuitBreaker, now: Moment) -> usize {
        let permits: Vec<_> = std::iter::from_fn(|| breaker.try_permit(now, never()).ok()).take(100).collect();
        permits.len()
    }

    #[test]
    fn credentials_are_limited_to_few_requests_until_the_server_accepts_them() {
        let (breaker, scope) = (CircuitBreaker::default(), Scope::empty());
        assert_eq!((room(&breaker, at(0)), room(&breaker, at(0))), (16, 16), "a permit is returned when it is dropped");
        let permit = breaker.try_permit(at(0), never()).unwrap();
        breaker.fail(&permit, &scope, refusal("invalid_request"), at(0), LONGEST);
        assert_eq!(room(&breaker, at(0)), 15, "that says nothing about the credentials");
        breaker.fail(&permit, &scope, refusal("invalid_scope"), at(0), LONGEST);
        assert_eq!(room(&breaker, at(0)), 100, "they must be right if the scope is wrong");
        let [refused, late] = [0, 0].map(|now| breaker.try_permit(at(now), never()).unwrap());
        let refuse =
            |permit, now| breaker.fail(permit, &scope, refusal("invalid_client"), at(now), LONGEST).suspended_for;
        assert_eq!(refuse(&permit, 0), None, "it was sent before the server accepted the credentials");
        assert_eq!(refuse(&refused, 0), Some(FIRST_REFUSAL));
        assert_eq!(breaker.try_permit(at(0), never()).err(), Some(NoPermit::Suspended));
        assert_eq!(refuse(&late, 1), None, "it was sent before requests were suspended");
        assert_eq!(room(&breaker, at(1)), 1, "one tries them again, and those before do not count");
        breaker.accept(&permit, &scope);
        assert_eq!(room(&breaker, at(1)), 100);
        breaker.replace_credentials();
        breaker.accept(&permit, &scope);
        assert_eq!(room(&breaker, at(1)), 16, "those that were accepted are others");
        drop(permit);
        assert_eq!(room(&breaker, at(1)), 16, "and so is the request that carried them");
    }

    #[tokio::test]
    async fn waiting_requests_are_woken_by_every_change() {
        let (breaker, scope) = (CircuitBreaker::default(), Scope::empty());
        let mut permits: Vec<_> = (0..16).map(|_| breaker.try_permit(at(0), never()).unwrap()).collect();
        let wait = || async { timeout(Duration::from_secs(10), breaker.permit(|| at(0), never())).await.unwrap() };

        let one_ends = async {
            yield_now().await;
            drop(permits.pop());
        };
        let (permit, ()) = tokio::join!(biased; wait(), one_ends);
        let permit = permit.unwrap();
        // If a waiting request is woken and dropped, the next one is woken.
        {
            let (mut first, mut second) = (Box::pin(wait()), Box::pin(wait()));
            tokio::select! { biased; _ = &mut first => panic!(), _ = &mut second => panic!(), () = yield_now() => () }
            drop(permit);
            drop(first);
            assert!(second.await.is_some());
        }

        let permit = breaker.try_permit(at(0), never()).unwrap();
        let refused = async {
            yield_now().await;
            breaker.fail(&permit, &scope, refusal("invalid_client"), at(0), LONGEST)
        };
        let (one, two, _) = tokio::join!(biased; wait(), wait(), refused);
        assert!(one.is_none() && two.is_none(), "requests are suspended");

        breaker.replace_credentials();
        let permits: Vec<_> = (0..16).map(|_| breaker.try_permit(at(0), never()).unwrap()).collect();
        let accepted = async {
            yield_now().await;
            breaker.accept(&permits[0], &scope)
        };
        let (one, two, ()) = tokio::join!(biased; wait(), wait(), accepted);
        assert!(one.is_some() && two.is_some());

        breaker.replace_credentials();
        let permits: Vec<_> = (0..16).map(|_| breaker.try_permit(at(0), never()).unwrap()).collect();
        let mut busy = Refused::new(429, None);
        busy.retry_after = Some(LONGEST);
        let asked_to_wait = async {
            yield_now().await;
            breaker.fail(&permits[0], &scope, TokenError::Refused(busy), at(0), LONGEST)
        };
        let (one, two, _) = tokio::join!(biased; wait(), wait(), asked_to_wait);
        assert!(one.is_none() && two.is_none(), "the server asked to be left alone");
    }
}
