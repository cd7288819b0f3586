//! The locks and counters of the cache, which a model checker can take the place of.

use std::sync::PoisonError;
#[cfg(not(all(test, shuttle)))]
use std::sync::{Mutex, MutexGuard};

use arc_swap::{ArcSwapAny, Guard as Loaded, RefCnt};
#[cfg(all(test, shuttle))]
use shuttle::sync::{Mutex, MutexGuard};

#[cfg(all(test, shuttle))]
pub(crate) use shuttle::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
#[cfg(not(all(test, shuttle)))]
pub(crate) use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

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

/// A pointer that is read without a lock.
pub(crate) struct Pointer<T: RefCnt>(ArcSwapAny<T>);

impl<T: RefCnt> Pointer<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(ArcSwapAny::new(value))
    }

    pub(crate) fn load(&self) -> Loaded<T> {
        interleave();
        self.0.load()
    }

    pub(crate) fn store(&self, value: T) {
        interleave();
        self.0.store(value);
    }
}

/// A place where the model checker may let another thread go on: before what it does not see by itself.
#[inline]
pub(crate) fn interleave() {
    // Nothing but a switch; `yield_now` would mean that this thread has nothing to do.
    #[cfg(all(test, shuttle))]
    let _ = AtomicU32::new(0).load(Ordering::SeqCst);
}
