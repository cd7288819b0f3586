//! Selects the scopes to evict when a cache has too many.

use std::cmp::Reverse;

use triomphe::Arc;

use crate::cache::slot::Slot;
use crate::cache::sync::interleave;
use crate::clock::Moment;
use crate::token::access_token::Token;

/// Number of slots that are compared to find the one to evict.
const SAMPLE: usize = 8;

/// Number of slots in use that are checked again in each round of eviction.
const REVIEWED: usize = 8;

/// Maximum number of slots evicted at once: more than one, so that a cache that has exceeded its limit shrinks again.
const AT_ONCE: usize = 2;

/// Number of references to an idle slot: one from the list and one from the lookup table.
const OWN_REFERENCES: usize = 2;

/// All slots of a cache, divided into idle slots and slots in use.
///
/// A slot is in use while a handle, a caller or the task of its request holds it, and while its scope is in a cooldown.
/// A slot that becomes idle, or is used again, is moved only when it is checked, so each part may contain some slots of
/// the other kind. Every operation takes a bounded number of steps, regardless of the number of slots.
#[derive(Default)]
pub(crate) struct EvictionList {
    /// The idle slots, followed by the slots in use; neither part is sorted.
    slots: Vec<Arc<Slot>>,
    /// Number of idle slots.
    idle: usize,
    /// Index of the slot in use that is checked next.
    next: usize,
}

impl EvictionList {
    /// Adds a slot as idle.
    pub(crate) fn add(&mut self, slot: Arc<Slot>) {
        self.slots.push(slot);
        self.release(self.slots.len() - 1);
    }

    /// Evicts up to [`AT_ONCE`] slots while more than `most` are idle, and returns them. Each is chosen from a random
    /// sample: first slots without a usable token, then the least recently used.
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

    /// Checks some of the slots in use, and moves those that have become idle.
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

    /// Evicts the slot that comes first by [`precedence`] in a sample of the idle slots. Slots of the sample that are
    /// used again are moved.
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
                // `hold` has swapped the candidate into the place of the slot that it moved.
                *at = place;
            }
        }
        let (_, place) = first?;
        interleave();
        let is_evicted = Slot::evict(&self.slots[place], OWN_REFERENCES, now, nothing);
        self.hold(place);
        is_evicted.then(|| self.slots.swap_remove(self.idle))
    }

    /// Moves an idle slot to the slots in use.
    fn hold(&mut self, place: usize) {
        self.idle -= 1;
        self.slots.swap(place, self.idle);
    }

    /// Moves a slot in use to the idle slots.
    fn release(&mut self, place: usize) {
        self.slots.swap(place, self.idle);
        self.idle += 1;
    }
}

/// Returns the indices to compare: all of them in descending order if there are at most [`SAMPLE`], otherwise random
/// ones, which may repeat.
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
