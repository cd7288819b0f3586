//! A lease that ends with the call that requested it.

use std::sync::Arc;

use auth_core::TokenEndpoint;
use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::guarded::{Down, Session};
use crate::shared::state::State;
use crate::store::name::Name;
use crate::store::{Lease, Owner, Seen, Store};

/// A requested lease. If the call ends without ending the lease, because it is dropped or the store did not answer in time, the
/// lease is released in the background.
pub(crate) struct LeaseGuard<E: TokenEndpoint, S: Store> {
    state: Arc<State<E, S>>,
    name: Name,
    owner: Owner,
    requested: Instant,
    is_over: bool,
}

impl<E: TokenEndpoint, S: Store> LeaseGuard<E, S> {
    /// A guard for a lease of the entry with this name, and a new owner. `None` only if the random number generator fails.
    pub(crate) fn new(state: &Arc<State<E, S>>, name: Name) -> Option<Self> {
        let owner = Owner::random()?;
        Some(Self { state: Arc::clone(state), name, owner, requested: Instant::now(), is_over: false })
    }

    /// Requests the lease.
    pub(crate) async fn request(&mut self, session: &Session<'_, S>, seen: Seen) -> Result<Lease, Down> {
        self.requested = Instant::now();
        let lease = session.lease(&self.name, self.owner, seen, self.state.lease()).await?;
        self.is_over = !matches!(lease, Lease::Granted(_));
        Ok(lease)
    }

    /// True if another process may have got the lease meanwhile.
    pub(crate) fn may_have_ended(&self) -> bool {
        self.requested.elapsed() >= self.state.lease()
    }

    /// Releases the lease.
    pub(crate) async fn release(mut self, session: &Session<'_, S>) {
        if session.release(&self.name, self.owner).await.is_ok() {
            self.end();
        }
    }

    /// Removes an entry that nobody can use, while it cannot be replaced.
    pub(crate) async fn remove(mut self, session: &Session<'_, S>, rejected: Seen) -> Result<(), Down> {
        if let Lease::Granted(_) = self.request(session, rejected).await? {
            self.release(session).await;
        }
        Ok(())
    }

    /// Records that the lease has ended.
    pub(crate) fn end(&mut self) {
        self.is_over = true;
    }
}

impl<E: TokenEndpoint, S: Store> Drop for LeaseGuard<E, S> {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        // Outside a runtime, the lease ends by itself.
        if let Ok(runtime) = Handle::try_current() {
            let (state, name, owner) = (Arc::clone(&self.state), self.name, self.owner);
            runtime.spawn(async move { state.store.release_late(&name, owner).await });
        }
    }
}
