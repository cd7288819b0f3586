//! `cargo xtask specs update`: a new document takes the place of an old one, or nothing changes at all.

use std::fs;
use std::io::Write;

use super::fetch::Source;
use super::{named, say};
use crate::codegen::{self, changes};
use crate::files::{self, Change, Place};
use crate::problem::Result;
use crate::provenance::{self, Provenance};
use crate::workspace::Workspace;

/// Says what the new document would change.
pub(super) fn preview(workspace: &Workspace, name: &str, from: &str, out: &mut dyn Write) -> Result<()> {
    let name = named(workspace, name)?;
    let text = Source::of(from)?.read("the document")?;
    say(out, codegen::preview(workspace, &name, from, text)?.as_str())?;
    say(out, &format!("{}: not replaced, this is a dry run\n", name.file()))
}

/// Replaces the document and its row on record.
pub(super) fn run(workspace: &Workspace, name: &str, from: &str, today: &str, out: &mut dyn Write) -> Result<()> {
    let name = named(workspace, name)?;
    let provenance = Provenance::read(workspace)?;
    let source = Source::of(from)?;
    let text = source.read("the document")?;
    let old = fs::read(workspace.path(&name.file()))
        .map_err(|error| files::cannot_read("the document", name.file(), &error))?;
    let sum = codegen::sha256(text.as_bytes());
    if old == text.as_bytes() && provenance.check(&name.file(), &sum, &old).is_ok() {
        return say(out, &format!("{}: the same bytes as on record, nothing was changed\n", name.file()));
    }
    codegen::try_document(workspace, &name, from, text.clone())?;
    let address = match source {
        Source::Url(url) => Some(url),
        Source::File(_) | Source::StandardInput => None,
    };
    let record = provenance.updated(&name.file(), &sum, today, address)?;
    let mut change = Change::of(Place::workspace(workspace.root()));
    change.write(&name.file(), text.as_bytes())?;
    change.write(provenance::FILE, record.as_bytes())?;
    change.commit()?;
    let was = codegen::sha256(&old);
    say(out, &format!("{}: replaced\n  was: sha256 {was}\n  is:  sha256 {sum}, recorded {today}\n", name.file()))?;
    say(out, changes::summary(workspace, &name).as_str())?;
    say(out, &format!("  next: cargo xtask codegen {}\n", name.name))
}
