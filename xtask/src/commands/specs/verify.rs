//! `cargo xtask specs verify`: compares the documents with their checksums on record.

use std::collections::BTreeSet;
use std::fs;
use std::io::{ErrorKind, Write};

use diagnostics::{Problem, Problems, Result};
use openapi::sha256;
use repository::files;
use repository::provenance::{self, Provenance};
use repository::say;
use repository::{DocumentName, Workspace};

use crate::documents;

/// Compares every document, and every other file with a checksum, with the table.
pub(super) fn run(workspace: &Workspace, out: &mut dyn Write) -> Result<()> {
    let provenance = Provenance::read(workspace)?;
    let mut problems = provenance.repeated();
    let documents: BTreeSet<_> = workspace.documents()?.iter().flat_map(|name| files_of(workspace, name)).collect();
    let recorded: BTreeSet<_> = provenance.files().map(|file| format!("specs/{file}")).collect();
    for file in documents.union(&recorded) {
        let has_sum = documents.contains(file) || provenance.has_sum(file);
        match fs::read(workspace.path(file)) {
            Ok(_) if !has_sum => say(out, &format!("{file}: exists, no checksum on record"))?,
            Ok(bytes) => match provenance.check(file, &sha256(&bytes), &bytes) {
                Ok(()) => say(out, &format!("{file}: as on record"))?,
                Err(found) => problems.extend(found.into_vec()),
            },
            Err(error) if error.kind() == ErrorKind::NotFound => problems.push(
                Problem::new(format!("cannot read {file}: {error}"))
                    .file(provenance::FILE)
                    .line(provenance.line(file))
                    .remedy(format!("restore {file}, or remove its row")),
            ),
            Err(error) => problems.push(files::cannot_read("the file", file, &error)),
        }
    }
    Problems::check(problems)
}

/// A document and the files that it refers to. What is wrong with the references, `codegen` reports.
fn files_of(workspace: &Workspace, name: &DocumentName) -> Vec<String> {
    let document = documents::read_document(workspace, name);
    let parts = document.iter().flat_map(|document| document.parts()).map(|part| format!("specs/{}", part.path));
    [name.file()].into_iter().chain(parts).collect()
}
