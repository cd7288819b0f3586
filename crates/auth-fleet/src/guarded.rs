//! A store whose operations have a time limit, and that is not asked while it is down.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use auth_core::Scope;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout};

use crate::breaker::{Breaker, Permit};
use crate::keys::ring::KeyRing;
use crate::observe::event::FleetEvent;
use crate::observe::observers::Observers;
use crate::running_time::within;
use crate::store::error::{StoreError, StoreErrorKind};
use crate::store::generation::Generation;
use crate::store::name::Name;
use crate::store::{Entry, Grant, Lease, Owner, Published, Seen, Store};

/// The time for a release that no call waits for.
const RELEASE: Duration = Duration::from_secs(1);

/// How many operations run at a time. The time limit of the others has not begun: a burst of calls, such as those of a process that
/// starts with thousands of scopes, says nothing about the store.
const AT_A_TIME: usize = 32;

/// A store with a time limit and a circuit breaker.
pub(crate) struct Guarded<S> {
    store: S,
    timeout: Duration,
    breaker: Breaker,
    turns: Semaphore,
}

/// The store cannot be used now; the breaker knows why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Down;

/// The store as one call uses it.
pub(crate) struct Session<'call, S> {
    store: &'call Guarded<S>,
    observers: &'call Observers,
    scope: &'call Scope,
}

impl<S: Store> Guarded<S> {
    /// A store whose operations take `timeout` at most.
    pub(crate) fn new(store: S, timeout: Duration) -> Self {
        Self { store, timeout, breaker: Breaker::default(), turns: Semaphore::new(AT_A_TIME) }
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    pub(crate) fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
    }

    /// Why and for how long the store has been down, if it is.
    pub(crate) fn down(&self) -> Option<(StoreError, Duration)> {
        self.breaker.down(Instant::now())
    }

    /// Releases a lease for a call that has ended. The request for the lease may still be on its way, so the store is asked even if
    /// it is down, gets more time, and is asked once more.
    pub(crate) async fn release_late(&self, name: &Name, owner: Owner) {
        // If this fails, the lease ends by itself.
        let _ = timeout(RELEASE, self.store.release(name, owner)).await;
        sleep(self.timeout).await;
        let _ = timeout(RELEASE, self.store.release(name, owner)).await;
    }

    pub(crate) fn session<'call>(&'call self, observers: &'call Observers, scope: &'call Scope) -> Session<'call, S> {
        Session { store: self, observers, scope }
    }
}

impl<S: Store> Session<'_, S> {
    /// Notifies observers of an event of the call.
    pub(crate) fn notify(&self, event: &FleetEvent<'_>) {
        self.observers.notify(self.scope, event);
    }

    /// The keys of the store. Without usable keys, the store is down.
    pub(crate) async fn ring(&self) -> Result<Arc<KeyRing>, Down> {
        self.until_tried().await;
        if !self.store.breaker.permits(Instant::now()) {
            return Err(Down);
        }
        // Keys say nothing about whether the store works, and their source has no time limit.
        match self.store.store.keys().ring().await {
            Ok(ring) => Ok(ring),
            Err(error) => {
                let permit = self.permit().await?;
                Err(self.fail(permit, &StoreError::new(StoreErrorKind::Configuration, error.to_string())))
            }
        }
    }

    pub(crate) async fn get(&self, name: &Name) -> Result<Option<Entry>, Down> {
        self.run(|| self.store.store.get(name), false).await
    }

    pub(crate) async fn lease(&self, name: &Name, owner: Owner, seen: Seen, duration: Duration) -> Result<Lease, Down> {
        self.run(|| self.store.store.lease(name, owner, seen, duration), true).await
    }

    pub(crate) async fn publish(
        &self,
        name: &Name,
        grant: Grant,
        value: &[u8],
        lifetime: Duration,
    ) -> Result<Published, Down> {
        self.run(|| self.store.store.publish(name, grant, value, lifetime), true).await
    }

    pub(crate) async fn release(&self, name: &Name, owner: Owner) -> Result<(), Down> {
        self.run(|| self.store.store.release(name, owner), true).await
    }

    /// Waits for a change of the entry or of its lease, for `at_most` this long.
    pub(crate) async fn wait(&self, name: &Name, seen: Option<Generation>, at_most: Duration) -> Result<(), Down> {
        let permit = self.permit().await?;
        let began = Instant::now();
        match timeout(at_most, self.store.store.wait(name, seen, at_most)).await {
            // Whether the store answers is seen when it is read again. An error that comes later than it can says nothing: this
            // process was stopped meanwhile.
            Err(_) => Ok(()),
            Ok(Err(_)) if began.elapsed() > at_most => Ok(()),
            Ok(outcome) => self.record(permit, outcome, false),
        }
    }

    /// Runs an operation, unless the store is down, and records how it ends.
    async fn run<T, F>(&self, operation: impl Fn() -> F, writes: bool) -> Result<T, Down>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let Ok(_turn) = self.store.turns.acquire().await else { return Err(Down) };
        let permit = self.permit().await?;
        let outcome = repeated_if_late(self.store.timeout, operation).await;
        self.record(permit, outcome, writes)
    }

    /// Permission for an operation.
    async fn permit(&self) -> Result<Permit, Down> {
        if let Some(permit) = self.store.breaker.permit(Instant::now()) {
            return Ok(permit);
        }
        self.until_tried().await;
        self.store.breaker.permit(Instant::now()).ok_or(Down)
    }

    /// While the store is tried, waits for the outcome, for as long as an operation may take. The breaker may have opened hours ago:
    /// without the wait, a process that renews many tokens at a time would request all but one of them without the store.
    async fn until_tried(&self) {
        let changed = self.store.breaker.changed();
        if let Some(began) = self.store.breaker.trial() {
            // It may have been abandoned.
            within(self.store.timeout.saturating_sub(began.elapsed()), pin!(changed)).await;
        }
    }

    fn record<T>(&self, permit: Permit, outcome: Result<T, StoreError>, writes: bool) -> Result<T, Down> {
        let outcome = outcome.map_err(|error| self.fail(permit, &error))?;
        if let Some(after) = self.store.breaker.succeed(permit, writes, Instant::now()) {
            self.notify(&FleetEvent::StoreUp { after });
        }
        Ok(outcome)
    }

    fn fail(&self, permit: Permit, error: &StoreError) -> Down {
        if let Some(retry_after) = self.store.breaker.fail(permit, error, Instant::now(), fastrand::f64()) {
            self.notify(&FleetEvent::StoreDown { error, retry_after });
        }
        Down
    }
}

/// Runs an operation for `limit` at most. If it took much longer, this process hardly ran meanwhile. A failure says nothing about the
/// store then: its own time limits were over before an answer was read. The operation is repeated once.
async fn repeated_if_late<T, F>(limit: Duration, operation: impl Fn() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut is_repeated = false;
    loop {
        let began = Instant::now();
        let outcome = within(limit, pin!(operation())).await;
        let outcome = outcome.unwrap_or_else(|| Err(StoreError::new(StoreErrorKind::Timeout, "")));
        if outcome.is_ok() || is_repeated || began.elapsed() < limit * 2 {
            return outcome;
        }
        is_repeated = true;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::pending;

    use tokio::time::advance;

    use super::*;

    const LIMIT: Duration = Duration::from_millis(50);

    /// The outcome of an operation that is repeated with success, if it first passes this time in a step and then ends with this.
    async fn outcome(stopped: Duration, first: Option<Result<u32, StoreErrorKind>>) -> Result<u32, StoreErrorKind> {
        let count = Cell::new(0);
        let operation = || {
            count.set(count.get() + 1);
            let (is_first, first) = (count.get() == 1, first);
            async move {
                if !is_first {
                    return Ok(2);
                }
                advance(stopped).await;
                match first {
                    Some(outcome) => outcome.map_err(|kind| StoreError::new(kind, "")),
                    None => pending().await,
                }
            }
        };
        repeated_if_late(LIMIT, operation).await.map_err(|error| error.kind())
    }

    #[tokio::test(start_paused = true)]
    async fn an_operation_fails_in_time_or_is_repeated_if_the_process_was_stopped() {
        use StoreErrorKind::{Timeout, Unreachable};
        let (none, moment, stop) = (Duration::ZERO, Duration::from_millis(10), Duration::from_secs(5));
        for (case, stopped, first, wanted) in [
            ("an answer", moment, Some(Ok(1)), Ok(1)),
            ("a failure", moment, Some(Err(Unreachable)), Err(Unreachable)),
            ("no answer", none, None, Err(Timeout)),
            ("stopped, an answer", stop, Some(Ok(1)), Ok(1)),
            ("stopped, a time limit of the store was over", stop, Some(Err(Timeout)), Ok(2)),
            ("stopped, the connection broke meanwhile", stop, Some(Err(Unreachable)), Ok(2)),
            ("stopped, no answer", stop, None, Ok(2)),
        ] {
            assert_eq!(outcome(stopped, first).await, wanted, "{case}");
        }
    }
}
