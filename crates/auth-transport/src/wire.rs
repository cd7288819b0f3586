//! Marks the time in which a request is being built, the only time in which a secret may be serialized.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::mem;
use std::pin::pin;

use crate::Secret;

thread_local! {
    static BUILDING: Cell<bool> = const { Cell::new(false) };
    static SERIALIZED: RefCell<Vec<Secret>> = const { RefCell::new(vec![]) };
}

/// True while this thread polls a future that was given to [`while_building`].
pub(crate) fn is_building() -> bool {
    BUILDING.get()
}

/// Takes note of a secret that goes into the request that is being built.
pub(crate) fn note(secret: &Secret) {
    SERIALIZED.with_borrow_mut(|secrets| secrets.push(secret.clone()));
}

/// The secrets that were noted since the [`while_building`] around the caller began.
pub(crate) fn noted() -> Vec<Secret> {
    SERIALIZED.with_borrow(Vec::clone)
}

/// Runs `future`; secrets can be serialized inside it, but for what runs in [`while_sending`].
pub(crate) async fn while_building<F: Future>(future: F) -> F::Output {
    let mut future = pin!(with(true, future));
    let mut secrets = vec![];
    poll_fn(move |context| {
        let _exchange = Exchange::begin(&mut secrets);
        future.as_mut().poll(context)
    })
    .await
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

/// Exchanges the secrets that were noted for those of another request, and back, after a panic too.
struct Exchange<'request>(&'request mut Vec<Secret>);

impl<'request> Exchange<'request> {
    fn begin(secrets: &'request mut Vec<Secret>) -> Self {
        SERIALIZED.with_borrow_mut(|noted| mem::swap(noted, secrets));
        Self(secrets)
    }
}

impl Drop for Exchange<'_> {
    fn drop(&mut self) {
        SERIALIZED.with_borrow_mut(|noted| mem::swap(noted, self.0));
    }
}
