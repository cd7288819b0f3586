//! The folder of the store, opened and checked.

use std::fs::DirBuilder;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, Mode, OFlags, Stat, fstat, lstat, mkdirat, open, openat};
use rustix::io::Errno;

use crate::file::clock::Epoch;
use crate::file::failure::failure;
use crate::file::network::network_file_system;
use crate::file::process::Process;
use crate::store::error::{StoreError, StoreErrorKind};

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// How often a process tries to register.
const ATTEMPTS: usize = 10;

/// Where the folder is, and what is permitted.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    pub(super) permits_network: bool,
}

/// The open folder of the store.
#[derive(Debug)]
pub(super) struct Folder {
    root: OwnedFd,
    inner: OwnedFd,
    epoch: Epoch,
    process: Process,
}

impl Folder {
    /// Creates the folder if it does not exist, and checks it.
    pub(super) fn open(place: &Place) -> Result<Self, StoreError> {
        let root = match open_folder(&place.path) {
            Err(Errno::NOENT) => {
                create(&place.path)?;
                open_folder(&place.path)
            }
            other => other,
        };
        let root = root.map_err(|errno| explain(&place.path, errno))?;
        check(place, root.as_fd())?;
        let epoch = Epoch::current();
        // Again, since a process that cleans up may take the new file for a leftover in the moment before it is locked.
        let mut entered = Self::enter(&root, &epoch);
        for _ in 1..ATTEMPTS {
            entered = entered.or_else(|_| Self::enter(&root, &epoch));
        }
        let (inner, process) = entered?;
        Ok(Self { root, inner, epoch, process })
    }

    fn enter(root: &OwnedFd, epoch: &Epoch) -> Result<(OwnedFd, Process), StoreError> {
        let failed = |errno| failure("cannot create files in the folder of the store", errno);
        let name = epoch.folder();
        match mkdirat(root, &name, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(errno) => return Err(failed(errno)),
        }
        let inner = openat(root, &name, FOLDER, Mode::empty()).map_err(failed)?;
        let process = Process::register(inner.as_fd())?;
        Ok((inner, process))
    }

    /// Whether this is still the folder with this path, and others can see that the process runs.
    pub(super) fn is_current(&self, path: &Path) -> bool {
        let is_same = |named: Stat, opened: Stat| (named.st_dev, named.st_ino) == (opened.st_dev, opened.st_ino);
        matches!((lstat(path), fstat(&self.root)), (Ok(named), Ok(opened)) if is_same(named, opened))
            && self.process.is_registered()
    }

    /// The folder that holds the folders of all epochs.
    pub(super) fn root(&self) -> BorrowedFd<'_> {
        self.root.as_fd()
    }

    /// The folder of this epoch.
    pub(super) fn inner(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }

    pub(super) fn epoch(&self) -> &Epoch {
        &self.epoch
    }

    pub(super) fn process(&self) -> &Process {
        &self.process
    }
}

fn open_folder(path: &Path) -> Result<OwnedFd, Errno> {
    open(path, FOLDER, Mode::empty())
}

fn create(path: &Path) -> Result<(), StoreError> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| {
        let errno = Errno::from_io_error(&error).unwrap_or(Errno::EXIST);
        failure(&format!("cannot create the folder {}", path.display()), errno)
    })
}

fn explain(path: &Path, errno: Errno) -> StoreError {
    let path_shown = path.display();
    let configuration = |detail| StoreError::new(StoreErrorKind::Configuration, detail);
    match (errno, lstat(path)) {
        (Errno::NOTDIR | Errno::LOOP, Ok(found)) if FileType::from_raw_mode(found.st_mode) == FileType::Symlink => {
            configuration(format!("{path_shown} is a symbolic link; name the folder itself"))
        }
        (Errno::NOTDIR, Ok(_)) => configuration(format!("{path_shown} is not a folder; name a folder of its own")),
        _ => failure(&format!("cannot open the folder {path_shown}"), errno),
    }
}

fn check(place: &Place, root: BorrowedFd<'_>) -> Result<(), StoreError> {
    let path = place.path.display();
    let failed = |errno| failure(&format!("cannot examine the folder {path}"), errno);
    let configuration = |detail| Err(StoreError::new(StoreErrorKind::Configuration, detail));
    let found = fstat(root).map_err(failed)?;
    let user = rustix::process::geteuid().as_raw();
    if found.st_uid != user {
        let owner = found.st_uid;
        return configuration(format!(
            "the folder {path} belongs to user {owner}, and this process runs as user {user}; name a folder of its own"
        ));
    }
    let mode = found.st_mode & 0o7777;
    if mode & 0o077 != 0 {
        return configuration(format!(
            "other users may access the folder {path} (mode {mode:04o}); run `chmod 700` on it, or name a folder of its own"
        ));
    }
    if place.permits_network {
        return Ok(());
    }
    if let Some(name) = network_file_system(root).map_err(failed)? {
        return configuration(format!(
            "the folder {path} is on a network file system ({name}), and the store is for one host; name a local folder, or call \
             `permit_network_file_system`"
        ));
    }
    Ok(())
}
