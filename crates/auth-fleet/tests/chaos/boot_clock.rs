//! The clock of the running system, which all processes of a machine share and no test sets.

use rustix::time::{ClockId, clock_gettime};

/// Microseconds since the system was started.
pub(crate) fn now() -> u64 {
    let now = clock_gettime(ClockId::Boottime);
    u64::try_from(now.tv_sec * 1_000_000 + now.tv_nsec / 1_000).unwrap()
}
