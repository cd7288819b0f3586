//! `cargo xtask codegen`.

mod crates;
mod disk;
mod folder;
mod options;
mod stages;
mod standalone;
mod surroundings;
mod transport;
mod write;

use std::io;
use std::path::PathBuf;

use clap::Args;
use diagnostics::Result;
use diagnostics::text::Terminal;
use repository::files::Lock;
use repository::{Workspace, print};
use serde_json::Value;

pub(crate) use crates::{run, stage};
pub(crate) use options::Mode;

use options::{AnswersChoice, Detail, Options};
use stages::Stages;
use standalone::Spec;
use transport::Choice;

/// The arguments of `codegen`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Write nothing; show the differences and exit with status 1 if there are any.
    #[arg(long)]
    check: bool,
    /// Fail if the document says anything that the crate cannot express; every such loss is listed.
    #[arg(long)]
    strict: bool,
    /// Print JSON on standard output, errors included.
    #[arg(long)]
    pub(crate) json: bool,
    /// Print nothing but errors.
    #[arg(long, short, conflicts_with_all = ["json", "verbose"])]
    quiet: bool,
    /// List every adaptation and operation, not only a summary and the losses.
    #[arg(long, short, conflicts_with = "json")]
    verbose: bool,
    /// Print how long each step took for each document, and the memory that was needed.
    #[arg(long)]
    timings: bool,
    /// Documents to generate from, `lean-auth` for `specs/lean-auth.yaml`; without a name, all of them.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    #[command(flatten)]
    spec: SpecArguments,
}

/// The arguments for a document that is not in `specs/`.
#[derive(Debug, Args)]
struct SpecArguments {
    /// OpenAPI document outside the workspace; generates a standalone crate. `-` is standard input.
    #[arg(long, value_name = "FILE|URL|-", requires = "out", conflicts_with = "names")]
    spec: Option<String>,
    /// Folder of the standalone crate.
    #[arg(long, value_name = "DIR", requires = "spec")]
    out: Option<PathBuf>,
    /// Name of the standalone crate; by default that of the document's file.
    #[arg(long, value_name = "NAME", requires = "spec")]
    name: Option<String>,
    /// Overlay for the document outside the workspace.
    #[arg(long, value_name = "FILE|URL", requires = "spec")]
    overlay: Option<String>,
    /// Make tests of the document's examples: `cargo test` of the crate reads each, writes it again and compares.
    #[arg(long, requires = "spec")]
    examples: bool,
    /// Where the standalone crate finds `auth-transport`: `path` in this workspace, `version` in the registry, `copy` inside
    /// the crate, or `git+URL#REVISION` in a repository.
    #[arg(long, value_name = "WHERE", requires = "spec", default_value = "path")]
    auth_transport: Choice,
    /// How the standalone crate reads answers that deviate from the document.
    #[arg(long, value_name = "HOW", requires = "spec", default_value = "tolerant")]
    answers: AnswersChoice,
}

impl Arguments {
    fn mode(&self) -> Mode {
        if self.check { Mode::Check } else { Mode::Write }
    }

    /// Waits until no other command writes to the workspace, if this one does.
    pub(crate) fn lock(&self, workspace: &Workspace) -> Result<Option<Lock>> {
        match self.mode() {
            Mode::Check => Ok(None),
            Mode::Write if self.spec.spec.is_some() => Lock::take_if_writable(workspace.root(), "codegen --spec"),
            Mode::Write => {
                Lock::take(workspace.root(), format!("codegen {}", self.names.join(" ")).trim_end()).map(Some)
            }
        }
    }

    /// Generates the crates and reports to `out`; appends the JSON of each document to `documents`.
    pub(crate) fn run(self, workspace: &Workspace, documents: &mut Vec<Value>) -> Result<()> {
        let mode = self.mode();
        let Self { check: _, strict, json, quiet, verbose, timings, names, spec } = self;
        let detail = match (json || quiet, verbose) {
            (true, _) => Detail::Quiet,
            (false, true) => Detail::Verbose,
            (false, false) => Detail::Summary,
        };
        let options = Options { mode, strict, detail };
        let mut stages = Stages::new();
        let output = &mut io::stdout().lock();
        let outcome = match spec.into_spec() {
            Some(spec) => standalone::run(workspace, &spec, options, &mut stages, documents, output),
            None => crates::run_watched(workspace, &names, options, &mut stages, documents, output),
        };
        stages.end();
        if timings && json {
            // Standard output has only the JSON.
            anstream::eprint!("{}", stages.table());
        } else if timings {
            print(output, &Terminal::lines(&stages.table()))?;
        }
        outcome
    }
}

impl SpecArguments {
    fn into_spec(self) -> Option<Spec> {
        let Self { spec, out, name, overlay, examples, auth_transport: transport, answers } = self;
        spec.zip(out).map(|(source, out)| Spec { source, out, name, overlay, examples, transport, answers })
    }
}
