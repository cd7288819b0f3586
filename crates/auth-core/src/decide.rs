//! What to do when somebody asks for a token: one pure function.

use std::time::Duration;

use crate::clock::Moment;

/// What the decision is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    /// The token at hand.
    pub(crate) token: Option<TokenView>,
    /// True while a request for the scope is under way.
    pub(crate) in_flight: bool,
    /// After a failure: the moment before which the server is not asked again.
    pub(crate) cooling_until: Option<Moment>,
}

/// The times of a token that count.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokenView {
    pub(crate) expires: Moment,
    pub(crate) usable: Moment,
    pub(crate) refresh: Moment,
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
    /// Report the last failure.
    Fail,
}

impl TokenView {
    /// True if the token may be handed out to somebody who needs it for `min_validity`.
    pub(crate) fn serves(&self, now: Moment, min_validity: Duration) -> bool {
        !self.usable.has_passed(now) && self.expires.remaining(now) >= min_validity
    }
}

/// Decides from what is known at `now` for a caller who needs the token for `min_validity`.
pub(crate) fn decide(view: View, now: Moment, min_validity: Duration) -> Decision {
    let cooling = view.cooling_until.is_some_and(|until| !until.has_passed(now));
    match view.token {
        Some(token) if token.serves(now, min_validity) => {
            if token.refresh.has_passed(now) && !view.in_flight && !cooling {
                Decision::ServeAndRefresh
            } else {
                Decision::Serve
            }
        }
        _ if view.in_flight => Decision::Join,
        _ if cooling => Decision::Fail,
        _ => Decision::Lead,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn every_situation_has_one_answer() {
        use Decision::{Fail, Join, Lead, Serve, ServeAndRefresh};
        let issued = Moment::now();
        let token = Some(TokenView {
            expires: issued.after(seconds(100)),
            usable: issued.after(seconds(90)),
            refresh: issued.after(seconds(70)),
        });
        let at = |second| issued.after(seconds(second));
        let slept = Moment { wall: issued.wall + TimeDelta::hours(1), ..issued };
        let set_back = Moment { wall: issued.wall - TimeDelta::hours(1), ..at(95) };
        let cooling = |second| Some(at(second));
        for (case, token, in_flight, cooling_until, now, min_validity, wanted) in [
            ("fresh", token, false, None, at(1), 0, Serve),
            ("fresh, request under way", token, true, None, at(1), 0, Serve),
            ("fresh, cooling down", token, false, cooling(50), at(1), 0, Serve),
            ("due", token, false, None, at(70), 0, ServeAndRefresh),
            ("due, request under way", token, true, None, at(70), 0, Serve),
            ("due, cooling down", token, false, cooling(80), at(70), 0, Serve),
            ("due, cooled down", token, false, cooling(70), at(70), 0, ServeAndRefresh),
            ("unusable", token, false, None, at(90), 0, Lead),
            ("unusable, request under way", token, true, None, at(90), 0, Join),
            ("unusable, cooling down", token, false, cooling(95), at(90), 0, Fail),
            ("unusable, cooled down", token, false, cooling(90), at(90), 0, Lead),
            ("none", None, false, None, at(0), 0, Lead),
            ("none, request under way", None, true, None, at(0), 0, Join),
            ("none, request under way while cooling down", None, true, cooling(9), at(0), 0, Join),
            ("none, cooling down", None, false, cooling(9), at(0), 0, Fail),
            ("slept through its end", token, false, None, slept, 0, Lead),
            ("wall clock set back past its end", token, false, None, set_back, 0, Lead),
            ("enough left", token, false, None, at(10), 90, Serve),
            ("not enough left", token, false, None, at(11), 90, Lead),
            ("not enough left, request under way", token, true, None, at(11), 90, Join),
            ("not enough left, cooling down", token, false, cooling(20), at(11), 90, Fail),
            ("more than it ever had", token, false, None, at(0), 101, Lead),
        ] {
            let view = View { token, in_flight, cooling_until };
            assert_eq!(decide(view, now, seconds(min_validity)), wanted, "{case}");
        }
    }
}
