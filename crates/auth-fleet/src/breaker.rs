//! The circuit breaker of the store: after a failure, the process goes on without the store for a while.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::Instant;

use crate::store::error::StoreError;

/// How long the process goes on without the store after the first failure; it doubles with each further one in a row.
const FIRST: Duration = Duration::from_secs(1);

/// The longest time without the store, before jitter.
const LONGEST: Duration = Duration::from_secs(30);

/// Decides whether the store is asked.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Failures in a row, until an operation that writes succeeds: a store that is read-only or full answers reads.
    failures: u32,
    open: Option<Open>,
    /// How often it has opened or closed, so that operations that began before do not count.
    changes: u64,
}

#[derive(Debug)]
struct Open {
    since: Instant,
    /// When the next operation may be tried.
    until: Instant,
    /// When the operation that is tried has begun.
    trial: Option<Instant>,
    error: StoreError,
}

/// Permission for one operation.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub(crate) struct Permit {
    changes: u64,
    is_trial: bool,
}

impl Breaker {
    /// Permits an operation at `now`. While the store is down, one operation is tried from time to time.
    pub(crate) fn permit(&self, now: Instant) -> Option<Permit> {
        let mut state = self.lock();
        let (changes, length) = (state.changes, length(state.failures.saturating_sub(1)));
        let Some(open) = &mut state.open else { return Some(Permit { changes, is_trial: false }) };
        if now < open.until {
            return None;
        }
        // If this trial is abandoned, another one follows.
        open.until = now + length;
        open.trial = Some(now);
        Some(Permit { changes, is_trial: true })
    }

    /// True if an operation would be permitted at `now`.
    pub(crate) fn permits(&self, now: Instant) -> bool {
        self.lock().open.as_ref().is_none_or(|open| now >= open.until)
    }

    /// When the operation that is tried has begun, if there is one. It may have been abandoned.
    pub(crate) fn trial(&self) -> Option<Instant> {
        self.lock().open.as_ref().and_then(|open| open.trial)
    }

    /// Waits until the breaker opens or closes, counted from when this is called.
    pub(crate) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    /// Records a success. Returns how long the store was down, if this ends it.
    pub(crate) fn succeed(&self, permit: Permit, writes: bool, now: Instant) -> Option<Duration> {
        let mut state = self.lock();
        if permit.changes != state.changes {
            return None;
        }
        if writes {
            state.failures = 0;
        }
        let open = if permit.is_trial { state.open.take() } else { None }?;
        state.changes += 1;
        self.changed.notify_waiters();
        Some(now - open.since)
    }

    /// Records a failure; `random` is from 0 to 1. Returns for how long the store is not asked, if this starts it.
    pub(crate) fn fail(&self, permit: Permit, error: &StoreError, now: Instant, random: f64) -> Option<Duration> {
        let mut state = self.lock();
        if permit.changes != state.changes {
            return None;
        }
        let length = length(state.failures).mul_f64(1.0 + random / 4.0);
        let since = state.open.as_ref().map_or(now, |open| open.since);
        state.failures = state.failures.saturating_add(1);
        state.changes += 1;
        state.open = Some(Open { since, until: now + length, trial: None, error: error.clone() });
        self.changed.notify_waiters();
        Some(length)
    }

    /// Why and for how long the store has been down, if it is.
    pub(crate) fn down(&self, now: Instant) -> Option<(StoreError, Duration)> {
        self.lock().open.as_ref().map(|open| (open.error.clone(), now - open.since))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long the process goes on without the store after this many failures before this one.
fn length(failures: u32) -> Duration {
    FIRST.saturating_mul(1 << failures.min(10)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::error::StoreErrorKind;

    fn error(kind: StoreErrorKind) -> StoreError {
        StoreError::new(kind, "")
    }

    #[test]
    fn the_time_without_the_store_grows_with_each_failed_trial_up_to_a_bound() {
        let (breaker, mut now) = (Breaker::default(), Instant::now());
        for seconds in [1, 2, 4, 8, 16, 30, 30] {
            let permit = breaker.permit(now).expect("a trial");
            let length = breaker.fail(permit, &error(StoreErrorKind::Timeout), now, 0.0);
            assert_eq!(length, Some(Duration::from_secs(seconds)));
            now += Duration::from_secs(seconds);
            assert!(breaker.permit(now - Duration::from_millis(1)).is_none(), "{seconds}");
        }
        let permit = breaker.permit(now).expect("a trial");
        let length = breaker.fail(permit, &error(StoreErrorKind::Timeout), now, 1.0);
        assert_eq!(length, Some(Duration::from_millis(37_500)), "with jitter");
    }

    #[test]
    fn one_operation_is_tried_and_its_success_ends_the_time_without_the_store() {
        let (breaker, start) = (Breaker::default(), Instant::now());
        let [first, second] = [(); 2].map(|()| breaker.permit(start).expect("the store is up"));
        assert!(breaker.fail(first, &error(StoreErrorKind::Unreachable), start, 0.0).is_some());
        assert!(breaker.fail(second, &error(StoreErrorKind::Timeout), start, 0.0).is_none(), "it began before");
        let now = start + FIRST;
        let trial = breaker.permit(now).expect("a trial");
        assert!(breaker.permit(now).is_none(), "only one");
        assert_eq!(breaker.succeed(second, true, now), None, "it began before");
        assert_eq!(breaker.down(now), Some((error(StoreErrorKind::Unreachable), FIRST)));
        assert_eq!(breaker.succeed(trial, false, now), Some(FIRST));
        assert_eq!(breaker.down(now), None);
        assert!(breaker.permit(now).is_some() && breaker.permit(now).is_some());
    }

    #[test]
    fn an_abandoned_trial_is_followed_by_another() {
        let (breaker, start) = (Breaker::default(), Instant::now());
        let permit = breaker.permit(start).expect("the store is up");
        breaker.fail(permit, &error(StoreErrorKind::Timeout), start, 0.0);
        let _abandoned = breaker.permit(start + FIRST).expect("a trial");
        assert!(breaker.permit(start + FIRST * 2 - Duration::from_millis(1)).is_none());
        assert!(breaker.permit(start + FIRST * 2).is_some());
    }

    #[test]
    fn a_store_that_only_answers_reads_is_tried_less_and_less_often() {
        let (breaker, mut now) = (Breaker::default(), Instant::now());
        for seconds in [1, 2, 4] {
            let read = breaker.permit(now).expect("a trial");
            breaker.succeed(read, false, now);
            let write = breaker.permit(now).expect("the store is up");
            let length = breaker.fail(write, &error(StoreErrorKind::ReadOnly), now, 0.0);
            assert_eq!(length, Some(Duration::from_secs(seconds)));
            now += Duration::from_secs(seconds);
        }
        let [read, write] = [false, true].map(|writes| {
            let permit = breaker.permit(now).expect("permitted");
            breaker.succeed(permit, writes, now);
            permit
        });
        assert_ne!(read.changes, write.changes);
        let permit = breaker.permit(now).expect("the store is up");
        assert_eq!(breaker.fail(permit, &error(StoreErrorKind::Full), now, 0.0), Some(FIRST));
    }
}
