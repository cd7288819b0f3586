//! What to do when a caller asks for a token: one pure function.

use std::time::Duration;

use crate::clock::Moment;
use crate::token::lifetime::margin;

/// A request that has been in flight for longer than this counts as trouble.
const SLOW: Duration = Duration::from_secs(1);

/// A token with fewer milliseconds behind it is not replaced by one that will live no longer.
const NEW: u64 = 1_000;

/// What is known of one scope.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct View {
    /// The token at hand.
    pub(crate) token: Option<Times>,
    /// When the request that is under way began.
    pub(crate) flight: Option<Moment>,
    /// After a failure: how long the server is left alone. Stays after it is over, until a request succeeds.
    pub(crate) rest: Option<Pause>,
}

/// What is known of the issuer, for all its scopes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct GateView {
    /// The server does not accept the credentials.
    pub(crate) refused: Option<Pause>,
    /// The server asked to be left alone.
    pub(crate) asked_to_wait: Option<Pause>,
    /// A request takes this long at most, waiting until it may begin included.
    pub(crate) patience: Duration,
}

/// The times of a token that count, from the start of its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) requested: Moment,
    /// Milliseconds until it expires.
    pub(crate) expires: u32,
    /// Milliseconds until a new one is fetched in the background.
    pub(crate) refresh: u32,
}

/// A time during which something is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pause {
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
    /// Wait for the request that is under way.
    Join,
    /// Start a request and wait for it.
    Lead,
    /// Report the obstacle.
    Fail(Obstacle),
}

/// Why no token can be obtained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// The scope is in a cooldown after a failure.
    Rest,
    /// The requests of all scopes are suspended.
    Gate,
    /// The token that has just arrived is not valid for that long, so another will not be either.
    Validity,
}

impl Times {
    fn age(&self, now: Moment) -> u64 {
        now.millis_since(self.requested)
    }

    fn remaining_millis(&self, now: Moment) -> u64 {
        u64::from(self.expires).saturating_sub(self.age(now))
    }

    /// How long it still lives.
    pub(crate) fn remaining(&self, now: Moment) -> Duration {
        Duration::from_millis(self.remaining_millis(now))
    }

    /// How long until a new one should be on its way.
    pub(crate) fn until_due(&self, now: Moment) -> Duration {
        Duration::from_millis(u64::from(self.refresh).saturating_sub(self.age(now)))
    }

    /// True if it may be handed out to a caller that needs it for `min_validity`, and is not due for renewal.
    pub(crate) fn is_fresh(&self, now: Moment, min_validity: u64) -> bool {
        !self.is_due(now) && self.remaining_millis(now) >= min_validity
    }

    /// True while it lives and, with the margin for requests that are on their way, may be handed out without need.
    pub(crate) fn is_usable(&self, now: Moment) -> bool {
        self.remaining_millis(now) > u64::from(margin(self.expires))
    }

    /// True if a new one should be on its way. It always is by the time it is not usable any more.
    fn is_due(&self, now: Moment) -> bool {
        self.age(now) >= u64::from(self.refresh)
    }

    fn serves(&self, now: Moment, min_validity: u64) -> bool {
        self.is_usable(now) && self.remaining_millis(now) >= min_validity
    }

    /// True if it may be handed out when there is trouble: to its very end.
    pub(crate) fn serves_in_need(&self, now: Moment, min_validity: u64) -> bool {
        self.remaining_millis(now) >= min_validity.max(1)
    }
}

impl Pause {
    /// What is left of it.
    pub(crate) fn remaining(&self, now: Moment) -> Duration {
        self.length.saturating_sub(now.since(self.from))
    }

    pub(crate) fn is_on(&self, now: Moment) -> bool {
        !self.remaining(now).is_zero()
    }
}

impl View {
    fn is_resting(&self, now: Moment) -> bool {
        self.rest.is_some_and(|rest| rest.is_on(now))
    }

    /// The last request failed, or the one under way is slow.
    fn is_in_trouble(&self, now: Moment) -> bool {
        self.rest.is_some() || self.flight.is_some_and(|began| now.since(began) > SLOW)
    }
}

impl GateView {
    fn is_open(&self, now: Moment) -> bool {
        ![self.refused, self.asked_to_wait].into_iter().flatten().any(|pause| pause.is_on(now))
    }

    /// True if a request may begin, or will be allowed to while it is worth waiting.
    fn lets_wait(&self, now: Moment) -> bool {
        !self.refused.is_some_and(|pause| pause.is_on(now))
            && self.asked_to_wait.is_none_or(|pause| pause.remaining(now) <= self.patience)
    }
}

/// Decides from what is known at `now` for a caller who needs the token for `min_validity` milliseconds.
pub(crate) fn decide(view: View, gate: GateView, now: Moment, min_validity: u64) -> Decision {
    let Some(token) = view.token else { return without_token(view, gate, now) };
    let in_need = view.is_in_trouble(now) || !gate.is_open(now);
    if token.serves(now, min_validity) || (in_need && token.serves_in_need(now, min_validity)) {
        let may_refresh = view.flight.is_none() && !view.is_resting(now) && gate.is_open(now);
        return if token.is_due(now) && may_refresh { Decision::ServeAndRefresh } else { Decision::Serve };
    }
    if token.is_usable(now) && u64::from(token.expires) < min_validity && token.age(now) < NEW {
        return Decision::Fail(Obstacle::Validity);
    }
    without_token(view, gate, now)
}

fn without_token(view: View, gate: GateView, now: Moment) -> Decision {
    if view.flight.is_some() {
        Decision::Join
    } else if !gate.lets_wait(now) {
        Decision::Fail(Obstacle::Gate)
    } else if view.is_resting(now) {
        Decision::Fail(Obstacle::Rest)
    } else {
        Decision::Lead
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use proptest::prelude::*;

    use super::*;

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

    fn pause(from: f64, seconds: f64) -> Option<Pause> {
        Some(Pause { from: at(from), length: Duration::from_secs_f64(seconds) })
    }

    /// Requested at 0, lives for 100 seconds, is due after 70, and is not used without need after 90.
    const TOKEN: Times =
        Times { requested: Moment::new_const(1_000_000, 1_000_000_000), expires: 100_000, refresh: 70_000 };

    const PATIENCE: Duration = Duration::from_secs(45);

    #[test]
    fn every_situation_has_one_answer() {
        use Decision::{Fail, Join, Lead, Serve, ServeAndRefresh};
        use Obstacle::{Gate, Rest, Validity};

        let none = View::default();
        let token = View { token: Some(TOKEN), ..none };
        let flying = |view: View, since: f64| View { flight: Some(at(since)), ..view };
        let resting = |view: View, from: f64, seconds: f64| View { rest: pause(from, seconds), ..view };
        let open = GateView { patience: PATIENCE, ..GateView::default() };
        let refused = |from: f64, seconds: f64| GateView { refused: pause(from, seconds), ..open };
        let asked = |from: f64, seconds: f64| GateView { asked_to_wait: pause(from, seconds), ..open };
        #[rustfmt::skip]
        let scenarios = [
            ("fresh", token, open, at(1.0), 0, Serve),
            ("fresh, request under way", flying(token, 0.5), open, at(1.0), 0, Serve),
            ("fresh, after a failure", resting(token, 0.0, 50.0), open, at(1.0), 0, Serve),
            ("fresh, credentials refused", token, refused(0.0, 50.0), at(1.0), 0, Serve),
            ("fresh, asked to wait", token, asked(0.0, 50.0), at(1.0), 0, Serve),
            ("the last moment before it is due", token, open, at(69.999), 0, Serve),
            ("due", token, open, at(70.0), 0, ServeAndRefresh),
            ("due, request under way", flying(token, 70.0), open, at(70.1), 0, Serve),
            ("due, slow request under way", flying(token, 70.0), open, at(80.0), 0, Serve),
            ("due, resting", resting(token, 69.0, 5.0), open, at(70.0), 0, Serve),
            ("due, rested", resting(token, 60.0, 10.0), open, at(70.0), 0, ServeAndRefresh),
            ("due, credentials refused", token, refused(60.0, 20.0), at(70.0), 0, Serve),
            ("due, refusal over", token, refused(60.0, 10.0), at(70.0), 0, ServeAndRefresh),
            ("due, asked to wait briefly", token, asked(69.0, 2.0), at(70.0), 0, Serve),
            ("due, waited", token, asked(60.0, 10.0), at(70.0), 0, ServeAndRefresh),
            ("the last usable moment", token, open, at(89.999), 0, ServeAndRefresh),
            ("in the margin", token, open, at(90.0), 0, Lead),
            ("in the margin, request under way", flying(token, 89.5), open, at(90.0), 0, Join),
            ("in the margin, slow request under way", flying(token, 80.0), open, at(90.0), 0, Serve),
            ("in the margin, resting", resting(token, 85.0, 10.0), open, at(90.0), 0, Serve),
            ("in the margin, failed before", resting(token, 80.0, 10.0), open, at(90.0), 0, ServeAndRefresh),
            ("in the margin, credentials refused", token, refused(80.0, 20.0), at(90.0), 0, Serve),
            ("in the margin, asked to wait", token, asked(80.0, 20.0), at(90.0), 0, Serve),
            ("the last moment of its life, in need", resting(token, 99.0, 10.0), open, at(99.999), 0, Serve),
            ("expired", token, open, at(100.0), 0, Lead),
            ("expired, request under way", flying(token, 99.0), open, at(100.0), 0, Join),
            ("expired, slow request under way", flying(token, 80.0), open, at(100.0), 0, Join),
            ("expired, resting", resting(token, 95.0, 10.0), open, at(100.0), 0, Fail(Rest)),
            ("expired, rested", resting(token, 90.0, 10.0), open, at(100.0), 0, Lead),
            ("expired, credentials refused", token, refused(95.0, 10.0), at(100.0), 0, Fail(Gate)),
            ("expired, asked to wait a little", token, asked(95.0, 10.0), at(100.0), 0, Lead),
            ("expired, asked to wait too long", token, asked(95.0, 60.0), at(100.0), 0, Fail(Gate)),
            ("none", none, open, at(0.0), 0, Lead),
            ("none, request under way", flying(none, 0.0), open, at(1.0), 0, Join),
            ("none, request under way while resting", resting(flying(none, 0.0), 0.0, 9.0), open, at(1.0), 0, Join),
            ("none, request under way, gate closed", flying(none, 0.0), refused(0.0, 9.0), at(1.0), 0, Join),
            ("none, resting", resting(none, 0.0, 9.0), open, at(1.0), 0, Fail(Rest)),
            ("none, resting, gate closed", resting(none, 0.0, 9.0), refused(0.0, 9.0), at(1.0), 0, Fail(Gate)),
            ("none, rested", resting(none, 0.0, 9.0), open, at(9.0), 0, Lead),
            ("none, asked to wait as long as patience lasts", none, asked(0.0, 45.0), at(0.0), 0, Lead),
            ("none, asked to wait longer", none, asked(0.0, 45.001), at(0.0), 0, Fail(Gate)),
            ("slept through its end", token, open, moment(1.0, 3_600.0), 0, Lead),
            ("slept until it is due", token, open, moment(1.0, 75.0), 0, ServeAndRefresh),
            ("wall clock set back past its end", token, open, moment(100.0, -3_600.0), 0, Lead),
            ("wall clock set back while it is fresh", token, open, moment(1.0, -3_600.0), 0, Serve),
            ("slept through a rest", resting(none, 0.0, 9.0), open, moment(1.0, 60.0), 0, Lead),
            ("enough left", token, open, at(10.0), 90_000, Serve),
            ("enough left, due", token, open, at(75.0), 25_000, ServeAndRefresh),
            ("not enough left", token, open, at(11.0), 90_000, Lead),
            ("not enough left, request under way", flying(token, 10.5), open, at(11.0), 90_000, Join),
            ("not enough left, resting", resting(token, 10.0, 10.0), open, at(11.0), 90_000, Fail(Rest)),
            ("not enough left, credentials refused", token, refused(10.0, 10.0), at(11.0), 90_000, Fail(Gate)),
            ("more than it ever had, brand-new", token, open, at(0.5), 100_001, Fail(Validity)),
            ("more than it ever had, a little later", token, open, at(1.0), 100_001, Lead),
            ("more than anything has", token, open, at(0.0), u64::MAX, Fail(Validity)),
        ];
        for (case, view, gate, now, min_validity, wanted) in scenarios {
            assert_eq!(decide(view, gate, now, min_validity), wanted, "{case}");
        }
        assert!(scenarios.len() >= 40);
    }

    fn any_moment() -> impl Strategy<Value = Moment> {
        // Around the token's life, with the clocks apart by up to an hour.
        (0.0..150.0, -3_600.0..3_600.0, prop::bool::ANY)
            .prop_map(|(second, apart, together)| moment(second, if together { second } else { second + apart }))
    }

    fn any_pause() -> impl Strategy<Value = Option<Pause>> {
        prop::option::of(
            (any_moment(), 0..120_u64).prop_map(|(from, length)| Pause { from, length: Duration::from_secs(length) }),
        )
    }

    fn any_view() -> impl Strategy<Value = View> {
        let times = (1..100_000_u32, 0.0..1.0).prop_map(|(expires, part)| {
            let latest = f64::from(expires - margin(expires));
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            Times { requested: TOKEN.requested, expires, refresh: (latest * part) as u32 }
        });
        (prop::option::of(times), prop::option::of(any_moment()), any_pause()).prop_map(|(token, flight, rest)| View {
            token,
            flight,
            rest,
        })
    }

    fn any_gate() -> impl Strategy<Value = GateView> {
        (any_pause(), any_pause()).prop_map(|(refused, asked_to_wait)| GateView {
            refused,
            asked_to_wait,
            patience: PATIENCE,
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_096, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_served_lives_long_enough_on_both_clocks(
            view in any_view(), gate in any_gate(), now in any_moment(), min_validity in 0..120_000_u64,
        ) {
            if matches!(decide(view, gate, now, min_validity), Decision::Serve | Decision::ServeAndRefresh) {
                let token = view.token.expect("something is served");
                prop_assert!(token.age(now) < u64::from(token.expires));
                prop_assert!(token.age(now) + min_validity <= u64::from(token.expires));
            }
        }

        #[test]
        fn one_request_at_a_time(
            view in any_view(), gate in any_gate(), now in any_moment(), min_validity in 0..120_000_u64,
        ) {
            let decision = decide(view, gate, now, min_validity);
            let begins = matches!(decision, Decision::Lead | Decision::ServeAndRefresh);
            prop_assert!(!(begins && view.flight.is_some()));
            prop_assert!(decision != Decision::Join || view.flight.is_some());
        }

        #[test]
        fn nobody_is_asked_while_there_is_a_reason_not_to(
            view in any_view(), gate in any_gate(), now in any_moment(), min_validity in 0..120_000_u64,
        ) {
            let decision = decide(view, gate, now, min_validity);
            let begins = matches!(decision, Decision::Lead | Decision::ServeAndRefresh);
            prop_assert!(!(begins && view.is_resting(now)));
            prop_assert!(!(begins && gate.refused.is_some_and(|pause| pause.is_on(now))));
        }

        #[test]
        fn every_pause_ends(view in any_view(), gate in any_gate(), min_validity in 0..120_000_u64) {
            // An hour after everything, on the monotonic clock alone.
            let decision = decide(View { flight: None, ..view }, gate, moment(7_200.0, -7_200.0), min_validity);
            prop_assert!(!matches!(decision, Decision::Fail(_)));
        }

        #[test]
        fn nobody_fails_while_a_token_that_is_long_enough_lives(
            view in any_view(), gate in any_gate(), now in any_moment(), min_validity in 0..120_000_u64,
        ) {
            if view.token.is_some_and(|token| token.serves_in_need(now, min_validity)) {
                prop_assert!(!matches!(decide(view, gate, now, min_validity), Decision::Fail(_)));
            }
        }
    }
}
