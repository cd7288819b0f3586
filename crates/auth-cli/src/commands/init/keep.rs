//! Puts a secret where it stays.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use auth_core::Secret;

use crate::failure::Failure;
use crate::secrets::keyring;

/// How long the keyring may take. A locked one waits for its user, who is there.
const KEYRING_TIMEOUT: Duration = Duration::from_secs(60);

/// A secret, or where it is.
pub(super) enum NewSecret {
    File(PathBuf),
    Variable(String),
    Command(Vec<String>),
    Keyring(String),
    /// The secret itself, which is to be kept somewhere.
    Typed(Secret),
}

/// Where a secret is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kept {
    File(PathBuf),
    Variable(String),
    Command(Vec<String>),
    Keyring(String),
}

/// Keeps a secret that was typed in the keyring, or in a file if there is none. Returns the field of the profile and where the secret is.
pub(super) async fn keep(
    (field, secret): (&'static str, NewSecret),
    profile: &str,
    folder: &Path,
) -> Result<(&'static str, Kept), Failure> {
    let kept = match secret {
        NewSecret::File(path) => Kept::File(path),
        NewSecret::Variable(name) => Kept::Variable(name),
        NewSecret::Command(words) => Kept::Command(words),
        NewSecret::Keyring(name) => Kept::Keyring(name),
        NewSecret::Typed(secret) => {
            // An entry of this name may be that of another configuration.
            let is_free = matches!(keyring::read(profile, KEYRING_TIMEOUT).await, Ok(None));
            if is_free && keyring::write(profile, &secret, KEYRING_TIMEOUT).await.is_ok() {
                Kept::Keyring(profile.to_owned())
            } else {
                let name = format!("{profile}.secret");
                write(&folder.join(&name), &secret)?;
                Kept::File(PathBuf::from(name))
            }
        }
    };
    Ok((field, kept))
}

/// Creates a file for this user alone.
fn write(path: &Path, secret: &Secret) -> Result<(), Failure> {
    let shown = path.display();
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            Failure::usage(format!("{shown} exists and is not overwritten; remove it, or name it with --secret-file"))
        }
        _ => Failure::other(format!("{shown} cannot be written: {error}")),
    };
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(path).map_err(failed)?;
    file.write_all(secret.expose().as_bytes())
        .and_then(|()| file.write_all(b"\n"))
        .and_then(|()| file.sync_all())
        .map_err(failed)
}
