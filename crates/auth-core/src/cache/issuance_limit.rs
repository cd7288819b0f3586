//! Limits the rate of token requests, and permits bursts after a quiet period.

use std::fmt;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use crate::cache::sync::Lock;

/// A limit of token requests per minute, which permits bursts after a quiet period.
///
/// For a cache, [`TokenCacheBuilder::issuance_limit`](crate::TokenCacheBuilder::issuance_limit) sets it. A
/// [`TokenEndpoint`](crate::TokenEndpoint) that answers some calls without a request to the server can count the others.
///
/// ```
/// use std::num::NonZeroU32;
///
/// use auth_core::IssuanceLimit;
///
/// let limit = IssuanceLimit::new(NonZeroU32::new(60).unwrap(), NonZeroU32::MIN);
/// assert_eq!(limit.take(), Ok(()));
/// assert!(limit.take().is_err(), "the next one is possible in a second");
/// ```
// The generic cell rate algorithm: each request is assigned the next of a series of moments that are `interval` apart, and
// may be sent up to `lead` before it.
pub struct IssuanceLimit {
    interval: Duration,
    lead: Duration,
    start: Instant,
    /// The moment of the next request, relative to `start`.
    next: Lock<Duration>,
}

impl IssuanceLimit {
    /// Permits `per_minute` requests, with up to `burst` at once after a quiet period.
    #[must_use]
    pub fn new(per_minute: NonZeroU32, burst: NonZeroU32) -> Self {
        let interval = Duration::from_secs(60) / per_minute.get();
        let lead = interval.saturating_mul(burst.get() - 1);
        Self { interval, lead, start: Instant::now(), next: Lock::new(Duration::ZERO) }
    }

    /// Counts one request if it may be sent now.
    ///
    /// # Errors
    /// The time until the next request may be sent, if none may be sent now.
    pub fn take(&self) -> Result<(), Duration> {
        self.take_at(self.start.elapsed()).map_or(Ok(()), Err)
    }

    /// Returns `None` and counts the request if one may be sent now; otherwise returns the time until one may be sent.
    fn take_at(&self, now: Duration) -> Option<Duration> {
        let mut next = self.next.lock();
        let moment = now.max(*next);
        let wait = moment.saturating_sub(now.saturating_add(self.lead));
        if !wait.is_zero() {
            return Some(wait);
        }
        *next = moment.saturating_add(self.interval);
        None
    }
}

impl fmt::Debug for IssuanceLimit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("IssuanceLimit")
            .field("interval", &self.interval)
            .field("lead", &self.lead)
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, not(shuttle)))]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn limit(per_minute: u32, burst: u32) -> IssuanceLimit {
        let [per_minute, burst] = [per_minute, burst].map(|count| NonZeroU32::new(count).expect("not zero"));
        IssuanceLimit::new(per_minute, burst)
    }

    #[test]
    fn a_burst_is_followed_by_one_request_per_interval() {
        let limit = limit(60, 3);
        // The time in seconds and the number of requests that may be sent then; the next one may be sent a second
        // later.
        for (second, count) in [(0, 3), (1, 1), (2, 1), (4, 2), (100, 3), (101, 1), (103, 2), (1000, 3)] {
            let now = second * SECOND;
            for number in 0..count {
                assert_eq!(limit.take_at(now), None, "number {number} at {second}");
            }
            for _ in 0..3 {
                assert_eq!(limit.take_at(now), Some(SECOND), "one that has to wait does not count, at {second}");
            }
            let half = SECOND / 2;
            assert_eq!(limit.take_at(now + half), Some(half), "at {second} and a half");
        }
    }

    #[test]
    fn the_largest_and_the_smallest_limits_are_applied() {
        let wide = limit(u32::MAX, u32::MAX);
        assert!((0..1_000).all(|_| wide.take_at(SECOND).is_none()));
        let narrow = limit(1, 1);
        assert_eq!(narrow.take_at(Duration::MAX), None);
        let narrow = limit(1, 1);
        assert_eq!(narrow.take_at(Duration::ZERO), None);
        assert_eq!(narrow.take_at(59 * SECOND), Some(SECOND));
        assert_eq!(narrow.take_at(60 * SECOND), None);
        let early = limit(1, u32::MAX);
        assert!((0..1_000).all(|_| early.take_at(Duration::ZERO).is_none()));
    }
}
