//! Programs that this tool starts.

use std::ffi::OsStr;
use std::io::{Error, ErrorKind};
use std::path::Path;
use std::process::{Command, Stdio};

use diagnostics::{Problem, Result};

use crate::files::{self, Access};
use crate::workspace::Workspace;

/// The cargo that runs this tool, in the root of the workspace.
pub fn cargo(workspace: &Workspace) -> Command {
    let mut command = this_cargo();
    command.current_dir(workspace.root());
    command
}

/// The cargo that runs this tool.
pub fn this_cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a command; fails if it does.
///
/// # Errors
///
/// Fails if the program cannot be started, or if it ends with an error.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|error| cannot_start(&shown(command), &error))?;
    if status.success() {
        Ok(())
    } else {
        Err(Problem::new(format!("`{}` ended with {status}", shown(command))).into())
    }
}

/// A command as people type it.
pub fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// True if a program can be started here.
pub fn is_there(program: impl AsRef<OsStr>) -> bool {
    answers(Command::new(program).arg("--version"))
}

/// True if a command succeeds; nobody sees what it says.
pub fn answers(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// The program cannot be started.
pub fn cannot_start(program: &str, error: &Error) -> Problem {
    let name = program.split(' ').next().unwrap_or(program);
    let remedy = match error.kind() {
        ErrorKind::NotFound => format!("install `{name}`, or add the folder that it is in to PATH"),
        ErrorKind::PermissionDenied => format!("make `{name}` executable, or correct PATH, which leads to it"),
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
    fn the_remedy_is_that_of_the_cause() {
        for (error, words) in [
            (ErrorKind::NotFound.into(), "install `cargo`, or add the folder"),
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
    fn a_command_is_shown_as_people_type_it() {
        assert_eq!(shown(Command::new("/a/b/cargo").args(["doc", "--locked"])), "cargo doc --locked");
    }
}
