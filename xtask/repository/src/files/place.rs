//! Where files change, and where their contents lie meanwhile.

use std::path::{Path, PathBuf};

/// The folder at the root.
pub(super) const FOLDER: &str = ".xtask";

/// In that folder, the stage with the contents of the files that change.
pub(super) const STAGE: &str = "stage";

/// On the stage, what has to be done to undo the changes; as long as it is there, they are not done.
pub(super) const JOURNAL: &str = "journal.json";

/// What the journal is called when all changes are done.
pub(super) const DONE: &str = "done.json";

/// A folder below which files change, with the stage on which their contents are prepared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    root: PathBuf,
    /// The stage, relative to the root.
    stage: String,
}

impl Place {
    /// The workspace at this root, whose [`super::Lock`] has to be held.
    pub fn workspace(root: &Path) -> Self {
        Self { root: root.to_owned(), stage: format!("{FOLDER}/{STAGE}") }
    }

    /// Any folder. The stage has another name, because the folder may be a workspace in which another command is at work.
    pub fn elsewhere(root: &Path) -> Self {
        Self { root: root.to_owned(), stage: format!("{FOLDER}-{STAGE}") }
    }

    /// A path relative to the root, with `/` between the parts, on this system.
    pub fn path(&self, relative: &str) -> PathBuf {
        join(&self.root, relative)
    }

    /// The stage.
    pub(super) fn stage(&self) -> PathBuf {
        self.path(&self.stage)
    }

    /// The name of something on the stage, as shown to users.
    pub(super) fn display_name(&self, name: &str) -> String {
        format!("{}/{name}", self.stage)
    }

    /// The contents of a step, new or old.
    pub(super) fn staged(&self, at: usize, what: &str) -> PathBuf {
        self.stage().join(format!("{at}.{what}"))
    }
}

/// A relative path with `/` between the parts below a folder.
pub(super) fn join(root: &Path, relative: &str) -> PathBuf {
    relative.split('/').fold(root.to_path_buf(), |path, part| path.join(part))
}
