//! One version of a document.

use diagnostics::Result;
use openapi::{Document, Source, overlay};
use serde_json::Value;

/// A document after its overlay.
#[derive(Debug)]
pub struct Revision {
    /// The document as it was or is.
    pub document: Document,
    /// The overlay's file.
    pub overlay: Option<String>,
    /// The document's value after the overlay.
    pub value: Value,
}

impl Revision {
    /// The document after an overlay.
    ///
    /// # Errors
    ///
    /// Fails if the overlay does not apply, or if the document is of an older version than Swagger 2.0.
    pub fn of(document: Document, overlay: Option<&Document>) -> Result<Self> {
        let mut value = document.value.clone();
        if let Some(overlay) = overlay {
            overlay::apply(overlay, &document.file, &mut value)?;
        }
        let document = codegen::as_openapi_3(document, &mut value)?;
        Ok(Self { document, overlay: overlay.map(|overlay| overlay.file.clone()), value })
    }

    /// The place in the text of a node of the document; nodes of an overlay have none.
    pub fn source(&self, pointer: &str) -> Option<Source<'_>> {
        self.document.value.pointer(pointer)?;
        Some(self.document.source(pointer))
    }

    /// The line of a node of the document; nodes of an overlay have none.
    pub fn line(&self, pointer: &str) -> Option<usize> {
        self.source(pointer)?.line
    }

    /// The place of a node in a file that the document refers to, if it is in one.
    pub fn part(&self, pointer: &str) -> Option<Source<'_>> {
        self.source(pointer).filter(|source| self.document.parts().iter().any(|part| part.document.file == source.file))
    }
}
