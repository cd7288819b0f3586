use std::sync::Arc;

use tokio::sync::watch;

/// Holds requests until it is opened, so that tests can control their order and concurrency without clocks.
///
/// Add it to a step with [`Step::held_by`](crate::Step::held_by). Clones are the same gate. An open gate stays open.
#[derive(Clone, Debug)]
pub struct Gate(Arc<watch::Sender<GateState>>);

#[derive(Debug)]
struct GateState {
    waiting: usize,
    open: bool,
    opens_at: Option<usize>,
}

impl Gate {
    /// A closed gate that [`release`](Self::release) opens.
    #[must_use]
    pub fn new() -> Self {
        Self::with(None)
    }

    /// A gate that opens when `count` requests wait at the same time: a barrier.
    #[must_use]
    pub fn opening_at(count: usize) -> Self {
        Self::with(Some(count))
    }

    fn with(opens_at: Option<usize>) -> Self {
        Self(Arc::new(watch::Sender::new(GateState { waiting: 0, open: opens_at == Some(0), opens_at })))
    }

    /// Opens the gate for the waiting requests and all later ones.
    pub fn release(&self) {
        self.0.send_modify(|state| state.open = true);
    }

    /// Number of requests that are waiting now. The request of a client that disconnects no longer counts.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.0.borrow().waiting
    }

    /// Waits until at least `count` requests are waiting at the same time, or the gate is open.
    pub async fn reached(&self, count: usize) {
        let mut states = self.0.subscribe();
        // `self` holds the sender, so the channel cannot be closed.
        let _ = states.wait_for(|state| state.open || state.waiting >= count).await;
    }

    /// Waits until the gate is open.
    pub(crate) async fn pass(&self) {
        self.0.send_modify(|state| {
            state.waiting += 1;
            state.open |= state.opens_at.is_some_and(|count| state.waiting >= count);
        });
        let _leave = Leave(self);
        let mut states = self.0.subscribe();
        let _ = states.wait_for(|state| state.open).await;
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}

struct Leave<'a>(&'a Gate);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.0.0.send_modify(|state| state.waiting -= 1);
    }
}
