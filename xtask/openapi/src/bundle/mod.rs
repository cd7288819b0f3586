//! Includes the files that a document refers to: the result is one document without references into other files.
//!
//! - Entry: [`bundle`] takes a document as it was parsed and access to the [`Files`] of its folder.
//! - Guarantees: the document's own nodes keep their places, and every node names its file and line in problems.
//!
//! | the target of a reference | becomes |
//! |---|---|
//! | a schema, parameter, response or another kind with names in `components` (in `definitions` of Swagger 2.0) | a component; all references to it share it |
//! | the same, if a component of the document consists of the reference | that component |
//! | a path item, an operation, a map or a list | a copy in the place of the reference |
//! | a place in the document itself | a reference to it |
//!
//! References out of the folder of the document stay as they are; a later step reports them. Two passes: [`discover`] reads
//! the files and finds the targets, [`names`] names them, [`assemble`] builds the value.

mod assemble;
mod discover;
mod files;
mod location;
mod names;
mod parts;
mod shape;
#[cfg(test)]
mod tests;

use diagnostics::{Problems, Result};
use serde_json::Value;

pub use files::{File, Files};
pub use parts::{MAX_BYTES, MAX_FILES, MAX_NODES};

use crate::document::Document;
use parts::Parts;
use shape::Dialect;

/// Includes the files that a document refers to. `own` is the name of the document's file in its folder, by which other files
/// refer to it.
///
/// # Errors
///
/// Fails with every file that cannot be read, and with every reference that has no target or refers to itself.
pub fn bundle(document: Document, own: Option<&str>, files: &mut dyn Files) -> Result<Document> {
    if !has_files(&document.value) {
        return Ok(document);
    }
    let dialect = Dialect::of(&document.value);
    let mut all = Parts::new(&document, own, files);
    let found = discover::discover(&mut all, dialect);
    Problems::check(found.problems.clone())?;
    if found.links.is_empty() {
        return Ok(document);
    }
    let names = names::names(&found.components, found.targets.iter().map(|(target, _)| target), &found.taken);
    let (value, origins) = assemble::assemble(&mut all, &found, &names, dialect)?;
    let further = all.into_parts();
    Ok(document.with_parts(value, origins, further))
}

/// Whether a value has a reference into another file, or anything that looks like one.
fn has_files(value: &Value) -> bool {
    match value {
        Value::Object(object) => object.iter().any(|(key, inner)| match inner {
            Value::String(text) => key == "$ref" && !text.starts_with('#'),
            inner => has_files(inner),
        }),
        Value::Array(list) => list.iter().any(has_files),
        _ => false,
    }
}
