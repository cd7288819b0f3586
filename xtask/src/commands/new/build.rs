//! Builds the overlay and the crate of a new document, in memory.

use std::sync::Arc;

use codegen::draft;
use codegen::{Answers, Output, Target};
use codegen::{Files, Home};
use diagnostics::{Problem, Problems, Result};
use openapi::overlay;
use openapi::pointer::child;
use openapi::{Document, Part};
use repository::files::Change;
use repository::{DocumentName, Source};
use serde_json::Value;

use crate::beside;

/// A new document with its overlay and crate.
pub(crate) struct New {
    /// The title of the document.
    pub(crate) title: String,
    /// The version of OpenAPI.
    pub(crate) openapi: String,
    /// The checksum of the document.
    pub(crate) sha256: String,
    /// The files that the document refers to.
    pub(crate) parts: Vec<Arc<Part>>,
    /// The overlay, if the document needs one.
    pub(crate) overlay: Option<NewOverlay>,
    /// The numbers of operations and losses.
    pub(crate) counts: String,
    /// A warning for each loss.
    pub(crate) losses: Vec<Problem>,
    files: Files,
}

/// The overlay of a new document.
pub(crate) struct NewOverlay {
    /// The file of the overlay.
    pub(crate) file: String,
    /// The text of the overlay.
    pub(crate) text: String,
    /// The actions of the overlay.
    pub(crate) actions: Vec<NewAction>,
}

/// An action of the overlay.
pub(crate) struct NewAction {
    /// The line of the action in the overlay.
    pub(crate) line: Option<usize>,
    /// The target of the action.
    pub(crate) target: String,
    /// Whether a person has to write the reason.
    pub(crate) is_open: bool,
}

/// A text and its source.
pub(crate) struct Text<'a> {
    /// The file or the address.
    pub(crate) from: &'a str,
    /// The text.
    pub(crate) text: String,
}

/// Builds the overlay and the crate of a document; writes nothing. The overlay begins with the actions of `own`.
///
/// # Errors
///
/// Fails with every problem that only a person can correct.
pub(crate) fn build(name: &DocumentName, source: Source<'_>, document: Text<'_>, own: Option<Text<'_>>) -> Result<New> {
    let [overlay_file, ..] = name.overlay_files();
    let (from, overlay_from) = (document.from, own.as_ref().map_or(overlay_file.as_str(), |own| own.from).to_owned());
    let moved =
        |problems: Problems| problems.replace_file(&name.file(), from).replace_file(&overlay_file, &overlay_from);
    let document = Document::parse(&name.file(), document.text).map_err(moved)?;
    let document = beside::include_new(document, source, name).map_err(moved)?;
    let overlay = overlay(&overlay_file, &document, own).map_err(moved)?;
    let target =
        Target { name: &name.name, version: None, home: Home::Workspace, strict: false, answers: Answers::default() };
    let (overlay, read) = overlay.unzip();
    let output = codegen::run(&target, &document, read.as_ref(), &mut |_| {}).map_err(|problems| {
        let nothing = Problem::new(format!("nothing was written, there is no `{}`", name.name))
            .file(from)
            .remedy("correct what an overlay can correct, and name the overlay with `--overlay FILE`");
        moved(problems).with([nothing])
    })?;
    let Output { counts, losses, files, .. } = output;
    let word = |pointer: &str| document.value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let title = word("/info/title").split_whitespace().collect::<Vec<_>>().join(" ");
    let (openapi, sha256) = (word("/openapi").to_owned(), document.sha256.clone());
    let parts = document.parts().to_vec();
    Ok(New { title, openapi, sha256, parts, overlay, counts: counts.text(), losses, files })
}

/// The drafted overlay of a document, as text and parsed.
fn overlay(file: &str, document: &Document, own: Option<Text<'_>>) -> Result<Option<(NewOverlay, Document)>> {
    let own = own.map(|own| Document::parse(file, own.text.clone()).map(|read| (own.text, read))).transpose()?;
    let mut value = document.value.clone();
    if let Some((_, own)) = &own {
        overlay::apply(own, &document.file, &mut value)?;
    }
    let added = draft::actions(&value);
    let text = match &own {
        Some((text, _)) if added.is_empty() => text.clone(),
        None if added.is_empty() => return Ok(None),
        _ => {
            let mut whole =
                own.as_ref().map_or_else(|| draft::empty_overlay(&value, &document.file), |(_, own)| own.value.clone());
            draft::add(&mut whole, &value, &added);
            overlay::print(file, &whole)
        }
    };
    let read = Document::parse(file, text.clone())?;
    let list = read.value.get("actions").and_then(Value::as_array);
    let action = |(index, action): (usize, &Value)| NewAction {
        line: read.line(&child("/actions", &index.to_string())),
        target: action.get("target").and_then(Value::as_str).unwrap_or_default().to_owned(),
        is_open: action.get("description").and_then(Value::as_str).is_some_and(draft::is_open),
    };
    let actions = list.into_iter().flatten().enumerate().map(action).collect();
    Ok(Some((NewOverlay { file: file.to_owned(), text, actions }, read)))
}

impl New {
    /// The number of files of the crate.
    pub(crate) fn count(&self) -> usize {
        self.files.len()
    }

    /// Prepares the crate's folder, which must not exist.
    pub(crate) fn stage(&self, change: &mut Change, name: &DocumentName) -> Result<()> {
        let dir = name.crate_dir();
        self.files.iter().try_for_each(|(path, text)| change.write(&format!("{dir}/{path}"), text.as_bytes()))
    }
}
