//! Changes of files that are committed together or not at all.

use std::collections::BTreeMap;
use std::fs;
use std::io;

use diagnostics::{Problem, Problems, Result};

use super::advice::{Access, advice};
use super::disk::{self, sha256};
use super::place::join;
use super::place::{DONE, JOURNAL, Place};
use super::undo::{Entry, Journal, Kind, present, undo};

/// Changes that are prepared first and made when they are committed.
///
/// Before [`Change::commit`], only the stage is written to. The files of a new folder appear together, by one rename.
#[derive(Debug)]
pub struct Change {
    place: Place,
    steps: Vec<Entry>,
    is_over: bool,
}

impl Change {
    /// Begins changes in this place. No other process may change it meanwhile; see [`super::Lock`].
    pub fn of(place: Place) -> Self {
        Self { place, steps: Vec::new(), is_over: false }
    }

    /// Prepares new contents for a file; `file` is relative to the root, with `/` between the segments.
    ///
    /// # Errors
    ///
    /// Fails if the contents cannot be written to the stage. Then no file has changed.
    pub fn write(&mut self, file: &str, bytes: &[u8]) -> Result<()> {
        self.stage_file(file, bytes).map_err(|error| self.unchanged("prepare", file, &error))
    }

    /// Prepares the removal of a file.
    pub fn remove(&mut self, file: &str) {
        self.steps.push(Entry { path: file.to_owned(), kind: Kind::Remove });
    }

    fn stage_file(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
        let sum = sha256(bytes);
        let Some(folder) = missing_folder(&self.place, file) else {
            let had = present(&self.place.path(file))?;
            self.steps.push(Entry { path: file.to_owned(), kind: Kind::Write { sum, had } });
            let at = self.steps.len() - 1;
            disk::write(&self.place.staged(at, "new"), bytes)?;
            return if had { disk::copy(&self.place.path(file), &self.place.staged(at, "old")) } else { Ok(()) };
        };
        let inside = file[folder.len() + 1..].to_owned();
        let at = self.steps.iter().position(|step| step.path == folder).unwrap_or(self.steps.len());
        if at == self.steps.len() {
            self.steps.push(Entry { path: folder, kind: Kind::Folder { sums: BTreeMap::new() } });
        }
        disk::write(&join(&self.place.staged(at, "new"), &inside), bytes)?;
        if let Kind::Folder { sums } = &mut self.steps[at].kind {
            sums.insert(inside, sum);
        }
        Ok(())
    }

    /// Makes the prepared changes, in their order.
    ///
    /// # Errors
    ///
    /// Fails if one of the changes cannot be made. The error says whether all changes were undone; the next command undoes the
    /// rest.
    pub fn commit(mut self) -> Result<()> {
        if self.steps.is_empty() {
            return Ok(());
        }
        let journal = Journal { steps: std::mem::take(&mut self.steps) };
        let written = journal.text().and_then(|text| {
            let draft = self.place.stage().join("journal.draft");
            disk::write(&draft, text.as_bytes())?;
            disk::rename(&draft, &self.place.stage().join(JOURNAL))
        });
        written.map_err(|error| self.unchanged("write", &self.place.display_name(JOURNAL), &error))?;
        for (at, Entry { path, kind }) in journal.steps.iter().enumerate() {
            let place = self.place.path(path);
            let (what, done) = match kind {
                Kind::Remove => ("remove", disk::rename(&place, &self.place.staged(at, "old"))),
                Kind::Write { .. } | Kind::Folder { .. } => {
                    ("write", disk::rename(&self.place.staged(at, "new"), &place))
                }
            };
            if let Err(error) = done {
                return Err(self.undone(&journal, what, path, &error));
            }
        }
        // From here on, the changes are complete.
        if let Err(error) = disk::rename(&self.place.stage().join(JOURNAL), &self.place.stage().join(DONE)) {
            return Err(self.undone(&journal, "rename", &self.place.display_name(JOURNAL), &error));
        }
        Ok(())
    }

    /// Undoes the changes; returns the error, with the files that could not be restored.
    fn undone(&mut self, journal: &Journal, what: &str, file: &str, error: &io::Error) -> Problems {
        match undo(&self.place, journal) {
            Ok(kept) => {
                // The next command reads a journal that could not be removed; all its changes are undone already.
                self.is_over = disk::remove(&self.place.stage().join(JOURNAL)).is_err();
                self.unchanged(what, file, error).with(kept)
            }
            Err(left) => {
                // The stage has the only copies of the old contents.
                self.is_over = true;
                Problems::from(
                    Problem::new(format!("cannot {what} {file}: {error}; some files could not be restored"))
                        .file(file)
                        .remedy(advice(Access::Write, error)),
                )
                .with(left.into_vec())
            }
        }
    }

    fn unchanged(&self, what: &str, file: &str, error: &io::Error) -> Problems {
        Problem::new(format!("cannot {what} {file}: {error}; nothing has been changed"))
            .file(file)
            .remedy(advice(Access::Write, error))
            .into()
    }
}

impl Drop for Change {
    fn drop(&mut self) {
        if !self.is_over {
            // The next command removes what cannot be removed now.
            let _ = disk::clear(&self.place.stage());
        }
    }
}

/// The topmost folder of a file's path that does not exist.
fn missing_folder(place: &Place, file: &str) -> Option<String> {
    let ends = file.match_indices('/').map(|(at, _)| at);
    let folders = ends.map(|at| &file[..at]);
    let missing = |folder: &&str| fs::symlink_metadata(place.path(folder)).is_err();
    folders.into_iter().find(missing).map(str::to_owned)
}
