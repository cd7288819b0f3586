//! Sends the request of a slot, in a task of its own, and retries it.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, sleep, timeout_at};
use triomphe::Arc;

use crate::cache::backoff::backoff;
use crate::cache::circuit_breaker::{Permit, Verdict};
use crate::cache::in_flight::{GRACE, Outcome, OutcomeSender, check_timers};
use crate::cache::observe::{Event, Observers};
use crate::cache::shared::{CacheRef, Issuer};
use crate::cache::slot::Entry;
use crate::token::error::token_error::TokenError;
use crate::token::scope::Scope;

/// Sends the request in a task on `runtime`, unless that has no timers.
pub(crate) fn start(sender: OutcomeSender, runtime: &Handle, entry: &Arc<Entry>, cache: &CacheRef) {
    if check_timers().is_err() {
        // Callers elsewhere may well send the request.
        return entry.withdraw(sender.number);
    }
    let (entry, cache) = (Arc::clone(entry), cache.clone());
    // In a box, because Tokio aligns its tasks to cache lines: large aligned blocks between small ones that stay leave
    // gaps, which not every allocator fills again.
    runtime.spawn(Box::pin(async move {
        // Dropped in the reverse order: the entry may be evicted when the request has ended.
        let (cache, entry) = (cache, entry);
        let issuer = &cache.issuer;
        let (end, credentials) = (Instant::now() + issuer.deadline, issuer.gate.credentials());
        let outcome = match pass(&entry, issuer, end).await {
            Ok(permit) => send(&entry, issuer, end, permit).await,
            Err(error @ TokenError::RateLimited { .. }) => Err(error),
            Err(error) => return give_up(sender, &entry, error),
        };
        let outcome = match outcome {
            Err(error) if error.refuses_credentials() && credentials != issuer.gate.credentials() => {
                return give_up(sender, &entry, error);
            }
            outcome => outcome,
        };
        let settled = entry.complete(sender, outcome, issuer.clock.now(), fastrand::f64());
        issuer.tell_pause(entry.scope(), &settled);
    }));
}

/// Ends a request that says nothing about its scope: nothing was sent because all requests are suspended, or the refused
/// credentials have been replaced.
fn give_up(sender: OutcomeSender, entry: &Entry, error: TokenError) {
    entry.withdraw(sender.number);
    sender.send(Err(error));
}

/// Makes the request, and retries it while the failure is transient and the scope has no living token.
async fn send(entry: &Entry, issuer: &Issuer, end: Instant, mut permit: Permit<'_>) -> Outcome {
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
