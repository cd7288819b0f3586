//! Marks the time in which a request is being built, the only time in which a secret may be serialized.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;

thread_local! {
    static BUILDING: Cell<bool> = const { Cell::new(false) };
}

/// True while this thread polls a future that was given to [`while_building`].
pub(crate) fn is_building() -> bool {
    BUILDING.get()
}

/// Runs `future`; secrets can be serialized inside it, but for what runs in [`while_sending`].
pub(crate) async fn while_building<F: Future>(future: F) -> F::Output {
    with(true, future).await
}

/// Runs `future`, the part of building a request that sends it; secrets cannot be serialized inside it.
pub(crate) async fn while_sending<F: Future>(future: F) -> F::Output {
    with(false, future).await
}

async fn with<F: Future>(building: bool, future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(move |context| {
        let _restore = Restore(BUILDING.replace(building));
        future.as_mut().poll(context)
    })
    .await
}

/// Puts the former state back, after a panic too.
struct Restore(bool);

impl Drop for Restore {
    fn drop(&mut self) {
        BUILDING.set(self.0);
    }
}
