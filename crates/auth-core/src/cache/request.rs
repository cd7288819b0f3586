//! A request in flight, owned by a task of its own and watched by all callers that wait for it.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use tokio::runtime::{Handle, Id};
use tokio::sync::watch;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep, timeout_at};
use triomphe::Arc;

use crate::cache::backoff::backoff;
use crate::cache::circuit_breaker::{Permit, Verdict};
use crate::cache::observe::{Event, Observers};
use crate::cache::shared::{CacheRef, Issuer};
use crate::cache::slot::Entry;
use crate::cache::slot_state::Settled;
use crate::clock::Moment;
use crate::token::access_token::AccessToken;
use crate::token::error::token_error::TokenError;
use crate::token::scope::Scope;

/// Waiters give a request this much longer than its deadline before they take it for lost.
const GRACE: Duration = Duration::from_secs(1);

type Outcome = Result<AccessToken, TokenError>;

/// One request that is under way.
///
/// No caller owns it: callers may be dropped, time out or panic, and the request continues. When its task ends early (its
/// runtime is shut down, or it panics), the channel closes, which waiting callers notice.
#[derive(Clone)]
pub(crate) struct Flight {
    pub(crate) began: Moment,
    overdue: Instant,
    result: watch::Receiver<Option<Outcome>>,
}

/// The other end of a flight, for the task that makes the request. Dropping it loses the flight.
pub(crate) struct Departure {
    pub(crate) number: u32,
    sender: watch::Sender<Option<Outcome>>,
}

impl Flight {
    /// A flight with this number that begins now and ends within `deadline`.
    pub(crate) fn new(number: u32, began: Moment, deadline: Duration) -> (Self, Departure) {
        let (sender, result) = watch::channel(None);
        let overdue = Instant::now() + deadline + GRACE;
        (Self { began, overdue, result }, Departure { number, sender })
    }

    /// False if its task died or should have ended by now.
    pub(crate) fn is_under_way(&self) -> bool {
        self.result.has_changed().is_ok() && Instant::now() < self.overdue
    }

    /// Waits for the result, until `end` at the latest. `None` if there is none by then, or if the request was lost.
    ///
    /// # Errors
    /// [`TokenError::NoRuntime`] where there are no timers to wait with.
    pub(crate) async fn wait(mut self, end: Instant) -> Result<Option<Outcome>, TokenError> {
        let waiting = timer(|| timeout_at(self.overdue.min(end), self.result.wait_for(Option::is_some)))?;
        let in_time = waiting.await.is_ok();
        if !in_time {
            // The request may have the same deadline, and its result come in the same turn of the runtime.
            yield_now().await;
        }
        Ok(self.result.borrow().clone())
    }
}

impl Departure {
    /// Makes the request in a task on `runtime`, unless that has no timers.
    pub(crate) fn depart(self, runtime: &Handle, entry: &Arc<Entry>, cache: &CacheRef) {
        if check_timers().is_err() {
            // Callers elsewhere may well make the request.
            return entry.withdraw(self.number);
        }
        let (entry, cache) = (Arc::clone(entry), cache.clone());
        // In a box, because Tokio aligns its tasks to cache lines: large aligned blocks between small ones that stay leave
        // gaps, which not every allocator fills again.
        runtime.spawn(Box::pin(async move {
            // Dropped in the reverse order: the entry may be evicted when the request has ended.
            let (cache, entry) = (cache, entry);
            let issuer = &cache.issuer;
            let (end, credentials) = (Instant::now() + issuer.deadline, issuer.gate.credentials());
            let result = match pass(&entry, issuer, end).await {
                Ok(permit) => request(&entry, issuer, end, permit).await,
                Err(error @ TokenError::RateLimited { .. }) => Err(error),
                Err(error) => return self.turn_back(&entry, error),
            };
            let result = match result {
                Err(error) if error.refuses_credentials() && credentials != issuer.gate.credentials() => {
                    return self.turn_back(&entry, error);
                }
                result => result,
            };
            let settled = self.land(&entry, result, issuer.clock.now(), fastrand::f64());
            issuer.tell_pause(entry.scope(), &settled);
        }));
    }

    /// Ends the flight: its entry records the result, then the waiting callers get it.
    pub(crate) fn land(self, entry: &Entry, result: Outcome, now: Moment, random: f64) -> Settled {
        let settled = entry.settle(self.number, &result, now, random);
        // Nobody may be waiting any more.
        let _ = self.sender.send(Some(result));
        settled
    }

    /// Ends a flight that says nothing about its scope: nothing was sent because all requests are suspended, or the refused
    /// credentials have been replaced.
    fn turn_back(self, entry: &Entry, error: TokenError) {
        entry.withdraw(self.number);
        let _ = self.sender.send(Some(Err(error)));
    }
}

/// Sets a timer up, which panics on a runtime without any. That is tried once on each thread, since panics are reported.
pub(crate) fn timer<T>(set_up: impl FnOnce() -> T) -> Result<T, TokenError> {
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

/// Makes the request, and retries it while the failure is transient and the scope has no living token.
async fn request(entry: &Entry, issuer: &Issuer, end: Instant, mut permit: Permit<'_>) -> Outcome {
    let mut attempt = 1;
    loop {
        let scope = entry.scope();
        let attempted = attempt_by(end, scope, issuer, attempt, permit);
        let error = match issuer.observers.in_span(scope, attempt, attempted).await {
            Ok(token) => return Ok(token),
            Err(error) => error,
        };
        let pause = backoff(attempt, fastrand::f64());
        let is_promising = error.is_transient() && attempt <= issuer.retries && Instant::now() + pause < end;
        if !is_promising || entry.living(issuer.clock.now(), 0).is_some() {
            return Err(error);
        }
        attempt += 1;
        sleep(pause).await;
        permit = pass(entry, issuer, end).await?;
    }
}

/// Waits until a request may be sent, if that is before `end` and the scope has no living token.
async fn pass<'issuer>(entry: &Entry, issuer: &'issuer Issuer, end: Instant) -> Result<Permit<'issuer>, TokenError> {
    loop {
        let (error, pause) = match issuer.gate.obstacle(issuer.clock.now()) {
            Some((error, _)) if error.refuses_credentials() => return Err(error),
            // Those who waited do not all come at once.
            Some((error, pause)) => (error, pause + (pause / 10).mul_f64(fastrand::f64())),
            None => match timeout_at(end, issuer.gate.permit(|| issuer.clock.now(), end + GRACE)).await {
                Ok(Some(permit)) => match issuer.limited() {
                    None => return Ok(permit),
                    Some(retry_after) => (TokenError::RateLimited { retry_after }, retry_after),
                },
                // It has been closed in between.
                Ok(None) => continue,
                Err(_) => return Err(TokenError::Timeout { after: issuer.deadline }),
            },
        };
        if Instant::now() + pause >= end || entry.living(issuer.clock.now(), 0).is_some() {
            return Err(error);
        }
        sleep(pause).await;
    }
}

/// One request, and what comes of it for all scopes. The permit is returned after that.
async fn attempt_by(end: Instant, scope: &Scope, issuer: &Issuer, attempt: u32, permit: Permit<'_>) -> Outcome {
    let error = match ask(end, scope, issuer, attempt, &permit).await {
        Ok(token) => return Ok(token),
        Err(error) => error,
    };
    let Verdict { error, closed_for } =
        issuer.gate.fail(&permit, scope, error, issuer.clock.now(), issuer.longest_retry_after);
    Observers::mark_span(&error);
    issuer.observers.tell(scope, &Event::Failed { error: &error, attempt });
    if let Some(pause) = closed_for {
        issuer.observers.tell(scope, &Event::GateClosed { pause, error: &error });
    }
    Err(error)
}

async fn ask(end: Instant, scope: &Scope, issuer: &Issuer, attempt: u32, permit: &Permit<'_>) -> Outcome {
    issuer.observers.tell(scope, &Event::Requested { attempt });
    let (requested, began) = (issuer.clock.now(), Instant::now());
    let answer = timeout_at(end, issuer.endpoint.request(scope)).await;
    let response = answer.map_err(|_| TokenError::Timeout { after: issuer.deadline })??;
    issuer.gate.accept(permit, scope);
    let announced_dead = response.expires_in.is_some_and(|expires_in| expires_in.as_secs() <= 0);
    let token = response.accept(scope, issuer.narrower_scope, requested, fastrand::f64())?;
    let times = token.times();
    // A server may say that its token is for this once; but one that died on the way is of no use to anybody.
    if !announced_dead && !times.is_some_and(|times| times.is_usable(issuer.clock.now())) {
        return Err(TokenError::ExpiredOnArrival);
    }
    let lifetime = Duration::from_millis(times.map_or(0, |times| times.expires).into());
    issuer.observers.tell(scope, &Event::Issued { lifetime, took: began.elapsed() });
    Ok(token)
}
