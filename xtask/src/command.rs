//! Programs that this tool starts.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::problem::{Problem, Result};
use crate::workspace::Workspace;

/// The cargo that runs this tool, in the root of the workspace.
pub(crate) fn cargo(workspace: &Workspace) -> Command {
    let mut command = this_cargo();
    command.current_dir(workspace.root());
    command
}

/// The cargo that runs this tool.
pub(crate) fn this_cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a command; fails if it does.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status =
        command.status().map_err(|error| Problem::new(format!("cannot start `{}`: {error}", shown(command))))?;
    if status.success() {
        Ok(())
    } else {
        Err(Problem::new(format!("`{}` ended with {status}", shown(command))).into())
    }
}

/// A command as people type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// True if a program can be started here.
pub(crate) fn is_there(program: impl AsRef<OsStr>) -> bool {
    answers(Command::new(program).arg("--version"))
}

/// True if a command succeeds; nobody sees what it says.
pub(crate) fn answers(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_people_type_it() {
        assert_eq!(shown(Command::new("/a/b/cargo").args(["doc", "--locked"])), "cargo doc --locked");
    }
}
