//! The documents of the workspace and their overlays.

use diagnostics::Result;
use openapi::bundle::bundle;
use openapi::{Document, overlay};
use repository::{DocumentName, Workspace, files};
use serde_json::Value;

use crate::beside::{self, Folder, Own};

/// Reads and parses a document or an overlay of the workspace.
///
/// # Errors
///
/// Fails if the file cannot be read or parsed.
pub(crate) fn read(workspace: &Workspace, file: &str) -> Result<Document> {
    Document::parse(file, files::read_text(&workspace.path(file), "the file", file)?)
}

/// Reads a document of the workspace with the files that it refers to.
///
/// # Errors
///
/// Fails if a file cannot be read or parsed, or if it is not in the folder with the name of the document.
pub(crate) fn read_document(workspace: &Workspace, name: &DocumentName) -> Result<Document> {
    include(workspace, name, read(workspace, &name.file())?)
}

/// Includes the files that a document of the workspace refers to.
///
/// # Errors
///
/// Fails as [`read_document`] does.
pub(crate) fn include(workspace: &Workspace, name: &DocumentName, document: Document) -> Result<Document> {
    let folder = Folder::of(&workspace.path(&name.file()), "specs/");
    bundle(document, Some(&beside::own(name)), &mut Own { files: folder, name })
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
    /// The document as published, with the files that it refers to.
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
        let document = read_document(workspace, name)?;
        let overlay = read_overlay(workspace, name)?;
        let mut overlaid = document.value.clone();
        if let Some(overlay) = &overlay {
            overlay::apply(overlay, &document.file, &mut overlaid)?;
        }
        Ok(Self { document, overlay, overlaid })
    }
}
