//! The outcome of a check that `cargo xtask ci` runs as a step, and the lines that it prints meanwhile.

use std::io::Write;

use crate::files;
use crate::problem::Result;

/// What became of a check that did not fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything is as it has to be.
    Passed,
    /// The check could not be run here, for this reason.
    Skipped(String),
}

/// Prints a line.
pub(crate) fn say(out: &mut dyn Write, line: &str) -> Result<()> {
    // What cargo prints next comes from another process: nothing may wait in a buffer.
    let said = writeln!(out, "{line}").and_then(|()| out.flush());
    Ok(said.map_err(|error| files::cannot_print(&error))?)
}
