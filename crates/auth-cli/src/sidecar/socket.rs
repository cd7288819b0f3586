//! The Unix socket that this process creates.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{
    DirBuilderExt as _, FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, chown,
};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use rustix::process::{geteuid, umask};

use crate::failure::{Failure, Kind};

/// A socket of this process, which is removed when it is dropped.
#[derive(Debug)]
pub(super) struct OwnSocket {
    path: PathBuf,
    /// Locked as long as the socket is used, so that two processes do not take it from each other.
    _lock: File,
}

impl OwnSocket {
    /// Creates a socket to which only the user of this process can connect (mode 0600), and its group (0660) if there is one.
    ///
    /// Changes the mask for new files of this process for a moment.
    ///
    /// # Errors
    /// If another process listens there, if there is something else, or if the socket cannot be created.
    pub(super) fn bind(path: &Path, group: Option<u32>) -> Result<(Self, UnixListener), Failure> {
        let failed = |what: &str, error: io::Error| {
            Failure::usage(format!("{what} {}: {error}; name another path as `socket`", path.display()))
        };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        create_folder(folder, group).map_err(|error| failed("cannot create the folder of the socket", error))?;
        warn_if_others_may_replace(folder);
        let lock = lock(path)?;
        remove_old(path)?;
        // The socket is created with mode 0600 and never open to others, not even for a moment.
        let previous = umask(Mode::RWXG | Mode::RWXO | Mode::XUSR);
        let listener = UnixListener::bind(path);
        umask(previous);
        let listener = listener.map_err(|error| failed("cannot listen on", error))?;
        let socket = Self { path: path.to_owned(), _lock: lock };
        if let Some(group) = group {
            let opened =
                chown(path, None, Some(group)).and_then(|()| fs::set_permissions(path, Permissions::from_mode(0o660)));
            opened.map_err(|error| {
                let path = path.display();
                Failure::usage(format!(
                    "cannot give {path} to the group {group}: {error}; add the user of this process to it"
                ))
            })?;
        }
        Ok((socket, listener))
    }
}

impl Drop for OwnSocket {
    fn drop(&mut self) {
        // The lock is held, so it is the socket of this process. The file of the lock stays: another process may wait for it.
        let _ = fs::remove_file(&self.path);
    }
}

fn create_folder(folder: &Path, group: Option<u32>) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mode = if group.is_some() { 0o750 } else { 0o700 };
    DirBuilder::new().recursive(true).mode(mode).create(folder)?;
    group.map_or(Ok(()), |group| chown(folder, None, Some(group)))
}

fn warn_if_others_may_replace(folder: &Path) {
    let Ok(metadata) = fs::metadata(folder) else { return };
    if let Some(who) = who_may_replace(metadata.uid(), metadata.mode(), geteuid().as_raw()) {
        tracing::warn!("{who} may replace the socket in {} (mode {:04o})", folder.display(), metadata.mode() & 0o7777);
    }
}

/// Who besides root and the user of this process may replace a socket in a folder with this owner and mode.
fn who_may_replace(owner: u32, mode: u32, own: u32) -> Option<String> {
    // With the sticky bit, others cannot remove the socket.
    if mode & 0o1002 == 0o002 {
        return Some("every user".to_owned());
    }
    (owner != own && owner != 0).then(|| format!("the user {owner}, who owns the folder,"))
}

fn lock(path: &Path) -> Result<File, Failure> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let name = PathBuf::from(name);
    // Follows no link, so that nobody else chooses which file is created.
    let flags = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or(0);
    let opened = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(flags)
        .open(&name);
    let file = opened.map_err(|error| Failure::usage(format!("cannot open {}: {error}", name.display())))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(in_use(path)),
        Err(error) => Err(Failure::other(format!("cannot lock {}: {error}", name.display()))),
    }
}

/// Removes the socket of a process that no longer runs.
fn remove_old(path: &Path) -> Result<(), Failure> {
    let Ok(metadata) = fs::symlink_metadata(path) else { return Ok(()) };
    if !metadata.file_type().is_socket() {
        let path = path.display();
        return Err(Failure::usage(format!("{path} is not a socket; remove it, or name another path as `socket`")));
    }
    match UnixStream::connect(path) {
        // One that does not use the lock, such as systemd.
        Ok(_) => Err(in_use(path)),
        Err(_) => fs::remove_file(path).map_err(|error| {
            Failure::usage(format!("cannot remove the socket of an earlier process, {}: {error}", path.display()))
        }),
    }
}

fn in_use(path: &Path) -> Failure {
    let message = format!("another process listens on {}; stop it, or name another path as `socket`", path.display());
    Failure::new(Kind::Usage, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_socket_is_for_its_user_or_its_group_and_is_removed_at_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/deeper/socket");
        let group = rustix::process::getgid().as_raw();
        for (group, folder_mode, socket_mode) in [(None, 0o700, 0o600), (Some(group), 0o750, 0o660)] {
            let (socket, _listener) = OwnSocket::bind(&path, group).unwrap();
            assert_eq!((mode(path.parent().unwrap()), mode(&path)), (folder_mode, socket_mode));
            drop(socket);
            assert!(!path.exists());
            fs::remove_dir_all(folder.path().join("new")).unwrap();
        }
    }

    #[test]
    fn a_folder_in_which_others_may_replace_the_socket_is_reported() {
        for (owner, mode, wanted) in [
            (1000, 0o700, false),
            (0, 0o755, false),
            (0, 0o1777, false),
            (1000, 0o770, false),
            (1000, 0o777, true),
            (1001, 0o700, true),
            (1001, 0o1777, true),
        ] {
            assert_eq!(who_may_replace(owner, mode, 1000).is_some(), wanted, "{owner} {mode:o}");
        }
    }

    #[test]
    fn a_socket_that_is_used_is_not_taken_and_one_that_is_left_over_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let (socket, listener) = OwnSocket::bind(&path, None).unwrap();
        let taken = |path: &Path| OwnSocket::bind(path, None).err().map(|failure| failure.message).unwrap_or_default();
        assert!(taken(&path).contains("another process listens"));
        drop((socket, listener));

        let other = UnixListener::bind(&path).unwrap();
        assert!(taken(&path).contains("another process listens"), "one without a lock");
        drop(other);
        assert!(path.exists(), "it is left over");
        drop(OwnSocket::bind(&path, None).unwrap());

        let lock = folder.path().join("socket.lock");
        fs::remove_file(&lock).unwrap();
        let victim = folder.path().join("victim");
        std::os::unix::fs::symlink(&victim, &lock).unwrap();
        assert!(taken(&path).contains("socket.lock"), "a link of somebody else");
        assert!(!victim.exists());
        fs::remove_file(&lock).unwrap();

        fs::write(&path, "a file").unwrap();
        assert!(taken(&path).contains("is not a socket"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "a file");
    }
}
