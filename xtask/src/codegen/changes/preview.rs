//! What a document that is not in the workspace yet would change.

use serde_json::Value;

use super::approvals::Approvals;
use super::baseline::Version;
use super::command::findings;
use super::crate_versions::Survey;
use super::report::{Format, Report};
use crate::codegen::emit::Home;
use crate::codegen::load::Document;
use crate::codegen::text::Terminal;
use crate::problem::Result;
use crate::workspace::{DocumentName, Workspace};

/// What `cargo xtask diff` would say if this document took the place of the present one; `value` is the document after its
/// overlay.
pub(crate) fn preview(
    workspace: &Workspace,
    name: &DocumentName,
    document: Document,
    overlay: Option<String>,
    value: Value,
) -> Result<Terminal> {
    let old = Version::present(workspace, name)?;
    let new = Version { document, overlay, value };
    let file = name.approvals_file();
    let approvals = Approvals::read(&workspace.path(&file), &file)?;
    let (mut findings, doubt) = findings(&old, &new, Home::Workspace);
    approvals.apply(&mut findings);
    let survey = Survey::of(workspace, Some((&name.name, &new)));
    let versions = Some(&survey);
    let (name, against, old, new, approvals) = (&*name.name, &*name.file(), &old, &new, &approvals);
    Ok(Report { name, against, old, new, findings: &findings, versions, doubt, approvals }.render(Format::Text))
}
