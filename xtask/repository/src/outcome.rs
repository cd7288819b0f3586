//! The outcome of a check that `cargo xtask ci` runs as a step, and the output of such a check.

use std::io::Write;

use diagnostics::text::Terminal;
use diagnostics::{Problem, Result};

use crate::files;

/// The outcome of a check that did not fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The check passed.
    Passed,
    /// The check could not run here, for this reason.
    Skipped(String),
}

/// Prints a line.
///
/// # Errors
///
/// Fails if the line cannot be printed.
pub fn say(out: &mut dyn Write, line: &str) -> Result<()> {
    // cargo prints from another process, so the line must not stay in a buffer.
    let said = writeln!(out, "{}", Terminal::line(line).as_str()).and_then(|()| out.flush());
    Ok(said.map_err(|error| files::cannot_print(&error))?)
}

/// Prints a text.
///
/// # Errors
///
/// Fails if it cannot be printed.
pub fn print(out: &mut dyn Write, text: &Terminal) -> Result<()> {
    files::print(out, text.as_str())
}

/// Prints warnings on standard error.
pub fn warn(warnings: &[Problem]) {
    for warning in warnings {
        anstream::eprint!("{}", diagnostics::render_problem(warning));
    }
}
