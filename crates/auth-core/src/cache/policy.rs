//! Decides what happens when a caller asks for a token: one pure function.

use std::time::Duration;

use crate::clock::Moment;
use crate::token::lifetime::Times;

/// A request that has been in flight for longer than this counts as trouble.
const SLOW: Duration = Duration::from_secs(1);

/// A token with fewer milliseconds behind it is not replaced by one that will live no longer.
const NEW: u64 = 1_000;

/// What is known of one scope.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct View {
    /// The token at hand.
    pub(crate) token: Option<Times>,
    /// When the request in flight began.
    pub(crate) in_flight: Option<Moment>,
    /// After a failure: the cooldown. Stays after it is over, until a request succeeds.
    pub(crate) cooldown: Option<Cooldown>,
}

/// What the circuit breaker knows, for all scopes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BreakerView {
    /// The server does not accept the credentials.
    pub(crate) refused: Option<Cooldown>,
    /// The server sent `Retry-After`.
    pub(crate) asked_to_wait: Option<Cooldown>,
    /// A request takes this long at most, including the wait until it may be sent.
    pub(crate) deadline: Duration,
}

/// A time during which no requests are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cooldown {
    pub(crate) from: Moment,
    pub(crate) length: Duration,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Hand out the token.
    Serve,
    /// Hand out the token and start a request in the background.
    ServeAndRefresh,
    /// Wait for the request in flight.
    Join,
    /// Start a request and wait for it.
    Lead,
    /// Return an error.
    Fail(Cause),
}

/// Why no token can be obtained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The scope is in a cooldown after a failure.
    Cooldown,
    /// The requests of all scopes are suspended.
    CircuitBreaker,
    /// The token that has just arrived is not valid for that long, so another will not be either.
    Validity,
}

impl Cooldown {
    /// What is left of it.
    pub(crate) fn remaining(&self, now: Moment) -> Duration {
        self.length.saturating_sub(now.since(self.from))
    }

    pub(crate) fn is_on(&self, now: Moment) -> bool {
        !self.remaining(now).is_zero()
    }
}

impl View {
    fn is_cooling_down(&self, now: Moment) -> bool {
        self.cooldown.is_some_and(|cooldown| cooldown.is_on(now))
    }

    /// The last request failed, or the one in flight is slow.
    fn is_in_trouble(&self, now: Moment) -> bool {
        self.cooldown.is_some() || self.in_flight.is_some_and(|began| now.since(began) > SLOW)
    }
}

impl BreakerView {
    fn allows_requests(&self, now: Moment) -> bool {
        ![self.refused, self.asked_to_wait].into_iter().flatten().any(|cooldown| cooldown.is_on(now))
    }

    /// True if a request may begin, or will be allowed to while it is worth waiting.
    fn allows_waiting(&self, now: Moment) -> bool {
        !self.refused.is_some_and(|cooldown| cooldown.is_on(now))
            && self.asked_to_wait.is_none_or(|cooldown| cooldown.remaining(now) <= self.deadline)
    }
}

/// Decides from what is known at `now` for a caller who needs the token for `min_validity` milliseconds.
pub(crate) fn decide(view: View, breaker: BreakerView, now: Moment, min_validity: u64) -> Decision {
    let Some(token) = view.token else { return without_token(view, breaker, now) };
    let in_need = view.is_in_trouble(now) || !breaker.allows_requests(now);
    if token.serves(now, min_validity) || (in_need && token.serves_in_need(now, min_validity)) {
        let may_refresh = view.in_flight.is_none() && !view.is_cooling_down(now) && breaker.allows_requests(now);
        return if token.is_due(now) && may_refresh { Decision::ServeAndRefresh } else { Decision::Serve };
    }
    if token.is_usable(now) && u64::from(token.expires) < min_validity && token.age(now) < NEW {
        return Decision::Fail(Cause::Validity);
    }
    without_token(view, breaker, now)
}

fn without_token(view: View, breaker: BreakerView, now: Moment) -> Decision {
    if view.in_flight.is_some() {
        Decision::Join
    } else if !breaker.allows_waiting(now) {
        Decision::Fail(Cause::CircuitBreaker)
    } else if view.is_cooling_down(now) {
        Decision::Fail(Cause::Cooldown)
    } else {
        Decision::Lead
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use proptest::prelude::*;

    use super::*;
    use crate::token::lifetime::margin;

    /// The moment this many seconds on either clock after some start.
    fn moment(monotonic: f64, wall: f64) -> Moment {
        let start = UNIX_EPOCH + Duration::from_secs(1_000_000);
        let wall =
            if wall < 0.0 { start - Duration::from_secs_f64(-wall) } else { start + Duration::from_secs_f64(wall) };
        Moment::new(Duration::from_secs_f64(1_000.0 + monotonic), wall)
    }

    fn at(second: f64) -> Moment {
        moment(second, second)
    }

    fn lasting(from: f64, seconds: f64) -> Option<Cooldown> {
        Some(Cooldown { from: at(from), length: Duration::from_secs_f64(seconds) })
    }

    /// Requested at 0, lives for 100 seconds, is due after 70, and is not used without need after 90.
    const TOKEN: Times =
        Times { requested: Moment::new_const(1_000_000, 1_000_000_000), expires: 100_000, refresh: 70_000 };

    const DEADLINE: Duration = Duration::from_secs(45);

    #[test]
    fn every_situation_has_one_answer() {
        use Cause::{CircuitBreaker, Cooldown, Validity};
        use Decision::{Fail, Join, Lead, Serve, ServeAndRefresh};

        let none = View::default();
        let token = View { token: Some(TOKEN), ..none };
        let requesting = |view: View, since: f64| View { in_flight: Some(at(since)), ..view };
        let cooling = |view: View, from: f64, seconds: f64| View { cooldown: lasting(from, seconds), ..view };
        let open = BreakerView { deadline: DEADLINE, ..BreakerView::default() };
        let refused = |from: f64, seconds: f64| BreakerView { refused: lasting(from, seconds), ..open };
        let asked = |from: f64, seconds: f64| BreakerView { asked_to_wait: lasting(from, seconds), ..open };
        #[rustfmt::skip]
        let scenarios = [
            ("fresh", token, open, at(1.0), 0, Serve),
            ("fresh, request in flight", requesting(token, 0.5), open, at(1.0), 0, Serve),
            ("fresh, after a failure", cooling(token, 0.0, 50.0), open, at(1.0), 0, Serve),
            ("fresh, credentials refused", token, refused(0.0, 50.0), at(1.0), 0, Serve),
            ("fresh, asked to wait", token, asked(0.0, 50.0), at(1.0), 0, Serve),
            ("the last moment before it is due", token, open, at(69.999), 0, Serve),
            ("due", token, open, at(70.0), 0, ServeAndRefresh),
            ("due, request in flight", requesting(token, 70.0), open, at(70.1), 0, Serve),
            ("due, slow request in flight", requesting(token, 70.0), open, at(80.0), 0, Serve),
            ("due, in cooldown", cooling(token, 69.0, 5.0), open, at(70.0), 0, Serve),
            ("due, cooldown over", cooling(token, 60.0, 10.0), open, at(70.0), 0, ServeAndRefresh),
            ("due, credentials refused", token, refused(60.0, 20.0), at(70.0), 0, Serve),
            ("due, refusal over", token, refused(60.0, 10.0), at(70.0), 0, ServeAndRefresh),
            ("due, asked to wait briefly", token, asked(69.0, 2.0), at(70.0), 0, Serve),
            ("due, waited", token, asked(60.0, 10.0), at(70.0), 0, ServeAndRefresh),
            ("the last usable moment", token, open, at(89.999), 0, ServeAndRefresh),
            ("in the margin", token, open, at(90.0), 0, Lead),
            ("in the margin, request in flight", requesting(token, 89.5), open, at(90.0), 0, Join),
            ("in the margin, slow request in flight", requesting(token, 80.0), open, at(90.0), 0, Serve),
            ("in the margin, in cooldown", cooling(token, 85.0, 10.0), open, at(90.0), 0, Serve),
            ("in the margin, failed before", cooling(token, 80.0, 10.0), open, at(90.0), 0, ServeAndRefresh),
            ("in the margin, credentials refused", token, refused(80.0, 20.0), at(90.0), 0, Serve),
            ("in the margin, asked to wait", token, asked(80.0, 20.0), at(90.0), 0, Serve),
            ("the last moment of its life, in need", cooling(token, 99.0, 10.0), open, at(99.999), 0, Serve),
            ("expired", token, open, at(100.0), 0, Lead),
            ("expired, request in flight", requesting(token, 99.0), open, at(100.0), 0, Join),
            ("expired, slow request in flight", requesting(token, 80.0), open, at(100.0), 0, Join),
            ("expired, in cooldown", cooling(token, 95.0, 10.0), open, at(100.0), 0, Fail(Cooldown)),
            ("expired, cooldown over", cooling(token, 90.0, 10.0), open, at(100.0), 0, Lead),
            ("expired, credentials refused", token, refused(95.0, 10.0), at(100.0), 0, Fail(CircuitBreaker)),
            ("expired, asked to wait a little", token, asked(95.0, 10.0), at(100.0), 0, Lead),
            ("expired, asked to wait too long", token, asked(95.0, 60.0), at(100.0), 0, Fail(CircuitBreaker)),
            ("none", none, open, at(0.0), 0, Lead),
            ("none, request in flight", requesting(none, 0.0), open, at(1.0), 0, Join),
            ("none, request in flight while in cooldown", cooling(requesting(none, 0.0), 0.0, 9.0), open, at(1.0), 0, Join),
            ("none, request in flight, all suspended", requesting(none, 0.0), refused(0.0, 9.0), at(1.0), 0, Join),
            ("none, in cooldown", cooling(none, 0.0, 9.0), open, at(1.0), 0, Fail(Cooldown)),
            ("none, in cooldown, all suspended", cooling(none, 0.0, 9.0), refused(0.0, 9.0), at(1.0), 0, Fail(CircuitBreaker)),
            ("none, cooldown over", cooling(none, 0.0, 9.0), open, at(9.0), 0, Lead),
            ("none, asked to wait as long as the deadline allows", none, asked(0.0, 45.0), at(0.0), 0, Lead),
            ("none, asked to wait longer", none, asked(0.0, 45.001), at(0.0), 0, Fail(CircuitBreaker)),
            ("slept through its end", token, open, moment(1.0, 3_600.0), 0, Lead),
            ("slept until it is due", token, open, moment(1.0, 75.0), 0, ServeAndRefresh),
            ("wall clock set back past its end", token, open, moment(100.0, -3_600.0), 0, Lead),
            ("wall clock set back while it is fresh", token, open, moment(1.0, -3_600.0), 0, Serve),
            ("slept through a cooldown", cooling(none, 0.0, 9.0), open, moment(1.0, 60.0), 0, Lead),
            ("enough left", token, open, at(10.0), 90_000, Serve),
            ("enough left, due", token, open, at(75.0), 25_000, ServeAndRefresh),
            ("not enough left", token, open, at(11.0), 90_000, Lead),
            ("not enough left, request in flight", requesting(token, 10.5), open, at(11.0), 90_000, Join),
            ("not enough left, in cooldown", cooling(token, 10.0, 10.0), open, at(11.0), 90_000, Fail(Cooldown)),
            ("not enough left, credentials refused", token, refused(10.0, 10.0), at(11.0), 90_000, Fail(CircuitBreaker)),
            ("more than it ever had, brand-new", token, open, at(0.5), 100_001, Fail(Validity)),
            ("more than it ever had, a little later", token, open, at(1.0), 100_001, Lead),
            ("more than anything has", token, open, at(0.0), u64::MAX, Fail(Validity)),
        ];
        for (case, view, breaker, now, min_validity, wanted) in scenarios {
            assert_eq!(decide(view, breaker, now, min_validity), wanted, "{case}");
        }
        assert!(scenarios.len() >= 40);
    }

    fn any_moment() -> impl Strategy<Value = Moment> {
        // Around the token's life, with the clocks apart by up to an hour.
        (0.0..150.0, -3_600.0..3_600.0, prop::bool::ANY)
            .prop_map(|(second, apart, together)| moment(second, if together { second } else { second + apart }))
    }

    fn any_cooldown() -> impl Strategy<Value = Option<Cooldown>> {
        prop::option::of(
            (any_moment(), 0..120_u64)
                .prop_map(|(from, length)| Cooldown { from, length: Duration::from_secs(length) }),
        )
    }

    fn any_view() -> impl Strategy<Value = View> {
        let times = (1..100_000_u32, 0.0..1.0).prop_map(|(expires, part)| {
            let latest = f64::from(expires - margin(expires));
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            Times { requested: TOKEN.requested, expires, refresh: (latest * part) as u32 }
        });
        (prop::option::of(times), prop::option::of(any_moment()), any_cooldown())
            .prop_map(|(token, in_flight, cooldown)| View { token, in_flight, cooldown })
    }

    fn any_breaker() -> impl Strategy<Value = BreakerView> {
        (any_cooldown(), any_cooldown()).prop_map(|(refused, asked_to_wait)| BreakerView {
            refused,
            asked_to_wait,
            deadline: DEADLINE,
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_096, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_served_lives_long_enough_on_both_clocks(
            view in any_view(), breaker in any_breaker(), now in any_moment(), min_validity in 0..120_000_u64,
        ) {
            if matches!(decide(view, breaker, now, min_validity), Decision::Serve | Decision::ServeAndRefresh) {
                let token = view.token.expect("something is served");
                prop_assert!(token.age(now) < u64::from(token.expires));
                prop_assert!(token.age(now) + min_validity <= u64::from(token.expires));
            }
        }

        #[test]
        fn one_request_at_a_time(
            view in any_view(), breaker in any_breaker(), now in any_moment(), min_validity in 0..120_000_u64,
        ) {
            let decision = decide(view, breaker, now, min_validity);
            let begins = matches!(decision, Decision::Lead | Decision::ServeAndRefresh);
            prop_assert!(!(begins && view.in_flight.is_some()));
            prop_assert!(decision != Decision::Join || view.in_flight.is_some());
        }

        #[test]
        fn nobody_is_asked_while_there_is_a_reason_not_to(
            view in any_view(), breaker in any_breaker(), now in any_moment(), min_validity in 0..120_000_u64,
        ) {
            let decision = decide(view, breaker, now, min_validity);
            let begins = matches!(decision, Decision::Lead | Decision::ServeAndRefresh);
            prop_assert!(!(begins && view.is_cooling_down(now)));
            prop_assert!(!(begins && breaker.refused.is_some_and(|cooldown| cooldown.is_on(now))));
        }

        #[test]
        fn every_cooldown_ends(view in any_view(), breaker in any_breaker(), min_validity in 0..120_000_u64) {
            // An hour after everything, on the monotonic clock alone.
            let decision = decide(View { in_flight: None, ..view }, breaker, moment(7_200.0, -7_200.0), min_validity);
            prop_assert!(!matches!(decision, Decision::Fail(_)));
        }

        #[test]
        fn nobody_fails_while_a_token_that_is_long_enough_lives(
            view in any_view(), breaker in any_breaker(), now in any_moment(), min_validity in 0..120_000_u64,
        ) {
            if view.token.is_some_and(|token| token.serves_in_need(now, min_validity)) {
                prop_assert!(!matches!(decide(view, breaker, now, min_validity), Decision::Fail(_)));
            }
        }
    }
}
