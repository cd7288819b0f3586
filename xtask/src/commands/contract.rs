//! `cargo xtask contract`: writes the documents as JSON, then starts the contract run.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use diagnostics::{Problem, Result};
use repository::Outcome;
use repository::Workspace;
use repository::command;
use repository::files;
use repository::programs;

use crate::commands::codegen::{self, Mode};
use crate::documents::Layers;

/// The program of the contract run, and its package.
const PROGRAM: &str = "auth-contract";

/// The exit status of the contract run if the contract is broken; 1 means that there is no result.
const NOT_KEPT: u8 = 2;

/// Starts the contract run with the terminal and the environment of the caller; returns its exit code.
pub(crate) fn run(workspace: &Workspace, args: &[OsString]) -> Result<ExitCode> {
    let mut command = command::cargo(workspace);
    command.args(["run", "--quiet", "--locked", "-p", PROGRAM, "--"]);
    run_with(workspace, &mut command, args)
}

/// Starts the contract run by a command, with the folder of the documents and these arguments.
fn run_with(workspace: &Workspace, command: &mut Command, args: &[OsString]) -> Result<ExitCode> {
    codegen::run(workspace, &[], Mode::Check, &mut io::sink())?;
    let folder = workspace.path("target/contract/documents");
    write_documents(workspace, &folder)?;
    let status = command
        .arg("--documents")
        .arg(&folder)
        .args(args)
        .status()
        .map_err(|error| command::cannot_start(PROGRAM, &error))?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Runs the contract against the sandbox, as a step of `ci`.
pub(crate) fn check(workspace: &Workspace, _: &mut dyn io::Write) -> Result<Outcome> {
    let programs = programs::build(workspace)?;
    let program = programs.iter().find(|program| program.name == PROGRAM && !program.is_example);
    let program = program.ok_or_else(|| Problem::new(format!("{PROGRAM} was not built")))?;
    let code = run_with(workspace, Command::new(&program.path).current_dir(workspace.root()), &[])?;
    if code == ExitCode::SUCCESS {
        return Ok(Outcome::Passed);
    }
    let said = if code == ExitCode::from(NOT_KEPT) {
        "traffic with the sandbox breaks the contract"
    } else {
        "the contract run with the sandbox had no result"
    };
    Err(Problem::new(said).remedy("run `cargo xtask contract` for the details").into())
}

/// Writes each document of the workspace into `folder` as JSON: as published, after its overlay, and the lines of its nodes.
pub(crate) fn write_documents(workspace: &Workspace, folder: &Path) -> Result<()> {
    let failed = |path: &PathBuf, error| files::cannot_write("the document", path.display().to_string(), &error);
    let folder = folder.to_path_buf();
    fs::create_dir_all(&folder).map_err(|error| failed(&folder, error))?;
    for name in workspace.documents()? {
        let path = folder.join(format!("{}.json", name.name));
        let Layers { document, overlay, overlaid } = Layers::read(workspace, &name)?;
        let text = serde_json::json!({
            "name": name.name,
            "file": document.file,
            "sha256": document.sha256,
            "overlay": overlay.map(|overlay| overlay.file),
            "published": document.value,
            "overlaid": overlaid,
            "lines": document.positions().lines(),
        })
        .to_string();
        fs::write(&path, text).map_err(|error| failed(&path, error))?;
    }
    Ok(())
}
