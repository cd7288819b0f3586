//! The monotonic clock and the wall clock, which together determine when a token expires.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, TimeDelta, Utc};

/// One moment on the monotonic and on the wall clock, in whole milliseconds.
///
/// Neither clock is sufficient to determine whether a token has expired: some monotonic clocks stop while the machine
/// sleeps, and the wall clock can be set. The clock on which more time has passed decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    monotonic: u64,
    wall: i64,
}

impl Moment {
    /// The moment at which the monotonic clock is `monotonic` past a fixed point, and the wall clock shows `wall`.
    ///
    /// Fractions of a millisecond are dropped.
    #[must_use]
    pub fn new(monotonic: Duration, wall: SystemTime) -> Self {
        let wall = match wall.duration_since(UNIX_EPOCH) {
            Ok(after) => signed_millis(after),
            Err(before) => -signed_millis(before.duration()),
        };
        Self { monotonic: millis(monotonic), wall }
    }

    #[cfg(test)]
    pub(crate) const fn new_const(monotonic: u64, wall: i64) -> Self {
        Self { monotonic, wall }
    }

    /// Milliseconds from `earlier` until this moment, on the clock on which more have passed; zero if none have.
    pub(crate) fn millis_since(self, earlier: Self) -> u64 {
        let monotonic = self.monotonic.saturating_sub(earlier.monotonic);
        let wall = u64::try_from(self.wall.saturating_sub(earlier.wall)).unwrap_or(0);
        monotonic.max(wall)
    }

    /// The same as [`millis_since`](Self::millis_since), as a duration.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.millis_since(earlier))
    }

    /// The moment this many milliseconds later, but on no clock after `latest`, or earlier if they are negative. Also
    /// returns by how many milliseconds it should be earlier than it can be: the monotonic clock has a beginning.
    pub(crate) fn shifted(self, millis: i64, latest: Self) -> (Self, u64) {
        let distance = millis.unsigned_abs();
        if millis >= 0 {
            let monotonic = self.monotonic.saturating_add(distance).min(latest.monotonic.max(self.monotonic));
            let wall = self.wall.saturating_add(millis).min(latest.wall.max(self.wall));
            return (Self { monotonic, wall }, 0);
        }
        // Both clocks go back equally far, so that the rest is not counted twice.
        let possible = distance.min(self.monotonic);
        let wall = self.wall.saturating_sub(i64::try_from(possible).unwrap_or(i64::MAX));
        (Self { monotonic: self.monotonic - possible, wall }, distance - possible)
    }

    /// The time on the wall clock `later` than this moment, limited to the end of the calendar.
    pub(crate) fn wall_after(self, later: Duration) -> DateTime<Utc> {
        let wall = self.wall.saturating_add(signed_millis(later));
        let end = if wall < 0 { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
        DateTime::from_timestamp_millis(wall).unwrap_or(end)
    }

    /// The monotonic clock in units of 1,024 milliseconds, for comparing ages. It repeats after 139 years.
    #[allow(clippy::cast_possible_truncation)]
    pub(crate) fn tick(self) -> u32 {
        (self.monotonic >> 10) as u32
    }
}

/// Whole milliseconds, up to `u64::MAX`.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Whole milliseconds, rounded down.
pub(crate) fn floor_millis(delta: TimeDelta) -> i64 {
    let millis = delta.num_milliseconds();
    if delta.subsec_nanos() % 1_000_000 < 0 { millis - 1 } else { millis }
}

fn signed_millis(duration: Duration) -> i64 {
    i64::try_from(millis(duration)).unwrap_or(i64::MAX)
}

/// A clock for a cache, for programs and tests with their own time.
///
/// It affects only the validity of tokens and the cooldowns after failures. Deadlines, retries, waits and the issuance
/// limit use other clocks.
pub trait Clock: Send + Sync + 'static {
    /// The current moment. The cache calls it for every token that it returns, so it must be fast.
    fn now(&self) -> Moment;
}

/// The clock of a cache: the system's, unless the program sets another.
#[derive(Clone, Default)]
pub(crate) struct AnyClock(Option<Arc<dyn Clock>>);

impl AnyClock {
    pub(crate) fn of(clock: impl Clock) -> Self {
        Self(Some(Arc::new(clock)))
    }

    #[inline]
    pub(crate) fn now(&self) -> Moment {
        match &self.0 {
            None => system(),
            Some(clock) => clock.now(),
        }
    }

    /// The current moment with the full resolution of the system, which takes longer to read.
    pub(crate) fn exact(&self) -> Moment {
        match &self.0 {
            None => exact(),
            Some(clock) => clock.now(),
        }
    }
}

impl fmt::Debug for AnyClock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_some() { "Clock(own)" } else { "Clock(system)" })
    }
}

/// The system's clocks at the last tick, at most a few milliseconds ago: exact enough while a token is far from expiry,
/// and several times faster to read.
///
/// Both are read once per tick of the coarse monotonic clock. That clock stops while the machine sleeps, but ticks
/// again before any program runs.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[inline]
fn system() -> Moment {
    use std::cell::Cell;

    use rustix::time::{ClockId, clock_gettime};

    thread_local!(static LAST: Cell<(i64, i64, Moment)> = const { Cell::new((-1, 0, Moment { monotonic: 0, wall: 0 })) });

    let tick = clock_gettime(ClockId::MonotonicCoarse);
    let (seconds, nanos, last) = LAST.get();
    if (seconds, nanos) == (tick.tv_sec, tick.tv_nsec) {
        return last;
    }
    let now = read(ClockId::Boottime, ClockId::RealtimeCoarse);
    LAST.set((tick.tv_sec, tick.tv_nsec, now));
    now
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn exact() -> Moment {
    read(rustix::time::ClockId::Boottime, rustix::time::ClockId::Realtime)
}

/// On Apple's systems, the monotonic clock also runs while the machine sleeps.
#[cfg(target_vendor = "apple")]
fn exact() -> Moment {
    read(rustix::time::ClockId::Monotonic, rustix::time::ClockId::Realtime)
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn read(monotonic: rustix::time::ClockId, wall: rustix::time::ClockId) -> Moment {
    use rustix::time::{Timespec, clock_gettime};

    let in_millis = |time: Timespec| time.tv_sec.saturating_mul(1_000).saturating_add(time.tv_nsec / 1_000_000);
    let monotonic = u64::try_from(in_millis(clock_gettime(monotonic))).unwrap_or(0);
    Moment { monotonic, wall: in_millis(clock_gettime(wall)) }
}

/// The system's clocks. On Windows, `Instant` also advances while the machine sleeps; on other systems it may not.
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn exact() -> Moment {
    use std::sync::LazyLock;
    use std::time::Instant;

    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    Moment::new(START.elapsed(), SystemTime::now())
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn system() -> Moment {
    exact()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    fn at(monotonic: u64, wall: u64) -> Moment {
        Moment::new(Duration::from_secs(monotonic), UNIX_EPOCH + Duration::from_secs(wall))
    }

    #[test]
    fn the_clock_on_which_more_time_has_passed_decides() {
        let start = at(10, 1_000);
        for (case, now, passed) in [
            ("at once", start, 0),
            ("together", at(70, 1_060), 60),
            ("slept", at(11, 4_600), 3_600),
            ("wall clock set back", at(70, 0), 60),
            ("wall clock set ahead", at(10, 2_000), 1_000),
            ("before", at(0, 0), 0),
        ] {
            assert_eq!(now.since(start), Duration::from_secs(passed), "{case}");
        }
    }

    #[test]
    fn the_wall_clock_of_a_later_moment_is_returned() {
        let wall = |moment: Moment, later| SystemTime::from(moment.wall_after(later));
        assert_eq!(wall(at(0, 5), HOUR), UNIX_EPOCH + HOUR + Duration::from_secs(5));
        let before = Moment::new(Duration::ZERO, UNIX_EPOCH - HOUR);
        assert_eq!(wall(before, Duration::ZERO), UNIX_EPOCH - HOUR);
    }

    #[test]
    fn a_wall_clock_beyond_the_calendar_shows_its_end() {
        for (wall, end) in [(i64::MIN, DateTime::<Utc>::MIN_UTC), (i64::MAX, DateTime::<Utc>::MAX_UTC)] {
            assert_eq!(Moment::new_const(0, wall).wall_after(HOUR), end);
        }
    }

    #[test]
    fn the_system_clock_follows_the_wall_clock() {
        let coarse = SystemTime::from(AnyClock::default().now().wall_after(Duration::ZERO));
        let wall = SystemTime::now();
        assert!(wall.duration_since(coarse).unwrap_or_default() < Duration::from_secs(1));
        assert!(coarse.duration_since(wall).unwrap_or_default() < Duration::from_secs(1));
    }

    #[test]
    fn the_exact_clock_is_never_behind() {
        let exact = |clock: &AnyClock| SystemTime::from(clock.exact().wall_after(Duration::from_millis(1)));
        let clock = AnyClock::default();
        for _ in 0..200_000 {
            let now = SystemTime::now();
            assert!(exact(&clock) >= now, "behind by {:?}", now.duration_since(exact(&clock)));
        }
    }

    /// Runs in a time namespace whose boot-time clock is an hour ahead of its monotonic clock, as after an hour of
    /// sleep.
    #[cfg(target_os = "linux")]
    #[test]
    fn time_asleep_counts() {
        use std::process::Command;

        use rustix::time::{ClockId, clock_gettime};

        const INSIDE: &str = "AUTH_CORE_TEST_ASLEEP";
        if std::env::var_os(INSIDE).is_some() {
            let awake = u64::try_from(clock_gettime(ClockId::Monotonic).tv_sec).unwrap();
            for now in [AnyClock::default().now(), AnyClock::default().exact()] {
                assert!(now.monotonic / 1_000 >= awake + 3_599, "{now:?} after {awake} s awake");
            }
            return;
        }
        let mut unshare = Command::new("unshare");
        unshare.args(["--user", "--map-root-user", "--time", "--boottime", "3600", "--fork"]);
        let name = concat!(module_path!(), "::time_asleep_counts");
        let test = std::env::current_exe().unwrap();
        unshare.arg(test).args(["--exact", name.split_once("::").unwrap().1]).env(INSIDE, "1");
        match unshare.output() {
            Ok(output) if output.status.success() => {
                let report = String::from_utf8_lossy(&output.stdout);
                assert!(report.contains("1 passed"), "{report}");
            }
            Ok(output) if String::from_utf8_lossy(&output.stderr).starts_with("unshare:") => {
                eprintln!("skipped: {}", String::from_utf8_lossy(&output.stderr));
            }
            Ok(output) => panic!("{}", String::from_utf8_lossy(&output.stdout)),
            Err(error) => eprintln!("skipped: {error}"),
        }
    }
}
