//! Marks the period in which a request is being built. Only then may a secret be serialized.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::mem;
use std::pin::pin;

use serde::{Serialize, Serializer, ser};

use crate::Secret;

thread_local! {
    static BUILDING: Cell<bool> = const { Cell::new(false) };
    static SERIALIZED: RefCell<Vec<Secret>> = const { RefCell::new(vec![]) };
}

/// True while this thread polls a future inside [`while_building`].
pub(crate) fn is_building() -> bool {
    BUILDING.get()
}

/// Records a secret that becomes part of the request being built.
pub(crate) fn note(secret: &Secret) {
    SERIALIZED.with_borrow_mut(|secrets| secrets.push(secret.clone()));
}

/// The secrets recorded since the surrounding [`while_building`] began.
pub(crate) fn noted() -> Vec<Secret> {
    SERIALIZED.with_borrow(Vec::clone)
}

/// Runs `future`, in which secrets can be serialized, except inside [`while_sending`].
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

/// Restores the previous state, also after a panic.
struct Restore(bool);

impl Drop for Restore {
    fn drop(&mut self) {
        BUILDING.set(self.0);
    }
}

/// Exchanges the recorded secrets with those of another request, and back again, also after a panic.
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

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if is_building() {
            note(self);
            serializer.serialize_str(self.expose())
        } else {
            Err(ser::Error::custom("a secret is serialized only while a request is being built"))
        }
    }
}
