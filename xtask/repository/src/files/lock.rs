//! One command that writes at a time.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use diagnostics::{Problem, Result};

use super::advice::{Access, advice};
use super::place::{FOLDER, Place};
use super::undo::recover;

/// Held while a command writes; the system releases it when the process ends, whatever ends it.
#[derive(Debug)]
pub struct Lock {
    _file: File,
    holder: PathBuf,
}

impl Lock {
    /// Waits until no other command writes to the workspace at `root`, and undoes what an interrupted one has left there.
    /// `command` names this one to those that wait for it.
    ///
    /// # Errors
    ///
    /// Fails if there can be no lock, or if what was left cannot be undone.
    pub fn take(root: &Path, command: &str) -> Result<Self> {
        let failed = |error: io::Error| {
            Problem::new(format!("cannot lock the workspace: {error}"))
                .file(format!("{FOLDER}/lock"))
                .remedy(advice(Access::Write, &error))
        };
        Self::of(root, command, locked(root, &holder(root)).map_err(failed)?)
    }

    /// Does what [`Lock::take`] does, for a command that writes somewhere else; without a lock if the workspace is read-only.
    ///
    /// # Errors
    ///
    /// Fails if what was left cannot be undone.
    pub fn take_if_writable(root: &Path, command: &str) -> Result<Option<Self>> {
        locked(root, &holder(root)).ok().map(|file| Self::of(root, command, file)).transpose()
    }

    fn of(root: &Path, command: &str, file: File) -> Result<Self> {
        let holder = holder(root);
        let interrupted = fs::read_to_string(&holder).ok();
        // Only for messages: without it, a command that waits cannot say for which.
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
        // One that stays is overwritten.
        let _ = fs::remove_file(&self.holder);
    }
}

/// The file that says who holds the lock.
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
        // Such a file system is no place for two commands at once, but one works.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => return Ok(file),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let other = fs::read_to_string(holder).unwrap_or_else(|_| "another command".to_owned());
    anstream::eprintln!("waiting for {other}, which writes to this workspace");
    file.lock()?;
    Ok(file)
}
