//! Background renewal of one scope.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::cache::backoff::{growing, within_life};
use crate::cache::handle::TokenHandle;
use crate::cache::in_flight::check_timers;
use crate::token::error::token_error::TokenError;

/// Maximum time between two checks of a scope. Timers may not advance while the machine sleeps, so this limits how long
/// an expired token goes unnoticed afterwards.
const LONGEST_INTERVAL: Duration = Duration::from_secs(30);

/// Minimum time between two checks.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(250);

/// Background renewal.
impl TokenHandle {
    /// Keeps the token fresh in the background, used or not, until the returned guard is dropped.
    ///
    /// While no fresh token can be obtained, the scope's cooldowns apply, and the checks become less frequent, down to
    /// one every 30 seconds.
    ///
    /// # Errors
    /// [`TokenError::NoRuntime`] outside a Tokio runtime, or in one without timers.
    pub fn keep_warm(&self) -> Result<KeptWarm, TokenError> {
        let runtime = Handle::try_current().map_err(|_| TokenError::NoRuntime)?;
        check_timers()?;
        let handle = self.clone();
        let task = runtime.spawn(async move {
            // Consecutive checks that found no fresh token.
            let mut failures = 0;
            loop {
                // Observers and callers get the error.
                let _ = handle.access_token().await;
                let (left, until_due) = handle.slot.outlook(handle.shared().clock.now()).unwrap_or_default();
                sleep(until_next_check(left, until_due, failures)).await;
                failures = if until_due.is_zero() { failures.saturating_add(1) } else { 0 };
            }
        });
        Ok(KeptWarm { task })
    }
}

/// The guard of [`TokenHandle::keep_warm`]; dropping it ends the background renewal.
#[derive(Debug)]
#[must_use = "the scope is kept warm only while this is held"]
pub struct KeptWarm {
    task: JoinHandle<()>,
}

impl Drop for KeptWarm {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Returns the time until the next check of a scope whose token expires after `left` and is due for renewal after
/// `until_due`. The time grows with the number of `failures`: consecutive checks that found no fresh token.
fn until_next_check(left: Duration, until_due: Duration, failures: u32) -> Duration {
    let until_next = if until_due.is_zero() {
        within_life(growing(SHORTEST_INTERVAL, failures), left, SHORTEST_INTERVAL)
    } else {
        until_due
    };
    until_next.clamp(SHORTEST_INTERVAL, LONGEST_INTERVAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_run_when_the_token_is_due_and_less_often_after_failures() {
        for (case, left, until_due, failures, wanted) in [
            ("due soon", 30_000, 10_000, 0, 10_000),
            ("due soon, after failures", 30_000, 10_000, 7, 10_000),
            ("due at once", 30_000, 1, 0, 250),
            ("due much later", 3_600_000, 3_000_000, 0, 30_000),
            ("no token", 0, 0, 0, 250),
            ("no token, again", 0, 0, 1, 500),
            ("no token, again and again", 0, 0, 20, 30_000),
            ("due, and a long life left", 3_600_000, 0, 3, 2_000),
            ("due, and a short life left", 1_000, 0, 3, 500),
            ("due, and hardly a life left", 1, 0, 3, 250),
        ] {
            let [left, until_due, wanted] = [left, until_due, wanted].map(Duration::from_millis);
            assert_eq!(until_next_check(left, until_due, failures), wanted, "{case}");
        }
    }
}
