//! The slots of a cache, found by scope without a lock and limited in number.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};

use papaya::ResizeMode;
use seize::Collector;
use triomphe::Arc;

use crate::cache::eviction::EvictionList;
use crate::cache::slot::Slot;
use crate::cache::sync::{AtomicUsize, Lock, Ordering, interleave};
use crate::clock::Moment;
use crate::token::access_token::Token;
use crate::token::scope::Scope;

/// Number of entries that each insertion copies while the table grows.
const COPIED_AT_ONCE: usize = 1_024;

/// The scopes of a cache.
///
/// Two structures hold the same slots: a table that is read without a lock, and a list for eviction. Both are changed
/// under one lock, which is held for a bounded number of steps.
pub(crate) struct Scopes {
    table: papaya::HashSet<ByScope>,
    /// Empty if the number of scopes is not limited, since nothing is evicted then.
    list: Lock<EvictionList>,
    /// Number of slots in the table.
    count: AtomicUsize,
    /// Maximum number of idle slots.
    most: usize,
}

/// A slot in the table, found by its scope or by the scope's canonical text.
pub(crate) struct ByScope(Arc<Slot>);

impl Scopes {
    pub(crate) fn new(most: usize) -> Self {
        // Evicted slots are freed one by one instead of in batches, since they may hold secrets. The table grows in
        // steps, since the lock is held meanwhile.
        let collector = Collector::new().batch_size(1);
        let resize = ResizeMode::Incremental(COPIED_AT_ONCE);
        let table = papaya::HashSet::builder().collector(collector).resize_mode(resize).build();
        Self { table, list: Lock::default(), count: AtomicUsize::new(0), most: most.max(1) }
    }

    pub(crate) fn len(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Calls `visit` with the slot of a scope, if there is one. The slot may be evicted meanwhile, so `visit` must not
    /// start anything in it that has to persist, such as a request.
    pub(crate) fn with<Q, T>(&self, scope: &Q, visit: impl FnOnce(&Arc<Slot>) -> T) -> Option<T>
    where
        ByScope: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        if !is_thread_alive() {
            return None;
        }
        self.table.pin().get(scope).map(|slot| {
            interleave();
            visit(&slot.0)
        })
    }

    /// Returns the slot of `scope`, if there is one. It is not evicted while the caller holds it.
    pub(crate) fn held<Q>(&self, scope: &Q) -> Option<Arc<Slot>>
    where
        ByScope: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let slot = self.with(scope, Arc::clone)?;
        // The slot may have been evicted before this reference was counted.
        if !slot.is_evicted() {
            return Some(slot);
        }
        let _list = self.list.lock();
        self.with(scope, Arc::clone)
    }

    /// Calls `visit` with every slot.
    pub(crate) fn for_each(&self, mut visit: impl FnMut(&Arc<Slot>)) {
        if is_thread_alive() {
            self.table.pin().iter().for_each(|slot| visit(&slot.0));
        }
    }

    /// Returns the slot of `scope`, which is added if there is none, and the slots that were evicted for it.
    ///
    /// The limit applies to idle slots: slots in use are not evicted, and a new slot is always added.
    pub(crate) fn slot(&self, scope: &Scope, now: Moment, nothing: &Arc<Token>) -> (Arc<Slot>, Vec<Arc<Slot>>) {
        if let Some(slot) = self.held(scope) {
            return (slot, vec![]);
        }
        let slot = Arc::new(Slot::new(scope.clone(), nothing));
        if !is_thread_alive() {
            return (slot, vec![]);
        }
        let mut list = self.list.lock();
        if let Some(slot) = self.with(scope, Arc::clone) {
            return (slot, vec![]);
        }
        let evicted = if self.len() < self.most { vec![] } else { self.shrink(&mut list, self.most - 1, now, nothing) };
        self.table.pin().insert(ByScope(Arc::clone(&slot)));
        if self.most < usize::MAX {
            list.add(Arc::clone(&slot));
        }
        self.count.store(self.len() + 1, Ordering::Relaxed);
        (slot, evicted)
    }

    /// Evicts a few slots if the cache has more than its limit.
    pub(crate) fn trim(&self, now: impl FnOnce() -> Moment, nothing: &Arc<Token>) -> Vec<Arc<Slot>> {
        if self.len() <= self.most || !is_thread_alive() {
            return vec![];
        }
        let now = now();
        self.shrink(&mut self.list.lock(), self.most, now, nothing)
    }

    fn shrink(&self, list: &mut EvictionList, most: usize, now: Moment, nothing: &Arc<Token>) -> Vec<Arc<Slot>> {
        let evicted = list.shrink(most, now, nothing);
        for slot in &evicted {
            interleave();
            self.table.pin().remove(slot.scope());
        }
        self.count.store(self.len() - evicted.len(), Ordering::Relaxed);
        evicted
    }
}

/// False while the thread ends and its thread-local storage, which the table needs, is being destroyed.
///
/// Thread-local values are destroyed in the reverse order of their first use. The table's value is first used directly
/// after this one, so it is destroyed directly before it. If another library has used the table's value earlier, this
/// one is destroyed first, which is safe as well.
fn is_thread_alive() -> bool {
    struct Alive;

    impl Drop for Alive {
        fn drop(&mut self) {}
    }

    thread_local!(static ALIVE: Alive = const { Alive });
    ALIVE.try_with(|_| ()).is_ok()
}

/// Scopes are compared by address first, so a lookup with a clone of the scope is faster.
impl Borrow<Scope> for ByScope {
    fn borrow(&self) -> &Scope {
        self.0.scope()
    }
}

impl Borrow<[u8]> for ByScope {
    fn borrow(&self) -> &[u8] {
        self.0.scope().as_bytes()
    }
}

impl Hash for ByScope {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.scope().hash(state);
    }
}

impl PartialEq for ByScope {
    fn eq(&self, other: &Self) -> bool {
        self.0.scope() == other.0.scope()
    }
}

impl Eq for ByScope {}
