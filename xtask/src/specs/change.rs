//! Several files that change together or not at all.

use std::fs;
use std::io;

use crate::codegen;
use crate::problem::{Problem, Problems, Result};
use crate::workspace::Workspace;

/// Files that have been written, with what they were before.
#[derive(Debug)]
pub(super) struct Change<'a> {
    workspace: &'a Workspace,
    before: Vec<(String, Option<Vec<u8>>)>,
}

impl<'a> Change<'a> {
    /// Writes files, named relative to the root.
    ///
    /// # Errors
    ///
    /// Fails if one of them cannot be read or written. Then all are as they were.
    pub(super) fn write(workspace: &'a Workspace, files: &[(String, Vec<u8>)]) -> Result<Self> {
        let mut change = Self { workspace, before: Vec::new() };
        for (file, bytes) in files {
            let before = match fs::read(workspace.path(file)) {
                Ok(before) => Ok(Some(before)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(failed("read", file, &error)),
            };
            let written = before.and_then(|before| {
                codegen::replace(&workspace.path(file), bytes).map_err(|error| failed("write", file, &error))?;
                Ok(before)
            });
            match written {
                Ok(before) => change.before.push((file.clone(), before)),
                Err(error) => return Err(change.undo(error.into())),
            }
        }
        Ok(change)
    }

    /// Puts everything back because of an error, and returns it, with what could not be put back.
    pub(super) fn undo(self, error: Problems) -> Problems {
        let Self { workspace, before } = self;
        let restored = before.into_iter().rev().map(|(file, before)| {
            let path = workspace.path(&file);
            let restored = match before {
                Some(bytes) => codegen::replace(&path, &bytes),
                None => fs::remove_file(&path),
            };
            restored.map_err(|error| failed("restore", &file, &error))
        });
        error.and(restored.filter_map(Result::err))
    }
}

fn failed(what: &str, file: &str, error: &io::Error) -> Problem {
    Problem::new(format!("cannot {what} the file: {error}"))
        .file(file)
        .remedy("make the folder readable and writable, and run the command again")
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn files_change_together_or_not_at_all() {
        let dir = TempDir::new().expect("a temporary folder");
        fs::create_dir_all(dir.path().join("specs")).expect("created");
        // No file can take the place of a folder that holds something.
        fs::create_dir_all(dir.path().join("taken/x")).expect("created");
        fs::write(dir.path().join("old"), "old").expect("written");
        let workspace = Workspace::open(Some(dir.path().to_owned())).expect("opens");
        let files = |last: &str| ["old", "new", last].map(|file| (file.to_owned(), b"other".to_vec()));
        let error = Change::write(&workspace, &files("taken")).expect_err("refused").to_string();
        assert!(error.contains("the file: ") && error.contains("--> taken\n"), "{error}");
        assert_eq!(fs::read(dir.path().join("old")).expect("there"), b"old");
        assert!(!dir.path().join("new").exists());
        let change = Change::write(&workspace, &files("last")).expect("written");
        assert_eq!(fs::read(dir.path().join("old")).expect("there"), b"other");
        let error = change.undo(Problem::new("no").into());
        assert_eq!(error.to_string(), "error: no\n");
        assert_eq!(fs::read(dir.path().join("old")).expect("there"), b"old");
        assert!(!dir.path().join("new").exists() && !dir.path().join("last").exists());
    }
}
