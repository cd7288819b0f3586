//! The state that a slot needs only occasionally: its in-flight request, and the cooldown after a failure.

use std::time::Duration;

use crate::cache::backoff::{growing, spread, within_life};
use crate::cache::in_flight::{InFlightRequest, OutcomeSender};
use crate::cache::policy::Cooldown;
use crate::clock::Moment;
use crate::token::access_token::AccessToken;
use crate::token::error::token_error::TokenError;

/// Cooldown of a scope after its first failure; it doubles with each consecutive failure.
const FIRST_COOLDOWN: Duration = Duration::from_millis(500);

/// Number of consecutive lost requests after which the scope enters a cooldown, as after a failure.
const LOST_AT_MOST: u32 = 3;

/// Cooldown of a scope after a token that had expired on arrival, and after the second consecutive rejection; it
/// doubles with each further one.
const LONG_COOLDOWN: Duration = Duration::from_secs(1);

/// Rejections that are further apart are not consecutive.
const LONGEST_BETWEEN_REJECTIONS: Duration = Duration::from_secs(120);

/// Requests, failures and rejections of one scope.
pub(crate) struct SlotState {
    /// Number of the latest request.
    youngest: u32,
    in_flight: Option<InFlightRequest>,
    /// Number of consecutive lost requests.
    lost: u32,
    last_failure: Option<LastFailure>,
    rejections: u32,
    rejected: Option<Moment>,
    /// The rejected token, until a request succeeds: an endpoint that shares tokens must not return it again.
    rejected_token: Option<AccessToken>,
}

/// The last failure and its cooldown, both kept until a request succeeds.
struct LastFailure {
    cooldown: Cooldown,
    failures: u32,
    error: TokenError,
}

impl SlotState {
    /// Creates a state in which `youngest` is the number of the latest request.
    pub(crate) fn after(youngest: u32) -> Box<Self> {
        let (in_flight, last_failure, rejected, rejected_token) = (None, None, None, None);
        Box::new(Self { youngest, in_flight, lost: 0, last_failure, rejections: 0, rejected, rejected_token })
    }

    pub(crate) fn youngest(&self) -> u32 {
        self.youngest
    }

    pub(crate) fn in_flight(&self) -> Option<&InFlightRequest> {
        self.in_flight.as_ref()
    }

    /// The cooldown after the last failure, and that failure.
    pub(crate) fn cooldown(&self) -> Option<(Cooldown, &TokenError)> {
        self.last_failure.as_ref().map(|failure| (failure.cooldown, &failure.error))
    }

    /// Registers a new request.
    pub(crate) fn begin(&mut self, now: Moment, deadline: Duration) -> OutcomeSender {
        self.youngest += 1;
        let sender = OutcomeSender::new(self.youngest, now, deadline);
        self.in_flight = Some(sender.in_flight.clone());
        sender
    }

    /// Ends the request with this number. Returns true if it is the latest one; a request that was considered lost may
    /// still end during or after its successor.
    pub(crate) fn end(&mut self, number: u32) -> bool {
        let is_youngest = self.youngest == number;
        if is_youngest {
            self.in_flight = None;
            self.lost = 0;
        }
        is_youngest
    }

    /// Removes the in-flight request if it is lost. Returns the cooldown that starts, if one does, like the other
    /// methods that record a failure.
    pub(crate) fn forget_lost_request(&mut self, now: Moment) -> Option<Duration> {
        if !self.in_flight.as_ref().is_some_and(InFlightRequest::is_lost) {
            return None;
        }
        self.in_flight = None;
        self.lost += 1;
        if self.lost < LOST_AT_MOST {
            return None;
        }
        self.lost = 0;
        let failures = self.failures();
        self.cool_down(growing(FIRST_COOLDOWN, failures), failures.saturating_add(1), TokenError::Interrupted, now)
    }

    /// Clears the last failure and its cooldown, since a request has succeeded.
    pub(crate) fn recover(&mut self) {
        self.last_failure = None;
        self.rejected_token = None;
    }

    /// The token that a resource server rejected, if no request has succeeded since.
    pub(crate) fn rejected_token(&self) -> Option<&AccessToken> {
        self.rejected_token.as_ref()
    }

    /// Clears failures and rejections, which concern the old credentials. With `disown`, the in-flight request is no
    /// longer the latest one, so that its outcome is ignored.
    pub(crate) fn start_afresh(&mut self, disown: bool) {
        self.last_failure = None;
        self.rejections = 0;
        self.rejected = None;
        if disown {
            self.in_flight = None;
            self.youngest += 1;
        }
    }

    /// Starts the cooldown after a token that had expired on arrival.
    pub(crate) fn cool_down_after_dead_token(&mut self, now: Moment) -> Option<Duration> {
        let failures = self.failures();
        let cooldown = growing(LONG_COOLDOWN, failures);
        self.cool_down(cooldown, failures.saturating_add(1), TokenError::ExpiredOnArrival, now)
    }

    /// Starts the cooldown after a token that arrived in its margin; it ends before that token, whose lifetime is `left`, expires.
    pub(crate) fn cool_down_after_late_token(&mut self, left: Duration, now: Moment) -> Option<Duration> {
        let failures = self.failures();
        let cooldown = within_life(growing(FIRST_COOLDOWN, failures), left, Duration::ZERO);
        self.cool_down(cooldown, failures.saturating_add(1), TokenError::ExpiredOnArrival, now)
    }

    /// Starts the cooldown after a failure. `left` is the remaining lifetime of the cached token; `random` is from 0 to
    /// 1.
    pub(crate) fn cool_down_after(
        &mut self,
        error: &TokenError,
        left: Duration,
        now: Moment,
        random: f64,
    ) -> Option<Duration> {
        let failures = self.failures();
        if let TokenError::RateLimited { retry_after } = error {
            return self.cool_down(*retry_after, failures, error.clone(), now);
        }
        let cooldown = within_life(spread(growing(FIRST_COOLDOWN, failures), random), left, FIRST_COOLDOWN);
        self.cool_down(cooldown, failures.saturating_add(1), error.clone(), now)
    }

    /// Records the rejection of a token. The second and each further consecutive rejection start a cooldown; otherwise a resource
    /// server that accepts no token would cause an endless series of token requests.
    pub(crate) fn cool_down_after_rejection(&mut self, token: AccessToken, now: Moment) -> Option<Duration> {
        self.rejected_token = Some(token);
        self.rejections = if self.is_in_a_row(now) { self.rejections.saturating_add(1) } else { 1 };
        self.rejected = Some(now);
        if self.rejections < 2 || self.in_flight.is_some() {
            return None;
        }
        let cooldown = growing(LONG_COOLDOWN, self.rejections - 2);
        self.cool_down(cooldown, 0, TokenError::Rejected { retry_after: cooldown }, now)
    }

    fn failures(&self) -> u32 {
        self.last_failure.as_ref().map_or(0, |failure| failure.failures)
    }

    fn cool_down(&mut self, length: Duration, failures: u32, error: TokenError, now: Moment) -> Option<Duration> {
        self.last_failure = Some(LastFailure { cooldown: Cooldown { from: now, length }, failures, error });
        Some(length)
    }

    fn is_in_a_row(&self, now: Moment) -> bool {
        self.rejected.is_some_and(|rejected| now.since(rejected) < LONGEST_BETWEEN_REJECTIONS)
    }

    /// True while the scope is in a cooldown.
    pub(crate) fn is_cooling_down(&self, now: Moment) -> bool {
        self.last_failure.as_ref().is_some_and(|failure| failure.cooldown.is_on(now))
    }

    /// True if the state holds nothing relevant except the number of the latest request.
    pub(crate) fn is_blank(&self, now: Moment) -> bool {
        self.in_flight.is_none() && self.last_failure.is_none() && !self.is_in_a_row(now)
    }
}
