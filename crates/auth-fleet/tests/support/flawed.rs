//! A store in memory that keeps the contract, or breaks one sentence of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::Duration;

use auth_fleet::{Entry, Generation, Grant, Keys, Lease, Name, Owner, Published, Seen, Store, StoreError, StoreTime};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};

/// What is wrong with a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    None,
    Torn,
    OwnClock,
    FullRemaining,
    NeverExpires,
    DeadStays,
    FromPublication,
    OneForAll,
    TwoOwners,
    AnotherGrantAgain,
    IgnoresSeen,
    NeedsSeen,
    KeepsRejected,
    KeepsRejectedWhileHeld,
    RemovesOther,
    EndlessLease,
    ShortLease,
    PublishKeepsLease,
    ReleaseKeepsLease,
    AnyPublicationEndsLease,
    SameGeneration,
    ForgetsGenerations,
    ForgetsGenerationsWhenLost,
    Unfenced,
    NeedsLease,
    OnlyNewer,
    AnyoneReleases,
    Deaf,
    DeafToReleases,
    Misses,
    Endless,
    Lossy,
}

/// A handle on a store in memory.
pub(crate) struct Memory {
    flaw: Flaw,
    state: Arc<State>,
    /// How far the clock of this process is ahead.
    ahead: Duration,
    keys: Keys,
}

#[derive(Default)]
pub(crate) struct State {
    slots: Mutex<HashMap<Name, Slot>>,
    changed: Notify,
    handles: Mutex<u32>,
    last: Mutex<u64>,
    start: OnceLock<Instant>,
}

#[derive(Clone, Default)]
struct Slot {
    entry: Option<Stored>,
    lease: Option<(Grant, Instant)>,
}

#[derive(Clone)]
struct Stored {
    generation: Generation,
    value: Vec<u8>,
    lifetime: Duration,
    end: Instant,
}

impl Memory {
    /// Another handle on the store.
    pub(crate) fn open(flaw: Flaw, state: Arc<State>) -> Self {
        let mut handles = state.handles.lock().unwrap();
        *handles += 1;
        let ahead = if flaw == Flaw::OwnClock { Duration::from_secs(7200) * *handles } else { Duration::ZERO };
        drop(handles);
        Self { flaw, state, ahead, keys: Keys::new(|| async { Ok(auth_core::Secret::from(String::new())) }) }
    }

    fn is(&self, flaw: Flaw) -> bool {
        self.flaw == flaw
    }

    fn now(&self) -> Instant {
        Instant::now() + self.ahead
    }

    fn time(&self) -> u64 {
        let start = *self.state.start.get_or_init(Instant::now);
        self.now().duration_since(start).as_millis().try_into().unwrap()
    }

    fn slot<'slots>(&self, slots: &'slots mut MutexGuard<'_, HashMap<Name, Slot>>, name: &Name) -> &'slots mut Slot {
        let name = if self.is(Flaw::OneForAll) { Name::new([0; 32]) } else { *name };
        let slot = slots.entry(name).or_default();
        if !self.is(Flaw::NeverExpires) {
            slot.entry = slot.entry.take().filter(|entry| entry.end > self.now());
        }
        if !self.is(Flaw::EndlessLease) {
            slot.lease = slot.lease.take().filter(|(_, end)| *end > self.now());
        }
        slot
    }
}

impl State {
    /// As a restart without persistence.
    pub(crate) fn lose_everything(&self, flaw: Flaw) {
        self.slots.lock().unwrap().clear();
        if flaw == Flaw::ForgetsGenerationsWhenLost {
            *self.last.lock().unwrap() = 0;
        }
    }
}

impl Store for Memory {
    fn keys(&self) -> &Keys {
        &self.keys
    }

    async fn get(&self, name: &Name) -> Result<Option<Entry>, StoreError> {
        let mut slots = self.state.slots.lock().unwrap();
        let now = self.now();
        let entry = self.slot(&mut slots, name).entry.clone();
        Ok(entry.map(|Stored { generation, value, lifetime, end }| {
            let left = end.saturating_duration_since(now);
            Entry::new(generation, value, if self.is(Flaw::FullRemaining) { lifetime } else { left })
        }))
    }

    async fn lease(&self, name: &Name, owner: Owner, seen: Seen, duration: Duration) -> Result<Lease, StoreError> {
        let mut slots = self.state.slots.lock().unwrap();
        let (now, mut last) = (self.now(), self.state.last.lock().unwrap());
        let slot = self.slot(&mut slots, name);
        let held = slot.lease.filter(|(grant, _)| grant.owner != owner);
        let stored = slot.entry.as_ref().map_or(0, |entry| entry.generation.0);
        let (seen, is_rejected) = match seen {
            Seen::Entry(generation) => (generation.0, false),
            Seen::Rejected(generation) => (generation.0, true),
            _ => (0, false),
        };
        let floor = if self.is(Flaw::ForgetsGenerations) { stored } else { *last };
        let keeps = self.is(Flaw::KeepsRejected) || (self.is(Flaw::KeepsRejectedWhileHeld) && held.is_some());
        if is_rejected && !keeps && (stored == seen || self.is(Flaw::RemovesOther)) {
            slot.entry = None;
        }
        if stored > seen && !self.is(Flaw::IgnoresSeen) || self.is(Flaw::NeedsSeen) && stored != seen {
            return Ok(Lease::Changed);
        }
        if let Some((_, end)) = held.filter(|_| !self.is(Flaw::TwoOwners)) {
            return Ok(Lease::Held(end - now));
        }
        let again = slot.lease.filter(|(grant, _)| grant.owner == owner && !self.is(Flaw::AnotherGrantAgain));
        let next = floor + u64::from(!self.is(Flaw::SameGeneration));
        let new = Grant { owner, generation: Generation(next), at: StoreTime(self.time()) };
        let grant = again.map_or(new, |(grant, _)| grant);
        *last = (*last).max(grant.generation.0);
        slot.lease = Some((grant, now + if self.is(Flaw::ShortLease) { duration / 2 } else { duration }));
        Ok(Lease::Granted(grant))
    }

    async fn publish(
        &self,
        name: &Name,
        grant: Grant,
        value: &[u8],
        lifetime: Duration,
    ) -> Result<Published, StoreError> {
        let value =
            if self.is(Flaw::Lossy) { String::from_utf8_lossy(value).as_bytes().to_vec() } else { value.to_vec() };
        let passed = Duration::from_millis(self.time() - grant.at.0);
        let left = match self.flaw {
            Flaw::DeadStays => lifetime.saturating_sub(passed).max(Duration::from_millis(1)),
            Flaw::FromPublication => lifetime,
            _ => lifetime.saturating_sub(passed),
        };
        let is_superseded = {
            let mut slots = self.state.slots.lock().unwrap();
            let now = self.now();
            let slot = self.slot(&mut slots, name);
            let stored = slot.entry.as_ref().map_or(Generation(0), |entry| entry.generation);
            let is_own = slot.lease.is_some_and(|(lease, _)| lease.owner == grant.owner);
            let is_superseded = stored > grant.generation && !self.is(Flaw::Unfenced)
                || stored == grant.generation && self.is(Flaw::OnlyNewer)
                || !is_own && self.is(Flaw::NeedsLease);
            if !is_superseded && !left.is_zero() {
                let mut value = value.clone();
                if self.is(Flaw::Torn) {
                    value.truncate(value.len() / 2);
                }
                slot.entry = Some(Stored { generation: grant.generation, value, lifetime, end: now + left });
            }
            if (is_own || self.is(Flaw::AnyPublicationEndsLease)) && !self.is(Flaw::PublishKeepsLease) {
                slot.lease = None;
            }
            is_superseded
        };
        if self.is(Flaw::Torn) {
            tokio::task::yield_now().await;
            let mut slots = self.state.slots.lock().unwrap();
            if let Some(entry) = &mut self.slot(&mut slots, name).entry {
                entry.value = value;
            }
        }
        self.state.changed.notify_waiters();
        Ok(if is_superseded { Published::Superseded } else { Published::Stored })
    }

    async fn release(&self, name: &Name, owner: Owner) -> Result<(), StoreError> {
        let mut slots = self.state.slots.lock().unwrap();
        let slot = self.slot(&mut slots, name);
        let is_own = slot.lease.is_some_and(|(lease, _)| lease.owner == owner);
        if (is_own || self.is(Flaw::AnyoneReleases)) && !self.is(Flaw::ReleaseKeepsLease) {
            slot.lease = None;
        }
        if !self.is(Flaw::DeafToReleases) {
            self.state.changed.notify_waiters();
        }
        Ok(())
    }

    async fn wait(&self, name: &Name, seen: Option<Generation>, at_most: Duration) -> Result<(), StoreError> {
        if self.is(Flaw::Deaf) {
            sleep(at_most).await;
            return Ok(());
        }
        let at_most = if self.is(Flaw::Endless) { Duration::from_secs(3600) } else { at_most };
        let waiting = async {
            loop {
                let changed = self.state.changed.notified();
                let slot = self.slot(&mut self.state.slots.lock().unwrap(), name).clone();
                let is_free = slot.lease.is_none() && !self.is(Flaw::DeafToReleases);
                let is_over = slot.entry.map(|entry| entry.generation) != seen || is_free;
                if is_over && !self.is(Flaw::Misses) {
                    return;
                }
                changed.await;
                if self.is(Flaw::Misses) {
                    return;
                }
            }
        };
        let _ = timeout(at_most, waiting).await;
        Ok(())
    }
}
