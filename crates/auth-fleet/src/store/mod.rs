//! Stores that many processes share.

pub(crate) mod error;
pub(crate) mod generation;
pub(crate) mod name;

use std::fmt;
use std::future::Future;
use std::time::Duration;

use aws_lc_rs::rand;

use crate::keys::Keys;
use crate::store::error::StoreError;
use crate::store::name::Name;

pub use crate::store::generation::Generation;

/// A store that many processes share.
///
/// A store keeps one entry and one lease per [`Name`]. This is its contract:
///
/// 1. Every operation is atomic: it takes effect as a whole or not at all, also if the process is killed.
/// 2. Time is that of the store. No time of a process is stored or compared with it.
/// 3. `get` returns the entry with its remaining time to live, which is never longer than it is; an entry whose lifetime is
///    over is absent. An entry may disappear at any time.
/// 4. `lease` grants a lease to one owner at a time. It grants it to no one if the entry is not the one that the owner has
///    seen. To the owner of the lease, it grants the same lease again.
/// 5. A lease ends when its owner releases it, when its owner publishes, or when its duration is over.
/// 6. The generation of a grant is greater than that of every earlier grant and entry of the name, also after the store has
///    lost them.
/// 7. `publish` stores an entry if the stored one has no greater generation, whether the lease lives or not. The lifetime of the
///    entry is counted from the grant; if it is over, nothing is stored.
/// 8. `release` ends the lease only of its own owner.
/// 9. `wait` returns soon after an entry was published or a lease was released; it may return earlier.
/// 10. Values are sealed: a store never sees a token, a scope or a client.
pub trait Store: Send + Sync + 'static {
    /// The keys with which entries are named and sealed.
    fn keys(&self) -> &Keys;

    /// The entry with this name.
    ///
    /// # Errors
    /// [`StoreError`] if the store does not answer.
    fn get(&self, name: &Name) -> impl Future<Output = Result<Option<Entry>, StoreError>> + Send;

    /// Requests the right to replace the entry that was `seen`, for this duration.
    ///
    /// # Errors
    /// [`StoreError`] if the store does not answer, or cannot be written to.
    fn lease(
        &self,
        name: &Name,
        owner: Owner,
        seen: Seen,
        duration: Duration,
    ) -> impl Future<Output = Result<Lease, StoreError>> + Send;

    /// Stores a value with the generation of the grant, for this lifetime counted from [`Grant::at`], and ends the lease of its
    /// owner.
    ///
    /// The lifetime is counted from the grant because a store may execute a command long after it was sent.
    ///
    /// # Errors
    /// [`StoreError`] if the store does not answer, or cannot be written to.
    fn publish(
        &self,
        name: &Name,
        grant: Grant,
        value: &[u8],
        lifetime: Duration,
    ) -> impl Future<Output = Result<Published, StoreError>> + Send;

    /// Ends the lease of this owner.
    ///
    /// # Errors
    /// [`StoreError`] if the store does not answer, or cannot be written to.
    fn release(&self, name: &Name, owner: Owner) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Waits until the entry is no longer the one that was `seen`, or the lease has been released, for `at_most` this long.
    ///
    /// An implementation checks the entry once after it has begun to listen, so that no publication is missed.
    ///
    /// # Errors
    /// [`StoreError`] if the store does not answer.
    fn wait(
        &self,
        name: &Name,
        seen: Option<Generation>,
        at_most: Duration,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// The owner of a lease: a random number, new for each lease.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Owner(pub [u8; 16]);

impl Owner {
    /// A new owner. `None` only if the random number generator fails.
    pub(crate) fn random() -> Option<Self> {
        let mut number = [0; 16];
        rand::fill(&mut number).ok()?;
        Some(Self(number))
    }
}

impl fmt::Debug for Owner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Owner({:032x})", u128::from_be_bytes(self.0))
    }
}

/// An entry of a store.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// Its generation.
    pub generation: Generation,
    /// Its sealed value.
    pub value: Vec<u8>,
    /// Its time to live, by the clock of the store, when the store answered.
    pub remaining: Duration,
}

impl Entry {
    /// An entry.
    #[must_use]
    pub fn new(generation: Generation, value: Vec<u8>, remaining: Duration) -> Self {
        Self { generation, value, remaining }
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Entry")
            .field("generation", &self.generation)
            .field("value", &format_args!("{} bytes", self.value.len()))
            .field("remaining", &self.remaining)
            .finish()
    }
}

/// The entry that a lease is to replace, as it was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Seen {
    /// There was no entry.
    Nothing,
    /// The entry with this generation. It stays in the store until it is replaced or expires.
    Entry(Generation),
    /// The entry with this generation, whose token a resource server rejected. [`Store::lease`] removes it, also if it does not
    /// grant the lease.
    Rejected(Generation),
}

/// The answer to a request for a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lease {
    /// The lease was granted.
    Granted(Grant),
    /// Another owner has the lease, for this long at most.
    Held(Duration),
    /// There is an entry that is newer than the one that was seen. An entry that is gone, or older, can be replaced.
    Changed,
}

/// A granted lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its owner.
    pub owner: Owner,
    /// The generation of the entry that its owner may publish.
    pub generation: Generation,
    /// When the lease was granted. If a store grants the same lease again, this stays as it was.
    pub at: StoreTime,
}

/// A time by the clock of a store: the milliseconds since a point that the store chooses. No process compares it with its own
/// clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreTime(pub u64);

/// What came of a publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Published {
    /// The entry is in the store, unless its lifetime is over.
    Stored,
    /// The store has an entry of a greater generation, which was kept.
    Superseded,
}
