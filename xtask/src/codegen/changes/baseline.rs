//! The version of a document that the present one is compared with: a commit's, or a file.

use std::io::ErrorKind;
use std::path::Path;

use serde_json::Value;

use crate::codegen::load::Document;
use crate::codegen::overlay;
use crate::problem::{Problem, Result};
use crate::workspace::{DocumentName, Workspace};
use crate::{files, git};

/// A document after its overlay.
#[derive(Debug)]
pub(crate) struct Version {
    /// The document as it was or is.
    pub(crate) document: Document,
    /// The overlay's file.
    pub(crate) overlay: Option<String>,
    /// The document's value after the overlay.
    pub(crate) value: Value,
}

impl Version {
    fn of(document: Document, overlay: Option<&Document>) -> Result<Self> {
        let mut value = document.value.clone();
        if let Some(overlay) = overlay {
            overlay::apply(overlay, &document.file, &mut value)?;
        }
        Ok(Self { document, overlay: overlay.map(|overlay| overlay.file.clone()), value })
    }

    /// The line of a node that stands in the document itself; an overlay's nodes have none.
    pub(crate) fn line(&self, pointer: &str) -> Option<usize> {
        self.document.value.pointer(pointer)?;
        self.document.line(pointer)
    }

    /// The document as it lies in the workspace.
    pub(crate) fn present(workspace: &Workspace, name: &DocumentName) -> Result<Self> {
        Self::of(Document::read(workspace, &name.file())?, present_overlay(workspace, name)?.as_ref())
    }

    /// The document that `against` means: a file if there is one of that name, else a commit.
    pub(crate) fn earlier(workspace: &Workspace, name: &DocumentName, against: &str) -> Result<Self> {
        if Path::new(against).is_file() {
            return Self::file(workspace, name, against);
        }
        let commit = Commit::find(workspace, against)?;
        Ok(Self::at(workspace, name, &commit, against)?.ok_or_else(|| {
            Problem::new(format!("{against} has no document called `{}`", name.name))
                .file(name.file())
                .remedy("name a commit that has it, or an earlier file: `--against REF|FILE`")
        })?)
    }

    /// The document of a commit, which is shown under this name; nothing if the commit has no such document.
    pub(super) fn at(workspace: &Workspace, name: &DocumentName, commit: &Commit, shown: &str) -> Result<Option<Self>> {
        let files = commit.files(workspace)?;
        let is_there = |file: &String| files.contains(file);
        let Some(file) = name.files().into_iter().find(is_there) else { return Ok(None) };
        let overlay =
            name.overlay_files().into_iter().find(is_there).map(|file| read_overlay(&file, commit, workspace));
        let mut document = Document::parse(&format!("{shown}:{file}"), commit.text(workspace, &file)?)?;
        document.file.clone_from(&file);
        let mut version = Self::of(document, overlay.transpose()?.as_ref())?;
        version.document.file = format!("{shown}:{file}");
        Ok(Some(version))
    }

    /// A file, with the overlay that lies beside it, or else with that of the workspace.
    fn file(workspace: &Workspace, name: &DocumentName, file: &str) -> Result<Self> {
        let document = read_file(file)?;
        let overlay = match beside(file)? {
            Some(overlay) => Some(overlay),
            None => present_overlay(workspace, name)?,
        };
        // An overlay names the document it is for, which here has another name.
        let mut document = document;
        let shown = std::mem::replace(&mut document.file, name.file());
        let mut version = Self::of(document, overlay.as_ref())?;
        version.document.file = shown;
        Ok(version)
    }

    /// A file of no workspace, with the overlay that lies beside it.
    pub(crate) fn alone(file: &str) -> Result<Self> {
        Self::of(read_file(file)?, beside(file)?.as_ref())
    }
}

/// The name of a file without its extension.
pub(super) fn stem(file: &str) -> &str {
    let name = file.rfind(['/', std::path::MAIN_SEPARATOR]).map_or(0, |at| at + 1);
    file[name..].rfind('.').filter(|at| *at > 0).map_or(file, |at| &file[..name + at])
}

fn beside(file: &str) -> Result<Option<Document>> {
    let names = ["yaml", "yml", "json"].map(|extension| format!("{}.overlay.{extension}", stem(file)));
    names.into_iter().find(|file| Path::new(file).is_file()).map(|file| read_file(&file)).transpose()
}

fn read_file(file: &str) -> Result<Document> {
    let open = std::fs::File::open(file).map_err(|error| {
        let problem = files::cannot_read("the document", file, &error);
        match error.kind() {
            ErrorKind::NotFound => problem.remedy(
                "name two files, `cargo xtask diff OLD NEW`; or a document, `cargo xtask diff NAME --against FILE`",
            ),
            _ => problem,
        }
    })?;
    let bytes = files::read_limited(open, "the document", file)?;
    Document::parse(file, files::decode(bytes, "the document", file)?)
}

fn present_overlay(workspace: &Workspace, name: &DocumentName) -> Result<Option<Document>> {
    let file = name.overlay_files().into_iter().find(|file| workspace.path(file).exists());
    file.map(|file| Document::read(workspace, &file)).transpose()
}

fn read_overlay(file: &str, commit: &Commit, workspace: &Workspace) -> Result<Document> {
    Document::parse(file, commit.text(workspace, file)?)
}

/// A commit of the workspace's repository.
#[derive(Debug)]
pub(super) struct Commit {
    name: String,
    id: String,
}

impl Commit {
    /// The commit that a name means.
    pub(super) fn find(workspace: &Workspace, name: &str) -> Result<Self> {
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
    fn files(&self, workspace: &Workspace) -> Result<Vec<String>> {
        let list = git(workspace, &["ls-tree", "--name-only", "-z", &self.id, "specs/"]);
        let list = list.map_err(|failure| failure.problem(&format!("cannot read specs of {}", self.name), ANOTHER))?;
        Ok(list.split('\0').filter(|file| !file.is_empty()).map(str::to_owned).collect())
    }

    /// The text of a file that is named relative to the root of the workspace.
    pub(super) fn text(&self, workspace: &Workspace, file: &str) -> Result<String> {
        let text = git(workspace, &["show", &format!("{}:./{file}", self.id)]);
        Ok(text.map_err(|failure| failure.problem(&format!("cannot read {file} of {}", self.name), ANOTHER))?)
    }
}

/// What to do without a commit.
const INSTEAD: &str = "name the earlier document: `--against FILE`";

/// What to do without a file of a commit.
const ANOTHER: &str = "name another commit, or an earlier file: `--against REF|FILE`";

/// What git says to these arguments.
pub(super) fn git(workspace: &Workspace, arguments: &[&str]) -> Result<String, git::Failure> {
    git::run(workspace.root(), arguments)
}
