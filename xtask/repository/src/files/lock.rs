//! The lock that lets one command write at a time.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use diagnostics::{Problem, Result};

use super::advice::{Access, advice};
use super::place::{FOLDER, Place};
use super::undo::recover;

/// The lock that a command holds while it writes; the system releases it when the process ends for any reason.
#[derive(Debug)]
pub struct Lock {
    _file: File,
    holder: PathBuf,
}

impl Lock {
    /// Waits until no other command writes to the workspace at `root`, and undoes the changes of an interrupted one.
    /// Commands that wait for this one print `command`.
    ///
    /// # Errors
    ///
    /// Fails if the lock cannot be created, or if the changes of an interrupted command cannot be undone.
    pub fn take(root: &Path, command: &str) -> Result<Self> {
        let failed = |error: io::Error| {
            Problem::new(format!("cannot lock the workspace: {error}"))
                .file(format!("{FOLDER}/lock"))
                .remedy(advice(Access::Write, &error))
        };
        Self::of(root, command, locked(root, &holder(root)).map_err(failed)?)
    }

    /// Does what [`Lock::take`] does, for a command that writes outside the workspace; takes no lock if the workspace is
    /// read-only.
    ///
    /// # Errors
    ///
    /// Fails if the changes of an interrupted command cannot be undone.
    pub fn take_if_writable(root: &Path, command: &str) -> Result<Option<Self>> {
        locked(root, &holder(root)).ok().map(|file| Self::of(root, command, file)).transpose()
    }

    fn of(root: &Path, command: &str, file: File) -> Result<Self> {
        let holder = holder(root);
        let interrupted = fs::read_to_string(&holder).ok();
        // Only for the message of a waiting command.
        let _ = fs::write(&holder, format!("`cargo xtask {command}` (process {})", std::process::id()));
        let lock = Self { _file: file, holder };
        let command = interrupted.unwrap_or_else(|| "a command".to_owned());
        for problem in &recover(&Place::workspace(root))?.warnings(&command) {
            anstream::eprint!("{}", diagnostics::render_problem(problem));
        }
        Ok(lock)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The next command overwrites a file that stays.
        let _ = fs::remove_file(&self.holder);
    }
}

/// The file with the command that holds the lock.
fn holder(root: &Path) -> PathBuf {
    root.join(FOLDER).join("holder")
}

fn locked(root: &Path, holder: &Path) -> io::Result<File> {
    let folder = root.join(FOLDER);
    fs::create_dir_all(&folder)?;
    let ignore = folder.join(".gitignore");
    if !ignore.exists() {
        fs::write(ignore, "*\n")?;
    }
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("lock"))?;
    match file.try_lock() {
        Ok(()) => return Ok(file),
        Err(TryLockError::WouldBlock) => {}
        // Without locks, two commands at once are not safe on this file system, but one is.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => return Ok(file),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let other = fs::read_to_string(holder).unwrap_or_else(|_| "another command".to_owned());
    anstream::eprintln!("waiting for {other}, which writes to this workspace");
    file.lock()?;
    Ok(file)
}
