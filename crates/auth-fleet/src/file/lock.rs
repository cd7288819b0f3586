//! The lock of a shard: held while a record is read, changed and written.

use std::os::fd::{BorrowedFd, OwnedFd};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, Mode, OFlags, flock, fstat, openat};
use rustix::io::Errno;

use crate::file::failure::failure;
use crate::store::error::{StoreError, StoreErrorKind};

/// Longer than a lock is held, even on a busy machine. `Shared` gives up much sooner.
const PATIENCE: Duration = Duration::from_secs(5);
const SHORTEST_SLEEP: Duration = Duration::from_micros(50);
const LONGEST_SLEEP: Duration = Duration::from_millis(2);

/// A lock. The kernel releases it as well when the process ends.
#[derive(Debug)]
pub(super) struct Lock(OwnedFd);

impl Lock {
    /// Waits for the lock, on a thread that may block; gives up if `is_wanted` says so.
    ///
    /// It asks again and again instead of waiting in the kernel, which has no deadline: a process that is stopped while it holds
    /// the lock would keep the threads of all others, and no runtime can end before its threads do.
    pub(super) fn wait(folder: BorrowedFd<'_>, path: &str, is_wanted: impl Fn() -> bool) -> Result<Self, StoreError> {
        let deadline = Instant::now() + PATIENCE;
        let mut pause = SHORTEST_SLEEP;
        while is_wanted() && Instant::now() < deadline {
            if let Some(lock) = Self::try_now(folder, path)? {
                return Ok(lock);
            }
            sleep(pause.mul_f64(0.5 + fastrand::f64()));
            pause = (pause * 2).min(LONGEST_SLEEP);
        }
        Err(StoreError::new(StoreErrorKind::Timeout, "another process holds the lock; it may have been stopped"))
    }

    /// The lock, if no one holds it.
    pub(super) fn try_now(folder: BorrowedFd<'_>, path: &str) -> Result<Option<Self>, StoreError> {
        let failed = |errno| failure("cannot lock a file of the store", errno);
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let lock = Self(openat(folder, path, flags, Mode::RUSR | Mode::WUSR).map_err(failed)?);
        match flock(&lock.0, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Ok(None),
            Err(errno) => return Err(failed(errno)),
        }
        // A program that cleans up may have removed the file meanwhile; others lock the new one.
        let is_removed = fstat(&lock.0).map_err(failed)?.st_nlink == 0;
        Ok((!is_removed).then_some(lock))
    }
}

impl Drop for Lock {
    /// Releases the lock at once, also if a child process has inherited the descriptor and has not yet closed it.
    fn drop(&mut self) {
        let _ = flock(&self.0, FlockOperation::Unlock);
    }
}
