//! The scopes of a cache, found without a lock and bounded in number.

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

/// Places of the table that each insertion copies while the table grows.
const COPIED_AT_ONCE: usize = 1_024;

/// The scopes of a cache.
///
/// Two structures hold the same slots: a table that finds a slot by its scope and is read without a lock, and a list
/// from which slots to evict are drawn. Both change under one lock, which is held for a bounded number of steps.
pub(crate) struct Scopes {
    table: papaya::HashSet<ByScope>,
    /// Empty if there is no bound, so that nothing is evicted.
    list: Lock<EvictionList>,
    /// Slots in the table.
    count: AtomicUsize,
    /// The bound of those that can be forgotten.
    most: usize,
}

/// A slot, found by its scope or by the canonical text of that.
pub(crate) struct ByScope(Arc<Slot>);

impl Scopes {
    pub(crate) fn new(most: usize) -> Self {
        // Not in batches: what has been evicted is a secret. In steps: the lock is held while the table grows.
        let collector = Collector::new().batch_size(1);
        let resize = ResizeMode::Incremental(COPIED_AT_ONCE);
        let table = papaya::HashSet::builder().collector(collector).resize_mode(resize).build();
        Self { table, list: Lock::default(), count: AtomicUsize::new(0), most: most.max(1) }
    }

    pub(crate) fn len(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Calls `visit` with the slot of a scope, if there is one. The slot may be evicted meanwhile, so nothing that is to
    /// last may begin in it.
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

    /// The slot of `scope`, if there is one. It is not evicted while it is held.
    pub(crate) fn held<Q>(&self, scope: &Q) -> Option<Arc<Slot>>
    where
        ByScope: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let slot = self.with(scope, Arc::clone)?;
        // It may have been evicted before this reference to it was counted.
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

    /// The slot of `scope`, and those that were evicted for it.
    ///
    /// The bound is for slots that can be forgotten: one that is needed stays, and the newcomer is added whatever the bound.
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

    /// Evicts what is beyond the bound, a few slots at a time.
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

/// False while the thread ends and its thread-local storage is destroyed, which the table cannot do without.
///
/// Storage is destroyed in the reverse order of its first use. This value is used before that of the table, so the
/// table's is still there whenever this one is, unless another library used it first: then this one is destroyed
/// earlier, which is as good.
fn is_thread_alive() -> bool {
    struct Alive;

    impl Drop for Alive {
        fn drop(&mut self) {}
    }

    thread_local!(static ALIVE: Alive = const { Alive });
    ALIVE.try_with(|_| ()).is_ok()
}

/// Scopes are compared by their address first, which is faster where one is a clone of the other.
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
