//! The command line.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use crate::codegen::changes;
use crate::codegen::{self, Mode, Options, Spec, Stages};
use crate::files::Lock;
use crate::problem::{Problem, Result};
use crate::specs::NewDocument;
use crate::workspace::Workspace;
use crate::{ci, contract, demo, public_api, specs};

/// The tasks of this workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    /// Root of the workspace to work on, instead of the one this tool was built in.
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the generated crates from the documents in `specs/`.
    Codegen {
        /// Write nothing; show the differences and exit with status 1 if there are any.
        #[arg(long)]
        check: bool,
        /// Refuse to generate if lowering to OpenAPI 3.0 would lose meaning; every loss is listed.
        #[arg(long)]
        strict: bool,
        /// Print the report as JSON.
        #[arg(long)]
        json: bool,
        /// Print how long each step took for each document, and the memory that was needed.
        #[arg(long)]
        timings: bool,
        /// Draw time against size of the documents into this file, as SVG.
        #[arg(long, value_name = "FILE")]
        plot: Option<PathBuf>,
        /// Documents to work on, `lean-auth` for `specs/lean-auth.yaml`; without a name, all of them.
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        /// A document outside of the workspace, to make a crate of that stands alone.
        #[arg(long, value_name = "FILE", requires = "out", conflicts_with_all = ["names", "check"])]
        spec: Option<PathBuf>,
        /// Folder of that crate.
        #[arg(long, value_name = "DIR", requires = "spec")]
        out: Option<PathBuf>,
        /// Name of that crate, instead of that of the document's file.
        #[arg(long, value_name = "NAME", requires = "spec")]
        name: Option<String>,
        /// Overlay on that document.
        #[arg(long, value_name = "FILE", requires = "spec")]
        overlay: Option<PathBuf>,
    },
    /// Put a new document into the workspace: record it, begin its overlay, write its crate.
    ///
    /// Nothing is written before everything is checked; docs/new-provider.md shows the way from there to a token.
    New {
        /// What the document and its crate are to be called, `lean-auth` for example.
        #[arg(value_name = "NAME")]
        name: String,
        /// The document: a file, or an address that begins with `https://`, which becomes the recorded source.
        #[arg(long, value_name = "FILE|URL")]
        from: String,
        /// An overlay of yours to begin with, for what the drafted one cannot put right.
        #[arg(long, value_name = "FILE")]
        overlay: Option<String>,
    },
    /// Print a document as it is after its overlay.
    Overlay {
        /// The document, `lean-auth` for `specs/lean-auth.yaml`.
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Look after the documents in `specs/` and the record of where they come from.
    Specs {
        #[command(subcommand)]
        command: specs::Command,
    },
    /// Say what changed in a document, and what that means for those who depend on its crate.
    ///
    /// Ends with status 0, with 2 if `--fail-on` finds what it looks for, with 1 after an error.
    Diff {
        /// The document, `lean-auth` for `specs/lean-auth.yaml`; or with NEW, the earlier of two files.
        #[arg(value_name = "NAME|OLD")]
        name: String,
        /// The later of two files, which need no workspace.
        #[arg(value_name = "NEW", conflicts_with_all = ["against", "write"])]
        new: Option<String>,
        /// What to compare with: a commit, branch or tag, or a file.
        #[arg(long, value_name = "REF|FILE", default_value = "HEAD")]
        against: String,
        /// Print JSON for machines; short for `--format json`.
        #[arg(long, conflicts_with = "format")]
        json: bool,
        /// What the report on standard output is written in.
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: changes::Format,
        /// Write the report to this file as well: .json, .sarif, .xml (JUnit) or .txt; can be given more than once.
        #[arg(long, value_name = "FILE")]
        report: Vec<PathBuf>,
        /// End with status 2 if there is a change of this level that is not approved.
        #[arg(long, value_name = "LEVEL")]
        fail_on: Option<FailOn>,
        /// Add entries to CHANGELOG.md, set the version of the crate, and generate it.
        #[arg(long)]
        write: bool,
    },
    /// Write the snapshots of the public API of every published crate into `docs/public-api`.
    PublicApi,
    /// Run every check: format, clippy, generated code, dependencies, features, tests, examples, docs, public API, packages.
    Ci {
        /// First install what is missing for that: components of the toolchain, and chromium on Debian.
        #[arg(long)]
        install: bool,
        /// Run this step alone; can be given more than once.
        #[arg(long, value_name = "STEP", value_parser = ci::parser(), hide_possible_values = true)]
        only: Vec<String>,
        /// Print the steps, each with its name and what it checks, and run none.
        #[arg(long, conflicts_with_all = ["install", "only", "keep_going"])]
        list: bool,
        /// Run the other steps as well if one fails; the last message names those that failed.
        #[arg(long)]
        keep_going: bool,
    },
    /// Hold what the clients and a server really send against the documents as published; `--help` says more.
    ///
    /// Ends with status 0 if they agree, with 2 if they do not, with 1 after an error.
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
    /// Check that the generated crates are current, then run the demonstration; `--help` says which settings it takes.
    #[command(disable_help_flag = true)]
    Demo {
        /// Passed on to the demonstration.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARG")]
        args: Vec<OsString>,
    },
}

/// What `diff` takes for a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// A change that breaks programs, at compile time or on the wire.
    Breaking,
}

/// Does what the command line says.
pub(crate) fn run() -> Result<ExitCode> {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(told) => {
            // For `diff`, status 2 means that it found what it was told to fail on.
            let is_diff = std::env::args_os().any(|argument| argument == "diff");
            let code = if is_diff { i32::from(told.use_stderr()) } else { told.exit_code() };
            let _ = told.print();
            return Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)));
        }
    };
    if let Command::Diff { name, new: Some(new), json, format, report, fail_on, .. } = cli.command {
        let files = changes::Files { old: name, new, output: diff_output(json, format, report) };
        let breaks = changes::run_files(&files, &mut io::stdout().lock());
        return Ok(diff_status(breaks.map_err(|problems| problems.read_sources(Path::new("")))?, fail_on));
    }
    let workspace = Workspace::open(cli.root)?;
    dispatch(&workspace, cli.command).map_err(|problems| problems.read_sources(workspace.root()))
}

/// Waits until no other command writes to the workspace, if this one does.
fn lock(workspace: &Workspace, command: &Command) -> Result<Option<Lock>> {
    let take = |name: String| Lock::take(workspace.root(), &name).map(Some);
    match command {
        Command::Codegen { spec: Some(_), .. } => Lock::take_if_writable(workspace.root(), "codegen --spec"),
        Command::Codegen { check: false, names, .. } => {
            take(format!("codegen {}", names.join(" ")).trim_end().to_owned())
        }
        Command::New { name, .. } => take(format!("new {name}")),
        Command::Specs { command: specs::Command::Update { name, dry_run: false, .. } } => {
            take(format!("specs update {name}"))
        }
        Command::Diff { name, write: true, .. } => take(format!("diff {name} --write")),
        Command::PublicApi => take("public-api".to_owned()),
        _ => Ok(None),
    }
}

fn dispatch(workspace: &Workspace, command: Command) -> Result<ExitCode> {
    let _lock = lock(workspace, &command)?;
    match command {
        Command::Codegen { check, strict, json, timings, plot, names, spec, out, name, overlay } => {
            let mode = if check { Mode::Check } else { Mode::Write };
            let options = Options { mode, strict, json };
            let mut stages = Stages::new();
            let spec = spec.zip(out).map(|(file, out)| Spec { file, out, name, overlay });
            let output = &mut io::stdout().lock();
            let outcome = match spec {
                Some(spec) => codegen::run_spec(workspace, &spec, options, &mut stages, output),
                None => codegen::run_watched(workspace, &names, options, &mut stages, output),
            };
            stages.end();
            if timings {
                print(&stages.table())?;
            }
            if let Some(file) = plot {
                draw(&file, &mut stages)?;
            }
            outcome
        }
        Command::Diff { name, against, json, format, report, fail_on, write, .. } => {
            let output = diff_output(json, format, report);
            let options = changes::Options { name, against, output, write };
            let breaks = changes::run(workspace, &options, &mut io::stdout().lock())?;
            return Ok(diff_status(breaks, fail_on));
        }
        Command::New { name, from, overlay } => {
            specs::begin(workspace, &NewDocument { name, from, overlay }, &mut io::stdout().lock())
        }
        Command::Overlay { name } => specs::print_overlaid(workspace, &name, &mut io::stdout().lock()),
        Command::Specs { command } => specs::run(workspace, command, &mut io::stdout().lock()),
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

fn diff_output(json: bool, format: changes::Format, files: Vec<PathBuf>) -> changes::Output {
    changes::Output { format: if json { changes::Format::Json } else { format }, files }
}

fn diff_status(breaks: bool, fail_on: Option<FailOn>) -> ExitCode {
    ExitCode::from(if breaks && fail_on == Some(FailOn::Breaking) { 2 } else { 0 })
}

fn print(text: &str) -> Result<()> {
    let printed = io::stdout().lock().write_all(text.as_bytes());
    Ok(printed.map_err(|error| Problem::new(format!("cannot write to standard output: {error}")))?)
}

fn draw(file: &Path, stages: &mut Stages) -> Result<()> {
    let failed = |error| {
        Problem::new(format!("cannot write the plot: {error}"))
            .file(file.display().to_string())
            .remedy("name a file in a folder that exists and is writable")
    };
    Ok(fs::write(file, codegen::svg(stages.rows())).map_err(failed)?)
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
