//! The scopes of a cache, no more than so many.

use std::borrow::Borrow;
use std::cmp::Reverse;
use std::hash::{Hash, Hasher};
use std::sync::atomic::fence;

use papaya::ResizeMode;
use seize::Collector;
use triomphe::Arc;

use crate::Scope;
use crate::access_token::Token;
use crate::clock::Moment;
use crate::entry::Entry;
use crate::sync::{AtomicU32, Lock, Ordering, interleave};

/// When there is no room, this part of the scopes goes at once, so that looking through all of them is rare.
const PART: usize = 16;

/// The scopes of a cache.
pub(crate) struct Scopes {
    entries: papaya::HashSet<Slot>,
    /// Held while a scope is added.
    adding: Lock<()>,
    /// Odd while some make room, and another number after that.
    evictions: AtomicU32,
    most: usize,
}

/// An entry, found by its scope.
struct Slot(Arc<Entry>);

impl Scopes {
    pub(crate) fn new(most: usize) -> Self {
        // Neither in batches nor bit by bit: what has been evicted is a secret, and what a growing table has outgrown is half
        // as large as it is.
        let collector = Collector::new().batch_size(1);
        let entries = papaya::HashSet::builder().collector(collector).resize_mode(ResizeMode::Blocking).build();
        Self { entries, adding: Lock::new(()), evictions: AtomicU32::new(0), most: most.max(1) }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Calls `visit` with the entry of `scope`, if there is one. Meanwhile it may have to make room, so nothing that is to
    /// last may begin in it.
    pub(crate) fn with<T>(&self, scope: &Scope, visit: impl FnOnce(&Arc<Entry>) -> T) -> Option<T> {
        self.entries.pin().get(scope).map(|slot| {
            interleave();
            visit(&slot.0)
        })
    }

    /// The entry of `scope`, if there is one. It does not make room while it is held.
    pub(crate) fn held(&self, scope: &Scope) -> Option<Arc<Entry>> {
        let before = self.evictions.load(Ordering::Acquire);
        let entry = self.with(scope, Arc::clone);
        // Together with the one in `make_room`: either that one sees that this entry is held, or this one sees that some
        // were about to make room.
        fence(Ordering::SeqCst);
        if before.is_multiple_of(2) && self.evictions.load(Ordering::Relaxed) == before {
            return entry;
        }
        let _adding = self.adding.lock();
        self.with(scope, Arc::clone)
    }

    pub(crate) fn for_each(&self, mut visit: impl FnMut(&Arc<Entry>)) {
        self.entries.pin().iter().for_each(|slot| visit(&slot.0));
    }

    /// The entry of `scope`, and those that had to make room for it.
    ///
    /// Entries that somebody holds, be it a handle or a request that is under way, never make room. If all are held, the
    /// new entry is not kept: it works for whoever holds it.
    pub(crate) fn entry(&self, scope: &Scope, now: Moment, nothing: &Arc<Token>) -> (Arc<Entry>, Vec<Arc<Entry>>) {
        if let Some(entry) = self.held(scope) {
            return (entry, vec![]);
        }
        let _adding = self.adding.lock();
        if let Some(entry) = self.with(scope, Arc::clone) {
            return (entry, vec![]);
        }
        let entry = Arc::new(Entry::new(scope.clone(), nothing));
        let evicted = if self.len() < self.most { vec![] } else { self.make_room(now) };
        if self.len() < self.most {
            self.entries.pin().insert(Slot(Arc::clone(&entry)));
        }
        (entry, evicted)
    }

    fn make_room(&self, now: Moment) -> Vec<Arc<Entry>> {
        let before = self.evictions.load(Ordering::Relaxed);
        self.evictions.store(before.wrapping_add(1), Ordering::Relaxed);
        fence(Ordering::SeqCst);
        let entries = self.entries.pin();
        let idle = entries.iter().filter(|slot| Arc::count(&slot.0) == 1);
        let mut idle: Vec<_> = idle.map(|slot| (standing(&slot.0, now), slot)).collect();
        let count = (self.most / PART).max(1).min(idle.len());
        if count > 0 && count < idle.len() {
            idle.select_nth_unstable_by_key(count, |(standing, _)| *standing);
        }
        let evicted: Vec<_> = idle.iter().take(count).map(|(_, slot)| Arc::clone(&slot.0)).collect();
        for entry in &evicted {
            interleave();
            entries.remove(entry.scope());
        }
        self.evictions.store(before.wrapping_add(2), Ordering::Release);
        evicted
    }
}

/// Who goes first: those without a token of use, then those that were not used for longest.
fn standing(entry: &Entry, now: Moment) -> (bool, Reverse<u32>) {
    (entry.is_usable(now), Reverse(now.tick().saturating_sub(entry.used())))
}

impl Borrow<Scope> for Slot {
    fn borrow(&self) -> &Scope {
        self.0.scope()
    }
}

impl Hash for Slot {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.scope().hash(state);
    }
}

impl PartialEq for Slot {
    fn eq(&self, other: &Self) -> bool {
        self.0.scope() == other.0.scope()
    }
}

impl Eq for Slot {}
