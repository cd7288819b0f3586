//! The folder in which files change, and the stage for their contents.

use std::path::{Path, PathBuf};

/// The folder of this tool at the root of the workspace.
pub(super) const FOLDER: &str = ".xtask";

/// In that folder, the stage.
pub(super) const STAGE: &str = "stage";

/// The journal on the stage, for undoing the changes; while it exists, the changes are incomplete.
pub(super) const JOURNAL: &str = "journal.json";

/// The name of the journal after all changes are complete.
pub(super) const DONE: &str = "done.json";

/// A folder below which files change, and the stage on which their contents are prepared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    root: PathBuf,
    /// The stage, relative to the root.
    stage: String,
}

impl Place {
    /// The workspace at this root; the caller must hold its [`super::Lock`].
    pub fn workspace(root: &Path) -> Self {
        Self { root: root.to_owned(), stage: format!("{FOLDER}/{STAGE}") }
    }

    /// Any folder. Its stage has another name, because the folder may be a workspace in which another command is running.
    pub fn elsewhere(root: &Path) -> Self {
        Self { root: root.to_owned(), stage: format!("{FOLDER}-{STAGE}") }
    }

    /// The full path of a path relative to the root, with `/` between the segments.
    pub fn path(&self, relative: &str) -> PathBuf {
        join(&self.root, relative)
    }

    /// The stage.
    pub(super) fn stage(&self) -> PathBuf {
        self.path(&self.stage)
    }

    /// The name of a file on the stage, for messages.
    pub(super) fn display_name(&self, name: &str) -> String {
        format!("{}/{name}", self.stage)
    }

    /// The file on the stage with the new or old contents of a change.
    pub(super) fn staged(&self, at: usize, what: &str) -> PathBuf {
        self.stage().join(format!("{at}.{what}"))
    }
}

/// Joins a folder and a relative path with `/` between the segments.
pub(super) fn join(root: &Path, relative: &str) -> PathBuf {
    relative.split('/').fold(root.to_path_buf(), |path, part| path.join(part))
}
