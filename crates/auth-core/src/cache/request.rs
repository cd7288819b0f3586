//! Sends the token request of a slot in its own task, and retries it.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, sleep, timeout_at};
use triomphe::Arc;

use crate::cache::backoff::backoff;
use crate::cache::circuit_breaker::{Permit, Verdict};
use crate::cache::in_flight::{GRACE, Outcome, OutcomeSender, check_timers};
use crate::cache::observe::{Event, Observers};
use crate::cache::shared::{CacheRef, Shared};
use crate::cache::slot::Slot;
use crate::token::endpoint::Replaced;
use crate::token::error::token_error::TokenError;

/// How many milliseconds an old token must live so that callers are content with it. If it expired before those who wait for a
/// failed request resume, they would get the error.
const LONG_ENOUGH: u64 = 1_000;

/// Sends the request in a task on `runtime`; withdraws it if the runtime has no timers.
pub(crate) fn start(sender: OutcomeSender, runtime: &Handle, slot: &Arc<Slot>, cache: &CacheRef) {
    if check_timers().is_err() {
        // Callers on other runtimes can still send a request.
        return slot.withdraw(sender.number);
    }
    let (slot, cache) = (Arc::clone(slot), cache.clone());
    // Boxed to keep the task small: Tokio aligns tasks to cache lines, and not every allocator reuses the gaps that
    // large aligned blocks leave.
    runtime.spawn(Box::pin(async move {
        // The slot is dropped first: dropping `cache` may evict it, which requires that the task no longer holds it.
        let (cache, slot) = (cache, slot);
        let shared = &cache.shared;
        let (end, credentials) = (Instant::now() + shared.deadline, shared.breaker.credentials());
        let outcome = match pass(&slot, shared, end).await {
            Ok(permit) => send(&slot, shared, end, permit).await,
            Err(error @ TokenError::RateLimited { .. }) => Err(error),
            Err(error) => return give_up(sender, &slot, error),
        };
        let outcome = match outcome {
            Err(error) if error.refuses_credentials() && credentials != shared.breaker.credentials() => {
                return give_up(sender, &slot, error);
            }
            outcome => outcome,
        };
        let cooldown = slot.complete(sender, outcome, shared.clock.now(), fastrand::f64());
        shared.notify_cooldown(slot.scope(), cooldown);
    }));
}

/// Ends a request whose failure does not concern its scope: nothing was sent, or the refused credentials have been
/// replaced. No cooldown starts.
fn give_up(sender: OutcomeSender, slot: &Slot, error: TokenError) {
    slot.withdraw(sender.number);
    sender.send(Err(error));
}

/// Sends the request, and retries it while the failure is transient and the scope has no token that lives for long enough.
async fn send(slot: &Slot, shared: &Shared, end: Instant, mut permit: Permit<'_>) -> Outcome {
    let mut attempt = 1;
    loop {
        let scope = slot.scope();
        let attempted = attempt_by(end, slot, shared, attempt, permit);
        let error = match shared.observers.in_span(scope, attempt, attempted).await {
            Ok(token) => return Ok(token),
            Err(error) => error,
        };
        let delay = backoff(attempt, fastrand::f64());
        let is_promising = error.is_transient() && attempt <= shared.retries && Instant::now() + delay < end;
        if !is_promising || slot.living(shared.clock.now(), LONG_ENOUGH).is_some() {
            return Err(error);
        }
        attempt += 1;
        sleep(delay).await;
        permit = pass(slot, shared, end).await?;
    }
}

/// Waits until a request may be sent. Fails if refused credentials suspend all requests, if the wait would exceed
/// `end`, or if the scope has a token that lives for long enough and therefore no need to wait.
async fn pass<'shared>(slot: &Slot, shared: &'shared Shared, end: Instant) -> Result<Permit<'shared>, TokenError> {
    loop {
        let (error, wait) = match shared.breaker.suspension(shared.clock.now()) {
            Some((error, _)) if error.refuses_credentials() => return Err(error),
            // Adds a random part of up to a tenth, so that waiting requests do not resume all at once.
            Some((error, wait)) => (error, wait + (wait / 10).mul_f64(fastrand::f64())),
            None => match timeout_at(end, shared.breaker.permit(|| shared.clock.now(), end + GRACE)).await {
                Ok(Some(permit)) => match shared.limited() {
                    None => return Ok(permit),
                    Some(retry_after) => (TokenError::RateLimited { retry_after }, retry_after),
                },
                // Requests have been suspended meanwhile.
                Ok(None) => continue,
                Err(_) => return Err(TokenError::Timeout { after: shared.deadline }),
            },
        };
        if Instant::now() + wait >= end || slot.living(shared.clock.now(), LONG_ENOUGH).is_some() {
            return Err(error);
        }
        sleep(wait).await;
    }
}

/// Sends one request, and reports a failure to the circuit breaker and to observers before the permit is dropped.
async fn attempt_by(end: Instant, slot: &Slot, shared: &Shared, attempt: u32, permit: Permit<'_>) -> Outcome {
    let error = match ask(end, slot, shared, attempt, &permit).await {
        Ok(token) => return Ok(token),
        Err(error) => error,
    };
    let scope = slot.scope();
    let Verdict { error, suspended_for } =
        shared.breaker.fail(&permit, scope, error, shared.clock.now(), shared.longest_retry_after);
    Observers::mark_span(&error);
    shared.observers.notify(scope, &Event::Failed { error: &error, attempt });
    if let Some(duration) = suspended_for {
        shared.observers.notify(scope, &Event::CircuitBreakerOpened { duration, error: &error });
    }
    Err(error)
}

async fn ask(end: Instant, slot: &Slot, shared: &Shared, attempt: u32, permit: &Permit<'_>) -> Outcome {
    let scope = slot.scope();
    shared.observers.notify(scope, &Event::Requested { attempt });
    let replaced = slot.replaced();
    let replaced = replaced.as_ref().map(|(token, is_rejected)| Replaced::new(token, *is_rejected));
    let (called, began) = (shared.clock.now(), Instant::now());
    let answer = timeout_at(end, shared.endpoint.request(scope, replaced.as_ref())).await;
    let response = answer.map_err(|_| TokenError::Timeout { after: shared.deadline })??;
    shared.breaker.accept(permit, scope);
    let announced_dead = response.expires_in.is_some_and(|expires_in| expires_in.as_secs() <= 0);
    let token = response.accept(scope, shared.narrower_scope, [called, shared.clock.now()], fastrand::f64())?;
    let times = token.times();
    // A server may issue a token with a lifetime of zero, which can be used once. A token that expired in transit cannot be used
    // at all.
    if !announced_dead && !times.is_some_and(|times| times.serves_in_need(shared.clock.now(), 0)) {
        return Err(TokenError::ExpiredOnArrival);
    }
    let lifetime = Duration::from_millis(times.map_or(0, |times| times.expires).into());
    shared.observers.notify(scope, &Event::Issued { lifetime, took: began.elapsed() });
    Ok(token)
}
