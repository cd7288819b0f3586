//! What changed in the workspace since a commit or a release.

mod commit;
mod releases;
mod revisions;
mod survey;

use std::fs;
use std::path::Path;

use codegen::Home;
use diagnostics::text::{Terminal, fill};
use diagnostics::{Problem, Result};
use diff::{Approvals, Format, Report, Revision};
use openapi::Document;
use repository::{DocumentName, Workspace, files};

pub(crate) use revisions::{alone, earlier, present, stem};
pub(crate) use survey::{read_versions, snapshots, survey};

/// Reads the approvals in a file, which may be missing; `name` is its name in messages.
///
/// # Errors
///
/// Fails if the file cannot be read; names every incomplete entry.
pub(crate) fn read_approvals(path: &Path, name: &str) -> Result<Approvals> {
    match fs::read(path) {
        Ok(bytes) => Approvals::parse(name, files::decode(bytes, "the approvals", name)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Approvals::default()),
        Err(error) => Err(files::cannot_read("the approvals", name, &error).into()),
    }
}

/// The changes since the last commit, for the report of `cargo xtask codegen`; a failure becomes a line of the report.
pub(crate) fn summary(workspace: &Workspace, document: &DocumentName) -> Terminal {
    let compared = earlier(workspace, document, "HEAD")
        .and_then(|old| Ok(diff::compare(&old, &present(workspace, document)?, &Home::Workspace).0));
    match compared {
        Ok(findings) => {
            let exposing = snapshots(workspace).exposing(&document.name);
            diff::summary(&document.name, &findings, &exposing)
        }
        Err(problems) => {
            let why = problems.iter().next().map(Problem::message).unwrap_or_default();
            fill!(Terminal, "  changes since HEAD: not known, {}\n", Terminal::line(why))
        }
    }
}

/// The report of `cargo xtask diff` if a document replaced the present one. `file` is the source of the new document.
///
/// # Errors
///
/// Fails if the present document or the approvals cannot be read, or if the overlay cannot be applied.
pub(crate) fn preview(
    workspace: &Workspace,
    name: &DocumentName,
    document: Document,
    overlay: Option<&Document>,
    file: &str,
) -> Result<Terminal> {
    let old = present(workspace, name)?;
    let mut new = Revision::of(document, overlay)?;
    file.clone_into(&mut new.document.file);
    let approvals_file = name.approvals_file();
    let approvals = read_approvals(&workspace.path(&approvals_file), &approvals_file)?;
    let (mut findings, doubt) = diff::compare(&old, &new, &Home::Workspace);
    approvals.apply(&mut findings);
    let survey = survey(workspace, Some((&name.name, &new)));
    let versions = Some(&survey);
    let (name, against, old, new, approvals) = (&*name.name, &*name.file(), &old, &new, &approvals);
    Ok(Report { name, against, old, new, findings: &findings, versions, doubt, approvals }.render(Format::Text))
}
