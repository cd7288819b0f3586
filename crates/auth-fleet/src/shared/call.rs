//! One call: reads the store, waits for another process, or requests a token for all.

use std::sync::Arc;
use std::time::Duration;

use auth_core::{EndpointIdentity, Replaced, Scope, TokenEndpoint, TokenError, TokenResponse};
use chrono::TimeDelta;
use tokio::time::{Instant, sleep, timeout_at};

use crate::guarded::{Down, Session};
use crate::keys::ring::KeyRing;
use crate::observe::event::FleetEvent;
use crate::policy::{Action, EntryView, Trouble, decide};
use crate::shared::announcement;
use crate::shared::lease_guard::LeaseGuard;
use crate::shared::names::Names;
use crate::shared::reading::{Read, Wanted, delta, sum};
use crate::shared::state::State;
use crate::store::generation::Generation;
use crate::store::{Grant, Lease, Published, Seen, Store};
use crate::values::token;

/// How long a call waits before it looks again, in case that it missed the end of a lease.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// The shortest wait, so that a lease that is about to end is not requested over and over.
const SHORTEST_WAIT: Duration = Duration::from_millis(5);

/// A call for a token.
pub(crate) struct Call<'call, E: TokenEndpoint, S: Store> {
    state: &'call Arc<State<E, S>>,
    session: Session<'call, S>,
    wanted: Wanted<'call>,
    /// When it began to wait for another process.
    waiting: Option<Instant>,
    /// Whether the last wait ended early.
    returned_early: bool,
    /// A token of the store in its margin, which is returned if there is no other, and when it ends.
    in_need: Option<(TokenResponse, Instant)>,
}

/// When a request was sent: so long after the endpoint was called, or before if it had the token already.
#[derive(Clone, Copy)]
struct Sent {
    called: Instant,
    after: TimeDelta,
}

/// Requests a token for `scope`, which replaces another one if there is one.
pub(crate) async fn run<E: TokenEndpoint, S: Store>(
    state: &Arc<State<E, S>>,
    scope: &Scope,
    replaced: Option<&Replaced<'_>>,
) -> Result<TokenResponse, TokenError> {
    let began = Instant::now();
    let wanted = Wanted { scope, accept_narrower_scope: state.settings.narrower_scope, replaced, began };
    let mut call =
        Call { state, session: state.session(scope), wanted, waiting: None, returned_early: false, in_need: None };
    let deadline = state.deadline();
    let answer = timeout_at(began + deadline, call.answer()).await;
    let answer = answer.unwrap_or(Err(TokenError::Timeout { after: deadline }));
    if let Some(waiting) = call.waiting {
        call.session.notify(&FleetEvent::Waited { took: waiting.elapsed() });
    }
    answer.or_else(|error| match call.in_need.take() {
        Some((response, end)) if Instant::now() < end => Ok(response),
        _ => Err(error),
    })
}

impl<E: TokenEndpoint, S: Store> Call<'_, E, S> {
    async fn answer(&mut self) -> Result<TokenResponse, TokenError> {
        let identity = self.state.endpoint.identity().await?;
        match self.with_store(&identity).await {
            Ok(answer) => answer,
            Err(Down) => self.alone().await,
        }
    }

    /// Takes the token of the store, or replaces it.
    async fn with_store(&mut self, identity: &EndpointIdentity) -> Result<Result<TokenResponse, TokenError>, Down> {
        let ring = self.session.ring().await?;
        let names = Names::of(&ring, identity, self.wanted.scope);
        // The generation of the entry that the call read first.
        let mut first: Option<Option<Generation>> = None;
        loop {
            let read = self.wanted.read(&self.session, &ring, &names.token, first).await?;
            let view = read.as_ref().map(|read| read.view);
            let generation = view.map(|view| view.generation);
            let is_first = first.is_none();
            first.get_or_insert(generation);
            let response = read.and_then(|read| read.response);
            let mut action = decide(view.as_ref(), Trouble::Unknown);
            let mut trouble = None;
            if action == Action::AskForTrouble {
                let in_need = view.filter(EntryView::is_usable_in_need);
                self.in_need = response.clone().zip(in_need.map(|view| Instant::now() + view.remaining));
                trouble = self.trouble(&ring, &names).await?;
                let known = if trouble.is_some() { Trouble::Known } else { Trouble::None };
                action = decide(view.as_ref(), known);
            }
            match (action, response, trouble) {
                (Action::Take, Some(response), _) => {
                    let remaining = view.map_or(Duration::ZERO, |view| view.remaining);
                    if self.waiting.is_none() {
                        self.session.notify(&FleetEvent::Hit { remaining });
                    }
                    return Ok(Ok(response));
                }
                (Action::Fail, _, Some(error)) => {
                    if let Some(rejected @ Seen::Rejected(_)) = view.map(|view| view.seen()) {
                        let guard = LeaseGuard::new(self.state, names.token).ok_or(Down)?;
                        guard.remove(&self.session, rejected).await?;
                    }
                    return Ok(Err(error));
                }
                (Action::Lease(seen), ..) => {
                    let after = self.state.settings.longest_wait;
                    if !is_first && self.wanted.began.elapsed() >= after {
                        return Ok(Err(TokenError::Timeout { after }));
                    }
                    if let Some(answer) = self.lease(&ring, &names, seen, generation).await? {
                        return Ok(answer);
                    }
                }
                // The policy has no such action.
                (Action::Take | Action::Fail | Action::AskForTrouble, ..) => return Err(Down),
            }
        }
    }

    /// Requests the lease. Returns the token that this process requested, or `None` to read the store again.
    async fn lease(
        &mut self,
        ring: &KeyRing,
        names: &Names,
        seen: Seen,
        generation: Option<Generation>,
    ) -> Result<Option<Result<TokenResponse, TokenError>>, Down> {
        let mut guard = LeaseGuard::new(self.state, names.token).ok_or(Down)?;
        match guard.request(&self.session, seen).await? {
            // This process was stopped, so another one has probably requested a token meanwhile.
            Lease::Granted(_) if guard.may_have_ended() => Ok(None),
            Lease::Granted(grant) => {
                let granted = Instant::now();
                if let Some(wait) = self.limited() {
                    // Another process may send a request meanwhile.
                    guard.release(&self.session).await;
                    return Ok(match self.until_limit_permits(wait).await {
                        Ok(()) => None,
                        Err(error) => Some(Err(error)),
                    });
                }
                Ok(Some(self.lead(ring, names, guard, grant, granted).await))
            }
            Lease::Held(remaining) => {
                self.waiting.get_or_insert_with(Instant::now);
                let left = self.state.settings.longest_wait.saturating_sub(self.wanted.began.elapsed());
                let at_most = remaining.min(LOOK_AGAIN).min(left).max(SHORTEST_WAIT);
                if self.returned_early {
                    // The lease is still held.
                    sleep(SHORTEST_WAIT).await;
                }
                let began = Instant::now();
                self.session.wait(&names.token, generation, at_most).await?;
                self.returned_early = began.elapsed() < SHORTEST_WAIT;
                Ok(None)
            }
            Lease::Changed => Ok(None),
        }
    }

    /// Requests a token from the authorization server and publishes it, or its failure.
    async fn lead(
        &mut self,
        ring: &KeyRing,
        names: &Names,
        mut guard: LeaseGuard<E, S>,
        grant: Grant,
        granted: Instant,
    ) -> Result<TokenResponse, TokenError> {
        let called = Instant::now();
        let (answer, sent) = self.request().await;
        let checked = answer.and_then(|response| {
            self.wanted.check(&response)?;
            Ok(response)
        });
        let event = FleetEvent::Led { took: called.elapsed(), error: checked.as_ref().err() };
        self.session.notify(&event);
        let response = match checked {
            Ok(response) => response,
            Err(error) => {
                if !guard.may_have_ended() {
                    let longest = self.state.settings.longest_retry_after;
                    let announced = [&names.failure, &names.suspension];
                    // If the store is down, the others find out for themselves.
                    let _ = announcement::announce(&self.session, ring, announced, &error, longest).await;
                }
                guard.release(&self.session).await;
                return Err(error);
            }
        };
        let lifetime = response.lifetime().and_then(|lifetime| since_grant(granted, sent, lifetime));
        // If the credentials were replaced meanwhile, the token may be that of another client.
        let is_same = match self.state.endpoint.identity().await {
            Ok(now) => Names::of(ring, &now, self.wanted.scope).token == names.token,
            Err(_) => false,
        };
        let text = token::write(&response).filter(|_| is_same);
        let sealed = text.and_then(|text| ring.seal(&names.token, grant.generation, &text));
        let (Some(lifetime), Some(sealed)) = (lifetime, sealed) else {
            guard.release(&self.session).await;
            return Ok(response);
        };
        match self.session.publish(&names.token, grant, &sealed, lifetime).await {
            Ok(Published::Stored) => guard.end(),
            Ok(Published::Superseded) => {
                guard.end();
                // This process was stopped for longer than its lease; the others have a newer token.
                if let Ok(Some(Read { response: Some(newer), .. })) =
                    self.wanted.read(&self.session, ring, &names.token, None).await
                {
                    return Ok(newer);
                }
            }
            Err(Down) => {}
        }
        Ok(response)
    }

    /// Requests a token without the store.
    async fn alone(&mut self) -> Result<TokenResponse, TokenError> {
        while let Some(wait) = self.limited() {
            self.until_limit_permits(wait).await?;
        }
        let called = Instant::now();
        let (answer, _) = self.request().await;
        let event = FleetEvent::Alone { took: called.elapsed(), error: answer.as_ref().err() };
        self.session.notify(&event);
        answer
    }

    /// Sends a request to the authorization server. Also returns when it was sent.
    async fn request(&self) -> (Result<TokenResponse, TokenError>, Sent) {
        let (called, after) = (Instant::now(), self.state.settings.request_deadline);
        let endpoint = &self.state.endpoint;
        let answer = async {
            match self.wanted.replaced {
                Some(replaced) => endpoint.replace_token(self.wanted.scope, replaced).await,
                None => endpoint.request_token(self.wanted.scope).await,
            }
        };
        let mut answer = timeout_at(called + after, answer).await.unwrap_or(Err(TokenError::Timeout { after }));
        let mut sent = Sent { called, after: TimeDelta::zero() };
        if let Ok(response) = &mut answer {
            sent.after = response.sent_after;
            response.sent_after = sum(delta(called - self.wanted.began), response.sent_after);
        }
        (answer, sent)
    }

    /// Counts a request, or returns how long the next one has to wait.
    fn limited(&self) -> Option<Duration> {
        self.state.settings.limit.as_ref().and_then(|limit| limit.take().err())
    }

    /// Waits until the limit permits a request, unless that is too long or there is a token to return.
    async fn until_limit_permits(&self, wait: Duration) -> Result<(), TokenError> {
        if self.in_need.is_some() || self.wanted.began.elapsed() + wait >= self.state.settings.longest_wait {
            return Err(TokenError::RateLimited { retry_after: wait });
        }
        sleep(wait).await;
        Ok(())
    }

    /// The error of another process because of which no request is sent.
    async fn trouble(&self, ring: &KeyRing, names: &Names) -> Result<Option<TokenError>, Down> {
        let suspended = announcement::suspension(&self.session, ring, &names.suspension).await?;
        match (suspended, self.waiting) {
            (None, Some(waiting)) => announcement::failure_since(&self.session, ring, &names.failure, waiting).await,
            (suspended, _) => Ok(suspended),
        }
    }
}

/// The lifetime of a token counted from when the lease was granted. The store granted it before the answer arrived, so the result is
/// never too long. `None` if nothing is left.
fn since_grant(granted: Instant, sent: Sent, lifetime: Duration) -> Option<Duration> {
    let sent = sum(delta(sent.called - granted), sent.after);
    let lifetime = sum(sent, delta(lifetime));
    lifetime.to_std().ok().filter(|lifetime| !lifetime.is_zero())
}
