//! What the tests share.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use auth_contract::{Documents, Finding, Report};

/// The folder of the workspace's documents as JSON, written once per test run.
pub(crate) fn documents_folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("documents");
        let xtask = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../xtask/Cargo.toml");
        let mut command = Command::new(env!("CARGO"));
        command.args(["run", "--quiet", "--locked", "--manifest-path"]).arg(xtask).args(["--", "documents"]);
        assert!(command.arg(&folder).status().unwrap().success());
        folder
    })
}

pub(crate) fn documents() -> Documents {
    Documents::read(documents_folder()).unwrap()
}

/// All findings of a report, as text.
pub(crate) fn findings(report: &Report) -> Vec<String> {
    report.cases.iter().flat_map(|case| &case.findings).map(shown).collect()
}

pub(crate) fn shown(finding: &Finding) -> String {
    format!("{}: {finding}", finding.severity.as_str())
}
