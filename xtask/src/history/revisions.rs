//! The versions of a document: in the workspace, in a commit, or in a file.

use std::io::ErrorKind;
use std::path::Path;

use diagnostics::{Problem, Result};
use diff::Revision;
use openapi::Document;
use openapi::bundle::{File, Files, bundle};
use repository::{DocumentName, Source, Workspace, files};

use super::commit::Commit;
use crate::beside::{self, Folder, Own};
use crate::documents::{self, read_overlay};

/// The document in the workspace.
pub(crate) fn present(workspace: &Workspace, name: &DocumentName) -> Result<Revision> {
    Revision::of(documents::read_document(workspace, name)?, read_overlay(workspace, name)?.as_ref())
}

/// The document of `against`: a file if one of that name exists, otherwise a commit.
pub(crate) fn earlier(workspace: &Workspace, name: &DocumentName, against: &str) -> Result<Revision> {
    if Path::new(against).is_file() {
        return file_beside(workspace, name, against);
    }
    let commit = Commit::find(workspace, against)?;
    Ok(at(workspace, name, &commit, against)?.ok_or_else(|| {
        Problem::new(format!("{against} has no document called `{}`", name.name))
            .file(name.file())
            .remedy("name a commit that has it, or an earlier file: `--against REF|FILE`")
    })?)
}

/// The document of a commit, with `shown` as its name in messages; `None` if the commit has no such document.
pub(crate) fn at(workspace: &Workspace, name: &DocumentName, commit: &Commit, shown: &str) -> Result<Option<Revision>> {
    let files = commit.files(workspace)?;
    let is_there = |file: &String| files.contains(file);
    let Some(file) = name.files().into_iter().find(is_there) else { return Ok(None) };
    let overlay =
        name.overlay_files().into_iter().find(is_there).map(|file| overlay_of_commit(&file, commit, workspace));
    let document = Document::parse(&format!("{shown}:{file}"), commit.text(workspace, &file)?)?;
    let files = InCommit { workspace, commit, shown };
    let mut document = bundle(document, Some(&beside::own(name)), &mut Own { files, name })?;
    document.file.clone_from(&file);
    let mut version = Revision::of(document, overlay.transpose()?.as_ref())?;
    version.document.file = format!("{shown}:{file}");
    Ok(Some(version))
}

/// A file, with the overlay beside it, or otherwise with that of the workspace.
fn file_beside(workspace: &Workspace, name: &DocumentName, file: &str) -> Result<Revision> {
    let document = with_files(file)?;
    let overlay = match overlay_beside(file)? {
        Some(overlay) => Some(overlay),
        None => read_overlay(workspace, name)?,
    };
    // `extends` names the document of the workspace, whose file has another name here.
    let mut document = document;
    let shown = std::mem::replace(&mut document.file, name.file());
    let mut version = Revision::of(document, overlay.as_ref())?;
    version.document.file = shown;
    Ok(version)
}

/// A file outside any workspace, with the overlay beside it.
pub(crate) fn alone(file: &str) -> Result<Revision> {
    Revision::of(with_files(file)?, overlay_beside(file)?.as_ref())
}

/// The name of a file without its extension.
pub(crate) fn stem(file: &str) -> &str {
    let name = file.rfind(['/', std::path::MAIN_SEPARATOR]).map_or(0, |at| at + 1);
    file[name..].rfind('.').filter(|at| *at > 0).map_or(file, |at| &file[..name + at])
}

fn overlay_beside(file: &str) -> Result<Option<Document>> {
    let names = ["yaml", "yml", "json"].map(|extension| format!("{}.overlay.{extension}", stem(file)));
    names.into_iter().find(|file| Path::new(file).is_file()).map(|file| read_file(&file)).transpose()
}

/// Reads a document with the files that it refers to.
fn with_files(file: &str) -> Result<Document> {
    let own = Source::File(file).file_name();
    bundle(read_file(file)?, Some(own), &mut Folder::named(file))
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

/// The folder `specs` of a commit, with `shown` as its name in messages.
struct InCommit<'a> {
    workspace: &'a Workspace,
    commit: &'a Commit,
    shown: &'a str,
}

impl Files for InCommit<'_> {
    fn read(&mut self, path: &str) -> Result<File, Problem> {
        let file = format!("specs/{path}");
        let text = self.commit.text(self.workspace, &file).map_err(|problems| problems.into_vec().remove(0))?;
        Ok(File { path: path.to_owned(), name: format!("{}:{file}", self.shown), text })
    }
}

fn overlay_of_commit(file: &str, commit: &Commit, workspace: &Workspace) -> Result<Document> {
    Document::parse(file, commit.text(workspace, file)?)
}
