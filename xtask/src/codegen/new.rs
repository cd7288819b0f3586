//! A document that is new to the workspace, with the overlay that it begins with and its crate, in memory.

use super::draft;
use super::emit::{Files, Home};
use super::load::Document;
use super::pipeline::{Output, Target, pipeline};
use super::positions::child;
use super::{Stages, write};
use crate::problem::{Problem, Result};
use crate::workspace::{DocumentName, Workspace};

/// What a new document becomes.
pub(crate) struct New {
    /// What the document calls itself.
    pub(crate) title: String,
    /// The version of OpenAPI.
    pub(crate) openapi: String,
    /// The document's sum.
    pub(crate) sha256: String,
    /// Its overlay, unless there is nothing to correct.
    pub(crate) overlay: Option<NewOverlay>,
    /// What the steps did, for people.
    pub(crate) report: String,
    /// A warning for each loss.
    pub(crate) losses: Vec<Problem>,
    files: Files,
}

/// The overlay of a new document.
pub(crate) struct NewOverlay {
    /// Its file.
    pub(crate) file: String,
    /// Its text.
    pub(crate) text: String,
    /// Its actions.
    pub(crate) actions: Vec<NewAction>,
}

/// An action of the overlay.
pub(crate) struct NewAction {
    /// Its line in the overlay.
    pub(crate) line: Option<usize>,
    /// What it corrects.
    pub(crate) target: String,
    /// Whether a person has to say why.
    pub(crate) is_open: bool,
}

/// Makes overlay and crate of a text, without writing anything; `from` is where the text comes from.
///
/// # Errors
///
/// Fails with what stands against it and cannot be put right without a person.
pub(crate) fn build(name: &DocumentName, from: &str, text: String) -> Result<New> {
    let moved = |problems: crate::problem::Problems| problems.moved(&name.file(), from);
    let document = Document::parse(&name.file(), text).map_err(moved)?;
    let overlay = overlay(name, &document)?;
    let target = Target { name: &name.name, version: None, home: Home::Workspace, strict: false };
    let (overlay, read) = overlay.unzip();
    let output = pipeline(target, &document, read.as_ref(), &mut Stages::new()).map_err(moved)?;
    let Output { report, losses, files, .. } = output;
    let word = |pointer: &str| document.value.pointer(pointer).and_then(|it| it.as_str()).unwrap_or_default();
    let title = word("/info/title").split_whitespace().collect::<Vec<_>>().join(" ");
    let (openapi, sha256) = (word("/openapi").to_owned(), document.sha256.clone());
    Ok(New { title, openapi, sha256, overlay, report, losses, files })
}

/// The overlay that a document begins with, as text and as it is read.
fn overlay(name: &DocumentName, document: &Document) -> Result<Option<(NewOverlay, Document)>> {
    let actions = draft::actions(document);
    if actions.is_empty() {
        return Ok(None);
    }
    let [file, ..] = name.overlay_files();
    let text = draft::text(document, &file, &actions);
    let read = Document::parse(&file, text.clone())?;
    let action = |(index, action): (usize, &draft::Action)| NewAction {
        line: read.line(&child("/actions", &index.to_string())),
        target: action.target(document),
        is_open: action.is_open(),
    };
    let actions = actions.iter().enumerate().map(action).collect();
    Ok(Some((NewOverlay { file, text, actions }, read)))
}

impl New {
    /// The number of files of the crate.
    pub(crate) fn count(&self) -> usize {
        self.files.len()
    }

    /// Puts the crate into its folder, which must not exist; it appears as a whole or not at all.
    pub(crate) fn put_crate(&self, workspace: &Workspace, name: &DocumentName) -> Result<()> {
        write::put(&workspace.path(&name.crate_dir()), &self.files).map(|_| ())
    }
}
