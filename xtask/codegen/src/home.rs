//! The place of a crate, in the workspace or alone, and its entries in the manifest.

use std::collections::BTreeMap;

/// The place of a crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Home {
    /// A member of this workspace, which inherits its versions.
    Workspace,
    /// A standalone crate.
    Alone(Alone),
}

impl Home {
    /// A standalone crate with the default options.
    #[must_use]
    pub fn alone() -> Self {
        Self::Alone(Alone::default())
    }

    /// Returns true if the examples of the document become tests.
    #[must_use]
    pub fn has_examples(&self) -> bool {
        matches!(self, Self::Alone(Alone { examples: true, .. }))
    }

    /// Returns true if the crate is a member of this workspace.
    ///
    /// The steps are strict with such a document: what touches credentials is corrected by hand, in an overlay. For any
    /// other document, they do it themselves and report it.
    #[must_use]
    pub fn is_workspace(&self) -> bool {
        *self == Self::Workspace
    }
}

/// The options of a standalone crate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alone {
    /// Where it finds `auth-transport`.
    pub transport: Transport,
    /// The command that generates it again, run in the workspace.
    pub command: String,
    /// Whether the examples of the document become tests.
    pub examples: bool,
    /// Whether it is a member of a workspace around it, and not a separate workspace.
    pub is_member: bool,
    /// Files beside those of the crate, which have no mark, with their sums.
    pub unmarked: Vec<(String, String)>,
}

/// Where a crate finds `auth-transport`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// In the registry.
    #[default]
    Registry,
    /// In this folder, relative to that of the crate.
    Path(String),
    /// In a repository.
    Git {
        /// Where the repository is.
        url: String,
        /// The commit; without one, the newest of the default branch.
        revision: Option<String>,
    },
}

/// The files of a crate: path inside the crate, with `/`, and text.
pub type Files = BTreeMap<String, String>;
