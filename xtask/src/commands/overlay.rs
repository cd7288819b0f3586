//! `cargo xtask overlay`: a document with its overlay applied.

use std::io::Write;

use diagnostics::Result;
use openapi::overlay;
use repository::{Workspace, files};

use crate::documents::Layers;

/// Prints a document with its overlay applied, in the format of its file.
///
/// # Errors
///
/// Fails if the document does not exist or cannot be read, or if its overlay cannot be applied.
pub(crate) fn run(workspace: &Workspace, name: &str, out: &mut dyn Write) -> Result<()> {
    let name = workspace.find(name)?;
    let Layers { document, overlaid, .. } = Layers::read(workspace, &name)?;
    files::print(out, &overlay::print(&document.file, &overlaid))
}
