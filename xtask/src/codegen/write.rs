//! Files in memory against files on disk.

use std::fs;
use std::io;
use std::path::Path;

use super::emit::Files;
use crate::diff;
use crate::problem::{Problem, Result};
use crate::workspace::Workspace;

/// One file that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// The file, relative to the root.
    pub(crate) file: String,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Missing(String),
    Changed { old: Vec<u8>, new: String },
    Extra,
}

impl Difference {
    /// What is different, for people.
    pub(crate) fn show(&self) -> String {
        match &self.kind {
            Kind::Missing(new) => {
                format!("{} is missing\n{}", self.file, diff::unified(&self.file, "", new))
            }
            Kind::Changed { old, new } => match std::str::from_utf8(old) {
                Ok(old) => format!("{} is not as generated\n{}", self.file, diff::unified(&self.file, old, new)),
                Err(_) => format!("{} is not as generated: it is no UTF-8 text\n", self.file),
            },
            Kind::Extra => format!("{} is not a generated file\n", self.file),
        }
    }
}

/// Compares the files of a crate with what is on disk.
pub(crate) fn compare(workspace: &Workspace, dir: &str, files: &Files) -> Result<Vec<Difference>> {
    let mut found = Vec::new();
    for (path, new) in files {
        let file = format!("{dir}/{path}");
        let kind = match fs::read(workspace.path(&file)) {
            Ok(old) if old == new.as_bytes() => continue,
            Ok(old) => Kind::Changed { old, new: new.clone() },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Kind::Missing(new.clone()),
            Err(error) => return Err(failed("read", &file, &error)),
        };
        found.push(Difference { file, kind });
    }
    let mut extra = Vec::new();
    list(&workspace.path(dir), "", &mut extra).map_err(|error| failed("read", dir, &error))?;
    extra.retain(|path| !files.contains_key(path));
    extra.sort();
    found.extend(extra.into_iter().map(|path| Difference { file: format!("{dir}/{path}"), kind: Kind::Extra }));
    Ok(found)
}

/// All files below a folder, relative to it; what cargo builds there is not looked at.
fn list(folder: &Path, prefix: &str, found: &mut Vec<String>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if !entry.file_type()?.is_dir() {
            found.push(path);
        } else if path != "target" {
            list(&entry.path(), &format!("{path}/"), found)?;
        }
    }
    Ok(())
}

/// Puts right what is different; a file is either the old one or the new one, never half of it.
pub(crate) fn apply(workspace: &Workspace, differences: &[Difference]) -> Result<()> {
    for Difference { file, kind } in differences {
        let path = workspace.path(file);
        match kind {
            Kind::Missing(new) | Kind::Changed { new, .. } => replace(&path, new.as_bytes()),
            Kind::Extra => fs::remove_file(&path),
        }
        .map_err(|error| failed("write", file, &error))?;
    }
    Ok(())
}

/// Replaces a file; it is either the old one or the new one, never half of it.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = folder.join(format!(".{name}.{}.new", std::process::id()));
    let written = fs::write(&temporary, bytes).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // What is left of the attempt would count as a file that is not generated; the first error is the one to tell.
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn failed(what: &str, file: &str, error: &io::Error) -> crate::problem::Problems {
    Problem::new(format!("cannot {what} the generated crate: {error}"))
        .file(file)
        .remedy("make the folder readable and writable, and run the command again")
        .into()
}
