//! Where files change, and where their contents lie meanwhile.

use std::path::{Path, PathBuf};

use super::{FOLDER, STAGE};

/// A folder below which files change, with the stage on which their contents are prepared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    root: PathBuf,
    /// The stage, relative to the root.
    stage: String,
}

impl Place {
    /// The workspace at this root, whose [`super::Lock`] has to be held.
    pub(crate) fn workspace(root: &Path) -> Self {
        Self { root: root.to_owned(), stage: format!("{FOLDER}/{STAGE}") }
    }

    /// Any folder. The stage has another name, because the folder may be a workspace in which another command is at work.
    pub(crate) fn elsewhere(root: &Path) -> Self {
        Self { root: root.to_owned(), stage: format!("{FOLDER}-{STAGE}") }
    }

    /// A path relative to the root, with `/` between the parts, on this system.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        join(&self.root, relative)
    }

    /// The stage.
    pub(super) fn stage(&self) -> PathBuf {
        self.path(&self.stage)
    }

    /// The name of something on the stage, as shown to users.
    pub(super) fn shown(&self, name: &str) -> String {
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
