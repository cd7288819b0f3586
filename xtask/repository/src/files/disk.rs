//! Operations on files, retried if another program has a file open for a moment.

use std::fs;
use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

use sha2::{Digest, Sha256};

/// Milliseconds before each retry; virus scanners and indexers finish within that.
const PAUSES: [u64; 6] = [10, 20, 40, 80, 160, 320];

/// Moves a file or a folder; replaces a file at the new place.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    attempt(|| fs::rename(from, to))
}

/// Writes a file; creates its folder if it is missing.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    attempt(|| fs::write(path, bytes))
}

/// Copies a file, permissions included.
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    attempt(|| fs::copy(from, to).map(|_| ()))
}

/// Removes a file.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    attempt(|| fs::remove_file(path))
}

/// Removes a folder and its contents, if it exists.
pub(super) fn clear(folder: &Path) -> io::Result<()> {
    match attempt(|| fs::remove_dir_all(folder)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        cleared => cleared,
    }
}

fn attempt<T>(mut operation: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let mut pauses = PAUSES.iter();
    loop {
        match fault::next().and_then(|()| operation()) {
            Err(error) if is_momentary(&error) => match pauses.next() {
                Some(pause) => thread::sleep(Duration::from_millis(*pause)),
                None => return Err(error),
            },
            done => return done,
        }
    }
}

/// Whether an error may be temporary. Windows denies access while another program has a file open.
fn is_momentary(error: &io::Error) -> bool {
    const SHARING_VIOLATION: i32 = 32;
    const LOCK_VIOLATION: i32 = 33;
    match error.kind() {
        io::ErrorKind::ResourceBusy | io::ErrorKind::ExecutableFileBusy | io::ErrorKind::Interrupted => true,
        io::ErrorKind::PermissionDenied => cfg!(windows),
        _ => cfg!(windows) && matches!(error.raw_os_error(), Some(SHARING_VIOLATION | LOCK_VIOLATION)),
    }
}

/// Faults that tests inject.
///
/// In debug builds, `XTASK_FAULT=kill@3` ends the process before the third operation, `fail@3` makes the third one fail,
/// `fail@3..` that and all after it, `busy@3` makes it fail as if the file were held open, and `full@3` as if the disk were full.
mod fault {
    use std::io;
    #[cfg(debug_assertions)]
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[cfg(not(debug_assertions))]
    pub(super) fn next() -> io::Result<()> {
        Ok(())
    }

    #[cfg(debug_assertions)]
    pub(super) fn next() -> io::Result<()> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let Ok(wanted) = std::env::var("XTASK_FAULT") else { return Ok(()) };
        let count = COUNT.fetch_add(1, Ordering::Relaxed) + 1;
        let Some((kind, at)) = wanted.split_once('@') else { return Ok(()) };
        let is_due = match at.strip_suffix("..") {
            Some(first) => first.parse().is_ok_and(|first: usize| count >= first),
            None => at.parse() == Ok(count),
        };
        match kind {
            _ if !is_due => Ok(()),
            // Nothing is cleaned up, as if the process had been killed.
            "kill" => std::process::exit(137),
            "busy" => Err(io::ErrorKind::ResourceBusy.into()),
            "full" => Err(io::ErrorKind::StorageFull.into()),
            _ => Err(io::Error::other("an injected fault")),
        }
    }
}

/// Lower-case hexadecimal SHA-256.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
