//! The period in which a token is used, as pure arithmetic in milliseconds.

use std::time::Duration;

use auth_transport::ExpiresIn;

use crate::clock::Moment;

/// Lifetime of a token if the server states none (RFC 6749 section 5.1 leaves this to the client).
const UNNAMED: Duration = Duration::from_secs(300);

/// Upper limit for the lifetime of a token.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Age in milliseconds below which a token is new. If a new token is not valid for long enough, another one is not
/// requested.
pub(crate) const NEW: u64 = 1_000;

/// When a token expires and when it is renewed, counted from the start of its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lifetime {
    /// Milliseconds until the expiry that the server states.
    pub(crate) expires: u32,
    /// Milliseconds until the background renewal.
    pub(crate) refresh: u32,
}

impl Lifetime {
    /// Plans a lifetime. The token's own claims can only shorten it. `jitter` from 0 to 1 spreads the renewals of many
    /// processes. `None` if the token has already expired.
    pub(crate) fn plan(expires_in: Option<ExpiresIn>, in_token: Option<Duration>, jitter: f64) -> Option<Self> {
        let named = match expires_in {
            None => UNNAMED,
            Some(expires_in) => Duration::from_secs(u64::try_from(expires_in.as_secs()).ok()?),
        };
        let expires = in_token.map_or(named, |in_token| in_token.min(named)).min(LONGEST).as_millis();
        // A day has fewer milliseconds than `u32::MAX`.
        let expires = u32::try_from(expires).ok().filter(|&expires| expires > 0)?;
        let ahead = f64::from(expires / 5).min(300_000.0) * (1.0 + jitter / 4.0);
        // Between zero and six minutes and a quarter, so the cast only drops a fraction.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let refresh = (expires - margin(expires)).saturating_sub(ahead as u32).max(expires / 2);
        Some(Self { expires, refresh })
    }

    /// This lifetime less its first `millis`. `None` if nothing is left.
    pub(crate) fn less(self, millis: u64) -> Option<Self> {
        let millis = u32::try_from(millis).ok()?;
        let expires = self.expires.checked_sub(millis).filter(|&expires| expires > 0)?;
        Some(Self { expires, refresh: self.refresh.saturating_sub(millis) })
    }
}

/// The times of a token, with the start of its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) requested: Moment,
    /// Milliseconds until it expires.
    pub(crate) expires: u32,
    /// Milliseconds until the background renewal.
    pub(crate) refresh: u32,
}

impl Times {
    pub(crate) fn age(&self, now: Moment) -> u64 {
        now.millis_since(self.requested)
    }

    /// True if the token was requested long before the call that began at `began`: the endpoint had it already.
    pub(crate) fn is_older_than(&self, began: Moment) -> bool {
        began.millis_since(self.requested) >= NEW
    }

    pub(crate) fn remaining_millis(&self, now: Moment) -> u64 {
        u64::from(self.expires).saturating_sub(self.age(now))
    }

    /// The remaining lifetime.
    pub(crate) fn remaining(&self, now: Moment) -> Duration {
        Duration::from_millis(self.remaining_millis(now))
    }

    /// The time until the token is due for renewal.
    pub(crate) fn until_due(&self, now: Moment) -> Duration {
        Duration::from_millis(u64::from(self.refresh).saturating_sub(self.age(now)))
    }

    /// True if the token can be returned to a caller that needs it for `min_validity`, and is not due for renewal.
    pub(crate) fn is_fresh(&self, now: Moment, min_validity: u64) -> bool {
        !self.is_due(now) && self.remaining_millis(now) >= min_validity
    }

    /// True while the token has more than its margin left, which is reserved for requests in transit.
    pub(crate) fn is_usable(&self, now: Moment) -> bool {
        self.remaining_millis(now) > u64::from(margin(self.expires))
    }

    /// True if a renewal is due. A token is always due before it stops being usable.
    pub(crate) fn is_due(&self, now: Moment) -> bool {
        self.age(now) >= u64::from(self.refresh)
    }

    /// True if the token has not reached its margin and is valid for `min_validity`.
    pub(crate) fn serves(&self, now: Moment, min_validity: u64) -> bool {
        self.is_usable(now) && self.remaining_millis(now) >= min_validity
    }

    /// True if the token can be returned when no new one is available: until its expiry.
    pub(crate) fn serves_in_need(&self, now: Moment, min_validity: u64) -> bool {
        self.remaining_millis(now) >= min_validity.max(1)
    }
}

/// The last part of a lifetime, which is used only if no new token is available: a request in transit must not arrive
/// with an expired token.
pub(crate) fn margin(expires: u32) -> u32 {
    10_000.min(expires / 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_are_fractions_of_the_lifetime_with_a_cap() {
        for (expires_in, in_token, jitter, expires, refresh) in [
            (Some(3600), None, 0.0, 3_600_000, 3_290_000),
            (Some(3600), None, 1.0, 3_600_000, 3_215_000),
            (Some(60), None, 0.0, 60_000, 42_000),
            (Some(60), None, 1.0, 60_000, 39_000),
            (Some(5), None, 0.0, 5_000, 3_500),
            (Some(2), None, 1.0, 2_000, 1_300),
            (Some(1), None, 1.0, 1_000, 650),
            (None, None, 0.0, 300_000, 230_000),
            (Some(86_400), None, 0.0, 86_400_000, 86_090_000),
            (Some(86_401), None, 0.0, 86_400_000, 86_090_000),
            (Some(i64::MAX), None, 0.0, 86_400_000, 86_090_000),
            (Some(3600), Some(60), 0.0, 60_000, 42_000),
            (Some(60), Some(3600), 0.0, 60_000, 42_000),
            (None, Some(60), 0.0, 60_000, 42_000),
            (None, Some(3600), 0.0, 300_000, 230_000),
        ] {
            let in_token = in_token.map(Duration::from_secs);
            let planned = Lifetime::plan(expires_in.map(ExpiresIn::from_secs), in_token, jitter).unwrap();
            assert_eq!(planned, Lifetime { expires, refresh }, "{expires_in:?}, {in_token:?} with jitter {jitter}");
        }
        for (expires, unused) in [(3_600_000, 10_000), (60_000, 6_000), (2_000, 200), (1, 0)] {
            assert_eq!(margin(expires), unused);
        }
    }

    #[test]
    fn an_expired_token_has_no_lifetime() {
        for seconds in [0, -1, i64::MIN] {
            assert_eq!(Lifetime::plan(Some(ExpiresIn::from_secs(seconds)), None, 0.5), None, "{seconds}");
        }
        assert_eq!(Lifetime::plan(None, Some(Duration::ZERO), 0.5), None);
    }
}
