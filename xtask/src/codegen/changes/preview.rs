//! What a document that is not in the workspace yet would change.

use std::fs;

use serde_json::Value;

use super::baseline::Version;
use super::document::compare;
use super::report::Report;
use super::versions::{self, Step, Versions};
use crate::codegen::load::Document;
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
) -> Result<String> {
    let old = Version::present(workspace, name)?;
    let new = Version { document, overlay, value };
    let findings = compare(&old.value, &new.value);
    let manifest = fs::read_to_string(workspace.path("Cargo.toml")).unwrap_or_default();
    let current = Versions::read(workspace)?.get(&name.name).or_else(|| versions::of_workspace(&manifest));
    let versions = current.map(|version| [version, version.after(Step::of(&findings))]);
    let against = name.file();
    Ok(Report { name: &name.name, against: &against, old: &old, new: &new, findings: &findings, versions }.text())
}
