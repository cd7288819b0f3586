//! The command line.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use diagnostics::text::Terminal;
use diagnostics::{Problem, Problems, Result};
use repository::files::{self, Lock};
use repository::{Workspace, public_api};
use serde_json::{Value, json};

use crate::ci;
use crate::commands::completions::{self, Shell};
use crate::commands::{codegen, contract, demo, diff, new, overlay, specs, versions};

/// The tasks of this workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Cli {
    /// Root of the workspace; by default the one that contains the current folder.
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Generate the crates from the documents in `specs/`.
    Codegen(codegen::Arguments),
    /// Add a document to the workspace: record it, draft its overlay, generate its crate.
    ///
    /// Everything is checked before anything is written. docs/new-provider.md continues to a cached token.
    New(new::Arguments),
    /// Print a document with its overlay applied.
    Overlay {
        /// The document, `lean-auth` for `specs/lean-auth.yaml`.
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Verify or update the documents in `specs/` and the record of their sources.
    Specs {
        #[command(subcommand)]
        command: specs::Command,
    },
    /// Report what changed in a document, and whether it breaks programs that use its crate.
    ///
    /// Exits with status 0; with 2 if `--fail-on` finds a change; with 1 after an error.
    Diff(diff::Arguments),
    /// Print a shell completion script for `cargo xtask`.
    Completions {
        /// Shell to complete in.
        #[arg(value_name = "SHELL")]
        shell: Shell,
    },
    /// Print the version of each published crate and the one that its next release needs; fails if a version is too low.
    Versions,
    /// Write snapshots of the public API of every published crate to `docs/public-api`.
    PublicApi,
    /// Run every check: format, clippy, generated code, dependencies, features, tests, examples, docs, public API, packages.
    Ci(ci::Arguments),
    /// Check real client and server traffic against the vendors' documents.
    ///
    /// Exits with status 0 if they agree, with 2 if they do not, with 1 after an error.
    #[command(disable_help_flag = true)]
    Contract {
        /// Passed on to the contract run.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARG")]
        args: Vec<OsString>,
    },
    /// Print the documents in `specs/` as JSON files, as published and after their overlays.
    #[command(hide = true)]
    Documents {
        /// Where to.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Check that the generated crates are current, then run the demonstration; with `--fleet`, that of programs that share a
    /// token.
    #[command(disable_help_flag = true)]
    Demo {
        /// Passed on to the demonstration.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARG")]
        args: Vec<OsString>,
    },
}

/// The format of a command's result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    Person,
    /// JSON with the documents and the problems.
    OfDocuments,
    /// JSON with a report or the problems.
    OfReport,
}

impl Command {
    fn reader(&self) -> Reader {
        match self {
            Self::Codegen(arguments) if arguments.json => Reader::OfDocuments,
            Self::Diff(arguments) if arguments.is_json() => Reader::OfReport,
            _ => Reader::Person,
        }
    }
}

/// Runs the command on the command line.
pub(crate) fn run() -> Result<ExitCode> {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let reader = cli.command.reader();
    let mut documents = Vec::new();
    let outcome = execute(cli, &mut documents);
    let problems = outcome.as_ref().err().map_or_else(|| json!([]), Problems::json);
    match reader {
        Reader::OfDocuments => print(&json!({ "documents": documents, "problems": problems }))?,
        Reader::OfReport if outcome.is_err() => print(&json!({ "problems": problems }))?,
        Reader::OfReport | Reader::Person => {}
    }
    outcome
}

/// Prints help, the version, or the error in the command line.
fn usage(error: &clap::Error) -> Result<ExitCode> {
    let args = std::env::args_os().collect::<Vec<_>>();
    let has = |word: &str| args.iter().any(|argument| argument == word);
    let is_json = has("--json") || has("--format=json") || args.windows(2).any(|pair| pair == ["--format", "json"]);
    if error.use_stderr() && is_json {
        let problems = Problems::from(misused(error, if has("diff") { "diff" } else { "codegen" })).json();
        if has("codegen") {
            print(&json!({ "documents": [], "problems": problems }))?;
        } else if has("diff") {
            print(&json!({ "problems": problems }))?;
        }
    }
    // Status 2 of `diff` means that it found a change that `--fail-on` names.
    let code = if has("diff") { i32::from(error.use_stderr()) } else { error.exit_code() };
    let _ = error.print();
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

/// The error in a command line: the first paragraph of clap's message, which may list arguments line by line.
fn misused(error: &clap::Error, command: &str) -> Problem {
    let message = error.render().to_string();
    let lines = message.lines().take_while(|line| !line.is_empty()).map(str::trim).collect::<Vec<_>>();
    let message = lines.join(" ");
    Problem::new(message.trim_start_matches("error: ")).remedy(format!("see `cargo xtask {command} --help`"))
}

fn execute(cli: Cli, documents: &mut Vec<Value>) -> Result<ExitCode> {
    if let Command::Completions { shell } = cli.command {
        write(&mut io::stdout().lock(), &completions::script(shell, Cli::command()))?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Command::Diff(arguments) = &cli.command
        && arguments.is_of_files()
    {
        let code = diff::run_files(arguments, &mut io::stdout().lock());
        return code.map_err(|problems| problems.read_sources(Path::new("")));
    }
    let workspace = Workspace::open(cli.root)?;
    dispatch(&workspace, cli.command, documents).map_err(|problems| problems.read_sources(workspace.root()))
}

/// Waits until no other command writes to the workspace, if this one does.
fn lock(workspace: &Workspace, command: &Command) -> Result<Option<Lock>> {
    let take = |name: String| Lock::take(workspace.root(), &name).map(Some);
    match command {
        Command::Codegen(arguments) => arguments.lock(workspace),
        Command::New(new::Arguments { name, .. }) => take(format!("new {name}")),
        Command::Specs { command: specs::Command::Update { name, dry_run: false, .. } } => {
            take(format!("specs update {name}"))
        }
        Command::Diff(arguments) if arguments.write => take(format!("diff {} --write", arguments.name)),
        Command::PublicApi => take("public-api".to_owned()),
        _ => Ok(None),
    }
}

/// Runs the command, and appends the JSON of each document to `documents`.
fn dispatch(workspace: &Workspace, command: Command, documents: &mut Vec<Value>) -> Result<ExitCode> {
    let _lock = lock(workspace, &command)?;
    match command {
        Command::Codegen(arguments) => arguments.run(workspace, documents),
        Command::Diff(arguments) => return diff::run(workspace, &arguments, &mut io::stdout().lock()),
        Command::New(arguments) => new::run(workspace, &arguments, &mut io::stdout().lock()),
        Command::Overlay { name } => overlay::run(workspace, &name, &mut io::stdout().lock()),
        Command::Specs { command } => specs::run(workspace, command, &mut io::stdout().lock()),
        // This command needs no workspace.
        Command::Completions { .. } => Ok(()),
        Command::Versions => versions::run(workspace, &mut io::stdout().lock()),
        Command::PublicApi => public_api::write(workspace, &mut io::stdout().lock()),
        Command::Ci(arguments) => ci::run(workspace, &arguments, &mut io::stdout().lock()),
        Command::Contract { args } => return contract::run(workspace, &args),
        Command::Documents { folder } => contract::write_documents(workspace, &folder),
        Command::Demo { args } => return demo::run(workspace, &args),
    }?;
    Ok(ExitCode::SUCCESS)
}

/// Prints a text that is the whole standard output.
fn print(value: &Value) -> Result<()> {
    write(&mut io::stdout().lock(), Terminal::json(value).as_str())
}

fn write(out: &mut dyn Write, text: &str) -> Result<()> {
    files::print(out, text)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn arguments_of_the_demo_are_passed_on_help_among_them() {
        for arguments in [&["--tasks", "3"][..], &["--help"], &["-h"]] {
            let cli = Cli::try_parse_from([&["xtask", "demo"], arguments].concat()).expect("parses");
            assert!(matches!(cli.command, Command::Demo { args } if args == arguments), "{arguments:?}");
        }
    }
}
