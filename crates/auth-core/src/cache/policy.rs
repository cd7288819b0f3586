//! Decides what a caller gets: one pure function, [`decide`].
//!
//! It maps the state of a scope ([`View`]), the state of the circuit breaker ([`BreakerView`]) and the caller's
//! [`Need`] to an [`Action`]. No other code decides. The type parameters stand for values that the function passes from
//! its input to the action without examining them: `T` is a token, `R` an in-flight request, `S` what a request is sent
//! with, `E` an error.
//!
//! Two checks run before it because they take no lock: whether the cached token is fresh, and [`is_result`]. Property
//! tests verify that [`decide`] would return the same token.

use std::time::Duration;

use crate::clock::Moment;
use crate::token::lifetime::{NEW, Times};

/// A request that has been in flight for longer than this is slow: callers that have an unexpired token no longer wait
/// for it.
const SLOW: Duration = Duration::from_secs(1);

/// The state of one scope.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<T, R, E> {
    /// The cached token and its times.
    pub(crate) token: Option<(Times, T)>,
    /// The in-flight request, and when it began.
    pub(crate) in_flight: Option<(Moment, R)>,
    /// The last failure and its cooldown, which are kept after the cooldown has ended, until a request succeeds.
    pub(crate) cooldown: Option<(Cooldown, E)>,
}

/// The state of the circuit breaker, which applies to all scopes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BreakerView<E> {
    /// The suspension after refused credentials.
    pub(crate) refused: Option<(Cooldown, E)>,
    /// The suspension after a `Retry-After`.
    pub(crate) asked_to_wait: Option<(Cooldown, E)>,
    /// Maximum duration of a request, including the wait until it may be sent.
    pub(crate) deadline: Duration,
}

/// A period in which no requests are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cooldown {
    pub(crate) from: Moment,
    pub(crate) length: Duration,
}

/// What the caller needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Need<T, S, E> {
    /// The token must be valid for this many milliseconds.
    pub(crate) min_validity: u64,
    /// The runtime on which a request can be sent, if the caller is on one.
    pub(crate) runtime: Option<S>,
    /// Number of further requests that the caller waits for; 0 for a caller that does not wait.
    pub(crate) waits: usize,
    /// The outcome of the request that the caller has just waited for.
    pub(crate) waited: Waited<T, E>,
}

/// The outcome of the request that a caller waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Waited<T, E> {
    /// The caller has not waited.
    Not,
    /// The request returned a token, which has times unless it had expired when it was issued.
    Token(Option<Times>, T),
    /// The request failed, or the deadline of the caller has passed.
    Failed(E),
    /// The request was lost, or the caller has waited for the duration of the [`Action`].
    InVain,
}

/// What to do for a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action<T, R, S, F> {
    /// Return the token.
    Serve(T),
    /// Return the token, which is due for renewal.
    ServeStale(T),
    /// Return the token, which is due for renewal, and send a request in the background.
    ServeAndRenew(T, S),
    /// Send a request in the background and return nothing: no token can be returned, and the caller does not wait.
    Renew(S),
    /// Wait for the in-flight request, at most for the duration if there is one, then decide again.
    Wait(R, Option<Duration>),
    /// Send a request and wait for it, at most for the duration if there is one, then decide again.
    SendAndWait(S, Option<Duration>),
    /// Return nothing: no token can be returned, and the caller does not wait.
    Nothing,
    /// Return an error.
    Fail(F),
}

/// Why no token can be obtained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause<E> {
    /// The request that the caller waited for failed.
    Request(E),
    /// The scope is in a cooldown after this failure, with this remaining time.
    Cooldown(E, Duration),
    /// The requests of all scopes are suspended because of this failure.
    CircuitBreaker(E),
    /// A new token is valid for no longer than this, so another one would not be either.
    Validity(Duration),
    /// A request is needed, but the caller is not on a runtime.
    NoRuntime,
}

impl<T, R, S, F> Action<T, R, S, F> {
    /// Converts what the request is sent with; the rest of the action is unchanged.
    pub(crate) fn map_sender<U>(self, map: impl FnOnce(S) -> U) -> Action<T, R, U, F> {
        match self {
            Self::Serve(token) => Action::Serve(token),
            Self::ServeStale(token) => Action::ServeStale(token),
            Self::ServeAndRenew(token, sender) => Action::ServeAndRenew(token, map(sender)),
            Self::Renew(sender) => Action::Renew(map(sender)),
            Self::Wait(request, at_most) => Action::Wait(request, at_most),
            Self::SendAndWait(sender, at_most) => Action::SendAndWait(map(sender), at_most),
            Self::Nothing => Action::Nothing,
            Self::Fail(failure) => Action::Fail(failure),
        }
    }
}

impl Cooldown {
    /// The remaining time.
    pub(crate) fn remaining(&self, now: Moment) -> Duration {
        self.length.saturating_sub(now.since(self.from))
    }

    pub(crate) fn is_on(&self, now: Moment) -> bool {
        !self.remaining(now).is_zero()
    }
}

impl<E> BreakerView<E> {
    fn allows_requests(&self, now: Moment) -> bool {
        ![&self.refused, &self.asked_to_wait].into_iter().flatten().any(|(cooldown, _)| cooldown.is_on(now))
    }

    /// True if a request may be sent now or before its deadline.
    fn allows_waiting(&self, now: Moment) -> bool {
        !self.refused.as_ref().is_some_and(|(cooldown, _)| cooldown.is_on(now))
            && self.asked_to_wait.as_ref().is_none_or(|(cooldown, _)| cooldown.remaining(now) <= self.deadline)
    }

    /// Returns the failure because of which no request may be sent; if there are two, the one that suspends requests
    /// for longer.
    fn suspension(self, now: Moment) -> Option<E> {
        if self.allows_waiting(now) {
            return None;
        }
        let both = [self.refused, self.asked_to_wait].into_iter().flatten();
        both.max_by_key(|(cooldown, _)| cooldown.remaining(now)).map(|(_, error)| error)
    }
}

/// True if a caller that has waited for a token with these times gets it, regardless of the rest of the state. A token
/// that was issued with a lifetime of zero has no times, and is returned to callers that require no minimum validity.
pub(crate) fn is_result(times: Option<Times>, now: Moment, min_validity: u64) -> bool {
    times.map_or(min_validity == 0, |times| times.serves_in_need(now, min_validity))
}

/// Decides what a caller gets at `now`.
pub(crate) fn decide<T, R, S, E>(
    view: View<T, R, E>,
    breaker: BreakerView<E>,
    now: Moment,
    need: Need<T, S, E>,
) -> Action<T, R, S, Cause<E>> {
    let View { token, in_flight, cooldown } = view;
    let Need { min_validity, runtime, waits, waited } = need;
    let is_slow = in_flight.as_ref().is_some_and(|(began, _)| now.since(*began) > SLOW);
    let is_in_trouble = is_slow || cooldown.is_some() || !breaker.allows_requests(now);
    let cooldown = cooldown.filter(|(cooldown, _)| cooldown.is_on(now));
    let may_renew = in_flight.is_none() && cooldown.is_none() && breaker.allows_requests(now);
    // Remaining lifetime of the cached token, if it is valid for long enough.
    let times = token.as_ref().map(|(times, _)| *times);
    let living = times.filter(|times| times.serves_in_need(now, min_validity)).map(|times| times.remaining(now));

    match (waited, token) {
        (Waited::Token(times, token), _) if is_result(times, now, min_validity) => return Action::Serve(token),
        // A token that expired before the caller resumed is ignored.
        (Waited::Token(times, _), _) if times.is_none_or(|times| times.remaining_millis(now) > 0) => {
            return Action::Fail(Cause::Validity(times.map_or(Duration::ZERO, |times| times.remaining(now))));
        }
        (Waited::Failed(_) | Waited::InVain, Some((_, token))) if living.is_some() => return Action::Serve(token),
        (Waited::Failed(error), _) => return Action::Fail(Cause::Request(error)),
        (_, Some((times, token))) if times.serves(now, min_validity) || (is_in_trouble && living.is_some()) => {
            return match runtime {
                _ if !times.is_due(now) => Action::Serve(token),
                Some(runtime) if may_renew => Action::ServeAndRenew(token, runtime),
                _ => Action::ServeStale(token),
            };
        }
        (_, Some((times, _)))
            if times.is_usable(now) && u64::from(times.expires) < min_validity && times.age(now) < NEW =>
        {
            return Action::Fail(Cause::Validity(times.remaining(now)));
        }
        _ => {}
    }

    // The caller must not get the cached token yet. If it is valid but within its margin, the caller waits for at most half of
    // its remaining lifetime, and then gets it.
    let at_most = living.map(|remaining| remaining / 2);
    let suspension = breaker.suspension(now);
    match (in_flight, suspension, cooldown, runtime) {
        (Some((_, request)), ..) if waits > 0 => Action::Wait(request, at_most),
        (Some(_), ..) => Action::Nothing,
        (None, Some(error), ..) => Action::Fail(Cause::CircuitBreaker(error)),
        (None, None, Some((cooldown, error)), _) => Action::Fail(Cause::Cooldown(error, cooldown.remaining(now))),
        (None, None, None, None) => Action::Fail(Cause::NoRuntime),
        (None, None, None, Some(runtime)) if waits > 0 => Action::SendAndWait(runtime, at_most),
        (None, None, None, Some(runtime)) if living.is_some() => Action::Renew(runtime),
        (None, None, None, Some(_)) => Action::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use proptest::prelude::*;

    use super::*;
    use crate::token::lifetime::margin;

    /// Tokens and errors are words: `came` is the token that the caller waited for, `at hand` the cached one.
    type TestView = View<&'static str, (), &'static str>;
    type TestBreaker = BreakerView<&'static str>;
    type TestNeed = Need<&'static str, (), &'static str>;
    type TestAction = Action<&'static str, (), (), Cause<&'static str>>;

    /// The moment this many seconds after a fixed start, on each clock.
    fn moment(monotonic: f64, wall: f64) -> Moment {
        let start = UNIX_EPOCH + Duration::from_secs(1_000_000);
        let wall =
            if wall < 0.0 { start - Duration::from_secs_f64(-wall) } else { start + Duration::from_secs_f64(wall) };
        Moment::new(Duration::from_secs_f64(1_000.0 + monotonic), wall)
    }

    fn at(second: f64) -> Moment {
        moment(second, second)
    }

    fn lasting(from: f64, seconds: f64) -> Cooldown {
        Cooldown { from: at(from), length: Duration::from_secs_f64(seconds) }
    }

    /// Requested at 0, due for renewal after 70 seconds, in its margin after 90, expired after 100.
    const TOKEN: Times =
        Times { requested: Moment::new_const(1_000_000, 1_000_000_000), expires: 100_000, refresh: 70_000 };

    const DEADLINE: Duration = Duration::from_secs(45);

    const NONE: TestView = View { token: None, in_flight: None, cooldown: None };

    const OPEN: TestBreaker = BreakerView { refused: None, asked_to_wait: None, deadline: DEADLINE };

    /// A caller that is on a runtime and waits for a token that is valid for this many milliseconds.
    const fn waits(min_validity: u64) -> TestNeed {
        Need { min_validity, runtime: Some(()), waits: 3, waited: Waited::Not }
    }

    /// The same outside a runtime.
    const fn outside(min_validity: u64) -> TestNeed {
        Need { runtime: None, ..waits(min_validity) }
    }

    /// A caller that does not wait.
    const ASKS: TestNeed = Need { waits: 0, ..waits(0) };

    const ASKS_OUTSIDE: TestNeed = Need { waits: 0, ..outside(0) };

    fn requesting(view: TestView, since: f64) -> TestView {
        View { in_flight: Some((at(since), ())), ..view }
    }

    fn cooling(view: TestView, from: f64, seconds: f64) -> TestView {
        View { cooldown: Some((lasting(from, seconds), "scope")), ..view }
    }

    fn refused(from: f64, seconds: f64) -> TestBreaker {
        BreakerView { refused: Some((lasting(from, seconds), "refused")), ..OPEN }
    }

    fn asked(from: f64, seconds: f64) -> TestBreaker {
        BreakerView { asked_to_wait: Some((lasting(from, seconds), "asked")), ..OPEN }
    }

    fn cooldown(seconds: f64) -> TestAction {
        Action::Fail(Cause::Cooldown("scope", Duration::from_secs_f64(seconds)))
    }

    fn validity(seconds: f64) -> TestAction {
        Action::Fail(Cause::Validity(Duration::from_secs_f64(seconds)))
    }

    /// Waits for the in-flight request, for this many seconds at most.
    fn wait_at_most(seconds: f64) -> TestAction {
        Action::Wait((), Some(Duration::from_secs_f64(seconds)))
    }

    fn send_and_wait_at_most(seconds: f64) -> TestAction {
        Action::SendAndWait((), Some(Duration::from_secs_f64(seconds)))
    }

    #[test]
    fn every_situation_has_one_action() {
        const SERVE: TestAction = Action::Serve("at hand");
        const STALE: TestAction = Action::ServeStale("at hand");
        const STALE_AND_RENEW: TestAction = Action::ServeAndRenew("at hand", ());
        const WAIT: TestAction = Action::Wait((), None);
        const SEND_AND_WAIT: TestAction = Action::SendAndWait((), None);
        const RENEW: TestAction = Action::Renew(());
        const NOTHING: TestAction = Action::Nothing;
        const REFUSED: TestAction = Action::Fail(Cause::CircuitBreaker("refused"));
        const ASKED: TestAction = Action::Fail(Cause::CircuitBreaker("asked"));
        const NO_RUNTIME: TestAction = Action::Fail(Cause::NoRuntime);

        let (none, open) = (NONE, OPEN);
        let token = View { token: Some((TOKEN, "at hand")), ..none };
        let both = |breaker: TestBreaker, from: f64, seconds: f64| BreakerView {
            refused: refused(from, seconds).refused,
            ..breaker
        };
        #[rustfmt::skip]
        let scenarios = [
            ("fresh", token, open, at(1.0), waits(0), SERVE),
            ("fresh, request in flight", requesting(token, 0.5), open, at(1.0), waits(0), SERVE),
            ("fresh, after a failure", cooling(token, 0.0, 50.0), open, at(1.0), waits(0), SERVE),
            ("fresh, credentials refused", token, refused(0.0, 50.0), at(1.0), waits(0), SERVE),
            ("fresh, asked to wait", token, asked(0.0, 50.0), at(1.0), waits(0), SERVE),
            ("fresh, no runtime", token, open, at(1.0), outside(0), SERVE),
            ("the last moment before it is due", token, open, at(69.999), waits(0), SERVE),
            ("due", token, open, at(70.0), waits(0), STALE_AND_RENEW),
            ("due, no runtime", token, open, at(70.0), outside(0), STALE),
            ("due, request in flight", requesting(token, 70.0), open, at(70.1), waits(0), STALE),
            ("due, slow request in flight", requesting(token, 70.0), open, at(80.0), waits(0), STALE),
            ("due, in cooldown", cooling(token, 69.0, 5.0), open, at(70.0), waits(0), STALE),
            ("due, cooldown over", cooling(token, 60.0, 10.0), open, at(70.0), waits(0), STALE_AND_RENEW),
            ("due, cooldown over, no runtime", cooling(token, 60.0, 10.0), open, at(70.0), outside(0), STALE),
            ("due, credentials refused", token, refused(60.0, 20.0), at(70.0), waits(0), STALE),
            ("due, refusal over", token, refused(60.0, 10.0), at(70.0), waits(0), STALE_AND_RENEW),
            ("due, asked to wait briefly", token, asked(69.0, 2.0), at(70.0), waits(0), STALE),
            ("due, waited", token, asked(60.0, 10.0), at(70.0), waits(0), STALE_AND_RENEW),
            ("the last usable moment", token, open, at(89.999), waits(0), STALE_AND_RENEW),
            ("in the margin", token, open, at(90.0), waits(0), send_and_wait_at_most(5.0)),
            ("in the margin, no runtime", token, open, at(90.0), outside(0), NO_RUNTIME),
            ("in the margin, request in flight", requesting(token, 89.5), open, at(90.0), waits(0), wait_at_most(5.0)),
            ("in the margin, slow request in flight", requesting(token, 80.0), open, at(90.0), waits(0), STALE),
            ("in the margin, in cooldown", cooling(token, 85.0, 10.0), open, at(90.0), waits(0), STALE),
            ("in the margin, failed before", cooling(token, 80.0, 10.0), open, at(90.0), waits(0), STALE_AND_RENEW),
            ("in the margin, failed before, no runtime", cooling(token, 80.0, 10.0), open, at(90.0), outside(0), STALE),
            ("in the margin, credentials refused", token, refused(80.0, 20.0), at(90.0), waits(0), STALE),
            ("in the margin, asked to wait", token, asked(80.0, 20.0), at(90.0), waits(0), STALE),
            ("the last moment of its life, in need", cooling(token, 99.0, 10.0), open, at(99.999), waits(0), STALE),
            ("expired", token, open, at(100.0), waits(0), SEND_AND_WAIT),
            ("expired, no runtime", token, open, at(100.0), outside(0), NO_RUNTIME),
            ("expired, request in flight", requesting(token, 99.0), open, at(100.0), waits(0), WAIT),
            ("expired, slow request in flight", requesting(token, 80.0), open, at(100.0), waits(0), WAIT),
            ("expired, in cooldown", cooling(token, 95.0, 10.0), open, at(100.0), waits(0), cooldown(5.0)),
            ("expired, in cooldown, no runtime", cooling(token, 95.0, 10.0), open, at(100.0), outside(0), cooldown(5.0)),
            ("expired, cooldown over", cooling(token, 90.0, 10.0), open, at(100.0), waits(0), SEND_AND_WAIT),
            ("expired, credentials refused", token, refused(95.0, 10.0), at(100.0), waits(0), REFUSED),
            ("expired, asked to wait a little", token, asked(95.0, 10.0), at(100.0), waits(0), SEND_AND_WAIT),
            ("expired, asked to wait too long", token, asked(95.0, 60.0), at(100.0), waits(0), ASKED),
            ("none", none, open, at(0.0), waits(0), SEND_AND_WAIT),
            ("none, no runtime", none, open, at(0.0), outside(0), NO_RUNTIME),
            ("none, request in flight", requesting(none, 0.0), open, at(1.0), waits(0), WAIT),
            ("none, request in flight, no runtime", requesting(none, 0.0), open, at(1.0), outside(0), WAIT),
            ("none, request in flight while in cooldown", cooling(requesting(none, 0.0), 0.0, 9.0), open, at(1.0), waits(0), WAIT),
            ("none, request in flight, all suspended", requesting(none, 0.0), refused(0.0, 9.0), at(1.0), waits(0), WAIT),
            ("none, in cooldown", cooling(none, 0.0, 9.0), open, at(1.0), waits(0), cooldown(8.0)),
            ("none, in cooldown, all suspended", cooling(none, 0.0, 9.0), refused(0.0, 9.0), at(1.0), waits(0), REFUSED),
            ("none, cooldown over", cooling(none, 0.0, 9.0), open, at(9.0), waits(0), SEND_AND_WAIT),
            ("none, credentials refused, no runtime", none, refused(0.0, 9.0), at(1.0), outside(0), REFUSED),
            ("none, asked to wait as long as the deadline allows", none, asked(0.0, 45.0), at(0.0), waits(0), SEND_AND_WAIT),
            ("none, asked to wait longer", none, asked(0.0, 45.001), at(0.0), waits(0), ASKED),
            ("none, refused, and asked to wait for longer", none, both(asked(0.0, 20.0), 0.0, 9.0), at(1.0), waits(0), ASKED),
            ("none, refused for longer than asked to wait", none, both(asked(0.0, 9.0), 0.0, 20.0), at(1.0), waits(0), REFUSED),
            ("none, refusal over, asked to wait a little", none, both(asked(0.0, 20.0), 0.0, 9.0), at(9.0), waits(0), SEND_AND_WAIT),
            ("slept through its end", token, open, moment(1.0, 3_600.0), waits(0), SEND_AND_WAIT),
            ("slept until it is due", token, open, moment(1.0, 75.0), waits(0), STALE_AND_RENEW),
            ("wall clock set back past its end", token, open, moment(100.0, -3_600.0), waits(0), SEND_AND_WAIT),
            ("wall clock set back while it is fresh", token, open, moment(1.0, -3_600.0), waits(0), SERVE),
            ("slept through a cooldown", cooling(none, 0.0, 9.0), open, moment(1.0, 60.0), waits(0), SEND_AND_WAIT),
            ("enough left", token, open, at(10.0), waits(90_000), SERVE),
            ("enough left, due", token, open, at(75.0), waits(25_000), STALE_AND_RENEW),
            ("not enough left", token, open, at(11.0), waits(90_000), SEND_AND_WAIT),
            ("not enough left, no runtime", token, open, at(11.0), outside(90_000), NO_RUNTIME),
            ("not enough left, request in flight", requesting(token, 10.5), open, at(11.0), waits(90_000), WAIT),
            ("not enough left, in cooldown", cooling(token, 10.0, 10.0), open, at(11.0), waits(90_000), cooldown(9.0)),
            ("not enough left, credentials refused", token, refused(10.0, 10.0), at(11.0), waits(90_000), REFUSED),
            ("enough left in the margin", token, open, at(92.0), waits(8_000), send_and_wait_at_most(4.0)),
            ("not enough left in the margin", token, open, at(92.0), waits(8_001), SEND_AND_WAIT),
            ("more than it ever had, brand-new", token, open, at(0.5), waits(100_001), validity(99.5)),
            ("more than it ever had, a little later", token, open, at(1.0), waits(100_001), SEND_AND_WAIT),
            ("more than anything has", token, open, at(0.0), waits(u64::MAX), validity(100.0)),
            ("only asks, fresh", token, open, at(1.0), ASKS, SERVE),
            ("only asks, due", token, open, at(70.0), ASKS, STALE_AND_RENEW),
            ("only asks, due, no runtime", token, open, at(70.0), ASKS_OUTSIDE, STALE),
            ("only asks, due, request in flight", requesting(token, 70.0), open, at(70.1), ASKS, STALE),
            ("only asks, in the margin", token, open, at(90.0), ASKS, RENEW),
            ("only asks, in the margin, no runtime", token, open, at(90.0), ASKS_OUTSIDE, NO_RUNTIME),
            ("only asks, in the margin, request in flight", requesting(token, 89.5), open, at(90.0), ASKS, NOTHING),
            ("only asks, in the margin, in cooldown", cooling(token, 85.0, 10.0), open, at(90.0), ASKS, STALE),
            ("only asks, expired", token, open, at(100.0), ASKS, NOTHING),
            ("only asks, expired, in cooldown", cooling(token, 95.0, 10.0), open, at(100.0), ASKS, cooldown(5.0)),
            ("only asks, none", none, open, at(0.0), ASKS, NOTHING),
            ("only asks, none, request in flight", requesting(none, 0.0), open, at(1.0), ASKS, NOTHING),
            ("only asks, none, credentials refused", none, refused(0.0, 9.0), at(1.0), ASKS, REFUSED),
        ];
        for (case, view, breaker, now, need, wanted) in scenarios {
            assert_eq!(decide(view, breaker, now, need), wanted, "{case}");
        }
        assert!(scenarios.len() >= 80);
    }

    #[test]
    fn a_caller_that_has_waited_gets_the_result_or_the_cached_token() {
        const CAME: TestAction = Action::Serve("came");
        const SERVE: TestAction = Action::Serve("at hand");
        const FAILED: TestAction = Action::Fail(Cause::Request("request"));

        let token = View { token: Some((TOKEN, "at hand")), ..NONE };
        let came = Waited::Token(Some(TOKEN), "came");
        let dead = Waited::Token(None, "came");
        let failed = Waited::Failed("request");
        #[rustfmt::skip]
        let scenarios = [
            ("a token", NONE, came, at(1.0), waits(0), CAME),
            ("a token that is not at hand any more", NONE, came, at(99.999), waits(0), CAME),
            ("a token that is short", NONE, came, at(1.0), waits(99_001), validity(99.0)),
            ("a token that is long enough", NONE, came, at(1.0), waits(99_000), CAME),
            ("a token that has expired since", NONE, came, at(100.0), waits(0), Action::SendAndWait((), None)),
            ("a token that has expired since, the last time", NONE, came, at(100.0), ASKS, Action::Nothing),
            ("a token for this once", NONE, dead, at(1.0), waits(0), CAME),
            ("a token for this once that is short", NONE, dead, at(1.0), waits(1), validity(0.0)),
            ("a failure", NONE, failed, at(1.0), waits(0), FAILED),
            ("a failure, in cooldown", cooling(NONE, 0.0, 9.0), failed, at(1.0), waits(0), FAILED),
            ("a failure, request in flight", requesting(NONE, 0.0), failed, at(1.0), waits(0), FAILED),
            ("a failure, in the margin", token, failed, at(99.0), waits(0), SERVE),
            ("a failure, not enough left", token, failed, at(99.0), waits(1_001), FAILED),
            ("a failure, expired", token, failed, at(100.0), waits(0), FAILED),
            ("in vain", NONE, Waited::InVain, at(1.0), waits(0), Action::SendAndWait((), None)),
            ("in vain, request in flight", requesting(NONE, 0.0), Waited::InVain, at(1.0), waits(0), Action::Wait((), None)),
            ("in vain, in the margin", token, Waited::InVain, at(95.0), waits(0), SERVE),
            ("in vain, not enough left", token, Waited::InVain, at(95.0), waits(5_001), Action::SendAndWait((), None)),
            ("in vain, in cooldown", cooling(NONE, 0.0, 9.0), Waited::InVain, at(1.0), waits(0), cooldown(8.0)),
            ("in vain, the last time", NONE, Waited::InVain, at(1.0), ASKS, Action::Nothing),
        ];
        for (case, view, waited, now, need, wanted) in scenarios {
            assert_eq!(decide(view, OPEN, now, Need { waited, ..need }), wanted, "{case}");
        }
    }

    fn any_moment() -> impl Strategy<Value = Moment> {
        // During and around the token's lifetime, with clocks that differ by up to an hour.
        (0.0..150.0, -3_600.0..3_600.0, prop::bool::ANY)
            .prop_map(|(second, apart, together)| moment(second, if together { second } else { second + apart }))
    }

    fn any_cooldown(error: &'static str) -> impl Strategy<Value = Option<(Cooldown, &'static str)>> {
        prop::option::of(
            (any_moment(), 0..120_u64)
                .prop_map(move |(from, length)| (Cooldown { from, length: Duration::from_secs(length) }, error)),
        )
    }

    fn any_times() -> impl Strategy<Value = Times> {
        (1..100_000_u32, 0.0..1.0).prop_map(|(expires, part)| {
            let latest = f64::from(expires - margin(expires));
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            Times { requested: TOKEN.requested, expires, refresh: (latest * part) as u32 }
        })
    }

    fn any_view() -> impl Strategy<Value = TestView> {
        let token = prop::option::of(any_times().prop_map(|times| (times, "at hand")));
        let in_flight = prop::option::of(any_moment().prop_map(|began| (began, ())));
        (token, in_flight, any_cooldown("scope")).prop_map(|(token, in_flight, cooldown)| View {
            token,
            in_flight,
            cooldown,
        })
    }

    fn any_breaker() -> impl Strategy<Value = TestBreaker> {
        (any_cooldown("refused"), any_cooldown("asked")).prop_map(|(refused, asked_to_wait)| BreakerView {
            refused,
            asked_to_wait,
            deadline: DEADLINE,
        })
    }

    fn any_need() -> impl Strategy<Value = TestNeed> {
        let waited = prop_oneof![
            4 => Just(Waited::Not),
            1 => prop::option::of(any_times()).prop_map(|times| Waited::Token(times, "came")),
            1 => Just(Waited::Failed("request")),
            1 => Just(Waited::InVain),
        ];
        (0..120_000_u64, prop::option::of(Just(())), 0..4_usize, waited)
            .prop_map(|(min_validity, runtime, waits, waited)| Need { min_validity, runtime, waits, waited })
    }

    /// True if the action sends a request.
    fn begins(action: TestAction) -> bool {
        matches!(action, Action::SendAndWait(..) | Action::ServeAndRenew(..) | Action::Renew(()))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_096, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_served_token_is_valid_for_long_enough_on_both_clocks(
            view in any_view(), breaker in any_breaker(), now in any_moment(), need in any_need(),
        ) {
            let served = match decide(view, breaker, now, need) {
                Action::Serve(token) | Action::ServeStale(token) | Action::ServeAndRenew(token, ()) => token,
                _ => return Ok(()),
            };
            let times = match need.waited {
                Waited::Token(times, "came") if served == "came" => times,
                _ => Some(view.token.expect("something is served").0),
            };
            // A token without times can be used only once.
            let Some(token) = times else { prop_assert_eq!(need.min_validity, 0); return Ok(()) };
            prop_assert!(token.age(now) < u64::from(token.expires));
            prop_assert!(token.age(now) + need.min_validity <= u64::from(token.expires));
        }

        #[test]
        fn at_most_one_request_is_in_flight(
            view in any_view(), breaker in any_breaker(), now in any_moment(), need in any_need(),
        ) {
            let action = decide(view, breaker, now, need);
            prop_assert!(!(begins(action) && view.in_flight.is_some()));
            prop_assert!(!matches!(action, Action::Wait(..)) || view.in_flight.is_some());
        }

        #[test]
        fn no_request_is_sent_in_a_cooldown_or_without_a_runtime(
            view in any_view(), breaker in any_breaker(), now in any_moment(), need in any_need(),
        ) {
            let is_on = |cooldown: Option<(Cooldown, &str)>| cooldown.is_some_and(|(cooldown, _)| cooldown.is_on(now));
            let begins = begins(decide(view, breaker, now, need));
            prop_assert!(!(begins && is_on(view.cooldown)));
            prop_assert!(!(begins && is_on(breaker.refused)));
            prop_assert!(!(begins && need.runtime.is_none()));
        }

        #[test]
        fn a_caller_that_does_not_wait_is_never_made_to_wait(
            view in any_view(), breaker in any_breaker(), now in any_moment(), need in any_need(),
        ) {
            let action = decide(view, breaker, now, need);
            let is_made_to_wait = matches!(action, Action::Wait(..) | Action::SendAndWait(..));
            prop_assert!(!(is_made_to_wait && need.waits == 0));
            prop_assert!(!(matches!(action, Action::Renew(()) | Action::Nothing) && need.waits > 0));
        }

        #[test]
        fn every_cooldown_ends(view in any_view(), breaker in any_breaker(), min_validity in 0..120_000_u64) {
            // After the end of every cooldown, by the monotonic clock only.
            let view = View { in_flight: None, ..view };
            let action = decide(view, breaker, moment(7_200.0, -7_200.0), waits(min_validity));
            prop_assert!(!matches!(action, Action::Fail(_)));
        }

        #[test]
        fn no_call_fails_while_a_token_is_valid_for_long_enough(
            view in any_view(), breaker in any_breaker(), now in any_moment(), min_validity in 0..120_000_u64,
        ) {
            if view.token.is_some_and(|(token, _)| token.serves_in_need(now, min_validity)) {
                for waited in [Waited::Not, Waited::Failed("request"), Waited::InVain] {
                    let action = decide(view, breaker, now, Need { waited, ..waits(min_validity) });
                    prop_assert!(!matches!(action, Action::Fail(_)));
                }
            }
        }

        /// Callers make this check without a lock when they resume; it must agree with the decision.
        #[test]
        fn a_caller_gets_the_token_that_it_waited_for_exactly_if_it_is_valid(
            view in any_view(), breaker in any_breaker(), now in any_moment(), need in any_need(),
            times in prop::option::of(any_times()),
        ) {
            let need = Need { waited: Waited::Token(times, "came"), ..need };
            let is_served = decide(view, breaker, now, need) == Action::Serve("came");
            prop_assert_eq!(is_served, is_result(times, now, need.min_validity));
        }

        /// [`Slot::fresh`](crate::cache::slot::Slot::fresh) makes this check without a lock; it must agree with the
        /// decision.
        #[test]
        fn a_token_is_fresh_exactly_if_it_would_be_served_and_is_not_due(
            view in any_view(), breaker in any_breaker(), now in any_moment(), need in any_need(),
        ) {
            let action = decide(view, breaker, now, Need { waited: Waited::Not, ..need });
            let is_fresh = view.token.is_some_and(|(times, _)| times.is_fresh(now, need.min_validity));
            prop_assert_eq!(matches!(action, Action::Serve(_)), is_fresh);
        }
    }
}
