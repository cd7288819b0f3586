//! `cargo xtask specs update`: replaces a document, or changes nothing.

use std::fs;
use std::io::Write;

use codegen::{Answers, Home, Target};
use diagnostics::{Problems, Result, text::Terminal};
use openapi::{Document, sha256};
use repository::files::{self, Change, Place};
use repository::provenance::{self, Provenance};
use repository::{DocumentName, Source, Workspace, print, warn};

use super::parts::Parts;
use crate::beside;
use crate::documents::read_overlay;
use crate::history;

/// Reports what the new document would change.
pub(super) fn preview(workspace: &Workspace, name: &str, from: &str, out: &mut dyn Write) -> Result<()> {
    let name = workspace.find(name)?;
    let text = Source::of(from)?.read("the document")?;
    say(out, preview_of(workspace, &name, from, text)?.as_str())?;
    say(out, &format!("{}: not replaced, this is a dry run\n", name.file()))
}

/// Replaces the document and its row in the record.
pub(super) fn run(workspace: &Workspace, name: &str, from: &str, today: &str, out: &mut dyn Write) -> Result<()> {
    let name = workspace.find(name)?;
    let provenance = Provenance::read(workspace)?;
    let source = Source::of(from)?;
    let text = source.read("the document")?;
    let old = fs::read(workspace.path(&name.file()))
        .map_err(|error| files::cannot_read("the document", name.file(), &error))?;
    let sum = sha256(text.as_bytes());
    let document = parse(&name, from, text.clone())?;
    let parts = Parts::of(workspace, &name, &document, &provenance)?;
    if old == text.as_bytes() && provenance.check(&name.file(), &sum, &old).is_ok() && parts.are_current() {
        return say(out, &format!("{}: identical to the document on record, nothing has changed\n", name.file()));
    }
    let moved = |problems: Problems| problems.replace_file(&name.file(), from);
    codegen::check(&document, read_overlay(workspace, &name)?.as_ref(), &Home::Workspace).map_err(moved)?;
    let address = match source {
        Source::Url(url) => Some(url),
        Source::File(_) | Source::StandardInput => None,
    };
    let record = parts.recorded(&name, &provenance.updated(&name.file(), &sum, today, address)?, today)?;
    let mut change = Change::of(Place::workspace(workspace.root()));
    change.write(&name.file(), text.as_bytes())?;
    parts.stage(&mut change)?;
    change.write(provenance::FILE, record.as_bytes())?;
    change.commit()?;
    let was = sha256(&old);
    say(out, &format!("{}: replaced\n  was: sha256 {was}\n  is:  sha256 {sum}, recorded {today}\n", name.file()))?;
    say(out, &parts.summary())?;
    say(out, history::summary(workspace, &name).as_str())?;
    say(out, &format!("  next: cargo xtask codegen {}\n", name.name))
}

/// The new document with the files that it refers to. `from` is the source of the text.
fn parse(name: &DocumentName, from: &str, text: String) -> Result<Document> {
    let moved = |problems: Problems| problems.replace_file(&name.file(), from);
    let document = Document::parse(&name.file(), text).map_err(moved)?;
    beside::include_new(document, Source::of(from)?, name).map_err(moved)
}

/// The output of `codegen` and `diff` if a text replaced a document. `file` is the source of the text.
fn preview_of(workspace: &Workspace, name: &DocumentName, file: &str, text: String) -> Result<Terminal> {
    let moved = |problems: Problems| problems.replace_file(&name.file(), file);
    let document = parse(name, file, text)?;
    let overlay = read_overlay(workspace, name)?;
    let target =
        Target { name: &name.name, version: None, home: Home::Workspace, strict: false, answers: Answers::default() };
    let output = codegen::run(&target, &document, overlay.as_ref(), &mut |_| {}).map_err(moved)?;
    let changed = history::preview(workspace, name, document, overlay.as_ref(), file)?;
    warn(&output.losses);
    Ok(Terminal::join([output.report, changed], ""))
}

fn say(out: &mut dyn Write, text: &str) -> Result<()> {
    print(out, &Terminal::lines(text))
}
