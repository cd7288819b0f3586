//! The folder of the cache.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use crate::config::file;
use crate::failure::Failure;

/// Why there is no folder.
#[derive(Debug)]
pub(crate) enum NoFolder {
    /// The system does not permit one; each call then requests a token of its own.
    Unavailable(String),
    /// It is not safe to use, which only the user can change.
    Unsafe(Failure),
}

/// The path of the folder: the one that is `named`, or the usual one.
pub(crate) fn path(named: Option<&Path>) -> Result<PathBuf, NoFolder> {
    let usual = || Some(file::folder("XDG_CACHE_HOME", ".cache", &|name| std::env::var_os(name))?.join("access-token"));
    named.map(Path::to_owned).or_else(usual).ok_or_else(|| {
        NoFolder::Unavailable(
            "the variables XDG_CACHE_HOME and HOME, which say where the cache is, hold no absolute path; set `folder` in the \
             table `cache` of the configuration"
                .to_owned(),
        )
    })
}

/// Creates the folder if it does not exist, and checks that only this user has access to it.
pub(crate) fn create(path: &Path) -> Result<(), NoFolder> {
    let shown = path.display();
    let failed = |error: io::Error| NoFolder::Unavailable(format!("the folder {shown} cannot be created: {error}"));
    DirBuilder::new().recursive(true).mode(0o700).create(path).or_else(|error| match error.kind() {
        // Not a folder; the check says what it is.
        io::ErrorKind::AlreadyExists => Ok(()),
        _ => Err(failed(error)),
    })?;
    check(path).map_err(NoFolder::Unsafe)
}

/// Checks that only this user has access to the folder.
pub(crate) fn check(path: &Path) -> Result<(), Failure> {
    let shown = path.display();
    let refused = |problem: String| Err(Failure::usage(format!("the folder {shown} of the cache {problem}")));
    let metadata = match std::fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => return refused(format!("cannot be examined: {error}")),
    };
    if metadata.is_symlink() {
        return refused(
            "is a symbolic link; set `folder` in the table `cache` to the folder itself, or remove the link".to_owned(),
        );
    }
    if !metadata.is_dir() {
        return refused("is not a folder; remove it".to_owned());
    }
    let (owner, user) = (metadata.uid(), rustix::process::geteuid().as_raw());
    if owner != user {
        return refused(format!(
            "belongs to user {owner}, and this process runs as user {user}; set `folder` in the table `cache` to another one"
        ));
    }
    let mode = metadata.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return refused(format!("is accessible to other users (mode {mode:04o}); run `chmod 700` on it"));
    }
    Ok(())
}

/// The folder of the tokens of a profile.
pub(crate) fn of_profile(folder: &Path, name: &str) -> PathBuf {
    folder.join("tokens").join(name)
}
