//! `cargo xtask specs`, `cargo xtask overlay` and `cargo xtask new`: the documents, and the record of where they come from.

mod date;
mod entries;
mod fetch;
mod new;
mod update;
mod verify;

use std::io::Write;

use clap::Subcommand;

pub(crate) use fetch::Source;
pub(crate) use new::Options as NewDocument;

use crate::codegen;
use crate::codegen::text::Terminal;
use crate::files;
use crate::problem::{Problem, Result};
use crate::workspace::{DocumentName, Workspace};

/// What can be done with the documents.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Compare every document with its checksum in `specs/README.md`.
    Verify,
    /// Replace a document with a new version and record it, if load, overlay, lowering and lint accept it.
    Update {
        /// The document, `lean-auth` for `specs/lean-auth.yaml`.
        #[arg(value_name = "NAME")]
        name: String,
        /// The new document: a file, or an address that begins with `https://`, which becomes the recorded source.
        #[arg(long, value_name = "FILE|URL")]
        from: String,
        /// Write nothing; show the report of the new document and the output of `diff`.
        #[arg(long)]
        dry_run: bool,
    },
}

/// Does it, and reports to `out`.
pub(crate) fn run(workspace: &Workspace, command: Command, out: &mut dyn Write) -> Result<()> {
    match command {
        Command::Verify => verify::run(workspace, out),
        Command::Update { name, from, dry_run: true } => update::preview(workspace, &name, &from, out),
        Command::Update { name, from, dry_run: false } => update::run(workspace, &name, &from, &date::today(), out),
    }
}

/// Puts a new document into the workspace, with an overlay and a crate, and reports to `out`.
pub(crate) fn begin(workspace: &Workspace, options: &NewDocument, out: &mut dyn Write) -> Result<()> {
    new::run(workspace, options, &date::today(), out)
}

/// Prints a document as it is after its overlay, in the format of its file.
pub(crate) fn print_overlaid(workspace: &Workspace, name: &str, out: &mut dyn Write) -> Result<()> {
    let text = codegen::overlaid(workspace, &named(workspace, name)?)?;
    write(out, &text)
}

/// The document of this name.
fn named(workspace: &Workspace, name: &str) -> Result<DocumentName> {
    let found = workspace.select(&[name.to_owned()])?.into_iter().next();
    Ok(found.ok_or_else(|| Problem::new(format!("there is no document called `{name}`")))?)
}

fn say(out: &mut dyn Write, text: &str) -> Result<()> {
    write(out, Terminal::lines(text).as_str())
}

fn write(out: &mut dyn Write, text: &str) -> Result<()> {
    files::print(out, text)
}
