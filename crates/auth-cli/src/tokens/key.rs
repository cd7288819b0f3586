//! The key of the cache. It is made on first use, and kept in the keyring of the desktop or in a file.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use auth_core::{CredentialError, CredentialSource, Secret, SecretFile, SecretProblem};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::io::Errno;
use tokio::time::sleep;
use zeroize::Zeroizing;

use crate::secrets::keyring;
use crate::secrets::reference::text;

/// How long the keyring may take. A locked one waits for its user, for which a cache has no time.
const KEYRING_TIMEOUT: Duration = Duration::from_secs(3);

/// Time between two attempts to lock a file.
const PAUSE: Duration = Duration::from_millis(10);

/// The key of the cache in a folder.
///
/// A key in the file is used before one in the keyring: if one program of a user has no access to the keyring, such as a job of cron, all
/// of them share the key in the file from then on.
#[derive(Clone, Debug)]
pub(crate) struct CacheKey {
    folder: PathBuf,
    patience: Duration,
}

impl CacheKey {
    /// The key of this folder. If another process makes it, this one waits no longer than its `patience`.
    pub(crate) fn new(folder: PathBuf, patience: Duration) -> Self {
        Self { folder, patience }
    }

    fn path(&self) -> PathBuf {
        self.folder.join("key")
    }

    /// The name of the entry in the keyring. Each folder has a key of its own.
    fn entry(&self) -> String {
        format!("cache {}", self.folder.display())
    }

    /// The key if there is one.
    async fn existing(&self) -> Result<Option<Secret>, CredentialError> {
        let file = text(&SecretFile::new(self.path()).permit_line_breaks()).await;
        match file {
            Err(CredentialError::Place { problem: SecretProblem::Missing, .. }) => {}
            other => return other.map(Some),
        }
        // Without a keyring, the key will be in the file.
        Ok(keyring::read(&self.entry(), KEYRING_TIMEOUT).await.unwrap_or_default())
    }

    /// Makes the key, unless another process has made it meanwhile.
    async fn create(&self) -> Result<Secret, CredentialError> {
        let unavailable = |problem: String| CredentialError::unavailable(format!("the key of the cache {problem}"));
        let failed = |error: io::Error| unavailable(format!("cannot be written to {:?}: {error}", self.folder));
        let lock = self.folder.join("key.lock");
        // The lock ends with the process.
        let locked = locked(&lock, self.patience).await;
        let _lock = locked.map_err(|problem| unavailable(format!("cannot be made: {lock:?} {problem}")))?;
        if let Some(key) = self.existing().await? {
            return Ok(key);
        }
        let key = random().ok_or_else(|| unavailable("cannot be made: there are no random numbers".to_owned()))?;
        if keyring::write(&self.entry(), &key, KEYRING_TIMEOUT).await.is_err() {
            write(&self.folder, &self.path(), &key).map_err(failed)?;
        }
        Ok(key)
    }

    /// Removes the key. Everything that it sealed can no longer be read.
    pub(crate) async fn remove(&self) -> io::Result<()> {
        // Without a keyring, there is no key in it.
        let _ = keyring::remove(&self.entry(), KEYRING_TIMEOUT).await;
        let path = self.path();
        let is_folder = fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_dir());
        match if is_folder { fs::remove_dir_all(path) } else { fs::remove_file(path) } {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

impl CredentialSource<Secret> for CacheKey {
    async fn credentials(&self) -> Result<Secret, CredentialError> {
        match self.existing().await? {
            Some(key) => Ok(key),
            None => self.create().await,
        }
    }
}

/// A problem with the key, with a remedy of this program: the user has not made the key, and does not know its form.
pub(crate) fn explained(problem: &str) -> String {
    let problem = problem.strip_prefix("no credentials: ").unwrap_or(problem);
    // Not one that can be replaced, but one that cannot be made.
    if problem.starts_with("the key of the cache") {
        return problem.to_owned();
    }
    let remedies = ["; create a key with `openssl rand -base64 32`", ", or call `permit_readable_by_others`"];
    let problem = remedies.iter().fold(problem.to_owned(), |problem, remedy| problem.replace(remedy, ""));
    format!("{problem}; `access-token logout --all` removes the key, and the next token makes a new one")
}

/// Waits for the lock on a file. Something else than a file, which would be followed or waited for, is refused.
async fn locked(path: &Path, patience: Duration) -> Result<fs::File, String> {
    let failed = |error: io::Error| format!("cannot be locked: {error}; remove it");
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).read(true).write(true).mode(0o600).custom_flags(flags);
    let file = options.open(path).map_err(failed)?;
    if !file.metadata().map_err(failed)?.is_file() {
        return Err("is not a regular file; remove it".to_owned());
    }
    let started = Instant::now();
    loop {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(file),
            Err(Errno::WOULDBLOCK | Errno::INTR) if started.elapsed() < patience => sleep(PAUSE).await,
            Err(Errno::WOULDBLOCK) => {
                return Err(format!("has been locked by another process for {} seconds", patience.as_secs_f32()));
            }
            Err(error) => return Err(failed(error.into())),
        }
    }
}

/// Two new keys, the first of which names entries and the second of which seals them.
fn random() -> Option<Secret> {
    // The full capacity is reserved, since growing would leave an unwiped copy behind.
    let mut text = String::with_capacity(2 * 45);
    for _ in 0..2 {
        let mut key = Zeroizing::new([0; 32]);
        rand::fill(&mut *key).ok()?;
        STANDARD.encode_string(key.as_slice(), &mut text);
        text.push('\n');
    }
    Some(Secret::from(text))
}

/// Writes the key to a new file and renames it, so that no process reads a part of it.
fn write(folder: &Path, path: &Path, key: &Secret) -> io::Result<()> {
    let new = folder.join("key.new");
    // Of a process that was killed; the lock permits only one writer.
    let _ = fs::remove_file(&new);
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&new)?;
    file.write_all(key.expose().as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, path)
}
