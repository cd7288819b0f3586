//! Limits the rate of token requests, and permits bursts after a quiet period.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use crate::cache::sync::Lock;

/// A rate limit by the generic cell rate algorithm: each request is assigned the next of a series of moments that are
/// `interval` apart, and may be sent up to `lead` before it.
pub(crate) struct IssuanceLimit {
    interval: Duration,
    lead: Duration,
    start: Instant,
    /// The moment of the next request, relative to `start`.
    next: Lock<Duration>,
}

impl IssuanceLimit {
    pub(crate) fn new(per_minute: NonZeroU32, burst: NonZeroU32) -> Self {
        let interval = Duration::from_secs(60) / per_minute.get();
        let lead = interval.saturating_mul(burst.get() - 1);
        Self { interval, lead, start: Instant::now(), next: Lock::new(Duration::ZERO) }
    }

    /// Returns `None` and counts the request if one may be sent now; otherwise returns the time until one may be sent.
    pub(crate) fn take(&self) -> Option<Duration> {
        self.take_at(self.start.elapsed())
    }

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
