//! Which processes use the store: each holds the lock of a file with its number for as long as it runs.
//!
//! The kernel releases the lock when the process ends, however it ends. One file serves all leases of a process, so thousands of
//! leases need no more than one file descriptor.

use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use rustix::fs::{AtFlags, FlockOperation, Mode, OFlags, flock, fstat, mkdirat, openat, renameat, unlinkat};
use rustix::io::Errno;

use crate::file::failure::failure;
use crate::file::record::ProcessId;
use crate::store::error::{StoreError, StoreErrorKind};

/// The folder of these files.
pub(super) const PROCESSES: &str = "processes";
/// What the names of files begin with that are not complete.
pub(super) const NEW: &str = "new-";

/// The file that says that this process runs. It is removed when it is dropped.
#[derive(Debug)]
pub(super) struct Process {
    id: ProcessId,
    folder: OwnedFd,
    lock: OwnedFd,
}

impl Process {
    /// Registers this process in the folder of an epoch.
    pub(super) fn register(epoch: BorrowedFd<'_>) -> Result<Self, StoreError> {
        let failed = |errno| failure("cannot register the process in the folder of the store", errno);
        match mkdirat(epoch, PROCESSES, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(errno) => return Err(failed(errno)),
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let folder = openat(epoch, PROCESSES, flags, Mode::empty()).map_err(failed)?;
        let mut random = [0; 16];
        // From the system itself: the generator of aws-lc takes tens of milliseconds to start, which a program that reads one token
        // would wait for.
        getrandom::fill(&mut random)
            .map_err(|_| StoreError::new(StoreErrorKind::System, "the system has no random numbers"))?;
        let id = ProcessId(random);
        // The file is locked before it has its name, so no one finds it unlocked.
        let unlocked = format!("{NEW}{id}");
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let lock = openat(&folder, &unlocked, flags, Mode::RUSR | Mode::WUSR).map_err(failed)?;
        let locked = flock(&lock, FlockOperation::NonBlockingLockExclusive)
            .and_then(|()| renameat(&folder, &unlocked, &folder, id.to_string()));
        if let Err(errno) = locked {
            let _ = unlinkat(&folder, &unlocked, AtFlags::empty());
            return Err(failed(errno));
        }
        Ok(Self { id, folder, lock })
    }

    pub(super) fn id(&self) -> ProcessId {
        self.id
    }

    /// Whether the file still exists. Others take a process without a file for one that has ended.
    pub(super) fn is_registered(&self) -> bool {
        fstat(&self.lock).is_ok_and(|file| file.st_nlink > 0)
    }

    /// Whether the process with this number runs.
    pub(super) fn is_running(&self, id: ProcessId) -> Result<bool, StoreError> {
        if id == self.id {
            return Ok(true);
        }
        is_locked(self.folder.as_fd(), &id.to_string())
            .map_err(|errno| failure("cannot tell whether a process runs", errno))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = unlinkat(&self.folder, self.id.to_string(), AtFlags::empty());
    }
}

/// Whether a process holds the lock of this file.
pub(super) fn is_locked(folder: BorrowedFd<'_>, name: &str) -> Result<bool, Errno> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = match openat(folder, name, flags, Mode::empty()) {
        Ok(file) => file,
        Err(Errno::NOENT) => return Ok(false),
        Err(errno) => return Err(errno),
    };
    // A shared lock, so that two that ask do not take each other for the process.
    match flock(&file, FlockOperation::NonBlockingLockShared) {
        Ok(()) => Ok(false),
        Err(Errno::WOULDBLOCK) => Ok(true),
        Err(errno) => Err(errno),
    }
}
