//! One scope: its token, its in-flight request, and its last failure.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use triomphe::Arc;

use crate::cache::in_flight::{InFlightRequest, Outcome, OutcomeSender};
use crate::cache::policy::{Action, BreakerView, Cause, Need, View, decide};
use crate::cache::slot_state::SlotState;
use crate::cache::sync::{AtomicU32, Lock, Ordering, Pointer};
use crate::clock::Moment;
use crate::token::access_token::{AccessToken, CachedToken, Token};
use crate::token::error::token_error::TokenError;
use crate::token::scope::Scope;

/// The watermark of an evicted slot.
const EVICTED: u32 = u32::MAX;

/// One scope of a cache. A cache may have millions of slots, so state that a slot needs only occasionally is boxed and
/// freed when idle.
pub(crate) struct Slot {
    scope: Scope,
    /// The cached token; `Token::none` if there is none.
    current: Pointer<Arc<Token>>,
    /// Tick of the last use.
    used: AtomicU32,
    /// Number of the latest request whose token was stored or dropped. Written under the lock.
    watermark: AtomicU32,
    state: Lock<Option<Box<SlotState>>>,
}

/// An error of the slot (borrowed), or of the circuit breaker or a request (owned).
type Known<'known> = Cow<'known, TokenError>;

/// What to do for one caller, with the values that this requires. A new request is sent with the `OutcomeSender`.
pub(crate) type SlotAction<S> = Action<CachedToken, InFlightRequest, (S, OutcomeSender), TokenError>;

/// The result of [`TokenCache::reject`](crate::TokenCache::reject).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rejection {
    /// The token was dropped; the next caller gets a new one.
    Dropped,
    /// The token was no longer in the cache; nothing changed.
    Outdated,
}

impl Slot {
    pub(crate) fn new(scope: Scope, nothing: &Arc<Token>) -> Self {
        Self {
            scope,
            current: Pointer::new(Arc::clone(nothing)),
            used: AtomicU32::new(0),
            watermark: AtomicU32::new(0),
            state: Lock::new(None),
        }
    }

    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Returns the cached token if it is valid for `min_validity` milliseconds and not due for renewal. Takes no lock.
    pub(crate) fn fresh(&self, now: Moment, min_validity: u64) -> Option<CachedToken> {
        let current = self.current.load();
        let is_fresh = current.times().is_some_and(|times| times.is_fresh(now, min_validity));
        self.touch(now);
        is_fresh.then_some(CachedToken(current))
    }

    /// Records the time of use. Threads share this memory, so it is written only once per tick.
    fn touch(&self, now: Moment) {
        if self.used.load(Ordering::Relaxed) != now.tick() {
            self.used.store(now.tick(), Ordering::Relaxed);
        }
    }

    /// Tick of the last use.
    pub(crate) fn used(&self) -> u32 {
        self.used.load(Ordering::Relaxed)
    }

    /// True if there is a cached token that has not reached its margin.
    pub(crate) fn is_usable(&self, now: Moment) -> bool {
        self.current.load().times().is_some_and(|times| times.is_usable(now))
    }

    /// Returns the cached token if it is valid for `min_validity` milliseconds, even if it is in its margin.
    pub(crate) fn living(&self, now: Moment, min_validity: u64) -> Option<AccessToken> {
        let current = self.current.load();
        let lives = current.times().is_some_and(|times| times.serves_in_need(now, min_validity));
        lives.then(|| CachedToken(current).into_access_token())
    }

    /// Returns the token that the next one replaces, and whether a resource server rejected it.
    pub(crate) fn replaced(&self) -> Option<(AccessToken, bool)> {
        let current = self.current.load();
        if current.times().is_some() {
            return Some((CachedToken(current).into_access_token(), false));
        }
        let state = self.state.lock();
        state.as_deref().and_then(SlotState::rejected_token).map(|token| (token.clone(), true))
    }

    /// Returns the remaining lifetime of the cached token, and the time until it is due for renewal.
    pub(crate) fn outlook(&self, now: Moment) -> Option<(Duration, Duration)> {
        self.current.load().times().map(|times| (times.remaining(now), times.until_due(now)))
    }

    /// Decides for one caller. If the action requires a request, it is registered here, and the caller must send it.
    /// Also returns the cooldown that starts because requests were lost, if one does.
    pub(crate) fn decide<S>(
        &self,
        breaker: BreakerView<Known<'_>>,
        now: Moment,
        need: Need<CachedToken, S, Known<'_>>,
    ) -> (SlotAction<S>, Option<Duration>) {
        let mut state = self.state.lock();
        let cooldown = state.as_mut().and_then(|state| state.forget_lost_request(now));
        let (known, current, deadline) = (state.as_deref(), self.current.load(), breaker.deadline);
        let view = View {
            token: current.times().map(|times| (times, CachedToken(current))),
            in_flight: known.and_then(SlotState::in_flight).map(|in_flight| (in_flight.began, in_flight)),
            cooldown: known.and_then(SlotState::cooldown).map(|(cooldown, error)| (cooldown, Cow::Borrowed(error))),
        };
        let action = match decide(view, breaker, now, need) {
            Action::Serve(token) => Action::Serve(token),
            Action::ServeStale(token) => Action::ServeStale(token),
            Action::ServeAndRenew(token, runtime) => {
                Action::ServeAndRenew(token, (runtime, self.begin(&mut state, now, deadline)))
            }
            Action::Renew(runtime) => Action::Renew((runtime, self.begin(&mut state, now, deadline))),
            Action::Wait(in_flight, at_most) => Action::Wait(in_flight.clone(), at_most),
            Action::SendAndWait(runtime, at_most) => {
                Action::SendAndWait((runtime, self.begin(&mut state, now, deadline)), at_most)
            }
            Action::Nothing => Action::Nothing,
            Action::Fail(cause) => Action::Fail(cause.into()),
        };
        (action, cooldown)
    }

    fn begin(&self, state: &mut Option<Box<SlotState>>, now: Moment, deadline: Duration) -> OutcomeSender {
        self.remembered(state).begin(now, deadline)
    }

    /// Returns the state, which is created if there is none.
    fn remembered<'state>(&self, state: &'state mut Option<Box<SlotState>>) -> &'state mut SlotState {
        state.get_or_insert_with(|| SlotState::after(self.watermark.load(Ordering::Relaxed)))
    }

    /// Ends the request of this `sender`: records the outcome, then sends it to the waiting callers. Returns the
    /// cooldown that starts, if one does.
    pub(crate) fn complete(
        &self,
        sender: OutcomeSender,
        outcome: Outcome,
        now: Moment,
        random: f64,
    ) -> Option<Duration> {
        let cooldown = self.record(sender.number, &outcome, now, random);
        sender.send(outcome);
        cooldown
    }

    /// Records the outcome of the request with this number. `random`, from 0 to 1, spreads the cooldown after a
    /// failure.
    fn record(&self, number: u32, result: &Outcome, now: Moment, random: f64) -> Option<Duration> {
        let mut guard = self.state.lock();
        let state = self.remembered(&mut guard);
        let is_youngest = state.end(number);
        let is_newer = number > self.watermark.load(Ordering::Relaxed);
        let left = |token: &Token| token.times().map_or(Duration::ZERO, |times| times.remaining(now));
        match result {
            Ok(token) if token.times().is_some_and(|times| times.is_usable(now)) => {
                if is_newer {
                    self.current.store(Arc::clone(&token.0));
                    self.watermark.store(number, Ordering::Relaxed);
                    state.recover();
                }
                // The state also holds the number of the latest request, which must not be assigned again. The state
                // can be freed only if that number is the watermark, from which `remembered` restores it.
                if is_youngest && state.is_blank(now) {
                    *guard = None;
                }
                None
            }
            Ok(token) if !left(token).is_zero() => {
                // It is in its margin: it is served until there is another one, unless the old one lives longer.
                if is_newer && left(token) > left(&self.current.load()) {
                    self.current.store(Arc::clone(&token.0));
                    self.watermark.store(number, Ordering::Relaxed);
                }
                is_youngest.then(|| state.cool_down_after_late_token(left(&self.current.load()), now)).flatten()
            }
            _ if !is_youngest => None,
            Ok(_) => state.cool_down_after_dead_token(now),
            Err(error) => state.cool_down_after(error, left(&self.current.load()), now, random),
        }
    }

    /// Ends the request with this number, whose outcome does not concern the scope.
    pub(crate) fn withdraw(&self, number: u32) {
        if let Some(state) = &mut *self.state.lock() {
            state.end(number);
        }
    }

    /// Drops the cached token if it is this one; a token that has replaced it is kept.
    pub(crate) fn reject(
        &self,
        token: &AccessToken,
        nothing: &Arc<Token>,
        now: Moment,
    ) -> (Rejection, Option<Duration>) {
        let mut state = self.state.lock();
        if !Arc::ptr_eq(&self.current.load(), &token.0) {
            return (Rejection::Outdated, None);
        }
        self.current.store(Arc::clone(nothing));
        (Rejection::Dropped, self.remembered(&mut state).cool_down_after_rejection(token.clone(), now))
    }

    /// True while the scope is in a cooldown, which evicting the slot would end too early.
    pub(crate) fn is_cooling_down(&self, now: Moment) -> bool {
        self.state.lock().as_ref().is_some_and(|state| state.is_cooling_down(now))
    }

    /// Evicts the slot, unless its scope is in a cooldown or a handle, a caller or the task of a request holds it: then
    /// there are more references than the `own_references` of the list and the table. The token is dropped immediately,
    /// even if the slot itself is dropped later.
    ///
    /// A reference that is added before the lock is taken is counted here. Code that adds a reference later must check
    /// [`is_evicted`](Self::is_evicted).
    pub(crate) fn evict(slot: &Arc<Self>, own_references: usize, now: Moment, nothing: &Arc<Token>) -> bool {
        let mut state = slot.state.lock();
        let is_cooling_down = state.as_ref().is_some_and(|state| state.is_cooling_down(now));
        if is_cooling_down || Arc::count(slot) != own_references {
            return false;
        }
        *state = None;
        slot.watermark.store(EVICTED, Ordering::Relaxed);
        slot.current.store(Arc::clone(nothing));
        true
    }

    /// True if the slot was evicted. A slot that is held and was not evicted remains in the cache.
    pub(crate) fn is_evicted(&self) -> bool {
        let _state = self.state.lock();
        self.watermark.load(Ordering::Relaxed) == EVICTED
    }

    /// Clears failures and rejections after the credentials were replaced. With `drop_token`, it also drops the cached
    /// token, and ignores the outcome of the in-flight request.
    pub(crate) fn rotate(&self, drop_token: bool, nothing: &Arc<Token>) {
        let mut state = self.state.lock();
        if let Some(state) = &mut *state {
            state.start_afresh(drop_token);
            if drop_token {
                self.watermark.store(state.youngest(), Ordering::Relaxed);
            }
        }
        if drop_token {
            self.current.store(Arc::clone(nothing));
        }
    }
}

impl From<Cause<Known<'_>>> for TokenError {
    fn from(cause: Cause<Known<'_>>) -> Self {
        match cause {
            Cause::Request(error) | Cause::CircuitBreaker(error) => error.into_owned(),
            Cause::Cooldown(error, retry_after) => match *error {
                Self::RateLimited { .. } => Self::RateLimited { retry_after },
                Self::Rejected { .. } => Self::Rejected { retry_after },
                _ => error.into_owned(),
            },
            Cause::Validity(available) => Self::ValidityTooShort { available },
            Cause::NoRuntime => Self::NoRuntime,
        }
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Slot").field("scope", &self.scope).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use auth_transport::Secret;

    use super::*;
    use crate::cache::policy::Waited;
    use crate::token::error::refused::Refused;
    use crate::token::lifetime::Lifetime;

    fn at(millis: u64) -> Moment {
        let millis = Duration::from_millis(millis);
        Moment::new(millis, UNIX_EPOCH + millis)
    }

    #[test]
    fn a_cooldown_after_a_failure_ends_before_the_token_expires() {
        let nothing = Arc::new(Token::none());
        let slot = Slot::new(Scope::empty(), &nothing);
        let lifetime = Some(Lifetime { expires: 10_000, refresh: 6_500 });
        let token = AccessToken::new(&Secret::from("abc"), Scope::empty(), at(0), lifetime).unwrap();
        let mut requests = 0;
        let mut begin = |now| {
            requests += 1;
            let breaker = BreakerView { refused: None, asked_to_wait: None, deadline: Duration::ZERO };
            let need = Need { min_validity: 0, runtime: Some(()), waits: 1, waited: Waited::Not };
            let (action, _) = slot.decide(breaker, now, need);
            assert!(matches!(action, Action::SendAndWait(..) | Action::ServeAndRenew(..)));
            requests
        };
        slot.record(begin(at(0)), &Ok(token), at(0), 0.0);
        let mut now = 6_500;
        for _ in 0..4 {
            let number = begin(at(now));
            let error = Err(TokenError::Refused(Refused::new(503, None)));
            let Some(cooldown) = slot.record(number, &error, at(now), 1.0) else { panic!("no cooldown at {now}") };
            now += u64::try_from(cooldown.as_millis()).unwrap() + 1;
            assert!(now < 10_000, "cools down until {now}");
        }
    }
}
