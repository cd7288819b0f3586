//! What the clones of a shared endpoint have in common.

use std::time::Duration;

use auth_core::{IssuanceLimit, Scope, TokenEndpoint};

use crate::guarded::{Guarded, Session};
use crate::observe::observers::Observers;
use crate::store::Store;

/// The endpoint, the store and the settings.
pub(crate) struct State<E, S> {
    pub(crate) endpoint: E,
    pub(crate) store: Guarded<S>,
    pub(crate) settings: Settings,
    pub(crate) observers: Observers,
}

/// The settings of a shared endpoint.
#[derive(Debug)]
pub(crate) struct Settings {
    /// How long a request to the authorization server may take.
    pub(crate) request_deadline: Duration,
    /// How long a call may wait before it sends a request itself.
    pub(crate) longest_wait: Duration,
    pub(crate) longest_retry_after: Duration,
    /// Whether a token for only a part of the requested scope is shared.
    pub(crate) narrower_scope: bool,
    pub(crate) limit: Option<IssuanceLimit>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            request_deadline: Duration::from_secs(10),
            longest_wait: Duration::from_secs(30),
            longest_retry_after: Duration::from_secs(300),
            narrower_scope: false,
            limit: None,
        }
    }
}

impl<E: TokenEndpoint, S: Store> State<E, S> {
    /// The store for a call for this scope.
    pub(crate) fn session<'call>(&'call self, scope: &'call Scope) -> Session<'call, S> {
        self.store.session(&self.observers, scope)
    }

    /// How long a lease lasts: as long as a request may take, and the operations before and after it.
    pub(crate) fn lease(&self) -> Duration {
        // The answer to the request for the lease, publishing the token or the failure, and the release.
        self.settings.request_deadline.saturating_add(self.store.timeout().saturating_mul(8))
    }

    /// The time after which every call has ended.
    pub(crate) fn deadline(&self) -> Duration {
        self.settings.longest_wait.saturating_add(self.lease())
    }
}
