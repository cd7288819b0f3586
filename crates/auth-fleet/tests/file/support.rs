//! What all tests use.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use auth_core::{Secret, SharedCredentials};
use auth_fleet::{FileStore, Grant, Keys, Lease, Name, Owner, Seen, Store};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;

pub(crate) use crate::process::{LONGEST, Process, listen, say, task};

pub(crate) const HOUR: Duration = Duration::from_secs(3_600);

pub(crate) fn keys() -> Keys {
    let keys = [1, 2].map(|number| STANDARD.encode([number; 32]));
    Keys::new(SharedCredentials::new(Secret::from(keys.join("\n"))))
}

pub(crate) fn open(folder: &Path) -> FileStore {
    FileStore::open(folder, keys()).unwrap()
}

/// A folder that does not exist yet, in a temporary one: in memory if possible, so that no test waits for a disk.
pub(crate) fn new_folder() -> (TempDir, PathBuf) {
    let temporary = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap();
    let folder = temporary.path().join("store");
    (temporary, folder)
}

pub(crate) fn name(number: u32) -> Name {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&number.to_le_bytes());
    Name::new(bytes)
}

pub(crate) fn owner() -> Owner {
    Owner(std::array::from_fn(|_| fastrand::u8(..)))
}

pub(crate) async fn granted(store: &FileStore, name: &Name, seen: Seen, duration: Duration) -> Grant {
    match store.lease(name, owner(), seen, duration).await.unwrap() {
        Lease::Granted(grant) => grant,
        other => panic!("{other:?}"),
    }
}

/// Checks again and again, until it is so.
pub(crate) async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !is_so().await {
        assert!(start.elapsed() < LONGEST, "{what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// All files and folders below one.
pub(crate) fn tree(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    for entry in entries.flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            found.extend(tree(&path));
        }
        found.push(path);
    }
    found
}
