//! Computes cooldowns and the delays before retries, without side effects.

use std::time::Duration;

/// Upper bound of a cooldown, before jitter.
const LONGEST: Duration = Duration::from_secs(60);

/// Upper bound of the delay before the first retry of a request; it doubles with each further retry.
const FIRST_RETRY: Duration = Duration::from_millis(250);

/// Upper bound of the delay before any retry.
const LONGEST_RETRY: Duration = Duration::from_secs(5);

/// Returns the cooldown after a failure: `first`, doubled for each of the `failures` directly before it.
pub(crate) fn growing(first: Duration, failures: u32) -> Duration {
    first.saturating_mul(1 << failures.min(10)).min(LONGEST)
}

/// Lengthens the cooldown by up to a quarter, so that processes that failed at the same time do not retry at the same
/// time. `random` is from 0 to 1.
pub(crate) fn spread(cooldown: Duration, random: f64) -> Duration {
    cooldown.mul_f64(1.0 + random / 4.0)
}

/// Limits the cooldown to half of the `remaining` lifetime of the cached token, but not below `least`, so that another
/// request is sent before the token expires. An expired token does not limit it.
pub(crate) fn within_life(cooldown: Duration, remaining: Duration, least: Duration) -> Duration {
    if remaining.is_zero() { cooldown } else { cooldown.min((remaining / 2).max(least)) }
}

/// Returns the delay before the next attempt: a random part of its upper bound ("full jitter",
/// <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>).
pub(crate) fn backoff(attempts: u32, random: f64) -> Duration {
    FIRST_RETRY.saturating_mul(1 << attempts.saturating_sub(1).min(10)).min(LONGEST_RETRY).mul_f64(random)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cooldowns_grow_up_to_a_bound() {
        let half = Duration::from_millis(500);
        for (failures, cooldown) in [(0, 500), (1, 1_000), (2, 2_000), (6, 32_000), (7, 60_000), (u32::MAX, 60_000)] {
            assert_eq!(growing(half, failures), Duration::from_millis(cooldown), "{failures}");
        }
        assert_eq!(spread(half, 0.0), half);
        assert_eq!(spread(half, 1.0), Duration::from_millis(625));
    }

    #[test]
    fn a_cooldown_is_shortened_while_the_token_is_valid() {
        let seconds = Duration::from_secs;
        let least = Duration::from_millis(500);
        for (cooldown, remaining, wanted) in [(8, 60, 8), (8, 10, 5), (1, 10, 1), (8, 0, 8)] {
            assert_eq!(
                within_life(seconds(cooldown), seconds(remaining), least),
                seconds(wanted),
                "{cooldown}, {remaining}"
            );
        }
        assert_eq!(within_life(seconds(8), Duration::from_millis(1), least), least);
    }

    #[test]
    fn retry_delays_are_random_up_to_a_growing_bound() {
        for (attempts, bound) in [(1, 250), (2, 500), (3, 1_000), (6, 5_000), (u32::MAX, 5_000)] {
            assert_eq!(backoff(attempts, 0.0), Duration::ZERO);
            assert_eq!(backoff(attempts, 1.0), Duration::from_millis(bound), "{attempts}");
            assert_eq!(backoff(attempts, 0.5), Duration::from_millis(bound) / 2, "{attempts}");
        }
    }
}
