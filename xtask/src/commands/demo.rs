//! `cargo xtask demo`: checks that the generated crates are current, then runs the demonstration, or with `--fleet` that of
//! programs that share a token.

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
        .args(["run", "--locked"])
        .args(example(args))
        .status()
        .map_err(|error| command::cannot_start("cargo", &error))?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// The example that these arguments ask for, with the arguments for it.
fn example(args: &[OsString]) -> Vec<OsString> {
    let (words, rest): (&[&str], _) = match args {
        // Eight programs share a Redis server: one that is named, or that of this machine.
        [first] if first == "--fleet" => {
            (&["-p", "auth-fleet", "--example", "fleet", "--", "--programs", "8", "--own-redis"], &args[1..])
        }
        [first, rest @ ..] if first == "--fleet" => {
            (&["-p", "auth-fleet", "--example", "fleet", "--", "--programs", "8"], rest)
        }
        _ => (&["-p", "auth-core", "--example", "demo", "--"], args),
    };
    words.iter().map(OsString::from).chain(rest.iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_argument_chooses_the_demonstration() {
        let demo = ["-p", "auth-core", "--example", "demo", "--"];
        let fleet = ["-p", "auth-fleet", "--example", "fleet", "--", "--programs", "8"];
        for (arguments, expected) in [
            (&[][..], demo.to_vec()),
            (&["--help"], [&demo[..], &["--help"]].concat()),
            (&["--fleet"], [&fleet[..], &["--own-redis"]].concat()),
            (&["--fleet", "redis://127.0.0.1"], [&fleet[..], &["redis://127.0.0.1"]].concat()),
        ] {
            let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
            assert_eq!(example(&arguments), expected, "{arguments:?}");
        }
    }
}
