//! The command line.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ::diff::Format;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{CommandFactory, Parser, Subcommand, ValueEnum};
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
    New {
        /// Name of the document and its crate, for example `lean-auth`.
        #[arg(value_name = "NAME")]
        name: String,
        /// The document: a file, or an address that begins with `https://`, which becomes the recorded source.
        #[arg(long, value_name = "FILE|URL")]
        from: String,
        /// Overlay to start from, with corrections that cannot be drafted.
        #[arg(long, value_name = "FILE")]
        overlay: Option<String>,
    },
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
    Diff {
        /// The document, `lean-auth` for `specs/lean-auth.yaml`; or with NEW, the earlier of two files.
        #[arg(value_name = "NAME|OLD")]
        name: String,
        /// The later of two files; no workspace is needed.
        #[arg(value_name = "NEW", conflicts_with_all = ["against", "write"])]
        new: Option<String>,
        /// What to compare with: a commit, a branch, a tag or a file.
        #[arg(long, value_name = "REF|FILE", default_value = "HEAD")]
        against: String,
        /// Same as `--format json`.
        #[arg(long, conflicts_with = "format")]
        json: bool,
        /// Format of the report on standard output.
        #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = formats())]
        format: Format,
        /// Write the report to this file as well: .json, .sarif, .xml (JUnit) or .txt; can be given more than once.
        #[arg(long, value_name = "FILE")]
        report: Vec<PathBuf>,
        /// Exit with status 2 if a change of this level is not approved.
        #[arg(long, value_name = "LEVEL")]
        fail_on: Option<FailOn>,
        /// Add entries to CHANGELOG.md, raise the versions that need it, and generate the crates.
        #[arg(long)]
        write: bool,
    },
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
    Ci {
        /// First install what is missing: components of the toolchain, and chromium on Debian.
        #[arg(long)]
        install: bool,
        /// Run only this step; can be given more than once.
        #[arg(long, value_name = "STEP", value_parser = ci::parser(), hide_possible_values = true)]
        only: Vec<String>,
        /// List the steps with what they check, and run none.
        #[arg(long, conflicts_with_all = ["install", "only", "keep_going"])]
        list: bool,
        /// Continue after a step that fails; the last message names all that failed.
        #[arg(long)]
        keep_going: bool,
    },
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
    /// Check that the generated crates are current, then run the demonstration.
    #[command(disable_help_flag = true)]
    Demo {
        /// Passed on to the demonstration.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARG")]
        args: Vec<OsString>,
    },
}

/// The formats of a report, by their names.
fn formats() -> impl TypedValueParser<Value = Format> {
    let names = PossibleValuesParser::new(Format::NAMES);
    names.try_map(|name| name.parse::<Format>())
}

/// What `diff` takes for a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// A change that breaks programs, at compile time or on the wire.
    Breaking,
}

/// For whom the result of a command is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    Person,
    /// A program that wants to know of each document, and what went wrong.
    OfDocuments,
    /// A program that wants a report, or what went wrong.
    OfReport,
}

impl Command {
    fn reader(&self) -> Reader {
        match self {
            Self::Codegen(arguments) if arguments.json => Reader::OfDocuments,
            Self::Diff { json: true, .. } | Self::Diff { format: Format::Json, .. } => Reader::OfReport,
            _ => Reader::Person,
        }
    }
}

/// Does what the command line says.
pub(crate) fn run() -> Result<ExitCode> {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(told) => return usage(&told),
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

/// Help, the version, or what is wrong with the command line.
fn usage(told: &clap::Error) -> Result<ExitCode> {
    let args = std::env::args_os().collect::<Vec<_>>();
    let has = |word: &str| args.iter().any(|argument| argument == word);
    let is_json = has("--json") || has("--format=json") || args.windows(2).any(|pair| pair == ["--format", "json"]);
    if told.use_stderr() && is_json {
        let problems = Problems::from(misused(told, if has("diff") { "diff" } else { "codegen" })).json();
        if has("codegen") {
            print(&json!({ "documents": [], "problems": problems }))?;
        } else if has("diff") {
            print(&json!({ "problems": problems }))?;
        }
    }
    // For `diff`, status 2 means that it found what it was told to fail on.
    let code = if has("diff") { i32::from(told.use_stderr()) } else { told.exit_code() };
    let _ = told.print();
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

/// What is wrong with the command line of a command: the first paragraph, which may list arguments line by line.
fn misused(told: &clap::Error, command: &str) -> Problem {
    let message = told.render().to_string();
    let lines = message.lines().take_while(|line| !line.is_empty()).map(str::trim).collect::<Vec<_>>();
    let message = lines.join(" ");
    Problem::new(message.trim_start_matches("error: ")).remedy(format!("see `cargo xtask {command} --help`"))
}

fn execute(cli: Cli, documents: &mut Vec<Value>) -> Result<ExitCode> {
    if let Command::Completions { shell } = cli.command {
        write(&mut io::stdout().lock(), &completions::script(shell, Cli::command()))?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Command::Diff { name, new: Some(new), json, format, report, fail_on, .. } = cli.command {
        let files = diff::Files { old: name, new, output: diff_output(json, format, report) };
        let breaks = diff::run_files(&files, &mut io::stdout().lock());
        return Ok(diff_status(breaks.map_err(|problems| problems.read_sources(Path::new("")))?, fail_on));
    }
    let workspace = Workspace::open(cli.root)?;
    dispatch(&workspace, cli.command, documents).map_err(|problems| problems.read_sources(workspace.root()))
}

/// Waits until no other command writes to the workspace, if this one does.
fn lock(workspace: &Workspace, command: &Command) -> Result<Option<Lock>> {
    let take = |name: String| Lock::take(workspace.root(), &name).map(Some);
    match command {
        Command::Codegen(arguments) => arguments.lock(workspace),
        Command::New { name, .. } => take(format!("new {name}")),
        Command::Specs { command: specs::Command::Update { name, dry_run: false, .. } } => {
            take(format!("specs update {name}"))
        }
        Command::Diff { name, write: true, .. } => take(format!("diff {name} --write")),
        Command::PublicApi => take("public-api".to_owned()),
        _ => Ok(None),
    }
}

/// Runs the command, and adds what is said to programs of each document to `documents`.
fn dispatch(workspace: &Workspace, command: Command, documents: &mut Vec<Value>) -> Result<ExitCode> {
    let _lock = lock(workspace, &command)?;
    match command {
        Command::Codegen(arguments) => arguments.run(workspace, documents),
        Command::Diff { name, against, json, format, report, fail_on, write, .. } => {
            let output = diff_output(json, format, report);
            let options = diff::Options { name, against, output, write };
            let breaks = diff::run(workspace, &options, &mut io::stdout().lock())?;
            return Ok(diff_status(breaks, fail_on));
        }
        Command::New { name, from, overlay } => {
            new::run(workspace, &new::Options { name, from, overlay }, &mut io::stdout().lock())
        }
        Command::Overlay { name } => overlay::run(workspace, &name, &mut io::stdout().lock()),
        Command::Specs { command } => specs::run(workspace, command, &mut io::stdout().lock()),
        // It needs no workspace.
        Command::Completions { .. } => Ok(()),
        Command::Versions => versions::run(workspace, &mut io::stdout().lock()),
        Command::PublicApi => public_api::write(workspace, &mut io::stdout().lock()),
        Command::Ci { list: true, .. } => ci::list(&mut io::stdout().lock()),
        Command::Ci { install, only, keep_going, .. } => {
            ci::run(workspace, &ci::Options { install, only, keep_going }, &mut io::stdout().lock())
        }
        Command::Contract { args } => return contract::run(workspace, &args),
        Command::Documents { folder } => contract::write_documents(workspace, &folder),
        Command::Demo { args } => return demo::run(workspace, &args),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn diff_output(json: bool, format: Format, files: Vec<PathBuf>) -> diff::Output {
    diff::Output { format: if json { Format::Json } else { format }, files }
}

fn diff_status(breaks: bool, fail_on: Option<FailOn>) -> ExitCode {
    ExitCode::from(if breaks && fail_on == Some(FailOn::Breaking) { 2 } else { 0 })
}

/// Prints what is the whole standard output.
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
