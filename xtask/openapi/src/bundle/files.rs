//! Access to the files beside a document.

use diagnostics::{Problem, Result};

/// A file that a document refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The path relative to the folder of the document, with `/` between the segments and without links.
    pub path: String,
    /// The name in messages.
    pub name: String,
    /// The text.
    pub text: String,
}

/// The folder of a document.
pub trait Files {
    /// Reads the file at a path relative to the folder. The path has no `.`, no `..` and no empty segment.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be read, or if it is outside the folder.
    fn read(&mut self, path: &str) -> Result<File, Problem>;
}
