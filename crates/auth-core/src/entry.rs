//! One scope: its token, the request under way, and what became of the last one.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;

use crate::access_token::{AccessToken, Issued};
use crate::clock::Moment;
use crate::decide::{Decision, View, decide};
use crate::flight::{Flight, Issuer};
use crate::{Rejection, Scope, TokenError};

/// How long a scope rests after its first failure; each further failure in a row doubles it.
const FIRST_REST: Duration = Duration::from_millis(500);

/// A scope never rests longer than this.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// After so many lost requests in a row the scope rests as after a failure.
const LOST_AT_MOST: u32 = 3;

/// How long a scope rests after a token that was dead when it came.
const REST_AFTER_DEAD_TOKEN: Duration = Duration::from_secs(1);

/// One scope of a cache.
pub(crate) struct Entry {
    scope: Scope,
    current: ArcSwapOption<Issued>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Requests begun so far; the number of the youngest.
    flights: u64,
    flight: Option<Flight>,
    /// Requests in a row that came to no end at all.
    lost: u32,
    rest: Option<Rest>,
}

/// The pause after a failure.
struct Rest {
    until: Moment,
    failures: u32,
    error: TokenError,
}

/// What a caller does next.
pub(crate) enum Step {
    Ready(AccessToken),
    Wait(Flight),
    Failed(TokenError),
}

impl Entry {
    pub(crate) fn new(scope: Scope) -> Self {
        Self { scope, current: ArcSwapOption::empty(), state: Mutex::default() }
    }

    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Decides for one caller and begins a request where one is due.
    pub(crate) fn step(self: &Arc<Self>, issuer: &Arc<Issuer>, min_validity: Duration) -> Step {
        let now = Moment::now();
        // The common case, without a lock: a token that is not yet due for renewal.
        let current = self.current.load();
        if let Some(issued) = &*current {
            let times = issued.times();
            if times.serves(now, min_validity) && !times.refresh.has_passed(now) {
                return Step::Ready(AccessToken(Arc::clone(issued)));
            }
        }
        drop(current);
        let mut state = self.state();
        state.forget_lost_flight(now);
        let current = self.current.load_full();
        let view = View {
            token: current.as_ref().map(|issued| *issued.times()),
            in_flight: state.flight.is_some(),
            cooling_until: state.rest.as_ref().map(|rest| rest.until),
        };
        let decision = decide(view, now, min_validity);
        let answer = match decision {
            Decision::Serve | Decision::ServeAndRefresh => current.map(|issued| Step::Ready(AccessToken(issued))),
            Decision::Join => state.flight.clone().map(Step::Wait),
            Decision::Fail => state.rest.as_ref().map(|rest| Step::Failed(rest.error.clone())),
            Decision::Lead => None,
        };
        match (decision, answer) {
            (Decision::ServeAndRefresh, Some(answer)) => {
                // Without a runtime nothing can be fetched; the token is still good.
                let _ = self.begin(&mut state, issuer, now);
                answer
            }
            (_, Some(answer)) => answer,
            (_, None) => self.begin(&mut state, issuer, now).map_or_else(Step::Failed, Step::Wait),
        }
    }

    /// The token at hand if it is usable, with a renewal begun where one is due.
    pub(crate) fn cached(self: &Arc<Self>, issuer: &Arc<Issuer>) -> Option<AccessToken> {
        let usable = |issued: &Arc<Issued>| issued.times().serves(Moment::now(), Duration::ZERO);
        if !self.current.load().as_ref().is_some_and(usable) {
            return None;
        }
        match self.step(issuer, Duration::ZERO) {
            Step::Ready(token) => Some(token),
            Step::Wait(_) | Step::Failed(_) => None,
        }
    }

    fn begin(self: &Arc<Self>, state: &mut State, issuer: &Arc<Issuer>, now: Moment) -> Result<Flight, TokenError> {
        let number = state.flights + 1;
        let flight = Flight::begin(Arc::clone(self), Arc::clone(issuer), number, now)?;
        state.flights = number;
        state.flight = Some(flight.clone());
        Ok(flight)
    }

    /// Takes in how the request with this number ended.
    pub(crate) fn settle(&self, number: u64, result: &Result<AccessToken, TokenError>, now: Moment) {
        let mut state = self.state();
        // A request that was given up on may still come to an end, beside its successor or after it.
        let is_youngest = state.flights == number;
        if is_youngest {
            state.flight = None;
            state.lost = 0;
        }
        match result {
            Ok(token) if !token.0.times().usable.has_passed(now) => {
                if self.current.load().as_ref().is_none_or(|current| current.generation() < number) {
                    self.current.store(Some(Arc::clone(&token.0)));
                }
                state.rest = None;
            }
            _ if !is_youngest => {}
            Ok(_) => {
                let until = now.after(REST_AFTER_DEAD_TOKEN);
                state.rest = Some(Rest { until, failures: 1, error: TokenError::ExpiredOnArrival });
            }
            Err(error) => state.rest_after(error.clone(), now),
        }
    }

    /// Drops the token at hand if it is this one; a token that has been replaced since is left alone.
    pub(crate) fn reject(&self, token: &AccessToken) -> Rejection {
        let _state = self.state();
        let current = self.current.load();
        if current.as_ref().is_none_or(|current| !Arc::ptr_eq(current, &token.0)) {
            return Rejection::Outdated;
        }
        self.current.store(None);
        Rejection::Dropped
    }

    /// The lock is held for a few instructions and never while anything foreign runs, so a poisoned one is still sound.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes a request whose task died, or that should have ended by now, for lost.
    fn forget_lost_flight(&mut self, now: Moment) {
        if self.flight.as_ref().is_some_and(|flight| !flight.is_under_way(now)) {
            self.flight = None;
            self.lost += 1;
            if self.lost == LOST_AT_MOST {
                self.lost = 0;
                self.rest_after(TokenError::Interrupted, now);
            }
        }
    }

    fn rest_after(&mut self, error: TokenError, now: Moment) {
        let failures = self.rest.as_ref().map_or(0, |rest| rest.failures);
        let pause = FIRST_REST.saturating_mul(1 << failures.min(10)).min(LONGEST_REST);
        self.rest = Some(Rest { until: now.after(pause), failures: failures.saturating_add(1), error });
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Entry").field("scope", &self.scope).finish_non_exhaustive()
    }
}
