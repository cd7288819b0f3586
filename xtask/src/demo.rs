//! `cargo xtask demo`: current generated crates, then the demonstration.

use std::ffi::OsString;
use std::io;

use crate::ci::cargo_command;
use crate::codegen::{self, Mode};
use crate::problem::{Problem, Result};
use crate::workspace::Workspace;

/// Runs the demonstration with the terminal and the environment of the caller.
pub(crate) fn run(workspace: &Workspace, args: &[OsString]) -> Result<()> {
    codegen::run(workspace, &[], Mode::Check, &mut io::sink())?;
    let status = cargo_command(workspace)
        .args(["run", "--locked", "-p", "auth-core", "--example", "demo", "--"])
        .args(args)
        .status()
        .map_err(|error| Problem::new(format!("cannot start cargo: {error}")))?;
    if status.success() { Ok(()) } else { Err(Problem::new(format!("the demonstration ended with {status}")).into()) }
}
