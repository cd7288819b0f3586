//! `cargo xtask specs`: verifies and updates the documents and the record of their sources.

mod parts;
mod update;
mod verify;

use std::io::Write;

use clap::Subcommand;
use diagnostics::Result;
use repository::{Workspace, date};

/// The subcommands.
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

/// Runs the command, and reports to `out`.
///
/// # Errors
///
/// Fails if a document is not the one on record, or cannot be replaced. Then nothing has been changed.
pub(crate) fn run(workspace: &Workspace, command: Command, out: &mut dyn Write) -> Result<()> {
    match command {
        Command::Verify => verify::run(workspace, out),
        Command::Update { name, from, dry_run: true } => update::preview(workspace, &name, &from, out),
        Command::Update { name, from, dry_run: false } => update::run(workspace, &name, &from, &date::today(), out),
    }
}
