//! The documents of the workspace and their overlays.

use diagnostics::Result;
use openapi::{Document, overlay};
use repository::{DocumentName, Workspace, files};
use serde_json::Value;

/// Reads and parses a document or an overlay of the workspace.
///
/// # Errors
///
/// Fails if the file cannot be read or parsed.
pub(crate) fn read(workspace: &Workspace, file: &str) -> Result<Document> {
    Document::parse(file, files::read_text(&workspace.path(file), "the file", file)?)
}

/// Reads the overlay of a document, if it has one.
///
/// # Errors
///
/// Fails if the file cannot be read or parsed.
pub(crate) fn read_overlay(workspace: &Workspace, name: &DocumentName) -> Result<Option<Document>> {
    let file = name.overlay_files().into_iter().find(|file| workspace.path(file).exists());
    file.map(|file| read(workspace, &file)).transpose()
}

/// A document, its overlay, and its value after the overlay.
pub(crate) struct Layers {
    /// The document as published.
    pub(crate) document: Document,
    /// The overlay, if there is one.
    pub(crate) overlay: Option<Document>,
    /// The document's value after its overlay.
    pub(crate) overlaid: Value,
}

impl Layers {
    /// Reads a document and its overlay, and applies the overlay.
    ///
    /// # Errors
    ///
    /// Fails if a file cannot be read or parsed, or if the overlay cannot be applied.
    pub(crate) fn read(workspace: &Workspace, name: &DocumentName) -> Result<Self> {
        let document = read(workspace, &name.file())?;
        let overlay = read_overlay(workspace, name)?;
        let mut overlaid = document.value.clone();
        if let Some(overlay) = &overlay {
            overlay::apply(overlay, &document.file, &mut overlaid)?;
        }
        Ok(Self { document, overlay, overlaid })
    }
}
