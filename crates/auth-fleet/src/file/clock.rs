//! The clock of the store: that of the running system, which no one can set.

use std::time::Duration;

use rustix::time::{ClockId, Timespec, clock_gettime};

use crate::store::StoreTime;

/// A moment on the clock of the running system and on the wall clock, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Since the system was started, time asleep included.
    pub(super) running: u64,
    pub(super) wall: u64,
}

/// Whose clock the records of a folder are counted with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Epoch {
    /// The folder holds only records of one run of the system, and of one time namespace.
    Known(String),
    /// The system does not say which of its runs this is. A record is used only if as much time has passed on the wall clock
    /// since it was written as on the clock of the running system.
    Unknown,
}

/// A moment that was set at `set`, on the clock of the running system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub(super) set: Stamp,
    pub(super) at: u64,
}

impl Stamp {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const RUNNING: ClockId = ClockId::Boottime;
    /// On Apple's systems, this clock also runs while the machine sleeps.
    #[cfg(target_vendor = "apple")]
    const RUNNING: ClockId = ClockId::Monotonic;

    pub(super) fn now() -> Self {
        Self { running: micros(clock_gettime(Self::RUNNING)), wall: micros(clock_gettime(ClockId::Realtime)) }
    }

    /// The end of a duration that begins now. One that lasts longer than the clock can count ends with it.
    pub(super) fn after(self, duration: Duration) -> End {
        let duration = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        End { set: self, at: self.running.saturating_add(duration) }
    }

    /// The end of a duration that began at `start`, an earlier time of this clock.
    pub(super) fn after_time(self, start: StoreTime, duration: Duration) -> End {
        let start = Self { running: start.0.saturating_mul(1_000), ..self };
        End { set: self, at: start.after(duration).at }
    }

    /// The whole milliseconds of this moment.
    pub(super) fn to_time(self) -> StoreTime {
        StoreTime(self.running / 1_000)
    }
}

fn micros(time: Timespec) -> u64 {
    let micros = time.tv_sec.saturating_mul(1_000_000).saturating_add(time.tv_nsec / 1_000);
    u64::try_from(micros).unwrap_or(0)
}

impl Epoch {
    /// The epoch of this process.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(super) fn current() -> Self {
        let run = std::fs::read_to_string("/proc/sys/kernel/random/boot_id");
        // Processes of different time namespaces read different clocks. A kernel without them has no such file.
        let namespace = match std::fs::read_link("/proc/self/ns/time") {
            Ok(target) => Some(target.to_string_lossy().into_owned()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some(String::new()),
            Err(_) => None,
        };
        match (run, namespace) {
            (Ok(run), Some(namespace)) => Self::of(&run, &namespace),
            _ => Self::Unknown,
        }
    }

    #[cfg(target_vendor = "apple")]
    pub(super) fn current() -> Self {
        Self::Unknown
    }

    #[cfg_attr(target_vendor = "apple", allow(dead_code))]
    fn of(run: &str, namespace: &str) -> Self {
        let run = run.trim();
        if run.is_empty() || !run.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-') {
            return Self::Unknown;
        }
        let namespace: String = namespace.chars().filter(char::is_ascii_digit).collect();
        Self::Known(format!("{run}-{namespace}"))
    }

    /// The name of the folder of this epoch.
    pub(super) fn folder(&self) -> String {
        match self {
            Self::Known(run) => format!("boot-{run}"),
            Self::Unknown => "boot-unknown".to_owned(),
        }
    }

    /// How long it takes from `now` until this end; nothing if it is over, or if that cannot be told.
    pub(super) fn until(&self, end: End, now: Stamp) -> Option<Duration> {
        if *self == Self::Unknown && !is_same_run(end.set, now) {
            return None;
        }
        let left = end.at.checked_sub(now.running)?;
        (left > 0).then(|| Duration::from_micros(left))
    }
}

/// Whether the clock of the running system was not started anew between two moments, judged by the wall clock.
///
/// After a restart, more time has passed on the wall clock, by what the system had been running before. Both clocks may differ
/// by a second, and by a thousandth, with which the wall clock is corrected.
fn is_same_run(earlier: Stamp, now: Stamp) -> bool {
    let (Some(running), Some(wall)) = (now.running.checked_sub(earlier.running), now.wall.checked_sub(earlier.wall))
    else {
        return false;
    };
    running.abs_diff(wall) <= 1_000_000 + running / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600;

    fn at(running: u64, wall: u64) -> Stamp {
        Stamp { running: running * 1_000_000, wall: wall * 1_000_000 }
    }

    #[test]
    fn the_end_of_a_record_is_told_or_the_record_is_absent() {
        let set = at(1_000, 50_000);
        let end = set.after(Duration::from_secs(HOUR));
        let known = Epoch::Known(String::new());
        for (case, now, with_known, with_unknown) in [
            ("at once", set, Some(HOUR), Some(HOUR)),
            ("later", at(1_600, 50_600), Some(HOUR - 600), Some(HOUR - 600)),
            ("over", at(4_600, 53_600), None, None),
            ("the wall clock was set ahead", at(1_600, 60_600), Some(HOUR - 600), None),
            ("the wall clock was set back", at(1_600, 40_600), Some(HOUR - 600), None),
            ("the wall clock was corrected a little", at(2_000, 51_001), Some(HOUR - 1_000), Some(HOUR - 1_000)),
            ("after a restart, with a smaller uptime", at(10, 51_100), Some(HOUR + 990), None),
            ("after a restart, with a greater uptime", at(1_600, 51_700), Some(HOUR - 600), None),
        ] {
            assert_eq!(known.until(end, now), with_known.map(Duration::from_secs), "{case}");
            assert_eq!(Epoch::Unknown.until(end, now), with_unknown.map(Duration::from_secs), "{case}");
        }
    }

    #[test]
    fn the_longest_duration_ends_with_the_clock() {
        assert_eq!(at(1, 1).after(Duration::MAX).at, u64::MAX);
    }

    #[test]
    fn every_run_of_the_system_and_every_time_namespace_has_its_own_folder() {
        let run = "1c9c1779-8b26-45af-8b3c-9244026a339f\n";
        let folder = |run, namespace| Epoch::of(run, namespace).folder();
        assert_eq!(folder(run, "time:[4026531834]"), "boot-1c9c1779-8b26-45af-8b3c-9244026a339f-4026531834");
        assert_eq!(folder(run, ""), "boot-1c9c1779-8b26-45af-8b3c-9244026a339f-");
        for unusable in ["", "\n", "../x", "a/b"] {
            assert_eq!(folder(unusable, "time:[4026531834]"), "boot-unknown", "{unusable:?}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn linux_tells_which_run_of_the_system_this_is() {
        assert!(matches!(Epoch::current(), Epoch::Known(_)), "{:?}", Epoch::current());
        assert_eq!(Epoch::current(), Epoch::current());
    }
}
