//! A commit of the workspace's repository.

use diagnostics::{Problem, Result};
use repository::{Workspace, git};

/// A commit of the workspace's repository.
#[derive(Debug)]
pub(crate) struct Commit {
    name: String,
    id: String,
}

impl Commit {
    /// The commit that a name means.
    pub(crate) fn find(workspace: &Workspace, name: &str) -> Result<Self> {
        let verify = format!("{name}^{{commit}}");
        let failure = match git(workspace, &["rev-parse", "--verify", "--quiet", "--end-of-options", &verify]) {
            Ok(id) => return Ok(Self { name: name.to_owned(), id: id.trim().to_owned() }),
            Err(failure) => failure,
        };
        if failure.is_outside() {
            return Err(Problem::new(format!("{} lies in no git repository", workspace.root().display()))
                .remedy(INSTEAD)
                .into());
        }
        if !failure.is_silent() {
            return Err(failure.problem("cannot ask git for the earlier document", INSTEAD).into());
        }
        let is = |question: &[&str]| git(workspace, question).is_ok_and(|answer| answer.trim() == "true");
        let (message, remedy) = if name == "HEAD" {
            ("the repository has no commit yet".to_owned(), format!("commit the document first; or {INSTEAD}"))
        } else if is(&["rev-parse", "--is-shallow-repository"]) {
            (
                format!("`{name}` is no file, and no commit of this repository, which is a shallow clone"),
                format!("fetch the rest with `git fetch --unshallow --tags`; or {INSTEAD}"),
            )
        } else {
            (
                format!("`{name}` is no commit and no file"),
                "name a commit, a branch or a tag that has the earlier document, or its file: `--against REF|FILE`"
                    .to_owned(),
            )
        };
        Err(Problem::new(message).remedy(remedy).into())
    }

    /// The files in `specs/`.
    pub(crate) fn files(&self, workspace: &Workspace) -> Result<Vec<String>> {
        let list = git(workspace, &["ls-tree", "--name-only", "-z", &self.id, "specs/"]);
        let list = list.map_err(|failure| failure.problem(&format!("cannot read specs of {}", self.name), ANOTHER))?;
        Ok(list.split('\0').filter(|file| !file.is_empty()).map(str::to_owned).collect())
    }

    /// The text of a file that is named relative to the root of the workspace.
    pub(crate) fn text(&self, workspace: &Workspace, file: &str) -> Result<String> {
        let text = git(workspace, &["show", &format!("{}:./{file}", self.id)]);
        Ok(text.map_err(|failure| failure.problem(&format!("cannot read {file} of {}", self.name), ANOTHER))?)
    }
}

/// What to do without a commit.
const INSTEAD: &str = "name the earlier document: `--against FILE`";

/// What to do without a file of a commit.
const ANOTHER: &str = "name another commit, or an earlier file: `--against REF|FILE`";

/// What git says to these arguments.
pub(crate) fn git(workspace: &Workspace, arguments: &[&str]) -> Result<String, git::Failure> {
    git::run(workspace.root(), arguments)
}
