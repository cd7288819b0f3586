//! What all cases use: stores that share their entries, and shortcuts for their operations.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::rand;
use tokio::time::Instant;

use crate::store::name::Name;
use crate::store::{Entry, Generation, Grant, Lease, Owner, Published, Seen, Store};

/// The outcome of a case; the text says what the store did instead.
pub(super) type Checked = Result<(), String>;

/// Opens a store.
pub(super) type Opening<S> = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = S> + Send>> + Send + Sync>;

/// Removes everything from the store.
pub(super) type Loss = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// A lifetime that no case survives.
pub(super) const LONG: Duration = Duration::from_secs(60);

/// Two stores with the same entries, as two processes have them.
pub(super) struct Scene<S> {
    pub(super) one: Subject<S>,
    pub(super) other: Subject<S>,
}

impl<S: Store> Scene<S> {
    pub(super) async fn new(open: &Opening<S>) -> Self {
        Self { one: Subject(Arc::new(open().await)), other: Subject(Arc::new(open().await)) }
    }
}

/// A store, with errors as text.
pub(super) struct Subject<S>(Arc<S>);

impl<S> Clone for Subject<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: Store> Subject<S> {
    pub(super) async fn get(&self, name: &Name) -> Result<Option<Entry>, String> {
        self.0.get(name).await.map_err(|error| format!("`get` failed: {error}"))
    }

    pub(super) async fn lease(&self, name: &Name, owner: Owner, seen: Seen, long: Duration) -> Result<Lease, String> {
        self.0.lease(name, owner, seen, long).await.map_err(|error| format!("`lease` failed: {error}"))
    }

    /// A lease that must be granted.
    pub(super) async fn granted(&self, name: &Name, owner: Owner, seen: Seen) -> Result<Grant, String> {
        self.granted_for(name, owner, seen, LONG).await
    }

    pub(super) async fn granted_for(
        &self,
        name: &Name,
        owner: Owner,
        seen: Seen,
        long: Duration,
    ) -> Result<Grant, String> {
        match self.lease(name, owner, seen, long).await? {
            Lease::Granted(grant) if grant.owner == owner => Ok(grant),
            other => Err(format!("{owner:?} asked for a lease that nobody had ({seen:?}) and got {other:?}")),
        }
    }

    /// A lease that another owner must have.
    pub(super) async fn held(&self, name: &Name, seen: Seen) -> Checked {
        match self.lease(name, owner(), seen, LONG).await? {
            Lease::Held(_) => Ok(()),
            other => Err(format!("another owner has the lease, and the answer was {other:?}")),
        }
    }

    pub(super) async fn publish(
        &self,
        name: &Name,
        grant: Grant,
        value: &[u8],
        lifetime: Duration,
    ) -> Result<Published, String> {
        self.0.publish(name, grant, value, lifetime).await.map_err(|error| format!("`publish` failed: {error}"))
    }

    /// A publication that must be stored, for a long time.
    pub(super) async fn stored(&self, name: &Name, grant: Grant, value: &[u8]) -> Checked {
        match self.publish(name, grant, value, LONG).await? {
            Published::Stored => Ok(()),
            other => Err(format!("nothing newer was there, and the answer to the publication was {other:?}")),
        }
    }

    /// Leases the name, which must be free, and publishes a value.
    pub(super) async fn replaced(&self, name: &Name, seen: Seen, value: &[u8]) -> Result<Generation, String> {
        let grant = self.granted(name, owner(), seen).await?;
        self.stored(name, grant, value).await?;
        Ok(grant.generation)
    }

    pub(super) async fn release(&self, name: &Name, owner: Owner) -> Checked {
        self.0.release(name, owner).await.map_err(|error| format!("`release` failed: {error}"))
    }

    pub(super) async fn wait(&self, name: &Name, seen: Option<Generation>, at_most: Duration) -> Checked {
        self.0.wait(name, seen, at_most).await.map_err(|error| format!("`wait` failed: {error}"))
    }

    /// An entry that must be there.
    pub(super) async fn entry(&self, name: &Name) -> Result<Entry, String> {
        self.get(name).await?.ok_or_else(|| "the entry was published for a minute, and is absent".to_owned())
    }

    /// Reads the entry until it is absent.
    pub(super) async fn absent_soon(&self, name: &Name) -> Checked {
        let start = Instant::now();
        while let Some(entry) = self.get(name).await? {
            if start.elapsed() > SOON {
                return Err(format!("{entry:?} is still there"));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }
}

/// What a busy machine may need for something that happens at once.
pub(super) const SOON: Duration = Duration::from_secs(5);

/// A new owner.
pub(super) fn owner() -> Owner {
    Owner(random())
}

/// A name that no other case has.
pub(super) fn name() -> Name {
    Name::new(random())
}

fn random<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    rand::fill(&mut bytes).expect("the operating system has random numbers");
    bytes
}

/// The outcome of a check.
pub(super) fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(otherwise()) }
}
