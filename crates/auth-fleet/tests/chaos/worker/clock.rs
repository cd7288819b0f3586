//! The clock of a process on another host.

use std::time::{Duration, SystemTime};

use auth_core::{Clock, Moment};

use crate::boot_clock;

/// Began with its process, and its wall clock is wrong.
pub(super) struct OtherClock {
    began: u64,
    hours: i64,
}

impl OtherClock {
    /// A clock that is ahead by so many hours.
    pub(super) fn ahead(hours: i64) -> Self {
        Self { began: boot_clock::now(), hours }
    }
}

impl Clock for OtherClock {
    fn now(&self) -> Moment {
        let difference = Duration::from_secs(self.hours.unsigned_abs() * 3_600);
        let wall = SystemTime::now();
        let wall = if self.hours < 0 { wall - difference } else { wall + difference };
        Moment::new(Duration::from_micros(boot_clock::now() - self.began), wall)
    }
}
