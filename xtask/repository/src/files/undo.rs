//! Undoes changes after a failure or after an interrupted process.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use diagnostics::{Problem, Problems, Result};
use serde::{Deserialize, Serialize};

use super::advice::{Access, advice};
use super::disk::{self, sha256};
use super::place::{DONE, JOURNAL, Place};

/// The journal: the changes that were begun.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Journal {
    pub(super) steps: Vec<Entry>,
}

/// One change. On the stage, `N.new` has the new contents until they are put in place, and `N.old` has the old ones.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    /// The file or folder, relative to the root.
    pub(super) path: String,
    pub(super) kind: Kind,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Kind {
    /// A file gets new contents.
    Write {
        /// The checksum of the new contents.
        sum: String,
        /// Whether the file existed before.
        had: bool,
    },
    /// A folder is added.
    Folder {
        /// The files of the folder and their checksums.
        sums: BTreeMap<String, String>,
    },
    /// A file is removed.
    Remove,
}

impl Journal {
    pub(super) fn text(&self) -> io::Result<String> {
        serde_json::to_string_pretty(self).map_err(io::Error::other)
    }
}

/// The changes that an interrupted process left.
#[derive(Debug)]
pub enum Recovered {
    /// None that need a message.
    Nothing,
    /// All changes were complete.
    Complete,
    /// Some changes, which were undone; with a warning for each file that has changed since, which stays.
    Undone(Vec<Problem>),
}

impl Recovered {
    /// The warnings to print; `command` is the interrupted command.
    pub fn warnings(self, command: &str) -> Vec<Problem> {
        let first = |what: &str| Problem::new(format!("{command} was interrupted{what}")).as_warning();
        match self {
            Self::Nothing => Vec::new(),
            Self::Complete => vec![first(" after all its changes were made")],
            Self::Undone(kept) => [vec![first("; its changes were undone")], kept].concat(),
        }
    }
}

/// Undoes the changes that an interrupted process left in a folder.
///
/// # Errors
///
/// Fails if a file cannot be restored. Its contents stay on the stage for the next attempt.
pub fn recover(place: &Place) -> Result<Recovered> {
    let stage = place.stage();
    let unreadable = |error: &io::Error| {
        let remedy = format!("{}; then run any command that writes, which tries again", advice(Access::Write, error));
        unclear(place, &error.to_string()).remedy(remedy)
    };
    if !stage.is_dir() {
        return Ok(Recovered::Nothing);
    }
    let journal = stage.join(JOURNAL);
    let recovered = match fs::read_to_string(&journal) {
        Ok(text) => {
            let steps = serde_json::from_str(&text).map_err(|error| unclear(place, &error.to_string()))?;
            let kept = undo(place, &steps)?;
            // Without the rest of the stage, the journal would mean something else.
            disk::remove(&journal).map_err(|error| unreadable(&error))?;
            Recovered::Undone(kept)
        }
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return Err(unclear(place, &error.to_string()).into());
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unreadable(&error).into()),
        Err(_) if stage.join(DONE).exists() => Recovered::Complete,
        Err(_) => Recovered::Nothing,
    };
    disk::clear(&stage).map_err(|error| unreadable(&error))?;
    Ok(recovered)
}

fn unclear(place: &Place, error: &str) -> Problem {
    Problem::new(format!("cannot undo the changes of an interrupted command: {error}"))
        .file(place.display_name(JOURNAL))
        .remedy("check the files that it names, for example with `git status`, and delete its folder")
}

/// Undoes changes, the last one first; returns a warning for each file that has changed since, which stays.
///
/// It can be interrupted and repeated: the stage shows which changes were not made or are undone already.
pub(super) fn undo(place: &Place, journal: &Journal) -> Result<Vec<Problem>> {
    let (mut kept, mut failed) = (Vec::new(), Vec::new());
    for (at, step) in journal.steps.iter().enumerate().rev() {
        match undo_step(place, at, step) {
            Ok(true) => {}
            Ok(false) => kept.push(
                Problem::new(format!(
                    "{} has changed since the interrupted command wrote it, and was not restored",
                    step.path
                ))
                .file(&step.path)
                .remedy("check the file, for example with `git diff`")
                .as_warning(),
            ),
            Err(error) => failed.push(
                Problem::new(format!(
                    "cannot restore {}: {error}; its earlier contents, if any, are in {}",
                    step.path,
                    place.display_name(&format!("{at}.old"))
                ))
                .file(&step.path)
                .remedy(format!(
                    "{}; then run any command that writes, which tries again",
                    advice(Access::Write, &error)
                )),
            ),
        }
    }
    Problems::check(failed)?;
    Ok(kept)
}

/// Undoes a change; returns `false` if the file has changed since.
fn undo_step(place: &Place, at: usize, step: &Entry) -> io::Result<bool> {
    let (new, old) = (place.staged(at, "new"), place.staged(at, "old"));
    let place = place.path(&step.path);
    let is_there = present(&place)?;
    match &step.kind {
        Kind::Write { .. } | Kind::Folder { .. } if present(&new)? => Ok(true),
        Kind::Write { had: true, .. } if !present(&old)? => Ok(true),
        Kind::Write { had: false, .. } | Kind::Folder { .. } if !is_there => Ok(true),
        Kind::Write { sum, had } => match fs::read(&place) {
            Ok(bytes) if sha256(&bytes) == *sum => {
                if *had { disk::rename(&old, &place) } else { disk::remove(&place) }.map(|()| true)
            }
            _ => Ok(false),
        },
        Kind::Folder { sums } if sums_of(&place)? == *sums => disk::rename(&place, &new).map(|()| true),
        Kind::Folder { .. } => Ok(false),
        Kind::Remove if !present(&old)? => Ok(true),
        Kind::Remove if is_there => Ok(false),
        Kind::Remove => disk::rename(&old, &place).map(|()| true),
    }
}

/// Returns the files of a folder and their checksums.
fn sums_of(folder: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut sums = BTreeMap::new();
    let mut open = vec![(folder.to_owned(), String::new())];
    while let Some((folder, prefix)) = open.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                open.push((entry.path(), format!("{path}/")));
            } else {
                sums.insert(path, sha256(&fs::read(entry.path())?));
            }
        }
    }
    Ok(sums)
}

/// Whether a file or folder exists at this path.
pub(super) fn present(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(false),
        Err(error) => Err(error),
    }
}
