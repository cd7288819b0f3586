//! The locks and atomics of the cache. The model checker replaces them with its own.

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

/// A lock that is held for a few instructions only, and never while code of the program runs, so that poisoning can be
/// ignored.
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

/// A point at which the model checker may switch threads, before an operation that it does not track.
#[inline]
pub(crate) fn interleave() {
    // An atomic load only permits a switch. `yield_now` would also state that this thread is idle.
    #[cfg(all(test, shuttle))]
    let _ = AtomicU32::new(0).load(Ordering::SeqCst);
}
