//! How long a token is used, as pure arithmetic.

use std::time::Duration;

use auth_transport::ExpiresIn;

/// Lifetime of a token whose server names none (RFC 6749 section 5.1 leaves that to the client).
const UNNAMED: Duration = Duration::from_secs(300);

/// No token is used longer than this, whatever its server says.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// When to stop using a token and when to look for the next, counted from the start of its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lifetime {
    /// The end that the server names.
    pub(crate) expires: Duration,
    /// The last moment at which the token is handed out: a request on its way must not meet an expired token.
    pub(crate) usable: Duration,
    /// The moment from which a new token is fetched in the background.
    pub(crate) refresh: Duration,
}

impl Lifetime {
    /// Plans a lifetime; `jitter` from 0 to 1 spreads the renewals of many processes. `None` if the token is dead
    /// already.
    pub(crate) fn plan(expires_in: Option<ExpiresIn>, jitter: f64) -> Option<Self> {
        let expires = match expires_in {
            None => UNNAMED,
            Some(expires_in) => {
                let seconds = u64::try_from(expires_in.as_secs()).ok().filter(|&seconds| seconds > 0)?;
                Duration::from_secs(seconds).min(LONGEST)
            }
        };
        let usable = expires - Duration::from_secs(10).min(expires / 10);
        let ahead = Duration::from_secs(300).min(expires / 5);
        let earliest = expires / 2;
        let refresh = usable.saturating_sub(ahead.mul_f64(1.0 + jitter / 4.0)).max(earliest);
        Some(Self { expires, usable, refresh })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_are_fractions_of_the_lifetime_with_a_cap() {
        for (expires_in, jitter, expires, usable, refresh) in [
            (Some(3600), 0.0, 3_600_000, 3_590_000, 3_290_000),
            (Some(3600), 1.0, 3_600_000, 3_590_000, 3_215_000),
            (Some(60), 0.0, 60_000, 54_000, 42_000),
            (Some(60), 1.0, 60_000, 54_000, 39_000),
            (Some(5), 0.0, 5_000, 4_500, 3_500),
            (Some(2), 1.0, 2_000, 1_800, 1_300),
            (Some(1), 1.0, 1_000, 900, 650),
            (None, 0.0, 300_000, 290_000, 230_000),
            (Some(86_400), 0.0, 86_400_000, 86_390_000, 86_090_000),
            (Some(86_401), 0.0, 86_400_000, 86_390_000, 86_090_000),
            (Some(i64::MAX), 0.0, 86_400_000, 86_390_000, 86_090_000),
        ] {
            let planned = Lifetime::plan(expires_in.map(ExpiresIn::from_secs), jitter).unwrap();
            let wanted = Lifetime {
                expires: Duration::from_millis(expires),
                usable: Duration::from_millis(usable),
                refresh: Duration::from_millis(refresh),
            };
            assert_eq!(planned, wanted, "{expires_in:?} with jitter {jitter}");
        }
    }

    #[test]
    fn a_token_without_a_future_has_no_plan() {
        for seconds in [0, -1, i64::MIN] {
            assert_eq!(Lifetime::plan(Some(ExpiresIn::from_secs(seconds)), 0.5), None, "{seconds}");
        }
    }
}
