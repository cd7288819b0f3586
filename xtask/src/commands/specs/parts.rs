//! The files that a document in `specs/` refers to, when a new document replaces it.

use std::fs;
use std::sync::Arc;

use diagnostics::{Result, plural};
use openapi::{Document, Part};
use repository::files::Change;
use repository::provenance::Provenance;
use repository::{DocumentName, Workspace};

use crate::beside;
use crate::commands::new::part_row;

/// The files of the new document, and what happens to them.
pub(super) struct Parts {
    /// New files and those with other contents.
    changed: Vec<Arc<Part>>,
    /// Files without a row in the record.
    unrecorded: Vec<Arc<Part>>,
    /// Files on record that the new document does not refer to.
    gone: Vec<String>,
}

impl Parts {
    /// Compares the files of the new document with those in `specs/`.
    pub(super) fn of(
        workspace: &Workspace,
        name: &DocumentName,
        document: &Document,
        provenance: &Provenance,
    ) -> Result<Self> {
        let parts = document.parts();
        let is_current = |part: &Arc<Part>| {
            let file = format!("specs/{}", part.path);
            let text = part.document.original();
            let is_same = fs::read(workspace.path(&file)).is_ok_and(|bytes| bytes == text.as_bytes());
            is_same && provenance.check(&file, &part.document.sha256, text.as_bytes()).is_ok()
        };
        let folder = format!("{}/", name.name);
        let own = provenance.files().filter(|file| file.starts_with(&folder));
        let gone = own.filter(|file| parts.iter().all(|part| part.path != *file)).map(str::to_owned).collect();
        let changed = parts.iter().filter(|part| !is_current(part)).cloned().collect();
        let is_new = |part: &&Arc<Part>| provenance.line(&part.path).is_none();
        Ok(Self { changed, unrecorded: parts.iter().filter(is_new).cloned().collect(), gone })
    }

    /// Whether the files are those on record.
    pub(super) fn are_current(&self) -> bool {
        self.changed.is_empty() && self.gone.is_empty()
    }

    /// The text of the record with the rows of the files.
    pub(super) fn recorded(&self, name: &DocumentName, record: &str, today: &str) -> Result<String> {
        let mut record = Provenance::parse(record)?.without(&self.gone);
        for part in &self.changed {
            let table = Provenance::parse(&record)?;
            record = if self.unrecorded.iter().any(|new| new.path == part.path) {
                table.with(&[part_row(part, &beside::own(name), today)])?
            } else {
                table.updated(&part.path, &part.document.sha256, today, None)?
            };
        }
        Ok(record)
    }

    /// Prepares the files.
    pub(super) fn stage(&self, change: &mut Change) -> Result<()> {
        self.gone.iter().for_each(|file| change.remove(&format!("specs/{file}")));
        let write =
            |part: &Arc<Part>| change.write(&format!("specs/{}", part.path), part.document.original().as_bytes());
        self.changed.iter().try_for_each(write)
    }

    /// What happened to the files, as lines for people.
    pub(super) fn summary(&self) -> String {
        let line = |count: usize, what: &str| match count {
            0 => String::new(),
            count => format!("  {count} file{} that it refers to {what}\n", plural(count)),
        };
        line(self.changed.len(), "written") + &line(self.gone.len(), "removed, with the rows")
    }
}
