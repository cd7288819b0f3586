//! `cargo xtask demo`: checks that the generated crates are current, then runs the demonstration.

use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

use diagnostics::Result;
use repository::Workspace;
use repository::command;

use crate::commands::codegen::{self, Mode};

/// Runs the demonstration with the terminal and the environment of the caller; returns its exit code.
pub(crate) fn run(workspace: &Workspace, args: &[OsString]) -> Result<ExitCode> {
    codegen::run(workspace, &[], Mode::Check, &mut io::sink())?;
    let status = command::cargo(workspace)
        .args(["run", "--locked", "-p", "auth-core", "--example", "demo", "--"])
        .args(args)
        .status()
        .map_err(|error| command::cannot_start("cargo", &error))?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}
