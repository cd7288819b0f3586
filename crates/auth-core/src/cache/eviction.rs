//! Which scope is evicted when there are too many.

use std::cmp::Reverse;

use triomphe::Arc;

use crate::cache::slot::Slot;
use crate::cache::sync::interleave;
use crate::clock::Moment;
use crate::token::access_token::Token;

/// Slots that are compared to find the one to evict.
const SAMPLE: usize = 8;

/// Slots that were needed when last looked at and are looked at again each time.
const REVIEWED: usize = 8;

/// Slots that are evicted at once: more than one, so that a cache that grew beyond its bound shrinks again.
const AT_ONCE: usize = 2;

/// References to a slot that no caller needs: that of the list, and that of the lookup table.
const OWN_REFERENCES: usize = 2;

/// All slots of a cache, those that can be forgotten apart from those that are needed.
///
/// A slot is needed while a handle, a caller or the task of its request holds it, and while its scope is cooling down.
/// Whether it still is needed shows only when it is looked at, so each part may hold a few slots of the other kind.
/// Everything here takes a bounded number of steps, however many slots there are.
#[derive(Default)]
pub(crate) struct EvictionList {
    /// Those that can be forgotten first, then those that are needed; each part in no order.
    slots: Vec<Arc<Slot>>,
    /// How many can be forgotten.
    idle: usize,
    /// The slot that is reviewed next.
    next: usize,
}

impl EvictionList {
    /// Adds a slot, as one that can be forgotten.
    pub(crate) fn add(&mut self, slot: Arc<Slot>) {
        self.slots.push(slot);
        self.release(self.slots.len() - 1);
    }

    /// Evicts slots until there are `most` that can be forgotten, as far as a few steps go: those without a usable token
    /// first, then those that were not used for longest, of a random sample.
    pub(crate) fn shrink(&mut self, most: usize, now: Moment, nothing: &Arc<Token>) -> Vec<Arc<Slot>> {
        self.review(now);
        let mut evicted = vec![];
        while self.idle > most && evicted.len() < AT_ONCE {
            match self.evict(now, nothing) {
                Some(slot) => evicted.push(slot),
                None => break,
            }
        }
        evicted
    }

    /// Looks at some of those that were needed.
    fn review(&mut self, now: Moment) {
        for _ in 0..REVIEWED.min(self.slots.len() - self.idle) {
            if !(self.idle..self.slots.len()).contains(&self.next) {
                self.next = self.idle;
            }
            if is_idle(&self.slots[self.next], now) {
                self.release(self.next);
            }
            self.next += 1;
        }
    }

    /// Takes out the first to go in a sample of those that can be forgotten, if there is one. Those that are needed are put
    /// to their like.
    fn evict(&mut self, now: Moment, nothing: &Arc<Token>) -> Option<Arc<Slot>> {
        let mut first = None;
        for place in sample(self.idle) {
            if place >= self.idle {
                continue;
            }
            if is_idle(&self.slots[place], now) {
                let candidate = (precedence(&self.slots[place], now), place);
                first = Some(first.map_or(candidate, |first| candidate.min(first)));
                continue;
            }
            self.hold(place);
            if let Some((_, at)) = &mut first
                && *at == self.idle
            {
                // It has taken the place of the one that moved.
                *at = place;
            }
        }
        let (_, place) = first?;
        interleave();
        let is_evicted = Slot::evict(&self.slots[place], OWN_REFERENCES, now, nothing);
        self.hold(place);
        is_evicted.then(|| self.slots.swap_remove(self.idle))
    }

    fn hold(&mut self, place: usize) {
        self.idle -= 1;
        self.slots.swap(place, self.idle);
    }

    fn release(&mut self, place: usize) {
        self.slots.swap(place, self.idle);
        self.idle += 1;
    }
}

/// All places of a few, from the last to the first; of many, some at random, of which one may come twice.
fn sample(places: usize) -> impl Iterator<Item = usize> {
    let place = move |rest: usize| if places > SAMPLE { fastrand::usize(..places) } else { rest };
    (0..places.min(SAMPLE)).rev().map(place)
}

fn is_idle(slot: &Arc<Slot>, now: Moment) -> bool {
    Arc::count(slot) == OWN_REFERENCES && !slot.is_cooling_down(now)
}

/// The order of eviction: slots without a usable token first, then the least recently used.
fn precedence(slot: &Slot, now: Moment) -> (bool, Reverse<u32>) {
    (slot.is_usable(now), Reverse(now.tick().saturating_sub(slot.used())))
}
