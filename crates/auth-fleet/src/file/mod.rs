//! A store in a folder, for the processes of one host.

mod clock;
mod failure;
mod files;
mod folder;
mod lock;
mod network;
mod process;
mod record;
mod sweep;
mod transitions;

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout_at};

use crate::file::files::{SHARDS, read, read_entry, shard_of, update};
use crate::file::folder::{Folder, Place};
use crate::file::record::LONGEST_VALUE;
use crate::file::sweep::{sweep_epochs, sweep_sometimes};
use crate::file::transitions::{Publication, Request, is_over, lease, publish, release};
use crate::keys::Keys;
use crate::store::error::{StoreError, StoreErrorKind};
use crate::store::name::Name;
use crate::store::{Entry, Generation, Grant, Lease, Owner, Published, Seen, Store};

/// At most this many threads of the runtime work for one store at a time.
const THREADS: usize = 16;
/// At most this many more look at entries for calls that wait, so that thousands of those do not delay others.
const WAITING_THREADS: usize = 2;
/// How many files of earlier runs of the system are removed when a store is opened.
const OLD_FILES: usize = 1_024;
/// How long `wait` pauses between two looks at the entry: a sixteenth of the time that it has waited, within these bounds.
const SHORTEST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// A store in a folder, for the processes of one user on one host.
///
/// The folder must be on a local file system, belong to the user of the process, and be accessible to no other (mode 0700). If it
/// does not exist, it is created, with the folders above it. A folder in memory is best, such as one in `/run` or
/// `$XDG_RUNTIME_DIR`: the store keeps nothing beyond a restart of the system.
///
/// - **Processes.** A process that ends, or is killed, loses its leases at once. One that is stopped loses each of its leases at
///   its end. Clones share one open store; a store that is opened a second time counts as another process. If a process is stopped
///   in the moment in which it writes, other processes cannot write to one of 64 parts of the store
///   ([`StoreErrorKind::Timeout`]) until it continues; they can still read.
/// - **Time** is the clock of the running system, sleep included; setting the wall clock changes nothing. A restart of the system
///   ends all entries. Containers that share the folder share its entries if they run on the same kernel; those with a time
///   namespace of their own (Linux) share entries only within it. Apple's systems do not tell whether they were restarted: there,
///   an entry also ends if the wall clock is set. The clock of a virtual machine may stand still while the machine is paused from
///   outside; afterwards, entries live longer than their tokens by that time.
/// - **Files.** Files of expired entries are removed by and by, with operations that write: about a thousand of them remain, or a
///   third as many as there are living entries. A restart of the system leaves files behind, which are removed when the store is
///   opened again. Files hold sealed values; no file is ever incomplete.
/// - **A folder that is removed** or replaced while the store is open is created again. Its entries are lost.
///
/// Each operation runs on a thread for blocking work of the Tokio runtime.
///
/// ```
/// use auth_core::SecretFile;
/// use auth_fleet::{FileStore, Keys, StoreError};
///
/// # fn example() -> Result<(), StoreError> {
/// let store = FileStore::open("/run/my-application/tokens", Keys::new(SecretFile::new("/etc/my-application/keys")))?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct FileStore(Arc<Inner>);

struct Inner {
    place: Place,
    keys: Keys,
    folder: Mutex<Arc<Folder>>,
    threads: Arc<Semaphore>,
    waiting_threads: Arc<Semaphore>,
    /// Within a process, operations on one shard take turns here, and only one of them asks for the lock.
    shards: [tokio::sync::Mutex<()>; SHARDS as usize],
}

/// Opens a [`FileStore`] with settings.
#[derive(Clone, Debug)]
#[must_use = "opens nothing before `open` is called"]
pub struct FileStoreBuilder {
    place: Place,
    keys: Keys,
}

impl FileStore {
    /// Opens the store in this folder, and creates the folder if it does not exist.
    ///
    /// Works on the file system, on the caller's thread.
    ///
    /// # Errors
    /// [`StoreError`]: of kind [`Configuration`](StoreErrorKind::Configuration) if the folder belongs to another user, is
    /// accessible to others, is a symbolic link or is on a network file system; of kind [`ReadOnly`](StoreErrorKind::ReadOnly),
    /// [`Full`](StoreErrorKind::Full) or [`Denied`](StoreErrorKind::Denied) if no files can be created in it.
    pub fn open(folder: impl Into<PathBuf>, keys: Keys) -> Result<Self, StoreError> {
        Self::builder(folder, keys).open()
    }

    /// Opens the store in this folder with settings.
    pub fn builder(folder: impl Into<PathBuf>, keys: Keys) -> FileStoreBuilder {
        FileStoreBuilder { place: Place { path: folder.into(), permits_network: false }, keys }
    }

    /// Runs an operation on a thread for blocking work. It is given a function that tells whether its caller still waits.
    async fn run<T: Send + 'static>(
        &self,
        threads: &Arc<Semaphore>,
        operation: impl FnOnce(&Folder, &dyn Fn() -> bool) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let system = |detail: &'static str| StoreError::new(StoreErrorKind::System, detail);
        let permit = Arc::clone(threads).acquire_owned().await.map_err(|_| system("the store is closed"))?;
        let caller = Arc::new(());
        let called: Weak<()> = Arc::downgrade(&caller);
        let store = Arc::clone(&self.0);
        let work = move || {
            let _permit = permit;
            let folder = store.folder()?;
            operation(&folder, &|| called.strong_count() > 0)
        };
        let answer = tokio::task::spawn_blocking(work).await;
        drop(caller);
        answer.unwrap_or_else(|_| Err(system("the runtime is shutting down")))
    }

    /// The same for an operation that writes.
    async fn write<T: Send + 'static>(
        &self,
        name: &Name,
        operation: impl FnOnce(&Folder, &dyn Fn() -> bool) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let _turn = self.0.shards[usize::from(shard_of(name))].lock().await;
        self.run(&self.0.threads, |folder, is_wanted| {
            let answer = operation(folder, is_wanted);
            sweep_sometimes(folder);
            answer
        })
        .await
    }
}

impl FileStoreBuilder {
    /// Accepts a folder on a network file system, or on one that is not known to be local. Default: such a folder is refused.
    ///
    /// Meant for a local file system that is taken for a network one, and for a network folder that only one host uses. Hosts
    /// that use the same folder share nothing: each has entries of its own. Locks must work on the file system (`flock`).
    pub fn permit_network_file_system(mut self) -> Self {
        self.place.permits_network = true;
        self
    }

    /// Opens the store.
    ///
    /// # Errors
    /// As [`FileStore::open`].
    pub fn open(self) -> Result<FileStore, StoreError> {
        let Self { mut place, keys } = self;
        // Also without a slash at the end, which would follow a symbolic link.
        place.path = std::path::absolute(&place.path)
            .map_err(|error| {
                StoreError::new(StoreErrorKind::Configuration, format!("the path of the folder is not usable: {error}"))
            })?
            .components()
            .collect();
        let folder = Folder::open(&place)?;
        sweep_epochs(&folder, OLD_FILES);
        Ok(FileStore(Arc::new(Inner {
            place,
            keys,
            folder: Mutex::new(Arc::new(folder)),
            threads: Arc::new(Semaphore::new(THREADS)),
            waiting_threads: Arc::new(Semaphore::new(WAITING_THREADS)),
            shards: std::array::from_fn(|_| tokio::sync::Mutex::new(())),
        })))
    }
}

impl Inner {
    /// The open folder; it is opened again if it was removed or replaced.
    fn folder(&self) -> Result<Arc<Folder>, StoreError> {
        let mut folder = self.folder.lock().unwrap_or_else(PoisonError::into_inner);
        if !folder.is_current(&self.place.path) {
            *folder = Arc::new(Folder::open(&self.place)?);
        }
        Ok(Arc::clone(&folder))
    }
}

impl Store for FileStore {
    fn keys(&self) -> &Keys {
        &self.0.keys
    }

    async fn get(&self, name: &Name) -> Result<Option<Entry>, StoreError> {
        let name = *name;
        self.run(&self.0.threads, move |folder, _| read_entry(folder, &name)).await
    }

    async fn lease(&self, name: &Name, owner: Owner, seen: Seen, duration: Duration) -> Result<Lease, StoreError> {
        let name = *name;
        self.write(&name, move |folder, is_wanted| {
            let request = Request { owner, process: folder.process().id(), seen, duration };
            update(folder, &name, is_wanted, |record, now| lease(record, &request, folder.epoch(), now))
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
        if value.len() > LONGEST_VALUE {
            return Err(StoreError::new(StoreErrorKind::Configuration, "an entry is longer than 1 MiB"));
        }
        let (name, publication) = (*name, Publication { grant, value: value.to_vec(), lifetime });
        self.write(&name, move |folder, is_wanted| {
            update(folder, &name, is_wanted, |record, now| publish(record, &publication, folder.epoch(), now))
        })
        .await
    }

    async fn release(&self, name: &Name, owner: Owner) -> Result<(), StoreError> {
        let name = *name;
        self.write(&name, move |folder, is_wanted| {
            update(folder, &name, is_wanted, |record, _| ((), release(record, owner)))
        })
        .await
    }

    /// Looks at the entry again and again. The kernel could tell of changes (inotify), but to 128 processes of a user only.
    async fn wait(&self, name: &Name, seen: Option<Generation>, at_most: Duration) -> Result<(), StoreError> {
        let name = *name;
        let start = Instant::now();
        let deadline = start.checked_add(at_most);
        loop {
            let look = self.run(&self.0.waiting_threads, move |folder, _| {
                let (record, _) = read(folder, shard_of(&name), &name.to_string())?;
                Ok(is_over(&record, seen))
            });
            if look.await? {
                return Ok(());
            }
            let pause =
                (start.elapsed() / 16).clamp(SHORTEST_PAUSE, LONGEST_PAUSE).mul_f64(0.75 + fastrand::f64() / 2.0);
            match deadline {
                Some(deadline) if timeout_at(deadline, sleep(pause)).await.is_err() => return Ok(()),
                Some(_) => {}
                None => sleep(pause).await,
            }
        }
    }
}

impl fmt::Debug for FileStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("FileStore").field("folder", &self.0.place.path).finish_non_exhaustive()
    }
}
