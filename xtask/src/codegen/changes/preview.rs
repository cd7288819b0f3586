//! What a document that is not in the workspace yet would change.

use std::fs;

use serde_json::Value;

use super::approvals::Approvals;
use super::baseline::Version;
use super::command::findings;
use super::report::{Format, Report};
use super::versions::{self, Step, Versions};
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
    let manifest = fs::read_to_string(workspace.path("Cargo.toml")).unwrap_or_default();
    let current = Versions::read(workspace)?.get(&name.name).or_else(|| versions::of_workspace(&manifest));
    let versions = current.map(|version| [version, version.after(Step::of(&findings))]);
    let (name, against, old, new, approvals) = (&*name.name, &*name.file(), &old, &new, &approvals);
    Ok(Report { name, against, old, new, findings: &findings, versions, doubt, approvals }.render(Format::Text))
}
