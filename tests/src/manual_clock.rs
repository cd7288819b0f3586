//! Clocks that change only when a test moves them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use auth_core::{AccessToken, Clock, Moment};
use chrono::{DateTime, Utc};

/// A monotonic and a wall clock that a test moves, together or apart. Clones are the same clocks.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<Mutex<Clocks>>);

#[derive(Clone, Copy, Debug)]
struct Clocks {
    monotonic: Duration,
    wall: SystemTime,
}

impl ManualClock {
    /// Clocks whose wall clock shows the current time of the system, to within a second.
    #[must_use]
    pub fn new() -> Self {
        // Whole seconds, because a cache counts in whole milliseconds.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let wall = UNIX_EPOCH + Duration::from_secs(now);
        Self(Arc::new(Mutex::new(Clocks { monotonic: Duration::from_secs(1_000_000), wall })))
    }

    /// Advances both clocks.
    pub fn pass(&self, time: Duration) {
        self.awake(time);
        self.ahead(time);
    }

    /// Advances only the monotonic clock, as if the wall clock had been set back by the same amount in the meantime.
    pub fn awake(&self, time: Duration) {
        self.clocks().monotonic += time;
    }

    /// Sets the wall clock ahead. The wake-up of a suspended machine looks the same.
    pub fn ahead(&self, time: Duration) {
        self.clocks().wall += time;
    }

    /// Sets the wall clock back.
    pub fn back(&self, time: Duration) {
        self.clocks().wall -= time;
    }

    /// The remaining lifetime of the token by the wall clock.
    #[must_use]
    pub fn until_end_of(&self, token: &AccessToken) -> Duration {
        SystemTime::from(token.expires_at()).duration_since(self.clocks().wall).unwrap_or_default()
    }

    /// The time on the wall clock.
    #[must_use]
    pub fn wall(&self) -> DateTime<Utc> {
        self.clocks().wall.into()
    }

    fn clocks(&self) -> MutexGuard<'_, Clocks> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Moment {
        let clocks = *self.clocks();
        Moment::new(clocks.monotonic, clocks.wall)
    }
}
