//! What is remembered of a scope only while there is reason to: its request under way, and the pause after a failure.

use std::time::Duration;

use crate::cache::backoff::{growing, spread, within_life};
use crate::cache::in_flight::{InFlightRequest, OutcomeSender};
use crate::cache::policy::Pause;
use crate::clock::Moment;
use crate::token::error::token_error::TokenError;

/// Cooldown of a scope after its first failure; each further failure in a row doubles it.
const FIRST_REST: Duration = Duration::from_millis(500);

/// After this many lost requests in a row the scope enters a cooldown, as after a failure.
const LOST_AT_MOST: u32 = 3;

/// Cooldown of a scope after a token that had expired on arrival, and after the second rejection in a row; each further
/// one in a row doubles it.
const LONG_REST: Duration = Duration::from_secs(1);

/// Rejections further apart than this are not in a row.
const ROW: Duration = Duration::from_secs(120);

/// Requests, failures and rejections of one scope.
pub(crate) struct State {
    /// Number of the youngest request.
    youngest: u32,
    flight: Option<InFlightRequest>,
    /// Requests in a row that came to no end at all.
    lost: u32,
    rest: Option<Rest>,
    rejections: u32,
    rejected: Option<Moment>,
}

/// The pause after a failure.
struct Rest {
    pause: Pause,
    failures: u32,
    error: TokenError,
}

/// What a request that came to its end has changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    Nothing,
    Rests(Duration),
}

impl State {
    /// Nothing but the number of the youngest request.
    pub(crate) fn after(youngest: u32) -> Box<Self> {
        Box::new(Self { youngest, flight: None, lost: 0, rest: None, rejections: 0, rejected: None })
    }

    pub(crate) fn youngest(&self) -> u32 {
        self.youngest
    }

    pub(crate) fn flight(&self) -> Option<&InFlightRequest> {
        self.flight.as_ref()
    }

    pub(crate) fn pause(&self) -> Option<Pause> {
        self.rest.as_ref().map(|rest| rest.pause)
    }

    /// The failure that put the scope into its current cooldown, with the remaining time if it has one.
    pub(crate) fn obstacle(&self, now: Moment) -> Option<TokenError> {
        let rest = self.rest.as_ref().filter(|rest| rest.pause.is_on(now))?;
        let retry_after = rest.pause.remaining(now);
        Some(match rest.error {
            TokenError::RateLimited { .. } => TokenError::RateLimited { retry_after },
            TokenError::Rejected { .. } => TokenError::Rejected { retry_after },
            ref error => error.clone(),
        })
    }

    /// Registers a request.
    pub(crate) fn begin(&mut self, now: Moment, deadline: Duration) -> (InFlightRequest, OutcomeSender) {
        self.youngest += 1;
        let (flight, sender) = InFlightRequest::new(self.youngest, now, deadline);
        self.flight = Some(flight.clone());
        (flight, sender)
    }

    /// True if the request with this number, which has ended, is the youngest. One that was given up on may still come to
    /// an end, beside its successor or after it.
    pub(crate) fn end(&mut self, number: u32) -> bool {
        let is_youngest = self.youngest == number;
        if is_youngest {
            self.flight = None;
            self.lost = 0;
        }
        is_youngest
    }

    /// Takes a request whose task died, or that should have ended by now, for lost.
    pub(crate) fn forget_lost_flight(&mut self, now: Moment) -> Settled {
        if !self.flight.as_ref().is_some_and(InFlightRequest::is_lost) {
            return Settled::Nothing;
        }
        self.flight = None;
        self.lost += 1;
        if self.lost < LOST_AT_MOST {
            return Settled::Nothing;
        }
        self.lost = 0;
        let failures = self.failures();
        self.rest_for(growing(FIRST_REST, failures), failures.saturating_add(1), TokenError::Interrupted, now)
    }

    /// Forgets failures.
    pub(crate) fn recover(&mut self) {
        self.rest = None;
    }

    /// Forgets what happened with other credentials. With `disown` the request under way is no longer the youngest, so that
    /// nothing that becomes of it counts.
    pub(crate) fn start_afresh(&mut self, disown: bool) {
        self.recover();
        self.rejections = 0;
        self.rejected = None;
        if disown {
            self.flight = None;
            self.youngest += 1;
        }
    }

    pub(crate) fn rest_after_dead_token(&mut self, now: Moment) -> Settled {
        let failures = self.failures();
        let pause = growing(LONG_REST, failures);
        self.rest_for(pause, failures.saturating_add(1), TokenError::ExpiredOnArrival, now)
    }

    /// Starts the cooldown after a failure, while the token at hand lives for `left` more; `random` is from 0 to 1.
    pub(crate) fn rest_after(&mut self, error: &TokenError, left: Duration, now: Moment, random: f64) -> Settled {
        let failures = self.failures();
        if let TokenError::RateLimited { retry_after } = error {
            return self.rest_for(*retry_after, failures, error.clone(), now);
        }
        let pause = within_life(spread(growing(FIRST_REST, failures), random), left, FIRST_REST);
        self.rest_for(pause, failures.saturating_add(1), error.clone(), now)
    }

    /// Records a rejection. The first has no consequences. Further ones in a row put the scope into a cooldown; otherwise a resource
    /// server that accepts no token would cause an endless series of token requests.
    pub(crate) fn rest_after_rejection(&mut self, now: Moment) -> Settled {
        self.rejections = if self.is_in_a_row(now) { self.rejections.saturating_add(1) } else { 1 };
        self.rejected = Some(now);
        if self.rejections < 2 || self.flight.is_some() {
            return Settled::Nothing;
        }
        let pause = growing(LONG_REST, self.rejections - 2);
        self.rest_for(pause, 0, TokenError::Rejected { retry_after: pause }, now)
    }

    fn failures(&self) -> u32 {
        self.rest.as_ref().map_or(0, |rest| rest.failures)
    }

    fn rest_for(&mut self, length: Duration, failures: u32, error: TokenError, now: Moment) -> Settled {
        self.rest = Some(Rest { pause: Pause { from: now, length }, failures, error });
        Settled::Rests(length)
    }

    fn is_in_a_row(&self, now: Moment) -> bool {
        self.rejected.is_some_and(|rejected| now.since(rejected) < ROW)
    }

    /// True while the server is left alone after a failure.
    pub(crate) fn is_cooling_down(&self, now: Moment) -> bool {
        self.rest.as_ref().is_some_and(|rest| rest.pause.is_on(now))
    }

    /// True if nothing in it needs remembering, but the number of the youngest request.
    pub(crate) fn is_blank(&self, now: Moment) -> bool {
        self.flight.is_none() && self.rest.is_none() && !self.is_in_a_row(now)
    }
}
