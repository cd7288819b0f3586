//! Starts other programs.

use std::ffi::OsStr;
use std::io::{Error, ErrorKind};
use std::path::Path;
use std::process::{Command, Stdio};

use diagnostics::{Problem, Result};

use crate::files::{self, Access};
use crate::workspace::Workspace;

/// A command of the cargo that runs this tool, in the root of the workspace.
pub fn cargo(workspace: &Workspace) -> Command {
    let mut command = this_cargo();
    command.current_dir(workspace.root());
    command
}

/// A command of the cargo that runs this tool.
pub fn this_cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a command to its end.
///
/// # Errors
///
/// Fails if the program cannot be started or exits with an error.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|error| cannot_start(&command_line(command), &error))?;
    if status.success() {
        Ok(())
    } else {
        Err(Problem::new(format!("`{}` ended with {status}", command_line(command))).into())
    }
}

/// The command line as a user types it.
pub fn command_line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Returns true if a program can be started here.
pub fn is_there(program: impl AsRef<OsStr>) -> bool {
    answers(Command::new(program).arg("--version"))
}

/// Returns true if a command succeeds; discards its output.
pub fn answers(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Creates the problem for a program that cannot be started.
pub fn cannot_start(program: &str, error: &Error) -> Problem {
    let name = program.split(' ').next().unwrap_or(program);
    let remedy = match error.kind() {
        ErrorKind::NotFound => format!("install `{name}`, or add its folder to PATH"),
        ErrorKind::PermissionDenied => format!("make `{name}` executable, or correct PATH"),
        ErrorKind::WouldBlock => {
            "raise the limit on processes (`ulimit -u`), or end some of them, and run the command again".to_owned()
        }
        _ => files::advice(Access::Read, error).to_owned(),
    };
    Problem::new(format!("cannot start `{program}`: {error}")).remedy(remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_has_its_remedy() {
        for (error, words) in [
            (ErrorKind::NotFound.into(), "install `cargo`, or add its folder"),
            (ErrorKind::PermissionDenied.into(), "make `cargo` executable"),
            (ErrorKind::WouldBlock.into(), "`ulimit -u`"),
            (ErrorKind::OutOfMemory.into(), "memory"),
            #[cfg(unix)]
            (Error::from_raw_os_error(24), "`ulimit -n`"),
        ] {
            let text = cannot_start("cargo test", &error).to_string();
            assert!(text.starts_with("error: cannot start `cargo test`: ") && text.contains(words), "{text}");
        }
    }

    #[test]
    fn a_command_is_printed_as_a_user_types_it() {
        assert_eq!(command_line(Command::new("/a/b/cargo").args(["doc", "--locked"])), "cargo doc --locked");
    }
}
