//! A request that is under way, owned by a task of its own and watched by everybody who waits for it.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::TokenError;
use crate::access_token::AccessToken;
use crate::clock::Moment;
use crate::endpoint::AnyTokenEndpoint;
use crate::entry::Entry;

/// Waiters give a request this much longer than its deadline before they take it for lost.
const GRACE: Duration = Duration::from_secs(1);

/// Who is asked, and for how long at most.
pub(crate) struct Issuer {
    pub(crate) endpoint: Box<dyn AnyTokenEndpoint>,
    pub(crate) deadline: Duration,
}

/// One request that is under way.
///
/// No caller owns it: callers may be dropped, time out or panic, and the request goes on. When its own task dies (its
/// runtime goes away, or it panics) the channel closes, and whoever waits finds that out.
#[derive(Clone)]
pub(crate) struct Flight {
    end: Moment,
    result: watch::Receiver<Option<Result<AccessToken, TokenError>>>,
}

impl Flight {
    /// Begins a request on the caller's runtime.
    pub(crate) fn begin(entry: Arc<Entry>, issuer: Arc<Issuer>, number: u64, now: Moment) -> Result<Self, TokenError> {
        let runtime = Handle::try_current().map_err(|_| TokenError::NoRuntime)?;
        let (sender, result) = watch::channel(None);
        let end = now.after(issuer.deadline + GRACE);
        runtime.spawn(async move {
            let result = request(&entry, &issuer, number).await;
            entry.settle(number, &result, Moment::now());
            // Nobody may be waiting any more.
            let _ = sender.send(Some(result));
        });
        Ok(Self { end, result })
    }

    /// False if its task died or should have ended by now.
    pub(crate) fn is_under_way(&self, now: Moment) -> bool {
        self.result.has_changed().is_ok() && self.end.monotonic > now.monotonic
    }

    /// Waits for the end. `None` if the request was lost on the way.
    pub(crate) async fn wait(mut self) -> Option<Result<AccessToken, TokenError>> {
        if Handle::try_current().is_err() {
            return Some(Err(TokenError::NoRuntime));
        }
        let left = self.end.monotonic.saturating_duration_since(Moment::now().monotonic);
        let result = timeout(left, self.result.wait_for(Option::is_some)).await.ok()?.ok()?;
        result.clone()
    }
}

async fn request(entry: &Entry, issuer: &Issuer, number: u64) -> Result<AccessToken, TokenError> {
    let started = Moment::now();
    let answer = timeout(issuer.deadline, issuer.endpoint.request(entry.scope())).await;
    let response = answer.map_err(|_| TokenError::Timeout { after: issuer.deadline })??;
    let announced_dead = response.expires_in.is_some_and(|expires_in| expires_in.as_secs() <= 0);
    let token = response.accept(entry.scope(), started, fastrand::f64(), number)?;
    // A server may say that its token is for this once; but one that died on the way is of no use to anybody.
    if !announced_dead && token.0.times().usable.has_passed(Moment::now()) {
        return Err(TokenError::ExpiredOnArrival);
    }
    Ok(token)
}
