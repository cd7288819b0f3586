//! Compares the generated files with those on disk, and prepares the changes.

use codegen::Files;
use codegen::mark::Mark;
use diagnostics::plural;
use diagnostics::{Problem, Problems, Result};
use openapi::sha256;
use repository::files::Change;
use repository::unified;

use super::disk::{Found, MANIFEST, head, list, read};
use super::folder::Folder;

/// The differences in the folder of a crate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Comparison {
    /// The files that are not current.
    pub(super) differences: Vec<Difference>,
    /// The files that were not generated and stay.
    pub(super) kept: Vec<String>,
}

/// One file that is not current.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    /// The name of the file in messages.
    pub(super) file: String,
    /// The path of the file, relative to the root of its folder.
    relative: String,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Missing(String),
    Changed {
        old: Vec<u8>,
        new: String,
    },
    /// Generated earlier, but not any more.
    Removed,
}

impl Difference {
    /// The difference as text.
    pub(super) fn show(&self) -> String {
        match &self.kind {
            Kind::Missing(new) => {
                format!("{} is missing\n{}", self.file, unified::diff(&self.file, "", new))
            }
            Kind::Changed { old, new } => match std::str::from_utf8(old) {
                Ok(old) if old.replace("\r\n", "\n") == *new => format!(
                    "{} is not as generated: its line breaks have been converted; git keeps them if .gitattributes has the \
                     line `* text=auto eol=lf`\n",
                    self.file
                ),
                Ok(old) => format!("{} is not as generated\n{}", self.file, unified::diff(&self.file, old, new)),
                Err(_) => format!("{} is not as generated: it is not UTF-8 text\n", self.file),
            },
            Kind::Removed => format!("{} was generated earlier, but not any more: it will be removed\n", self.file),
        }
    }
}

impl Comparison {
    /// Prepares the changes to the folder.
    pub(super) fn stage(&self, change: &mut Change) -> Result<()> {
        for Difference { relative, kind, .. } in &self.differences {
            match kind {
                Kind::Missing(new) | Kind::Changed { new, .. } => change.write(relative, new.as_bytes())?,
                Kind::Removed => change.remove(relative),
            }
        }
        Ok(())
    }

    /// The changes to a crate, in a line that names the files; `count` is the number of its files.
    pub(super) fn summary(&self, count: usize) -> String {
        let changed = self.names(false);
        let mut parts = Vec::new();
        if !changed.is_empty() {
            parts.push(format!("{} change{}: {}", changed.len(), plural(changed.len()), changed.join(", ")));
        }
        parts.extend(self.removed());
        if parts.is_empty() {
            parts.push(format!("{count} unchanged"));
        }
        parts.extend(self.kept());
        parts.join("; ")
    }

    /// Whether the crate is current, as a part of a line.
    pub(super) fn checked(&self) -> String {
        let first = match self.differences.len() {
            0 => "current".to_owned(),
            count => format!("{count} not as generated"),
        };
        [Some(first), self.kept()].into_iter().flatten().collect::<Vec<_>>().join("; ")
    }

    /// The changes to the crate in a folder, in a line that names only removed and kept files.
    pub(super) fn short(&self, folder: &Folder) -> String {
        let changed = self.names(false).len();
        let first = format!("{changed} change{} in {}", plural(changed), folder.display_name());
        [Some(first), self.removed(), self.kept()].into_iter().flatten().collect::<Vec<_>>().join("; ")
    }

    fn names(&self, is_removed: bool) -> Vec<&str> {
        let of = self.differences.iter().filter(|difference| (difference.kind == Kind::Removed) == is_removed);
        of.map(|difference| difference.file.as_str()).collect()
    }

    fn removed(&self) -> Option<String> {
        let names = self.names(true);
        (!names.is_empty()).then(|| format!("{} removed: {}", names.len(), names.join(", ")))
    }

    /// The files that were not generated, as a part of a line.
    pub(super) fn kept(&self) -> Option<String> {
        (!self.kept.is_empty()).then(|| format!("{} not generated, kept: {}", self.kept.len(), self.kept.join(", ")))
    }

    /// The changes as JSON.
    pub(super) fn json(&self, count: usize, written: bool) -> serde_json::Value {
        let different = self.differences.iter().map(|difference| difference.file.as_str()).collect::<Vec<_>>();
        serde_json::json!({
            "count": count, "different": different, "removed": self.names(true), "kept": self.kept, "written": written,
        })
    }
}

/// Compares the generated files of a crate with those in its folder.
///
/// # Errors
///
/// Fails if the path of a generated file has something that was not generated from the same document.
pub(super) fn compare(folder: &Folder, files: &Files) -> Result<Comparison> {
    let on_disk = list(folder, files)?;
    let mark = of_crate(folder, files, &on_disk)?;
    let (mut found, mut problems) = (Comparison::default(), Vec::new());
    for (path, new) in files {
        let kind = match read(folder, path)? {
            Found::Nothing => Kind::Missing(new.clone()),
            Found::File(old) if old == new.as_bytes() => continue,
            Found::File(old) if Mark::of(&old).is_some() => Kind::Changed { old, new: new.clone() },
            Found::File(old) if mark.as_ref().is_some_and(|mark| mark.knows(path, &sha256(&old))) => {
                Kind::Changed { old, new: new.clone() }
            }
            Found::File(_) | Found::Other => {
                problems.push(in_the_way(folder, path));
                continue;
            }
        };
        found.differences.push(Difference { file: folder.name(path), relative: folder.relative(path), kind });
    }
    Problems::check(problems)?;
    for path in on_disk.into_iter().filter(|path| !files.contains_key(path)) {
        let file = folder.name(&path);
        if mark.as_ref().is_some_and(|mark| head(folder, &path).is_some_and(|of| of.has_document_of(mark))) {
            found.differences.push(Difference { file, relative: folder.relative(&path), kind: Kind::Removed });
        } else {
            found.kept.push(file);
        }
    }
    Ok(found)
}

fn in_the_way(folder: &Folder, path: &str) -> Problem {
    let file = folder.name(path);
    Problem::new(format!("{file} was not generated: it has no `@generated` header; nothing has been changed"))
        .file(file)
        .remedy("move or delete the file, and run the command again")
}

/// The mark of the crate in the folder, if there is one.
///
/// # Errors
///
/// Fails if the folder has a crate that was not generated from this document.
fn of_crate(folder: &Folder, files: &Files, on_disk: &[String]) -> Result<Option<Mark>> {
    let new = files.get(MANIFEST).map(String::as_str).unwrap_or_default();
    let wanted = Mark::of(new.as_bytes());
    let is_of = |mark: &Mark| wanted.as_ref().is_some_and(|wanted| mark.has_document_of(wanted));
    let refuse = |file: &str, message: String, remedy: &str| {
        let problem = Problem::new(format!("{message}; nothing has been changed")).file(file).remedy(remedy);
        Err(problem.into())
    };
    let manifest = folder.name(MANIFEST);
    match read(folder, MANIFEST)? {
        Found::Nothing if on_disk.is_empty() => Ok(None),
        // Without its manifest, a crate is restored if a file names this document.
        Found::Nothing if on_disk.iter().any(|path| head(folder, path).is_some_and(|mark| is_of(&mark))) => Ok(wanted),
        Found::Nothing => refuse(
            folder.display_name(),
            "the folder has files, and none of them was generated from this document".to_owned(),
            folder.remedy(),
        ),
        Found::Other => refuse(&manifest, format!("{manifest} is not a file"), folder.remedy()),
        Found::File(old) => match Mark::of(&old) {
            None => refuse(
                &manifest,
                format!("{manifest} was not generated: it has no `@generated` header"),
                folder.remedy(),
            ),
            Some(mark) if !is_of(&mark) => {
                let wanted = wanted.as_ref().map_or("this document", Mark::document);
                let message = format!(
                    "the crate in {} was generated from {}, not from {wanted}",
                    folder.display_name(),
                    mark.document()
                );
                refuse(&manifest, message, folder.remedy())
            }
            // Documents outside the workspace often have the same file name.
            Some(_) if folder.is_outside() && description(&String::from_utf8_lossy(&old)) != description(new) => {
                refuse(
                    &manifest,
                    format!("the crate in {} was generated from a document with another title", folder.display_name()),
                    "name another folder with `--out DIR`; or, if it is a later version of the same document, delete the manifest",
                )
            }
            Some(mark) => Ok(Some(mark)),
        },
    }
}

/// The line of a manifest that has the title of the document.
fn description(manifest: &str) -> Option<&str> {
    manifest.lines().find(|line| line.starts_with("description = "))
}
