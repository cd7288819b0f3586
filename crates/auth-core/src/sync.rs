//! The locks and counters of the cache, which a model checker can take the place of.

#[cfg(shuttle)]
use shuttle::sync::{Mutex, MutexGuard};
use std::sync::PoisonError;
#[cfg(not(shuttle))]
use std::sync::{Mutex, MutexGuard};

#[cfg(shuttle)]
pub(crate) use shuttle::sync::atomic::{AtomicU32, Ordering};
#[cfg(not(shuttle))]
pub(crate) use std::sync::atomic::{AtomicU32, Ordering};

pub(crate) type Guard<'lock, T> = MutexGuard<'lock, T>;

/// A lock that is held for a few instructions and never while anything foreign runs, so that a poisoned one is still
/// sound.
#[derive(Default)]
pub(crate) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> Guard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
