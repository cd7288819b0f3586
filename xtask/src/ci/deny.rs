//! Licences, bans and sources of all dependencies, judged by cargo-deny.

use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use super::{Outcome, say};
use crate::command::{self, is_there};
use crate::problem::{Problem, Result};
use crate::workspace::Workspace;

/// What is installed where cargo-deny is missing.
const VERSION: &str = "0.20.2";

/// Where it is installed then.
const TOOLS: &str = "target/tools";

/// The workspaces of this repository.
const MANIFESTS: [&str; 3] = ["Cargo.toml", "xtask/Cargo.toml", "fuzz/Cargo.toml"];

/// Checks all workspaces. Advisories need a database from elsewhere, so they are not looked at.
pub(crate) fn check(workspace: &Workspace, out: &mut dyn Write) -> Result<Outcome> {
    let program = program(workspace, out)?;
    for manifest in MANIFESTS {
        let mut command = Command::new(&program);
        command.current_dir(workspace.root()).args(["--locked", "--manifest-path", manifest, "check"]);
        command::run(command.args(["licenses", "bans", "sources"]))?;
    }
    Ok(Outcome::Passed)
}

/// The cargo-deny of this machine, or one of our own, installed once.
fn program(workspace: &Workspace, out: &mut dyn Write) -> Result<PathBuf> {
    let own = workspace.path(TOOLS).join("bin").join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    for found in [PathBuf::from("cargo-deny"), own.clone()] {
        if is_there(&found) {
            return Ok(found);
        }
    }
    say(out, &format!("cargo-deny is not installed: installing version {VERSION} into {TOOLS}, once"))?;
    let build = format!("{TOOLS}/build");
    let mut command = command::cargo(workspace);
    // Without optimization: it runs for seconds and would be built for minutes.
    command.args(["install", "--quiet", "--locked", "--debug", "--root", TOOLS, "--target-dir", &build]);
    command::run(command.arg(format!("cargo-deny@={VERSION}")))?;
    // What is left of building it is of no use; if it stays, it only takes room.
    let _ = std::fs::remove_dir_all(workspace.path(&build));
    if !is_there(&own) {
        return Err(Problem::new("cargo-deny was installed and does not start").file(TOOLS).into());
    }
    Ok(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lock_file_of_the_repository_is_judged() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the root of the repository");
        let folders = std::fs::read_dir(root).expect("it can be read").map(|entry| entry.expect("an entry").path());
        let mut locked: Vec<String> = folders
            .filter(|path| path.join("Cargo.lock").is_file())
            .map(|path| format!("{}/Cargo.toml", path.file_name().expect("a name").display()))
            .collect();
        locked.push("Cargo.toml".to_owned());
        locked.sort();
        let mut judged = MANIFESTS.to_vec();
        judged.sort_unstable();
        assert_eq!(judged, locked);
    }
}
