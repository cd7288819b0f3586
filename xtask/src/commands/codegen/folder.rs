//! The folder of a crate, in the workspace or elsewhere.

use std::fs;
use std::path::{Component, Path, PathBuf};

use diagnostics::{Problem, Result};
use repository::files::{self, Access, Change, Place};
use repository::{DocumentName, Workspace, warn};

/// The folder with the files of a crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Folder {
    /// The crate's folder, or one above it.
    root: Place,
    /// The crate's folder relative to the root, with `/` between the segments; empty if it is the root.
    dir: String,
    /// The name of the folder in messages.
    shown: String,
    is_outside: bool,
}

impl Folder {
    /// The folder of a document's crate.
    pub(super) fn inside(workspace: &Workspace, document: &DocumentName) -> Self {
        let dir = document.crate_dir();
        Self { root: Place::workspace(workspace.root()), shown: dir.clone(), dir, is_outside: false }
    }

    /// Any folder; it and the folders above it need not exist.
    ///
    /// # Errors
    ///
    /// Fails if the path cannot be that of a folder.
    pub(super) fn outside(out: &Path) -> Result<Self> {
        let shown = out.display().to_string();
        let refused = |message: String, remedy: &str| Problem::new(message).file(&shown).remedy(remedy);
        let whole = std::path::absolute(out).map_err(|error| {
            refused(format!("cannot find the folder: {error}"), "name another one with `--out DIR`")
        })?;
        // A broken symbolic link cannot be read, but occupies the path.
        let dangling =
            whole.ancestors().find(|place| fs::metadata(place).is_err() && fs::symlink_metadata(place).is_ok());
        if let Some(link) = dangling {
            let message = format!("{} is a broken symbolic link", link.display());
            return Err(refused(message, "remove the link, or name another folder with `--out DIR`").into());
        }
        let existing = whole.ancestors().find(|folder| fs::metadata(folder).is_ok()).unwrap_or(&whole);
        let mut root = fs::canonicalize(existing).map_err(|error| {
            refused(format!("cannot find the folder: {error}"), files::advice(Access::Write, &error))
        })?;
        if !root.is_dir() {
            let is_link = fs::symlink_metadata(existing).is_ok_and(|it| it.is_symlink());
            let what = if is_link { "a link to a file" } else { "a file" };
            let message = format!("{} is {what} and not a folder", existing.display());
            return Err(refused(message, "name another folder with `--out DIR`").into());
        }
        let mut dir: Vec<String> = Vec::new();
        for part in whole.strip_prefix(existing).into_iter().flat_map(Path::components) {
            match part {
                Component::ParentDir => drop(dir.pop()),
                part => dir.push(part.as_os_str().to_string_lossy().into_owned()),
            }
        }
        // The first existing folder above it, in which the new folders appear.
        let dir = match dir.split_last() {
            Some((last, above)) => {
                root.extend(above);
                last.clone()
            }
            None => String::new(),
        };
        Ok(Self { root: Place::elsewhere(&root), dir, shown, is_outside: true })
    }

    /// Undoes the changes of an interrupted run. If the folder was new, its stage is beside it.
    ///
    /// # Errors
    ///
    /// Fails if they cannot be undone.
    pub(super) fn recover(&self) -> Result<()> {
        let root = self.root.path("");
        for folder in [Some(root.as_path()), root.parent().filter(|_| self.dir.is_empty())].into_iter().flatten() {
            warn(&files::recover(&Place::elsewhere(folder))?.warnings("an earlier `cargo xtask codegen --spec`"));
        }
        Ok(())
    }

    /// Begins changes below the folder.
    pub(super) fn change(&self) -> Change {
        Change::of(self.root.clone())
    }

    /// The name of the folder in messages.
    pub(super) fn display_name(&self) -> &str {
        &self.shown
    }

    /// Whether the folder is outside the workspace.
    pub(super) fn is_outside(&self) -> bool {
        self.is_outside
    }

    /// The remedy if the folder has other contents.
    pub(super) fn remedy(&self) -> &'static str {
        if self.is_outside {
            "name a new or empty folder with `--out DIR`"
        } else {
            "give the document another name, or move the folder away"
        }
    }

    /// The name of a file in messages.
    pub(super) fn name(&self, file: &str) -> String {
        format!("{}/{file}", self.shown)
    }

    /// The path of a file relative to the root.
    pub(super) fn relative(&self, file: &str) -> String {
        if self.dir.is_empty() { file.to_owned() } else { format!("{}/{file}", self.dir) }
    }

    /// The full path of a file, or of the folder for an empty name.
    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.root.path(self.relative(file).trim_matches('/'))
    }

    /// The relative path from this folder to another place, so that both can be moved together.
    pub(super) fn way_to(&self, root: &Path, inside: &str) -> String {
        let whole = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
        way(&self.path(""), &Place::elsewhere(&whole).path(inside))
    }
}

/// The relative path from a folder to another place, with `/` between the segments; the full path if none exists, as
/// between two drives.
///
/// Resolves symbolic links in the folder's path, as the system does before it applies `..`.
pub(super) fn way(from: &Path, to: &Path) -> String {
    let from = fs::canonicalize(from).unwrap_or_else(|_| from.to_owned());
    relative(&from, to).unwrap_or_else(|| to.to_string_lossy().into_owned())
}

/// The relative path from a folder to another place; both are absolute.
fn relative(from: &Path, to: &Path) -> Option<String> {
    let (from, to) = (from.components().collect::<Vec<_>>(), to.components().collect::<Vec<_>>());
    let common = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    if common == 0 {
        return None;
    }
    let up = from[common..].iter().map(|_| "..".to_owned());
    let down = to[common..].iter().map(|part| part.as_os_str().to_string_lossy().into_owned());
    Some(up.chain(down).collect::<Vec<_>>().join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_relative_path_passes_through_the_nearest_common_folder() {
        for (from, to, way) in
            [("/a/b", "/a/c/d", "../c/d"), ("/a", "/a/c/d", "c/d"), ("/a/b/c", "/a", "../.."), ("/a", "/b", "../b")]
        {
            assert_eq!(relative(Path::new(from), Path::new(to)).as_deref(), Some(way), "{from} {to}");
        }
        assert_eq!(relative(Path::new("a"), Path::new("/b")), None);
    }
}
