//! How long to wait before asking again, as pure arithmetic.

use std::time::Duration;

/// No cooldown is longer, so nothing is given up for good.
const LONGEST: Duration = Duration::from_secs(60);

/// The bound of the first delay between two attempts of one request; each further one doubles it.
const FIRST_RETRY: Duration = Duration::from_millis(250);

/// No attempt waits longer for its turn.
const LONGEST_RETRY: Duration = Duration::from_secs(5);

/// The cooldown after this many failures in a row before this one.
pub(crate) fn growing(first: Duration, failures: u32) -> Duration {
    first.saturating_mul(1 << failures.min(10)).min(LONGEST)
}

/// The cooldown, made longer by up to a quarter: processes that failed together do not come back together.
pub(crate) fn spread(cooldown: Duration, random: f64) -> Duration {
    cooldown.mul_f64(1.0 + random / 4.0)
}

/// The cooldown, cut short to half of what is left of the token at hand, if it is still alive, but not below `least`: the
/// server is asked again while that token can still be used, and more often towards its end.
pub(crate) fn within_life(cooldown: Duration, remaining: Duration, least: Duration) -> Duration {
    if remaining.is_zero() { cooldown } else { cooldown.min((remaining / 2).max(least)) }
}

/// The delay before the next attempt, anything between nothing and its bound ("full jitter",
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
    fn a_cooldown_leaves_time_to_ask_again_while_a_token_lives() {
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
    fn attempts_are_spread_over_all_of_a_growing_bound() {
        for (attempts, bound) in [(1, 250), (2, 500), (3, 1_000), (6, 5_000), (u32::MAX, 5_000)] {
            assert_eq!(backoff(attempts, 0.0), Duration::ZERO);
            assert_eq!(backoff(attempts, 1.0), Duration::from_millis(bound), "{attempts}");
            assert_eq!(backoff(attempts, 0.5), Duration::from_millis(bound) / 2, "{attempts}");
        }
    }
}
