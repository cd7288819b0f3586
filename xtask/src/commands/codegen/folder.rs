//! The folder of a crate: in the workspace, or anywhere.

use std::fs;
use std::path::{Component, Path, PathBuf};

use diagnostics::{Problem, Result};
use repository::files::{self, Access, Change, Place};
use repository::{DocumentName, Workspace, warn};

/// Where the files of a crate are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Folder {
    /// The folder, or one above it.
    root: Place,
    /// The crate's folder relative to that, with `/` between the parts; empty if it is the same.
    dir: String,
    /// Its name, as shown to users.
    shown: String,
    is_outside: bool,
}

impl Folder {
    /// The folder of a document's crate.
    pub(super) fn inside(workspace: &Workspace, document: &DocumentName) -> Self {
        let dir = document.crate_dir();
        Self { root: Place::workspace(workspace.root()), shown: dir.clone(), dir, is_outside: false }
    }

    /// Any folder; it may not exist yet, nor those above it.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be a folder.
    pub(super) fn outside(out: &Path) -> Result<Self> {
        let shown = out.display().to_string();
        let refused = |message: String, remedy: &str| Problem::new(message).file(&shown).remedy(remedy);
        let whole = std::path::absolute(out).map_err(|error| {
            refused(format!("cannot find the folder: {error}"), "name another one with `--out DIR`")
        })?;
        // A link that leads nowhere is nothing that can be read, and yet in the way.
        let dangling =
            whole.ancestors().find(|place| fs::metadata(place).is_err() && fs::symlink_metadata(place).is_ok());
        if let Some(link) = dangling {
            let message = format!("{} is a link that leads nowhere", link.display());
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
        // What is new appears in the folder that is above it, which may be new as well.
        let dir = match dir.split_last() {
            Some((last, above)) => {
                root.extend(above);
                last.clone()
            }
            None => String::new(),
        };
        Ok(Self { root: Place::elsewhere(&root), dir, shown, is_outside: true })
    }

    /// Undoes what an interrupted run has left; one that was interrupted when the folder was new has left it beside it.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be undone.
    pub(super) fn recover(&self) -> Result<()> {
        let root = self.root.path("");
        for folder in [Some(root.as_path()), root.parent().filter(|_| self.dir.is_empty())].into_iter().flatten() {
            warn(&files::recover(&Place::elsewhere(folder))?.warnings("an earlier `cargo xtask codegen --spec`"));
        }
        Ok(())
    }

    /// Changes below it.
    pub(super) fn change(&self) -> Change {
        Change::of(self.root.clone())
    }

    /// Its name, as shown to users.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// Whether it is no folder of the workspace.
    pub(super) fn is_outside(&self) -> bool {
        self.is_outside
    }

    /// What to do if it holds something else.
    pub(super) fn remedy(&self) -> &'static str {
        if self.is_outside {
            "name a new or an empty folder with `--out DIR`"
        } else {
            "give the document another name, or move the folder away"
        }
    }

    /// The name of a file, as shown to users.
    pub(super) fn name(&self, file: &str) -> String {
        format!("{}/{file}", self.shown)
    }

    /// A file relative to the root.
    pub(super) fn relative(&self, file: &str) -> String {
        if self.dir.is_empty() { file.to_owned() } else { format!("{}/{file}", self.dir) }
    }

    /// The place of a file, or the folder itself for an empty name.
    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.root.path(self.relative(file).trim_matches('/'))
    }

    /// The way from this folder to another place, so that a manifest is the same wherever both are moved together.
    pub(super) fn way_to(&self, root: &Path, inside: &str) -> String {
        let whole = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
        way(&self.path(""), &Place::elsewhere(&whole).path(inside))
    }
}

/// The way from a folder to another place, with `/` between the parts; the whole path if there is no such way, as between
/// two drives.
///
/// Links on the way to the folder are followed, because the system follows them before it goes up.
pub(super) fn way(from: &Path, to: &Path) -> String {
    let from = fs::canonicalize(from).unwrap_or_else(|_| from.to_owned());
    relative(&from, to).unwrap_or_else(|| to.to_string_lossy().into_owned())
}

/// The way from a folder to another place; both are absolute.
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
    fn a_way_goes_up_to_what_both_have_in_common_and_down_again() {
        for (from, to, way) in
            [("/a/b", "/a/c/d", "../c/d"), ("/a", "/a/c/d", "c/d"), ("/a/b/c", "/a", "../.."), ("/a", "/b", "../b")]
        {
            assert_eq!(relative(Path::new(from), Path::new(to)).as_deref(), Some(way), "{from} {to}");
        }
        assert_eq!(relative(Path::new("a"), Path::new("/b")), None);
    }
}
