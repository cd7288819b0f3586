//! Reads the folder of a crate.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use codegen::Files;
use codegen::mark::{Mark, is_litter};
use diagnostics::{Problem, Problems, Result};
use repository::files::{self, Access};

use super::folder::Folder;

/// The manifest of a crate.
pub(super) const MANIFEST: &str = "Cargo.toml";

/// Files that cargo, git and this program keep beside a crate; they are ignored.
const KEPT_APART: [&str; 4] = [".git", ".xtask-stage", "Cargo.lock", "target"];

/// How many bytes of a file are searched for a mark.
const HEAD_BYTES: u64 = 16 * 1024;

/// What is at the path of a file.
pub(super) enum Found {
    Nothing,
    File(Vec<u8>),
    /// A folder, a symbolic link, or a special file.
    Other,
}

pub(super) fn read(folder: &Folder, path: &str) -> Result<Found> {
    let place = folder.path(path);
    let found = match fs::symlink_metadata(&place) {
        Ok(it) if it.is_file() => fs::read(&place).map(Found::File),
        Ok(_) => Ok(Found::Other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Found::Nothing),
        Err(error) => Err(error),
    };
    found.map_err(|error| failed(&folder.name(path), &error))
}

/// The mark of a file; `None` if it cannot be read.
pub(super) fn head(folder: &Folder, path: &str) -> Option<Mark> {
    let place = folder.path(path);
    if !fs::symlink_metadata(&place).ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    fs::File::open(place).ok()?.take(HEAD_BYTES).read_to_end(&mut bytes).ok()?;
    Mark::of(&bytes)
}

/// The sorted files below a folder, relative to it, without ignored files and the leftovers of editors. A folder with its
/// own manifest is another crate: it is one entry that ends with `/`, unless some of its files are generated.
pub(super) fn list(folder: &Folder, files: &Files) -> Result<Vec<String>> {
    let mut found = Vec::new();
    list_below(&folder.path(""), "", files, &mut found).map_err(|error| failed(folder.display_name(), &error))?;
    found.sort();
    Ok(found)
}

fn list_below(folder: &Path, prefix: &str, files: &Files, found: &mut Vec<String>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if KEPT_APART.contains(&path.as_str()) {
            continue;
        }
        let is_other = || entry.path().join(MANIFEST).exists() && !files.contains_key(&format!("{path}/{MANIFEST}"));
        if entry.file_type()?.is_dir() && is_other() {
            found.push(format!("{path}/"));
        } else if entry.file_type()?.is_dir() {
            list_below(&entry.path(), &format!("{path}/"), files, found)?;
        } else if !is_litter(&path) {
            found.push(path);
        }
    }
    Ok(())
}

fn failed(file: &str, error: &io::Error) -> Problems {
    Problem::new(format!("cannot read {file}: {error}; nothing has been changed"))
        .file(file)
        .remedy(files::advice(Access::Read, error))
        .into()
}
