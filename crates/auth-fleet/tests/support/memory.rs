//! A store in memory, for tests. Its clock is that of Tokio, which tests pause.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use auth_core::Secret;
use auth_fleet::{
    Entry, Generation, Grant, Keys, Lease, Name, Owner, Published, Seen, Store, StoreError, StoreErrorKind, StoreTime,
};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout_at};

/// Clones share what they store; [`MemoryStore::with_keys`] gives one other keys.
#[derive(Clone)]
pub(crate) struct MemoryStore {
    keys: Keys,
    shared: Arc<Shared>,
    /// Set when the process that has this handle is killed: what it still sends does not arrive.
    is_dead: Arc<AtomicBool>,
}

struct Shared {
    start: Instant,
    data: Mutex<Data>,
    changed: Notify,
}

#[derive(Default)]
struct Data {
    entries: HashMap<Name, Stored>,
    leases: HashMap<Name, Held>,
    /// Survives a flush, as the generations of a real store do.
    generation: u64,
    faults: Faults,
    operations: u64,
    /// Publications that were stored, and what they replaced.
    published: Vec<(Option<Generation>, Generation)>,
}

struct Stored {
    generation: Generation,
    value: Vec<u8>,
    ends: Duration,
}

struct Held {
    grant: Grant,
    ends: Duration,
}

/// How the store misbehaves.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Faults {
    /// Operations that read fail with this.
    pub(crate) reads: Option<StoreErrorKind>,
    /// Operations that write fail with this.
    pub(crate) writes: Option<StoreErrorKind>,
    /// Operations take effect after this time.
    pub(crate) delay: Duration,
    /// Answers take this time after the operation has taken effect.
    pub(crate) answer_delay: Duration,
    /// Releases get lost, as if the process had been killed.
    pub(crate) loses_releases: bool,
    /// What the store does not do, to see whether tests notice.
    pub(crate) defect: Option<Defect>,
}

/// A part of the contract that a store does not keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Defect {
    /// An entry replaces one of a greater generation.
    NoFence,
    /// A lease is granted although the entry is not the one that was seen.
    IgnoresSeen,
    /// A lease is granted although another owner has it.
    NoLease,
    /// Lifetimes are counted from the publication, and not from the grant.
    CountsFromPublication,
}

/// Two keys that all tests use.
pub(crate) const KEYS: &str =
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=";

impl MemoryStore {
    /// An empty store with [`KEYS`].
    pub(crate) fn new() -> Self {
        let shared = Shared { start: Instant::now(), data: Mutex::default(), changed: Notify::new() };
        Self { keys: Keys::new(Secret::from(KEYS)), shared: Arc::new(shared), is_dead: Arc::default() }
    }

    /// The same store, for another process.
    pub(crate) fn for_process(&self) -> Self {
        Self { is_dead: Arc::default(), ..self.clone() }
    }

    /// Kills the process that has this handle.
    pub(crate) fn kill(&self) {
        self.is_dead.store(true, Ordering::SeqCst);
    }

    /// The same store, with other keys.
    pub(crate) fn with_keys(&self, keys: &str) -> Self {
        Self { keys: Keys::new(Secret::from(keys)), ..self.clone() }
    }

    /// True if the process that has this handle was killed.
    pub(crate) fn is_killed(&self) -> bool {
        self.is_dead.load(Ordering::SeqCst)
    }

    pub(crate) fn set_faults(&self, faults: Faults) {
        self.data().faults = faults;
    }

    /// Loses all entries and leases.
    pub(crate) fn flush(&self) {
        let mut data = self.data();
        data.entries.clear();
        data.leases.clear();
    }

    /// Loses all entries.
    pub(crate) fn evict(&self) {
        self.data().entries.clear();
    }

    /// Operations so far.
    pub(crate) fn operations(&self) -> u64 {
        self.data().operations
    }

    /// The live entries: names, values and remaining lifetimes.
    pub(crate) fn entries(&self) -> Vec<(Name, Vec<u8>, Duration)> {
        let (now, data) = (self.now(), self.data());
        let live = data.entries.iter().filter(|(_, stored)| stored.ends > now);
        live.map(|(name, stored)| (*name, stored.value.clone(), stored.ends - now)).collect()
    }

    /// Changes the values of all entries.
    pub(crate) fn tamper(&self, change: impl Fn(&mut Vec<u8>)) {
        self.data().entries.values_mut().for_each(|stored| change(&mut stored.value));
    }

    /// Publications that were stored: the generation that each one replaced, and its own.
    pub(crate) fn published(&self) -> Vec<(Option<Generation>, Generation)> {
        self.data().published.clone()
    }

    fn now(&self) -> Duration {
        self.shared.start.elapsed()
    }

    fn data(&self) -> MutexGuard<'_, Data> {
        self.shared.data.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs an operation with the faults of the store.
    async fn run<T>(&self, is_read: bool, operation: impl FnOnce(&mut Data, Duration) -> T) -> Result<T, StoreError> {
        let Faults { delay, answer_delay, .. } = self.data().faults;
        if !delay.is_zero() {
            sleep(delay).await;
        }
        if self.is_killed() {
            return std::future::pending().await;
        }
        let outcome = {
            let (now, mut data) = (self.now(), self.data());
            data.operations += 1;
            if let Some(kind) = if is_read { data.faults.reads } else { data.faults.writes } {
                return Err(StoreError::new(kind, ""));
            }
            operation(&mut data, now)
        };
        if !answer_delay.is_zero() {
            sleep(answer_delay).await;
        }
        Ok(outcome)
    }
}

impl Data {
    fn entry(&mut self, name: &Name, now: Duration) -> Option<&Stored> {
        if self.entries.get(name).is_some_and(|stored| stored.ends <= now) {
            self.entries.remove(name);
        }
        self.entries.get(name)
    }

    fn end_lease(&mut self, name: &Name, owner: Owner) -> bool {
        let is_own = self.leases.get(name).is_some_and(|held| held.grant.owner == owner);
        if is_own {
            self.leases.remove(name);
        }
        is_own
    }
}

impl Store for MemoryStore {
    fn keys(&self) -> &Keys {
        &self.keys
    }

    async fn get(&self, name: &Name) -> Result<Option<Entry>, StoreError> {
        self.run(true, |data, now| {
            let stored = data.entry(name, now)?;
            Some(Entry::new(stored.generation, stored.value.clone(), stored.ends - now))
        })
        .await
    }

    async fn lease(&self, name: &Name, owner: Owner, seen: Seen, duration: Duration) -> Result<Lease, StoreError> {
        self.run(false, |data, now| {
            let present = data.entry(name, now).map(|stored| stored.generation);
            let is_changed = match (present, seen) {
                (None, _) => false,
                (Some(_), Seen::Nothing) => true,
                (Some(present), Seen::Rejected(rejected)) if present == rejected => {
                    data.entries.remove(name);
                    false
                }
                (Some(present), Seen::Entry(seen) | Seen::Rejected(seen)) => present > seen,
                (Some(_), _) => true,
            };
            if is_changed && data.faults.defect != Some(Defect::IgnoresSeen) {
                return Lease::Changed;
            }
            let held = data.leases.get(name).filter(|held| held.ends > now);
            if let Some(held) = held.filter(|_| data.faults.defect != Some(Defect::NoLease)) {
                let is_own = held.grant.owner == owner;
                return if is_own { Lease::Granted(held.grant) } else { Lease::Held(held.ends - now) };
            }
            data.generation += 1;
            let at = StoreTime(u64::try_from(now.as_millis()).unwrap_or(u64::MAX));
            let grant = Grant { owner, generation: Generation(data.generation), at };
            data.leases.insert(*name, Held { grant, ends: now + duration });
            Lease::Granted(grant)
        })
        .await
    }

    async fn publish(
        &self,
        name: &Name,
        grant: Grant,
        value: &[u8],
        lifetime: Duration,
    ) -> Result<Published, StoreError> {
        let published = self
            .run(false, |data, now| {
                data.end_lease(name, grant.owner);
                let present = data.entry(name, now).map(|stored| stored.generation);
                if present > Some(grant.generation) && data.faults.defect != Some(Defect::NoFence) {
                    return Published::Superseded;
                }
                let is_late = data.faults.defect == Some(Defect::CountsFromPublication);
                let from = if is_late { now } else { Duration::from_millis(grant.at.0) };
                let ends = from + lifetime;
                if ends > now {
                    let stored = Stored { generation: grant.generation, value: value.to_vec(), ends };
                    data.entries.insert(*name, stored);
                    data.published.push((present, grant.generation));
                }
                Published::Stored
            })
            .await;
        self.shared.changed.notify_waiters();
        published
    }

    async fn release(&self, name: &Name, owner: Owner) -> Result<(), StoreError> {
        let released = self
            .run(false, |data, _| {
                if !data.faults.loses_releases {
                    data.end_lease(name, owner);
                }
            })
            .await;
        self.shared.changed.notify_waiters();
        released
    }

    async fn wait(&self, name: &Name, seen: Option<Generation>, at_most: Duration) -> Result<(), StoreError> {
        let end = Instant::now() + at_most;
        loop {
            let changed = self.shared.changed.notified();
            let (present, is_leased) = self
                .run(true, |data, now| {
                    let present = data.entry(name, now).map(|stored| stored.generation);
                    (present, data.leases.get(name).is_some_and(|held| held.ends > now))
                })
                .await?;
            if present != seen || !is_leased || timeout_at(end, changed).await.is_err() {
                return Ok(());
            }
        }
    }
}
