//! Two clocks, either of which can end a token.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

/// One moment on the monotonic and on the wall clock.
///
/// The monotonic clock does not see the machine sleep, the wall clock can be set; neither alone knows whether a token
/// still lives. So whichever says that a moment has passed is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) monotonic: Instant,
    pub(crate) wall: DateTime<Utc>,
}

impl Moment {
    /// This moment, on both clocks.
    pub(crate) fn now() -> Self {
        Self { monotonic: Instant::now(), wall: Utc::now() }
    }

    /// The moment `duration` later. Durations here are a day at most, so nothing overflows.
    pub(crate) fn after(self, duration: Duration) -> Self {
        let delta = TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX);
        Self {
            monotonic: self.monotonic + duration,
            wall: self.wall.checked_add_signed(delta).unwrap_or(DateTime::<Utc>::MAX_UTC),
        }
    }

    /// True if `now` is at or past this moment on either clock.
    pub(crate) fn has_passed(self, now: Self) -> bool {
        now.monotonic >= self.monotonic || now.wall >= self.wall
    }

    /// Time from `now` until this moment on the clock that reaches it first; zero if it has passed.
    pub(crate) fn remaining(self, now: Self) -> Duration {
        let monotonic = self.monotonic.saturating_duration_since(now.monotonic);
        let wall = (self.wall - now.wall).to_std().unwrap_or(Duration::ZERO);
        monotonic.min(wall)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_that_is_ahead_decides() {
        let now = Moment::now();
        let end = now.after(Duration::from_secs(60));
        let suspended = Moment { wall: now.wall + TimeDelta::hours(8), ..now };
        let set_back = Moment { wall: now.wall - TimeDelta::hours(8), ..now.after(Duration::from_secs(61)) };
        for (case, at, passed, remaining) in [
            ("at once", now, false, 60),
            ("a second before", now.after(Duration::from_secs(59)), false, 1),
            ("on the dot", end, true, 0),
            ("slept through", suspended, true, 0),
            ("wall clock set back", set_back, true, 0),
        ] {
            assert_eq!(end.has_passed(at), passed, "{case}");
            assert_eq!(end.remaining(at), Duration::from_secs(remaining), "{case}");
        }
    }
}
