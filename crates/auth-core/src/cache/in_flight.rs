//! The channel on which callers wait for the result of an in-flight request.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use tokio::runtime::{Handle, Id};
use tokio::sync::watch;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep, timeout_at};

use crate::clock::Moment;
use crate::token::access_token::AccessToken;
use crate::token::error::token_error::TokenError;

/// Time after its deadline at which a request is considered lost.
pub(crate) const GRACE: Duration = Duration::from_secs(1);

/// The result of a request.
pub(crate) type Outcome = Result<AccessToken, TokenError>;

/// The receiving end of the channel, for the callers that wait for the request.
///
/// No caller owns the request: it continues if callers are dropped, time out or panic. If its task ends early, because
/// it panics or its runtime is shut down, the channel closes and waiting callers resume.
#[derive(Clone)]
pub(crate) struct InFlightRequest {
    pub(crate) began: Moment,
    overdue: Instant,
    outcome: watch::Receiver<Option<Outcome>>,
}

/// The sending end of the channel, for the task that sends the request. If it is dropped without an outcome, the
/// request is lost.
pub(crate) struct OutcomeSender {
    pub(crate) number: u32,
    pub(crate) in_flight: InFlightRequest,
    sender: watch::Sender<Option<Outcome>>,
}

impl InFlightRequest {
    /// True if the request's task has ended, or is overdue.
    pub(crate) fn is_lost(&self) -> bool {
        self.outcome.has_changed().is_err() || Instant::now() >= self.overdue
    }

    /// Waits for the outcome, until `end` at the latest. Returns `None` if there is none by then, or if the request was
    /// lost.
    ///
    /// # Errors
    /// [`TokenError::NoRuntime`] outside a Tokio runtime, or in one without timers.
    pub(crate) async fn wait(mut self, end: Instant) -> Result<Option<Outcome>, TokenError> {
        let waiting = timer(|| timeout_at(self.overdue.min(end), self.outcome.wait_for(Option::is_some)))?;
        let in_time = waiting.await.is_ok();
        if !in_time {
            // A request with the same deadline may send its outcome in the same turn of the runtime.
            yield_now().await;
        }
        Ok(self.outcome.borrow().clone())
    }
}

impl OutcomeSender {
    /// Creates the channel of the request with this number, which begins now and ends within `deadline`.
    pub(crate) fn new(number: u32, began: Moment, deadline: Duration) -> Self {
        let (sender, outcome) = watch::channel(None);
        let overdue = Instant::now() + deadline + GRACE;
        Self { number, in_flight: InFlightRequest { began, overdue, outcome }, sender }
    }

    /// Sends the outcome to the callers that still wait.
    pub(crate) fn send(self, outcome: Outcome) {
        let _ = self.sender.send(Some(outcome));
    }
}

/// Creates a timer, which panics on a runtime without timers. Each thread remembers the last such runtime, so that the
/// program's panic hook does not report a panic for every call.
fn timer<T>(set_up: impl FnOnce() -> T) -> Result<T, TokenError> {
    thread_local!(static WITHOUT: Cell<Option<Id>> = const { Cell::new(None) });

    let runtime = Handle::try_current().map_err(|_| TokenError::NoRuntime)?.id();
    if WITHOUT.get() == Some(runtime) {
        return Err(TokenError::NoRuntime);
    }
    catch_unwind(AssertUnwindSafe(set_up)).map_err(|_| {
        WITHOUT.set(Some(runtime));
        TokenError::NoRuntime
    })
}

/// Fails outside a Tokio runtime, or in one without timers.
pub(crate) fn check_timers() -> Result<(), TokenError> {
    timer(|| drop(sleep(Duration::ZERO)))
}
