//! One scope: its token, the request under way, and what became of the last one.

use std::fmt;
use std::time::Duration;

use triomphe::Arc;

use crate::cache::in_flight::{InFlightRequest, Outcome, OutcomeSender};
use crate::cache::policy::{Decision, GateView, Obstacle, View, decide};
use crate::cache::slot_state::{Settled, State};
use crate::cache::sync::{AtomicU32, Lock, Ordering, Pointer};
use crate::clock::Moment;
use crate::token::access_token::{AccessToken, CachedToken, Token};
use crate::token::error::token_error::TokenError;
use crate::token::scope::Scope;

/// The watermark of an entry that was evicted.
const EVICTED: u32 = u32::MAX;

/// One scope of a cache. Small, because there may be millions: whatever is not always needed is in a box of its own.
pub(crate) struct Entry {
    scope: Scope,
    /// `Token::none` if there is none.
    current: Pointer<Arc<Token>>,
    /// Tick of the last use.
    used: AtomicU32,
    /// Number of the youngest request whose token was taken in, or dropped. Written under the lock.
    watermark: AtomicU32,
    state: Lock<Option<Box<State>>>,
}

/// What a caller does next.
pub(crate) enum Step {
    /// Take this.
    Ready(CachedToken),
    /// Take this, which is due for renewal, and send the request if there is one.
    Stale(CachedToken, Option<OutcomeSender>),
    /// Wait for this, and send the request if there is one.
    Wait(InFlightRequest, Option<OutcomeSender>),
    /// Give up.
    Failed(TokenError),
    /// The gate of the issuer is closed.
    Closed,
    /// The token lives only this long.
    Short(Duration),
}

/// The result of [`TokenCache::reject`](crate::TokenCache::reject).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rejection {
    /// The token was dropped; the next caller gets a new one.
    Dropped,
    /// The token was no longer in the cache; nothing changed.
    Outdated,
}

impl Entry {
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

    /// Decides for one caller. A request that is due is registered here and has to be sent by the caller, who says
    /// whether that is possible. Tells as well what the end of a lost request has changed.
    pub(crate) fn step(&self, gate: GateView, now: Moment, min_validity: u64, may_lead: bool) -> (Step, Settled) {
        let mut state = self.state.lock();
        let settled = state.as_mut().map_or(Settled::Nothing, |state| state.forget_lost_flight(now));
        (self.decided(&mut state, gate, now, min_validity, may_lead), settled)
    }

    fn decided(
        &self,
        state: &mut Option<Box<State>>,
        gate: GateView,
        now: Moment,
        min_validity: u64,
        may_lead: bool,
    ) -> Step {
        let known = state.as_deref();
        let current = self.current.load();
        let view = View {
            token: current.times(),
            flight: known.and_then(State::flight).map(|flight| flight.began),
            rest: known.and_then(State::pause),
        };
        match decide(view, gate, now, min_validity) {
            Decision::Serve if view.token.is_some_and(|times| times.until_due(now).is_zero()) => {
                Step::Stale(CachedToken(current), None)
            }
            Decision::Serve => Step::Ready(CachedToken(current)),
            Decision::ServeAndRefresh if !may_lead => Step::Stale(CachedToken(current), None),
            Decision::ServeAndRefresh => {
                let (_, sender) = self.remembered(state).begin(now, gate.patience);
                Step::Stale(CachedToken(current), Some(sender))
            }
            Decision::Fail(Obstacle::Gate) => Step::Closed,
            Decision::Fail(Obstacle::Validity) => {
                Step::Short(view.token.map_or(Duration::ZERO, |times| times.remaining(now)))
            }
            Decision::Join | Decision::Fail(Obstacle::Rest) | Decision::Lead => {
                if let Some(flight) = known.and_then(State::flight) {
                    Step::Wait(flight.clone(), None)
                } else if let Some(error) = known.and_then(|state| state.obstacle(now)) {
                    Step::Failed(error)
                } else if may_lead {
                    let (flight, sender) = self.remembered(state).begin(now, gate.patience);
                    Step::Wait(flight, Some(sender))
                } else {
                    Step::Failed(TokenError::NoRuntime)
                }
            }
        }
    }

    /// The state, made if there is none.
    fn remembered<'state>(&self, state: &'state mut Option<Box<State>>) -> &'state mut State {
        state.get_or_insert_with(|| State::after(self.watermark.load(Ordering::Relaxed)))
    }

    /// Ends the request of this `sender`: takes the outcome in, then gives it to the waiting callers.
    pub(crate) fn complete(&self, sender: OutcomeSender, outcome: Outcome, now: Moment, random: f64) -> Settled {
        let settled = self.settle(sender.number, &outcome, now, random);
        sender.send(outcome);
        settled
    }

    /// Takes in how the request with this number ended; `random` from 0 to 1 spreads the pause after a failure.
    fn settle(&self, number: u32, result: &Outcome, now: Moment, random: f64) -> Settled {
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
                Settled::Nothing
            }
            _ if !is_youngest => Settled::Nothing,
            Ok(_) => state.rest_after_dead_token(now),
            Err(error) => {
                let left = self.current.load().times().map_or(Duration::ZERO, |times| times.remaining(now));
                state.rest_after(error, left, now, random)
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
    pub(crate) fn reject(&self, token: &AccessToken, nothing: &Arc<Token>, now: Moment) -> (Rejection, Settled) {
        let mut state = self.state.lock();
        if !Arc::ptr_eq(&self.current.load(), &token.0) {
            return (Rejection::Outdated, Settled::Nothing);
        }
        self.current.store(Arc::clone(nothing));
        (Rejection::Dropped, self.remembered(&mut state).rest_after_rejection(now))
    }

    /// True while the server is left alone after a failure: forgetting the entry would cost a request that must not be made.
    pub(crate) fn is_cooling_down(&self, now: Moment) -> bool {
        self.state.lock().as_ref().is_some_and(|state| state.is_cooling_down(now))
    }

    /// Evicts the entry unless its scope is cooling down, or anything but the `own_references` of its keeper holds it: a
    /// handle, a caller, or the task of a request in flight. The token is dropped at once, whenever the entry itself is.
    ///
    /// References that are counted before this lock is taken are seen here, and whoever counts one after it finds out that
    /// the entry was evicted.
    pub(crate) fn evict(entry: &Arc<Self>, own_references: usize, now: Moment, nothing: &Arc<Token>) -> bool {
        let mut state = entry.state.lock();
        let is_cooling_down = state.as_ref().is_some_and(|state| state.is_cooling_down(now));
        if is_cooling_down || Arc::count(entry) != own_references {
            return false;
        }
        *state = None;
        entry.watermark.store(EVICTED, Ordering::Relaxed);
        entry.current.store(Arc::clone(nothing));
        true
    }

    /// True if the entry was evicted. While it is held and was not, it is not going to be.
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

impl fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Entry").field("scope", &self.scope).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use auth_transport::Secret;

    use super::*;
    use crate::token::error::refused::Refused;
    use crate::token::lifetime::Lifetime;

    fn at(millis: u64) -> Moment {
        let millis = Duration::from_millis(millis);
        Moment::new(millis, UNIX_EPOCH + millis)
    }

    #[test]
    fn failures_do_not_make_a_scope_rest_beyond_the_end_of_its_token() {
        let nothing = Arc::new(Token::none());
        let entry = Entry::new(Scope::empty(), &nothing);
        let lifetime = Some(Lifetime { expires: 10_000, refresh: 6_500 });
        let token = AccessToken::new(&Secret::from("abc"), Scope::empty(), at(0), lifetime).unwrap();
        let mut requests = 0;
        let mut begin = |now| {
            requests += 1;
            let (step, _) = entry.step(GateView::default(), now, 0, true);
            assert!(matches!(step, Step::Wait(..) | Step::Stale(_, Some(_))));
            requests
        };
        entry.settle(begin(at(0)), &Ok(token), at(0), 0.0);
        let mut now = 6_500;
        for _ in 0..4 {
            let number = begin(at(now));
            let error = Err(TokenError::Refused(Refused::new(503, None)));
            let Settled::Rests(pause) = entry.settle(number, &error, at(now), 1.0) else { panic!("no rest at {now}") };
            now += u64::try_from(pause.as_millis()).unwrap() + 1;
            assert!(now < 10_000, "rests until {now}");
        }
    }
}
