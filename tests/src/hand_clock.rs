//! Clocks that stand still until a test moves them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use auth_core::{AccessToken, Clock, Moment};
use chrono::{DateTime, Utc};

/// A monotonic and a wall clock that a test moves, together or apart. Clones are the same clocks.
#[derive(Clone, Debug)]
pub struct HandClock(Arc<Mutex<Hands>>);

#[derive(Clone, Copy, Debug)]
struct Hands {
    monotonic: Duration,
    wall: SystemTime,
}

impl HandClock {
    /// Clocks of which the wall clock shows what the system's does now, but for a fraction of a second.
    #[must_use]
    pub fn new() -> Self {
        // Whole seconds, since a cache counts in whole milliseconds.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let wall = UNIX_EPOCH + Duration::from_secs(now);
        Self(Arc::new(Mutex::new(Hands { monotonic: Duration::from_secs(1_000_000), wall })))
    }

    /// Lets time pass.
    pub fn pass(&self, time: Duration) {
        self.awake(time);
        self.ahead(time);
    }

    /// Moves the monotonic clock alone, as if the wall clock had been set back by as much in the meantime.
    pub fn awake(&self, time: Duration) {
        self.hands().monotonic += time;
    }

    /// Sets the wall clock ahead, which is what a suspended machine sees when it wakes up as well.
    pub fn ahead(&self, time: Duration) {
        self.hands().wall += time;
    }

    /// Sets the wall clock back.
    pub fn back(&self, time: Duration) {
        self.hands().wall -= time;
    }

    /// How long the token lives from now on by the wall clock.
    #[must_use]
    pub fn until_end_of(&self, token: &AccessToken) -> Duration {
        SystemTime::from(token.expires_at()).duration_since(self.hands().wall).unwrap_or_default()
    }

    /// What the wall clock shows.
    #[must_use]
    pub fn wall(&self) -> DateTime<Utc> {
        self.hands().wall.into()
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for HandClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for HandClock {
    fn now(&self) -> Moment {
        let hands = *self.hands();
        Moment::new(hands.monotonic, hands.wall)
    }
}
