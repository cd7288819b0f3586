//! Reads the token of an entry.

use std::time::Duration;

use auth_core::{Replaced, Scope, TokenError, TokenResponse};
use chrono::TimeDelta;
use tokio::time::Instant;

use crate::guarded::{Down, Session};
use crate::keys::ring::KeyRing;
use crate::observe::event::FleetEvent;
use crate::policy::{EntryView, Relation};
use crate::store::generation::Generation;
use crate::store::name::Name;
use crate::store::{Entry, Store};
use crate::values::token;

/// What a call looks for.
pub(crate) struct Wanted<'call> {
    pub(crate) scope: &'call Scope,
    pub(crate) accept_narrower_scope: bool,
    /// The token that the call replaces.
    pub(crate) replaced: Option<&'call Replaced<'call>>,
    /// When the call began.
    pub(crate) began: Instant,
}

/// An entry and its token, if it holds one.
pub(crate) struct Read {
    pub(crate) view: EntryView,
    pub(crate) response: Option<TokenResponse>,
}

impl Wanted<'_> {
    /// Reads the entry with this name. `first` is the generation of the entry that the call read first, if it has read one.
    pub(crate) async fn read<S: Store>(
        &self,
        session: &Session<'_, S>,
        ring: &KeyRing,
        name: &Name,
        first: Option<Option<Generation>>,
    ) -> Result<Option<Read>, Down> {
        let asked = Instant::now();
        let Some(entry) = session.get(name).await? else { return Ok(None) };
        let response = self.open(ring, name, &entry, asked);
        if response.is_none() {
            session.notify(&FleetEvent::NotOpened);
        }
        let lifetime = response.as_ref().and_then(TokenResponse::lifetime);
        let remaining = lifetime.map_or(entry.remaining, |lifetime| lifetime.min(entry.remaining));
        let view = EntryView {
            generation: entry.generation,
            is_token: response.is_some(),
            relation: response.as_ref().map_or(Relation::Different, |response| self.relation(response)),
            is_new: first.is_some_and(|first| Some(entry.generation) > first),
            // The store may have sent it as long ago as it was asked.
            remaining: remaining.saturating_sub(asked.elapsed()),
            margin: response.as_ref().map_or(Duration::ZERO, TokenResponse::margin),
        };
        Ok(Some(Read { view, response }))
    }

    /// Checks that a response is a token for the scope.
    pub(crate) fn check(&self, response: &TokenResponse) -> Result<(), TokenError> {
        response.check(self.scope, self.accept_narrower_scope)
    }

    fn relation(&self, response: &TokenResponse) -> Relation {
        match self.replaced {
            Some(replaced) if replaced.token.expose() == response.access_token.expose() => {
                if replaced.is_rejected {
                    Relation::Rejected
                } else {
                    Relation::Replaced
                }
            }
            _ => Relation::Different,
        }
    }

    /// The token of an entry that the store was asked for at `asked`.
    fn open(&self, ring: &KeyRing, name: &Name, entry: &Entry, asked: Instant) -> Option<TokenResponse> {
        let text = ring.open(name, entry.generation, &entry.value)?;
        let mut response = token::read(&text)?;
        self.check(&response).ok()?;
        // Its lifetime ends `remaining` after the store answered, which was not before it was asked.
        let age = response.lifetime()?.saturating_sub(entry.remaining);
        response.sent_after = sum(delta(asked - self.began), -delta(age));
        Some(response)
    }
}

/// A duration with a sign.
pub(crate) fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

/// The sum; the lowest one if it cannot be stated, so that a token is not younger than it is.
pub(crate) fn sum(one: TimeDelta, other: TimeDelta) -> TimeDelta {
    one.checked_add(&other).unwrap_or(TimeDelta::MIN)
}
