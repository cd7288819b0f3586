//! `cargo xtask codegen`: a document goes in, a whole crate comes out.
//!
//! The steps are modules of their own: [`load`], [`overlay`], [`lower`], [`accommodate`], [`lint`], [`generate`], [`emit`],
//! [`report`]. [`draft`] writes the overlay that a new document begins with.
//! Nothing is written before every document has passed all of them.

mod accommodate;
pub(crate) mod changes;
mod draft;
mod emit;
mod folder;
#[cfg(test)]
mod fuzz;
mod generate;
mod lint;
mod load;
mod losses;
mod lower;
mod mark;
mod members;
mod new;
mod node;
mod overlay;
mod parse;
mod pattern;
mod pipeline;
mod plot;
mod positions;
mod report;
mod run;
mod servers;
mod settle;
mod spec;
mod stages;
mod steps;
pub(crate) mod text;
mod transport;
mod write;

use crate::diagnostics;
use crate::problem::{Problem, Problems, Result};
use crate::workspace::{DocumentName, Workspace};

use accommodate::Origin;
use emit::Home;
use load::Document;
use pipeline::{Target, pipeline};
pub(crate) use report::plural;
pub(crate) use spec::{Spec, run as run_spec};

pub(crate) use load::sha256;
pub(crate) use new::{New, NewOverlay, Text, build as build_new};
pub(crate) use plot::svg;
pub(crate) use run::{run, run_watched, stage};
pub(crate) use stages::Stages;
use text::{Terminal, fill};
pub(crate) use transport::Choice as TransportChoice;

/// Whether files are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Write what is different.
    Write,
    /// Write nothing; every difference is an error, and every reason that nobody has said yet.
    Check,
}

/// What is asked of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// Whether files are written.
    pub(crate) mode: Mode,
    /// Whether a loss of meaning is an error.
    pub(crate) strict: bool,
    /// How much is said.
    pub(crate) detail: Detail,
}

/// How much a run says about what it did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Nothing but errors.
    Quiet,
    /// A line for each document, and its losses.
    #[default]
    Summary,
    /// Every row of the report as well.
    Verbose,
}

impl From<Mode> for Options {
    fn from(mode: Mode) -> Self {
        Self { mode, strict: false, detail: Detail::Summary }
    }
}

/// Tells of losses on standard error.
pub(crate) fn warn(losses: &[Problem]) {
    for loss in losses {
        anstream::eprint!("{}", diagnostics::one(loss));
    }
}

/// The overlay of a document, if it has one.
fn read_overlay(workspace: &Workspace, name: &DocumentName) -> Result<Option<Document>> {
    let file = name.overlay_files().into_iter().find(|file| workspace.path(file).exists());
    file.map(|file| Document::read(workspace, &file)).transpose()
}

/// The text of a document after its overlay, in the format of its file.
pub(crate) fn overlaid(workspace: &Workspace, name: &DocumentName) -> Result<String> {
    let document = Document::read(workspace, &name.file())?;
    let mut value = document.value.clone();
    if let Some(overlay) = read_overlay(workspace, name)? {
        overlay::apply(&overlay, &document.file, &mut value)?;
    }
    Ok(overlay::print(&document.file, &value))
}

/// A document as published and as it is after its overlay, with the lines of its nodes, for programs that judge by it.
pub(crate) fn both_layers(workspace: &Workspace, name: &DocumentName) -> Result<serde_json::Value> {
    let document = Document::read(workspace, &name.file())?;
    let mut overlaid = document.value.clone();
    let overlay = read_overlay(workspace, name)?;
    if let Some(overlay) = &overlay {
        overlay::apply(overlay, &document.file, &mut overlaid)?;
    }
    Ok(serde_json::json!({
        "name": name.name,
        "file": document.file,
        "sha256": document.sha256,
        "overlay": overlay.map(|overlay| overlay.file),
        "published": document.value,
        "overlaid": overlaid,
        "lines": document.positions().lines(),
    }))
}

/// Whether a text can become the document of this name: the steps up to the lint, without writing anything.
///
/// `file` is where the text comes from, for what is said about it.
pub(crate) fn try_document(workspace: &Workspace, name: &DocumentName, file: &str, text: String) -> Result<()> {
    let mut document = Document::parse(&name.file(), text).map_err(|problems| problems.in_file(file))?;
    document.file = file.to_owned();
    let mut value = document.value.clone();
    if let Some(overlay) = read_overlay(workspace, name)? {
        overlay::apply(&overlay, &name.file(), &mut value)?;
    }
    lower::lower(&document, &mut value)?;
    let mut accommodated = accommodate::accommodate(&mut value, Origin::Workspace);
    settle::settle(&document, &mut value, Origin::Workspace, &mut accommodated)?;
    lint::lint(&document, &value, Origin::Workspace)?;
    Ok(())
}

/// What would be said of a text in the place of a document, by `codegen` and by `diff`, without writing anything.
///
/// `file` is where the text comes from.
pub(crate) fn preview(workspace: &Workspace, name: &DocumentName, file: &str, text: String) -> Result<Terminal> {
    let moved = |problems: Problems| problems.moved(&name.file(), file);
    let mut document = Document::parse(&name.file(), text).map_err(moved)?;
    let overlay = read_overlay(workspace, name)?;
    let target = Target { name: &name.name, version: None, home: Home::Workspace, strict: false };
    let output = pipeline(target, &document, overlay.as_ref(), &mut Stages::new()).map_err(moved)?;
    let mut value = document.value.clone();
    if let Some(overlay) = &overlay {
        overlay::apply(overlay, &name.file(), &mut value)?;
    }
    document.file = file.to_owned();
    let changed = changes::preview(workspace, name, document, overlay.map(|overlay| overlay.file), value)?;
    warn(&output.losses);
    Ok(fill!(Terminal, "{}{}", output.report, changed))
}
