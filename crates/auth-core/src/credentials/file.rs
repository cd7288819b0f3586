//! A file that holds a secret.

use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use auth_transport::Secret;
use tokio::runtime::Handle;
use zeroize::Zeroizing;

use crate::credentials::content::{Content, LONGEST, secret};
use crate::credentials::error::CredentialError;
use crate::credentials::place::{SecretPlace, SecretProblem};
use crate::credentials::sources::ForClient;
use crate::credentials::values::{ApiToken, CredentialSource};

/// A file that holds a single secret, such as a mounted secret; it is read again for every token request.
///
/// One byte order mark at the beginning and one line break at the end are not part of the secret. Spaces are part of
/// it. A file larger than 64 KiB, or one that is not a regular file, is an error. To replace the secret, rename a new
/// file over the old one: if a file is written in place, it may be read before it is complete.
///
/// On Unix, a file that its group or every user may write is refused. So is a file that every user may read, unless
/// [`permit_readable_by_others`](Self::permit_readable_by_others) is called; reading by its group is permitted. The
/// permissions are those of the opened file, after symbolic links are followed. Its owner and the directories above it
/// are not checked. On other systems nothing is checked.
///
/// Inside a Tokio runtime the file is read on a thread for blocking work, otherwise on the caller's thread.
///
/// ```
/// use auth_core::lean::Client;
/// use auth_core::{LeanTokenEndpoint, SecretFile, TokenCache};
///
/// # fn example() -> Result<(), auth_core::BuildError> {
/// let secret = SecretFile::new("/etc/my-application/lean-secret").for_client("my-application-id");
/// let tokens = TokenCache::new(LeanTokenEndpoint::new(Client::sandbox_uae()?, secret));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct SecretFile {
    path: PathBuf,
    readable_by_others: bool,
    content: Content,
}

impl SecretFile {
    /// The file at `path`, which need not exist yet.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), readable_by_others: false, content: Content::Line }
    }

    /// Accepts a file that every user of the system may read. Default: such a file is refused.
    ///
    /// Meant for secrets that Kubernetes (mode 0644 by default) or Docker (mode 0444) mount into a container, where
    /// there are no other users. Has no effect on systems other than Unix.
    ///
    /// ```
    /// use auth_core::SecretFile;
    ///
    /// let secret = SecretFile::new("/run/secrets/lean").permit_readable_by_others();
    /// ```
    #[must_use]
    pub fn permit_readable_by_others(mut self) -> Self {
        self.readable_by_others = true;
        self
    }

    /// Accepts a secret of several lines, such as a list of keys. Default: a line break inside the secret is refused.
    #[must_use]
    pub fn permit_line_breaks(mut self) -> Self {
        self.content = Content::Lines;
        self
    }

    /// A source of client credentials: this client id, and the secret from the file.
    #[must_use]
    pub fn for_client(self, client_id: impl Into<String>) -> ForClient<Self> {
        ForClient { client_id: client_id.into(), secret: self }
    }

    fn read(&self) -> Result<Secret, SecretProblem> {
        let file = open(&self.path)?;
        // The metadata of the opened file, since the path may name another file a moment later.
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(SecretProblem::Directory);
        }
        if !metadata.is_file() {
            return Err(SecretProblem::NotAFile);
        }
        check_permissions(&metadata, self.readable_by_others)?;
        read(file, self.content)
    }
}

impl CredentialSource<Secret> for SecretFile {
    async fn credentials(&self) -> Result<Secret, CredentialError> {
        let secret = match Handle::try_current() {
            Ok(runtime) => {
                let file = self.clone();
                // The task does not panic, so it can only have been cancelled.
                let cancelled = |_| Err(SecretProblem::Unreadable(io::ErrorKind::Interrupted));
                runtime.spawn_blocking(move || file.read()).await.unwrap_or_else(cancelled)
            }
            Err(_) => self.read(),
        };
        secret.map_err(|problem| CredentialError::Place { place: SecretPlace::File(self.path.clone()), problem })
    }
}

impl CredentialSource<ApiToken> for SecretFile {
    async fn credentials(&self) -> Result<ApiToken, CredentialError> {
        ApiToken::new(CredentialSource::<Secret>::credentials(self).await?)
    }
}

/// Opens a file for reading without blocking; opening a pipe without a writer would otherwise block.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};

    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NONBLOCK;
    Ok(File::from(rustix::fs::open(path, flags, Mode::empty())?))
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    // On this system a directory cannot be opened, and the error does not name the reason.
    File::open(path).map_err(|error| if path.is_dir() { io::ErrorKind::IsADirectory.into() } else { error })
}

#[cfg(unix)]
fn check_permissions(metadata: &Metadata, readable_by_others: bool) -> Result<(), SecretProblem> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o022 != 0 {
        Err(SecretProblem::WritableByOthers { mode })
    } else if mode & 0o004 != 0 && !readable_by_others {
        Err(SecretProblem::ReadableByOthers { mode })
    } else {
        Ok(())
    }
}

#[cfg(not(unix))]
fn check_permissions(_: &Metadata, _: bool) -> Result<(), SecretProblem> {
    Ok(())
}

fn read(mut file: File, content: Content) -> Result<Secret, SecretProblem> {
    // The full capacity is reserved, since growing would leave an unwiped copy behind. The additional byte detects
    // content that is too long.
    let mut buffer = Zeroizing::new(vec![0; LONGEST + 1]);
    let mut length = 0;
    loop {
        match file.read(&mut buffer[length..]) {
            Ok(0) => return secret(&buffer[..length], content),
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::pin::pin;
    use std::process::Command;
    use std::task::{Context, Poll, Waker};

    use tempfile::TempDir;

    use super::*;

    fn file(folder: &TempDir, content: &str, mode: u32) -> PathBuf {
        let path = folder.path().join(format!("{mode:o}"));
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        path
    }

    fn problem(source: &SecretFile) -> Option<SecretProblem> {
        // Without a runtime, the file is read immediately.
        let mut credentials = pin!(CredentialSource::<Secret>::credentials(source));
        match credentials.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(secret)) => {
                assert_eq!(secret.expose(), "s3cret");
                None
            }
            Poll::Ready(Err(CredentialError::Place { problem, .. })) => Some(problem),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_file_that_others_may_change_or_read_is_refused() {
        let folder = TempDir::new().unwrap();
        for (mode, refused, permitted) in [
            (0o600, None, None),
            (0o400, None, None),
            (0o640, None, None),
            (0o440, None, None),
            (0o644, Some(SecretProblem::ReadableByOthers { mode: 0o644 }), None),
            (0o444, Some(SecretProblem::ReadableByOthers { mode: 0o444 }), None),
            (0o604, Some(SecretProblem::ReadableByOthers { mode: 0o604 }), None),
            (0o620, Some(SecretProblem::WritableByOthers { mode: 0o620 }), None),
            (0o660, Some(SecretProblem::WritableByOthers { mode: 0o660 }), None),
            (0o602, Some(SecretProblem::WritableByOthers { mode: 0o602 }), None),
            (0o666, Some(SecretProblem::WritableByOthers { mode: 0o666 }), None),
        ] {
            let source = SecretFile::new(file(&folder, "s3cret\n", mode));
            assert_eq!(problem(&source), refused, "{mode:o}");
            let permitted = if mode & 0o022 == 0 { permitted } else { refused };
            assert_eq!(problem(&source.permit_readable_by_others()), permitted, "{mode:o}");
        }
    }

    #[test]
    fn the_permissions_are_those_of_the_file_behind_a_link() {
        let folder = TempDir::new().unwrap();
        for (mode, refused) in [(0o600, None), (0o644, Some(SecretProblem::ReadableByOthers { mode: 0o644 }))] {
            let link = folder.path().join(format!("link-{mode:o}"));
            symlink(file(&folder, "s3cret", mode), &link).unwrap();
            assert_eq!(problem(&SecretFile::new(link)), refused, "{mode:o}");
        }
    }

    #[test]
    fn anything_but_a_regular_file_is_refused_immediately() {
        let folder = TempDir::new().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        for (path, wanted) in [
            (pipe, SecretProblem::NotAFile),
            ("/dev/zero".into(), SecretProblem::NotAFile),
            (folder.path().to_owned(), SecretProblem::Directory),
            (folder.path().join("absent"), SecretProblem::Missing),
        ] {
            assert_eq!(problem(&SecretFile::new(&path)), Some(wanted), "{path:?}");
        }
        let below_a_file = file(&folder, "s3cret", 0o600).join("absent");
        assert_eq!(
            problem(&SecretFile::new(below_a_file)),
            Some(SecretProblem::Unreadable(io::ErrorKind::NotADirectory))
        );
    }

    #[tokio::test]
    async fn the_error_names_the_file_the_cause_and_the_remedy() {
        let folder = TempDir::new().unwrap();
        for (content, mode, words) in [
            ("s3cret", 0o666, "is writable by other users (mode 0666); run `chmod go-w` on it"),
            (
                "s3cret",
                0o644,
                "is readable by every user (mode 0644); run `chmod o-r` on it, or call `permit_readable_by_others`",
            ),
            ("s3cr\u{a0}et", 0o600, "holds U+00A0 (no-break space) at position 5; remove it"),
            ("", 0o600, "is empty or holds spaces only"),
        ] {
            let path = file(&folder, content, mode);
            let error = CredentialSource::<Secret>::credentials(&SecretFile::new(&path)).await.unwrap_err();
            assert_eq!(error.to_string(), format!("no credentials: file {path:?} {words}"));
        }
    }
}
