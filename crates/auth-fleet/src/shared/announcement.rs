//! Failures that other processes learn of through the store.

use std::time::Duration;

use auth_core::TokenError;
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::guarded::{Down, Session};
use crate::keys::ring::KeyRing;
use crate::store::name::Name;
use crate::store::{Lease, Owner, Seen, Store};
use crate::values::{failure, suspension};

/// How long the failure of a request can be read, by those who waited for it.
const FAILURE: Duration = Duration::from_secs(1);

/// How long publishing a failure may take.
const PUBLISHING: Duration = Duration::from_millis(500);

/// Publishes an error that concerns other processes: as a suspension of all requests of the client, or as the failure of one request.
pub(crate) async fn announce<S: Store>(
    session: &Session<'_, S>,
    ring: &KeyRing,
    [failures, suspensions]: [&Name; 2],
    error: &TokenError,
    longest_retry_after: Duration,
) -> Result<(), Down> {
    if !suspension::is_caused_by(error) {
        return publish(session, ring, failures, |_| Some((failure::write(error)?, FAILURE))).await;
    }
    let suspend = |known: Option<(&[u8], Duration)>| {
        let known = known.and_then(|(text, remaining)| suspension::read(text, remaining));
        if known.as_ref().is_some_and(|known| known.error.is_some()) {
            // Requests that were sent at the same time count as one.
            return None;
        }
        let refusals = known.map_or(0, |known| known.refusals);
        let published = suspension::write(error, refusals, longest_retry_after)?;
        Some((published.text, published.lifetime))
    };
    publish(session, ring, suspensions, suspend).await
}

/// The error because of which all requests of the client are suspended.
pub(crate) async fn suspension<S: Store>(
    session: &Session<'_, S>,
    ring: &KeyRing,
    name: &Name,
) -> Result<Option<TokenError>, Down> {
    let entry = session.get(name).await?;
    Ok(entry.and_then(|entry| {
        let text = ring.open(name, entry.generation, &entry.value)?;
        suspension::read(&text, entry.remaining)?.error
    }))
}

/// The failure that was published since `waiting`.
pub(crate) async fn failure_since<S: Store>(
    session: &Session<'_, S>,
    ring: &KeyRing,
    name: &Name,
    waiting: Instant,
) -> Result<Option<TokenError>, Down> {
    let entry = session.get(name).await?;
    Ok(entry.and_then(|entry| {
        let age = FAILURE.saturating_sub(entry.remaining);
        let text = ring.open(name, entry.generation, &entry.value)?;
        failure::read(&text).filter(|_| age <= waiting.elapsed())
    }))
}

/// Publishes what `value` makes of the text and the remaining lifetime of the present entry.
async fn publish<S: Store>(
    session: &Session<'_, S>,
    ring: &KeyRing,
    name: &Name,
    value: impl FnOnce(Option<(&[u8], Duration)>) -> Option<(Zeroizing<Vec<u8>>, Duration)>,
) -> Result<(), Down> {
    let entry = session.get(name).await?;
    let known = entry.as_ref().map(|entry| (entry, ring.open(name, entry.generation, &entry.value)));
    let seen = match &known {
        None => Seen::Nothing,
        Some((entry, Some(_))) => Seen::Entry(entry.generation),
        Some((entry, None)) => Seen::Rejected(entry.generation),
    };
    let known = known.as_ref().and_then(|(entry, text)| Some((text.as_ref()?.as_slice(), entry.remaining)));
    let Some(((text, lifetime), owner)) = value(known).zip(Owner::random()) else { return Ok(()) };
    // If another process has the lease, it publishes the same.
    if let Lease::Granted(grant) = session.lease(name, owner, seen, PUBLISHING).await?
        && let Some(sealed) = ring.seal(name, grant.generation, &text)
    {
        session.publish(name, grant, &sealed, lifetime).await?;
    }
    Ok(())
}
