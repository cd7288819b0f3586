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
    /// Resolves the name of a commit.
    pub(crate) fn find(workspace: &Workspace, name: &str) -> Result<Self> {
        let verify = format!("{name}^{{commit}}");
        let failure = match git(workspace, &["rev-parse", "--verify", "--quiet", "--end-of-options", &verify]) {
            Ok(id) => return Ok(Self { name: name.to_owned(), id: id.trim().to_owned() }),
            Err(failure) => failure,
        };
        if failure.is_outside() {
            return Err(Problem::new(format!("{} is not inside a git repository", workspace.root().display()))
                .remedy(INSTEAD)
                .into());
        }
        if !failure.is_silent() {
            return Err(failure.problem("cannot find the earlier document with git", INSTEAD).into());
        }
        let is = |question: &[&str]| git(workspace, question).is_ok_and(|answer| answer.trim() == "true");
        let (message, remedy) = if name == "HEAD" {
            ("the repository has no commit yet".to_owned(), format!("commit the document first; or {INSTEAD}"))
        } else if is(&["rev-parse", "--is-shallow-repository"]) {
            (
                format!("`{name}` is neither a file nor a commit of this repository, which is a shallow clone"),
                format!("fetch the rest with `git fetch --unshallow --tags`; or {INSTEAD}"),
            )
        } else {
            (
                format!("`{name}` is neither a commit nor a file"),
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

    /// The text of a file in the commit; `file` is relative to the root of the workspace.
    pub(crate) fn text(&self, workspace: &Workspace, file: &str) -> Result<String> {
        let text = git(workspace, &["show", &format!("{}:./{file}", self.id)]);
        Ok(text.map_err(|failure| failure.problem(&format!("cannot read {file} of {}", self.name), ANOTHER))?)
    }
}

/// The remedy without a commit.
const INSTEAD: &str = "name the earlier document: `--against FILE`";

/// The remedy if a commit does not have the file.
const ANOTHER: &str = "name another commit, or an earlier file: `--against REF|FILE`";

/// The output of git for these arguments.
pub(crate) fn git(workspace: &Workspace, arguments: &[&str]) -> Result<String, git::Failure> {
    git::run(workspace.root(), arguments)
}
