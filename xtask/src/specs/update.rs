//! `cargo xtask specs update`: a new document takes the place of an old one, or nothing changes at all.

use std::fs;
use std::io::Write;

use super::change::Change;
use super::fetch::Source;
use super::{named, say};
use crate::codegen::{self, changes};
use crate::problem::{Problem, Result};
use crate::provenance::{self, Provenance};
use crate::workspace::Workspace;

/// Replaces the document and its row on record.
pub(super) fn run(workspace: &Workspace, name: &str, from: &str, today: &str, out: &mut dyn Write) -> Result<()> {
    let name = named(workspace, name)?;
    let provenance = Provenance::read(workspace)?;
    let source = Source::of(from)?;
    let text = source.read()?;
    let old = fs::read(workspace.path(&name.file())).map_err(|error| {
        Problem::new(format!("cannot read the document: {error}"))
            .file(name.file())
            .remedy("make the file readable, and run the command again")
    })?;
    let sum = codegen::sha256(text.as_bytes());
    if old == text.as_bytes() && provenance.check(&name.file(), &sum).is_ok() {
        return say(out, &format!("{}: the same bytes as on record, nothing was changed\n", name.file()));
    }
    codegen::try_document(workspace, &name, from, text.clone())?;
    let address = match source {
        Source::Url(url) => Some(url),
        Source::File(_) => None,
    };
    let record = provenance.updated(&name.file(), &sum, today, address)?;
    Change::write(workspace, &[(name.file(), text.into_bytes()), (provenance::FILE.to_owned(), record.into_bytes())])?;
    let was = codegen::sha256(&old);
    say(out, &format!("{}: replaced\n  was: sha256 {was}\n  is:  sha256 {sum}, recorded {today}\n", name.file()))?;
    say(out, changes::summary(workspace, &name).as_str())?;
    say(out, &format!("  next: cargo xtask codegen {}\n", name.name))
}
