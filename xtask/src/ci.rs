//! `cargo xtask ci`: everything that has to hold, step by step.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::codegen::{self, Mode};
use crate::problem::{Problem, Result};
use crate::workspace::Workspace;
use crate::{diagnostics, msrv};

/// What a step does.
#[derive(Clone, Copy, Debug)]
enum Action {
    /// Runs cargo with these arguments.
    Cargo(&'static [&'static str]),
    /// Builds the documentation, warnings as errors.
    Doc(&'static [&'static str]),
    /// Compares the generated crates with what is generated.
    Codegen,
    /// Compares the declared minimum Rust version with those of the dependencies.
    Msrv,
}

const XTASK: &str = "xtask/Cargo.toml";

/// The steps in order: what is quick and often wrong first.
const STEPS: &[(&str, Action)] = &[
    ("format", Action::Cargo(&["fmt", "--all", "--check"])),
    ("format of xtask", Action::Cargo(&["fmt", "--manifest-path", XTASK, "--check"])),
    ("generated code", Action::Codegen),
    ("minimum Rust version", Action::Msrv),
    ("clippy", Action::Cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])),
    (
        "clippy of xtask",
        Action::Cargo(&["clippy", "--manifest-path", XTASK, "--all-targets", "--locked", "--", "-D", "warnings"]),
    ),
    ("tests and doctests", Action::Cargo(&["test", "--workspace", "--locked"])),
    ("tests of xtask", Action::Cargo(&["test", "--manifest-path", XTASK, "--locked"])),
    ("documentation", Action::Doc(&["doc", "--workspace", "--no-deps", "--locked"])),
];

/// Runs all steps; stops at the first that fails.
pub(crate) fn run(workspace: &Workspace, out: &mut dyn Write) -> Result<()> {
    components()?;
    let begin = Instant::now();
    let count = STEPS.len();
    for (index, (name, action)) in STEPS.iter().enumerate() {
        let number = index + 1;
        say(out, &format!("[{number}/{count}] {name}"))?;
        let step = Instant::now();
        let outcome = match action {
            Action::Cargo(arguments) => cargo(workspace, arguments, None),
            Action::Doc(arguments) => cargo(workspace, arguments, Some(("RUSTDOCFLAGS", "-D warnings"))),
            Action::Codegen => codegen::run(workspace, &[], Mode::Check, out),
            Action::Msrv => msrv::check(workspace),
        };
        if let Err(problems) = outcome {
            anstream::eprint!("{}", diagnostics::render(&problems.read_sources(workspace.root())));
            return Err(Problem::new(format!("ci: step {number} of {count}, {name}, failed")).into());
        }
        say(out, &format!("[{number}/{count}] {name}: passed in {:.1} s", step.elapsed().as_secs_f64()))?;
    }
    say(out, &format!("ci: all {count} steps passed in {:.1} s", begin.elapsed().as_secs_f64()))
}

fn say(out: &mut dyn Write, line: &str) -> Result<()> {
    // What cargo prints next comes from another process: nothing may wait in a buffer.
    let said = writeln!(out, "{line}").and_then(|()| out.flush());
    Ok(said.map_err(|error| Problem::new(format!("cannot write the report: {error}")))?)
}

/// The cargo that runs this tool.
pub(crate) fn cargo_command(workspace: &Workspace) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace.root());
    command
}

fn cargo(workspace: &Workspace, arguments: &[&str], variable: Option<(&str, &str)>) -> Result<()> {
    let mut command = cargo_command(workspace);
    command.args(arguments).envs(variable);
    let shown = format!("cargo {}", arguments.join(" "));
    let status = command.status().map_err(|error| Problem::new(format!("cannot start `{shown}`: {error}")))?;
    if status.success() { Ok(()) } else { Err(Problem::new(format!("`{shown}` ended with {status}")).into()) }
}

/// rustfmt and clippy are components of their own; without them cargo's message does not say what to do.
fn components() -> Result<()> {
    for (name, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo).args([name, "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !status.is_ok_and(|status| status.success()) {
            return Err(Problem::new(format!("`cargo {name}` is not installed"))
                .remedy(format!("rustup component add {component}"))
                .into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_that_resolves_dependencies_is_locked() {
        for (name, action) in STEPS {
            if let Action::Cargo(arguments) | Action::Doc(arguments) = action {
                assert!(arguments[0] == "fmt" || arguments.contains(&"--locked"), "{name}");
            }
        }
    }
}
