//! `cargo xtask ci`: everything that has to hold, step by step.

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::codegen::{self, Mode};
use crate::files;
use crate::problem::{Problem, Result};
use crate::program;
use crate::workspace::Workspace;
use crate::{browser, contract, deny, diagnostics, examples, features, install, msrv, packages, public_api};

/// What a step does.
#[derive(Clone, Copy, Debug)]
enum Action {
    /// Runs cargo with these arguments.
    Cargo(&'static [&'static str]),
    /// Builds the documentation, warnings as errors.
    Doc(&'static [&'static str]),
    /// Compares the generated crates with what is generated.
    Codegen,
    /// Runs a check that has a module of its own.
    Check(fn(&Workspace, &mut dyn Write) -> Result<Outcome>),
}

/// What became of a step that did not fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All is as it has to be.
    Passed,
    /// It could not be run here, for this reason.
    Skipped(String),
}

const XTASK: &str = "xtask/Cargo.toml";

/// Commands of cargo that are components of their own, with the name of the component.
const COMPONENTS: [(&str, &str); 2] = [("fmt", "rustfmt"), ("clippy", "clippy")];

/// The steps in order: what is quick and often wrong first.
const STEPS: &[(&str, Action)] = &[
    ("format", Action::Cargo(&["fmt", "--all", "--check"])),
    ("format of xtask", Action::Cargo(&["fmt", "--manifest-path", XTASK, "--check"])),
    ("generated code", Action::Codegen),
    ("minimum Rust version", Action::Check(msrv::check)),
    ("licences, bans and sources", Action::Check(deny::check)),
    ("clippy", Action::Cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])),
    (
        "clippy of xtask",
        Action::Cargo(&["clippy", "--manifest-path", XTASK, "--all-targets", "--locked", "--", "-D", "warnings"]),
    ),
    ("sets of features", Action::Check(features::check)),
    ("tests and doctests", Action::Cargo(&["test", "--workspace", "--locked"])),
    ("examples", Action::Check(examples::check)),
    ("page in a browser", Action::Check(browser::check)),
    ("contract", Action::Check(contract::check)),
    ("tests of xtask", Action::Cargo(&["test", "--manifest-path", XTASK, "--locked"])),
    ("documentation", Action::Doc(&["doc", "--workspace", "--no-deps", "--locked"])),
    (
        "documentation of all features",
        Action::Doc(&["doc", "-p", "auth-core", "--no-deps", "--all-features", "--locked"]),
    ),
    ("public API", Action::Check(public_api::check)),
    ("versions", Action::Check(codegen::changes::check_versions)),
    ("build with the minimum Rust version", Action::Check(msrv::build)),
    ("packages", Action::Check(packages::check)),
];

/// Runs all steps; stops at the first that fails. With `install`, what is missing for them is installed first.
pub(crate) fn run(workspace: &Workspace, install: bool, out: &mut dyn Write) -> Result<()> {
    if install {
        install::missing(out)?;
    }
    components()?;
    let begin = Instant::now();
    let count = STEPS.len();
    let mut skipped = 0;
    for (index, (name, action)) in STEPS.iter().enumerate() {
        let number = index + 1;
        say(out, &format!("[{number}/{count}] {name}"))?;
        let step = Instant::now();
        let outcome = match action {
            Action::Cargo(arguments) => cargo(workspace, arguments, None),
            Action::Doc(arguments) => cargo(workspace, arguments, Some(("RUSTDOCFLAGS", "-D warnings"))),
            Action::Codegen => codegen::run(workspace, &[], Mode::Check, out).map(|()| Outcome::Passed),
            Action::Check(check) => check(workspace, out),
        };
        let told = match outcome {
            Ok(Outcome::Passed) => "passed".to_owned(),
            Ok(Outcome::Skipped(reason)) => {
                skipped += 1;
                format!("skipped ({reason})")
            }
            Err(problems) => {
                anstream::eprint!("{}", diagnostics::render(&problems.read_sources(workspace.root())));
                return Err(Problem::new(format!("ci: step {number} of {count}, {name}, failed")).into());
            }
        };
        say(out, &format!("[{number}/{count}] {name}: {told} in {:.1} s", step.elapsed().as_secs_f64()))?;
    }
    say(out, &summary(count, skipped, begin.elapsed().as_secs_f64()))
}

fn summary(count: usize, skipped: usize, seconds: f64) -> String {
    match skipped {
        0 => format!("ci: all {count} steps passed in {seconds:.1} s"),
        _ => format!("ci: {} of {count} steps passed and {skipped} skipped in {seconds:.1} s", count - skipped),
    }
}

/// Prints a line.
pub(crate) fn say(out: &mut dyn Write, line: &str) -> Result<()> {
    // What cargo prints next comes from another process: nothing may wait in a buffer.
    let said = writeln!(out, "{line}").and_then(|()| out.flush());
    Ok(said.map_err(|error| files::cannot_print(&error))?)
}

/// The cargo that runs this tool.
pub(crate) fn cargo_command(workspace: &Workspace) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace.root());
    command
}

fn cargo(workspace: &Workspace, arguments: &[&str], variable: Option<(&str, &str)>) -> Result<Outcome> {
    run_command(cargo_command(workspace).args(arguments).envs(variable)).map(|()| Outcome::Passed)
}

/// Runs a command; fails if it does.
pub(crate) fn run_command(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|error| program::cannot_start(&shown(command), &error))?;
    if status.success() {
        Ok(())
    } else {
        Err(Problem::new(format!("`{}` ended with {status}", shown(command))).into())
    }
}

/// A command as people type it.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// True if a program can be started here.
pub(crate) fn is_there(program: impl AsRef<OsStr>) -> bool {
    let status = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// Those of the toolchain's components that the steps need and that are not installed.
pub(crate) fn missing_components() -> Vec<&'static str> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let is_missing = |name: &str| {
        let status =
            Command::new(&cargo).args([name, "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        !status.is_ok_and(|status| status.success())
    };
    COMPONENTS.into_iter().filter(|(name, _)| is_missing(name)).map(|(_, component)| component).collect()
}

/// Without them cargo's message does not say what to do.
fn components() -> Result<()> {
    match missing_components().first() {
        None => Ok(()),
        Some(component) => Err(Problem::new(format!("{component} is not installed"))
            .remedy(format!("rustup component add {component}"))
            .into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_was_skipped_is_not_counted_as_passed() {
        assert_eq!(summary(3, 0, 1.25), "ci: all 3 steps passed in 1.2 s");
        assert_eq!(summary(3, 1, 1.25), "ci: 2 of 3 steps passed and 1 skipped in 1.2 s");
    }

    #[test]
    fn a_command_is_shown_as_people_type_it() {
        assert_eq!(shown(Command::new("/a/b/cargo").args(["doc", "--locked"])), "cargo doc --locked");
    }

    #[test]
    fn every_step_that_resolves_dependencies_is_locked() {
        for (name, action) in STEPS {
            if let Action::Cargo(arguments) | Action::Doc(arguments) = action {
                assert!(arguments[0] == "fmt" || arguments.contains(&"--locked"), "{name}");
            }
        }
    }
}
