//! The circuit breaker of all scopes: a failure of one scope can suspend the requests of all scopes.

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

/// How long requests are suspended after the first refusal of the credentials; each further one doubles it.
const FIRST_REFUSAL: Duration = Duration::from_secs(1);

/// Requests that carry the same credentials at once until the server has accepted them.
const UNPROVEN: usize = 16;

/// The same after a refusal, when the suspension is over.
const TRIAL: usize = 1;

/// Suspends and limits requests to the server.
#[derive(Default)]
pub(crate) struct CircuitBreaker {
    state: Lock<BreakerState>,
    /// Requests have been suspended, or more of them may be sent.
    changed: Notify,
}

struct BreakerState {
    refused: Option<Suspension>,
    asked_to_wait: Option<Suspension>,
    refusals: u32,
    /// Number of the credentials; goes up when there are others.
    credentials: u32,
    /// How many requests may carry the credentials at once. `None` once the server has accepted them.
    limit: Option<Limit>,
    /// Number of the limit; goes up when it is set and when it is lifted.
    limits: u32,
    forbidden: Forbidden,
}

struct Limit {
    most: usize,
    /// When each request that is in flight is taken for lost: its runtime may stand still.
    in_flight: Vec<Instant>,
}

struct Suspension {
    cooldown: Cooldown,
    error: TokenError,
}

/// Permission for one request, returned when it is dropped.
#[must_use]
pub(crate) struct Permit<'breaker> {
    breaker: &'breaker CircuitBreaker,
    /// Number of the credentials that the request carries.
    credentials: u32,
    /// Number of the limit under which it was given.
    limit: u32,
    overdue: Instant,
}

/// Why a request may not be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoPermit {
    Suspended,
    /// As many requests carry the credentials as may, for this long at most.
    Full {
        until: Instant,
    },
}

/// What a failed request means for all scopes.
pub(crate) struct Verdict {
    /// Why the request failed, in view of other failures.
    pub(crate) error: TokenError,
    /// For how long all requests are suspended, if this one was the reason.
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
    /// What a decision needs to know of it, for requests that wait for `deadline` at most.
    pub(crate) fn view(&self, deadline: Duration) -> BreakerView<Cow<'static, TokenError>> {
        let state = self.state.lock();
        let known = |suspension: &Suspension| (suspension.cooldown, Cow::Owned(suspension.error.clone()));
        let [refused, asked_to_wait] = [&state.refused, &state.asked_to_wait].map(|it| it.as_ref().map(known));
        BreakerView { refused, asked_to_wait, deadline }
    }

    /// The failure for which requests are suspended, and for how long they still are.
    pub(crate) fn suspension(&self, now: Moment) -> Option<(TokenError, Duration)> {
        let state = self.state.lock();
        let longest = state.suspensions(now).max_by_key(|suspension| suspension.cooldown.remaining(now));
        longest.map(|suspension| (suspension.error.clone(), suspension.cooldown.remaining(now)))
    }

    /// Waits until one more request may be sent, which is taken for lost when it is `overdue`. `None` if requests are suspended by
    /// then.
    ///
    /// Credentials that the server has not accepted yet go out with 16 requests at once, and with one after a refusal, so
    /// that a thousand scopes do not each send a bad secret.
    pub(crate) async fn permit(&self, now: impl Fn() -> Moment, overdue: Instant) -> Option<Permit<'_>> {
        loop {
            let mut changed = pin!(self.changed.notified());
            // From here on no change is missed.
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

    /// Takes in the failure of the request for `scope` that `permit` was given for, and closes if it concerns all scopes. A
    /// server that asks for more than `longest` is asked again after that. Credentials that have been replaced since, or
    /// about which a later answer has decided already, are not refused once more.
    pub(crate) fn fail(
        &self,
        permit: &Permit<'_>,
        scope: &Scope,
        mut error: TokenError,
        now: Moment,
        longest: Duration,
    ) -> Verdict {
        let mut state = self.state.lock();
        let has_opened = state.credentials == permit.credentials && error.accepts_credentials() && state.accept(scope);
        // Requests that were in flight together are refused together; that counts as once.
        let is_current = state.limits == permit.limit;
        // A scope that gets the same again proves nothing new, and must not keep all others suspended.
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
        if has_opened || suspended_for.is_some() {
            self.changed.notify_waiters();
        }
        Verdict { error, suspended_for }
    }

    /// The number of the credentials that requests are made with from now on.
    pub(crate) fn credentials(&self) -> u32 {
        self.state.lock().credentials
    }

    /// There are other credentials. What the server asked for still counts.
    pub(crate) fn replace_credentials(&self) {
        let mut state = self.state.lock();
        state.credentials = state.credentials.wrapping_add(1);
        state.forget_refusals();
        state.forbidden = Forbidden::default();
        state.limit_to(UNPROVEN);
        drop(state);
        self.changed.notify_waiters();
    }

    /// The server accepted the credentials of the request for `scope` that `permit` was given for.
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
    /// What suspends requests now.
    fn suspensions(&self, now: Moment) -> impl Iterator<Item = &Suspension> {
        [&self.refused, &self.asked_to_wait]
            .into_iter()
            .flatten()
            .filter(move |suspension| suspension.cooldown.is_on(now))
    }

    /// Counts afresh, and lets no more than `most` requests through at once.
    fn limit_to(&mut self, most: usize) {
        self.limit = Some(Limit { most, in_flight: vec![] });
        self.limits = self.limits.wrapping_add(1);
    }

    /// Forgets what spoke against the credentials. True if requests were limited until now.
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

    /// When requests are taken for lost.
    fn never() -> Instant {
        Instant::now() + LONGEST
    }

    /// How many permits there are at once.
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
    async fn those_who_wait_go_on_as_soon_as_they_may() {
        let (breaker, scope) = (CircuitBreaker::default(), Scope::empty());
        let mut permits: Vec<_> = (0..16).map(|_| breaker.try_permit(at(0), never()).unwrap()).collect();
        let wait = || async { timeout(Duration::from_secs(10), breaker.permit(|| at(0), never())).await.unwrap() };

        let one_ends = async {
            yield_now().await;
            drop(permits.pop());
        };
        let (permit, ()) = tokio::join!(biased; wait(), one_ends);
        let permit = permit.unwrap();
        // Whoever was about to go on and gave up lets the next one go.
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
