//! A request in flight, as the callers see it that wait for its result: a channel.

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

/// Waiters give a request this much longer than its deadline before they take it for lost.
pub(crate) const GRACE: Duration = Duration::from_secs(1);

/// How a request ends.
pub(crate) type Outcome = Result<AccessToken, TokenError>;

/// One request in flight.
///
/// No caller owns it: callers may be dropped, time out or panic, and the request continues. When its task ends early (its
/// runtime is shut down, or it panics), the channel closes, which waiting callers notice.
#[derive(Clone)]
pub(crate) struct InFlightRequest {
    pub(crate) began: Moment,
    overdue: Instant,
    outcome: watch::Receiver<Option<Outcome>>,
}

/// The other end of the channel, for the task that sends the request. If it is dropped, the request is lost.
pub(crate) struct OutcomeSender {
    pub(crate) number: u32,
    pub(crate) in_flight: InFlightRequest,
    sender: watch::Sender<Option<Outcome>>,
}

impl InFlightRequest {
    /// True if its task died, or should have ended by now.
    pub(crate) fn is_lost(&self) -> bool {
        self.outcome.has_changed().is_err() || Instant::now() >= self.overdue
    }

    /// Waits for the outcome, until `end` at the latest. `None` if there is none by then, or if the request was lost.
    ///
    /// # Errors
    /// [`TokenError::NoRuntime`] where there are no timers to wait with.
    pub(crate) async fn wait(mut self, end: Instant) -> Result<Option<Outcome>, TokenError> {
        let waiting = timer(|| timeout_at(self.overdue.min(end), self.outcome.wait_for(Option::is_some)))?;
        let in_time = waiting.await.is_ok();
        if !in_time {
            // The request may have the same deadline, and its outcome come in the same turn of the runtime.
            yield_now().await;
        }
        Ok(self.outcome.borrow().clone())
    }
}

impl OutcomeSender {
    /// That of the request with this number, which begins now and ends within `deadline`.
    pub(crate) fn new(number: u32, began: Moment, deadline: Duration) -> Self {
        let (sender, outcome) = watch::channel(None);
        let overdue = Instant::now() + deadline + GRACE;
        Self { number, in_flight: InFlightRequest { began, overdue, outcome }, sender }
    }

    /// Gives the waiting callers the outcome, if any still wait.
    pub(crate) fn send(self, outcome: Outcome) {
        let _ = self.sender.send(Some(outcome));
    }
}

/// Sets a timer up, which panics on a runtime without any. That is tried once on each thread, since panics are reported.
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

/// Fails on a runtime without timers, as [`timer`] does.
pub(crate) fn check_timers() -> Result<(), TokenError> {
    timer(|| drop(sleep(Duration::ZERO)))
}
