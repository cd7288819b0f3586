//! How many refused requests the log shows, so that whoever sends them in a loop does not fill it.

use std::mem;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Refused requests that the log shows in a second.
const A_SECOND: u32 = 10;

static REFUSALS: Mutex<Refusals> = Mutex::new(Refusals { second: None, shown: 0, left_out: 0 });

struct Refusals {
    /// When the second began in which `shown` were shown.
    second: Option<Instant>,
    shown: u32,
    left_out: u64,
}

impl Refusals {
    fn shows(&mut self, now: Instant) -> bool {
        if self.second.is_none_or(|second| now.duration_since(second) >= Duration::from_secs(1)) {
            (self.second, self.shown) = (Some(now), 0);
        }
        if self.shown < A_SECOND {
            self.shown += 1;
            return true;
        }
        self.left_out += 1;
        false
    }
}

/// True if the log shows one more refused request; otherwise it is counted.
pub(super) fn are_shown() -> bool {
    REFUSALS.lock().unwrap_or_else(PoisonError::into_inner).shows(Instant::now())
}

/// Writes how many refused requests were left out since the last call. To be called every few seconds.
pub(super) fn report() {
    let left_out = mem::take(&mut REFUSALS.lock().unwrap_or_else(PoisonError::into_inner).left_out);
    if left_out > 0 {
        tracing::warn!(left_out, "more requests refused, which are not shown one by one");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_refusals_a_second_are_shown_and_the_others_counted() {
        let mut refusals = Refusals { second: None, shown: 0, left_out: 0 };
        let start = Instant::now();
        let mut shown = |second: f64, number: u32| {
            (0..number).filter(|_| refusals.shows(start + Duration::from_secs_f64(second))).count()
        };
        assert_eq!([shown(0.0, 7), shown(0.9, 7), shown(1.1, 3), shown(60.0, 100)], [7, 3, 3, 10]);
        assert_eq!(refusals.left_out, 94);
    }
}
