//! One scope: its token, its request in flight, and what became of the last one.

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

/// The watermark of a slot that was evicted.
const EVICTED: u32 = u32::MAX;

/// One scope of a cache. Small, because there may be millions: whatever is not always needed is in a box of its own.
pub(crate) struct Slot {
    scope: Scope,
    /// `Token::none` if there is none.
    current: Pointer<Arc<Token>>,
    /// Tick of the last use.
    used: AtomicU32,
    /// Number of the youngest request whose token was taken in, or dropped. Written under the lock.
    watermark: AtomicU32,
    state: Lock<Option<Box<SlotState>>>,
}

/// An error that is known to a slot, to the circuit breaker or to a caller.
type Known<'known> = Cow<'known, TokenError>;

/// What to do for one caller, with what it takes: a request that begins is sent with the second of the pair.
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

    /// The token at hand if it lives for `min_validity` milliseconds and is not due for renewal. Takes no lock.
    pub(crate) fn fresh(&self, now: Moment, min_validity: u64) -> Option<CachedToken> {
        let current = self.current.load();
        let is_fresh = current.times().is_some_and(|times| times.is_fresh(now, min_validity));
        self.touch(now);
        is_fresh.then_some(CachedToken(current))
    }

    /// Remembers that it was used. Threads share the place, so it is written once a tick.
    fn touch(&self, now: Moment) {
        if self.used.load(Ordering::Relaxed) != now.tick() {
            self.used.store(now.tick(), Ordering::Relaxed);
        }
    }

    /// Tick of the last use.
    pub(crate) fn used(&self) -> u32 {
        self.used.load(Ordering::Relaxed)
    }

    /// True if there is a token that may be handed out.
    pub(crate) fn is_usable(&self, now: Moment) -> bool {
        self.current.load().times().is_some_and(|times| times.is_usable(now))
    }

    /// The token at hand if it lives for `min_validity` milliseconds, for callers in need.
    pub(crate) fn living(&self, now: Moment, min_validity: u64) -> Option<AccessToken> {
        let current = self.current.load();
        let lives = current.times().is_some_and(|times| times.serves_in_need(now, min_validity));
        lives.then(|| CachedToken(current).into_access_token())
    }

    /// How long the token at hand still lives, and how long until it is due.
    pub(crate) fn outlook(&self, now: Moment) -> Option<(Duration, Duration)> {
        self.current.load().times().map(|times| (times.remaining(now), times.until_due(now)))
    }

    /// Decides for one caller. A request that begins is registered here and has to be sent by the caller. Also returns the
    /// cooldown that starts because requests were lost, if one does.
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

    /// The state, made if there is none.
    fn remembered<'state>(&self, state: &'state mut Option<Box<SlotState>>) -> &'state mut SlotState {
        state.get_or_insert_with(|| SlotState::after(self.watermark.load(Ordering::Relaxed)))
    }

    /// Ends the request of this `sender`: takes the outcome in, then gives it to the waiting callers.
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

    /// Takes in how the request with this number ended; `random` from 0 to 1 spreads the cooldown after a failure.
    fn record(&self, number: u32, result: &Outcome, now: Moment, random: f64) -> Option<Duration> {
        let mut guard = self.state.lock();
        let state = self.remembered(&mut guard);
        let is_youngest = state.end(number);
        match result {
            Ok(token) if token.times().is_some_and(|times| times.is_usable(now)) => {
                if number > self.watermark.load(Ordering::Relaxed) {
                    self.current.store(Arc::clone(&token.0));
                    self.watermark.store(number, Ordering::Relaxed);
                    state.recover();
                }
                // What is forgotten with it is the number of the youngest request, which must not be given again.
                if is_youngest && state.is_blank(now) {
                    *guard = None;
                }
                None
            }
            _ if !is_youngest => None,
            Ok(_) => state.cool_down_after_dead_token(now),
            Err(error) => {
                let left = self.current.load().times().map_or(Duration::ZERO, |times| times.remaining(now));
                state.cool_down_after(error, left, now, random)
            }
        }
    }

    /// Takes in that the request with this number says nothing about the scope.
    pub(crate) fn withdraw(&self, number: u32) {
        if let Some(state) = &mut *self.state.lock() {
            state.end(number);
        }
    }

    /// Drops the token at hand if it is this one; a token that has been replaced since is left alone.
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
        (Rejection::Dropped, self.remembered(&mut state).cool_down_after_rejection(now))
    }

    /// True while the server is left alone after a failure: forgetting the slot would cost a request that must not be made.
    pub(crate) fn is_cooling_down(&self, now: Moment) -> bool {
        self.state.lock().as_ref().is_some_and(|state| state.is_cooling_down(now))
    }

    /// Evicts the slot unless its scope is cooling down, or anything but the `own_references` of its keeper holds it: a
    /// handle, a caller, or the task of a request in flight. The token is dropped at once, whenever the slot itself is.
    ///
    /// References that are counted before this lock is taken are seen here, and whoever counts one after it finds out that
    /// the slot was evicted.
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

    /// True if the slot was evicted. While it is held and was not, it is not going to be.
    pub(crate) fn is_evicted(&self) -> bool {
        let _state = self.state.lock();
        self.watermark.load(Ordering::Relaxed) == EVICTED
    }

    /// Starts afresh with other credentials. With `drop_token` the token at hand goes, and so does one that is on its
    /// way.
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
    fn no_cooldown_after_failures_lasts_beyond_the_end_of_the_token() {
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
