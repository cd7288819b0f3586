//! The files beside a document, to which it may refer.

use std::fs::{self, File as Handle};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use diagnostics::{Problem, Result};
use openapi::Document;
use openapi::bundle::{File, Files, bundle};
use repository::provenance::Provenance;
use repository::{DocumentName, Source, files};

/// The remedy if a file is missing.
const COMPLETE: &str = "put the file where the reference says, below the folder of the document; or bundle all files into one \
                        document, for example with `npx @redocly/cli bundle FILE -o NEW`, and use that";

/// A folder on disk.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// What names in messages begin with.
    shown: String,
}

impl Folder {
    /// The folder of a file; names in messages begin with `shown`.
    pub(crate) fn of(file: &Path, shown: &str) -> Self {
        let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Self { path: parent.to_owned(), shown: shown.to_owned() }
    }

    /// The folder of a file that the user names; so are the files in it.
    pub(crate) fn named(file: &str) -> Self {
        Self::of(Path::new(file), folder(file))
    }
}

/// The folder in the name of a file, with the separator at its end.
fn folder(file: &str) -> &str {
    &file[..file.rfind(['/', std::path::MAIN_SEPARATOR]).map_or(0, |at| at + 1)]
}

impl Files for Folder {
    fn read(&mut self, path: &str) -> Result<File, Problem> {
        let name = format!("{}{path}", self.shown);
        let cannot = |error: &std::io::Error| {
            let problem = files::cannot_read("the file", &name, error);
            if error.kind() == ErrorKind::NotFound { problem.remedy(COMPLETE) } else { problem }
        };
        let root = fs::canonicalize(&self.path).map_err(|error| cannot(&error))?;
        let whole = path.split('/').fold(root.clone(), |all, part| all.join(part));
        let whole = fs::canonicalize(whole).map_err(|error| cannot(&error))?;
        let Ok(inside) = whole.strip_prefix(&root) else {
            let problem = Problem::new(format!("{name} is a link out of the folder of the document"));
            return Err(problem.remedy("replace the link by the file"));
        };
        let parts = inside.components().map(|part| part.as_os_str().to_str().map(str::to_owned));
        let parts = parts.collect::<Option<Vec<_>>>();
        if !fs::metadata(&whole).is_ok_and(|found| found.is_file()) {
            return Err(Problem::new(format!("{name} is not a file")).remedy(COMPLETE));
        }
        let open = Handle::open(&whole).map_err(|error| cannot(&error))?;
        let text = files::decode(files::read_limited(open, "the file", &name)?, "the file", &name)?;
        Ok(File { path: parts.map_or_else(|| path.to_owned(), |parts| parts.join("/")), name, text })
    }
}

/// The folder of a document in `specs/`: its files lie in a folder with its name.
#[derive(Debug)]
pub(crate) struct Own<'a, F> {
    /// The folder of the document.
    pub(crate) files: F,
    /// The document.
    pub(crate) name: &'a DocumentName,
}

impl<F: Files> Files for Own<'_, F> {
    fn read(&mut self, path: &str) -> Result<File, Problem> {
        let name = &self.name.name;
        let is_own = |path: &str| path.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('/'));
        if !is_own(path) {
            let message = format!("the files of {} must be in the folder `{name}` beside it", self.name.file());
            return Err(Problem::new(message).remedy(
                "move them there, and correct the references; or bundle all files into one document, for example with \
                 `npx @redocly/cli bundle FILE -o NEW`, and use that",
            ));
        }
        // The name becomes a cell of the table in `specs/README.md`.
        if let Some(odd) = path.chars().find(|c| !c.is_alphanumeric() && !"/._- ".contains(*c)) {
            let message = format!("the name of the file {path:?} has the character {odd:?}");
            return Err(Problem::new(message).remedy("rename the file, and correct the references"));
        }
        let file = self.files.read(path)?;
        if is_own(&file.path) {
            return Ok(file);
        }
        let problem = Problem::new(format!("{} is a link out of the folder `{name}`", file.name));
        Err(problem.remedy("replace the link by the file"))
    }
}

/// No folder: the document is from an address or from standard input.
struct Nowhere(&'static str);

impl Files for Nowhere {
    fn read(&mut self, _: &str) -> Result<File, Problem> {
        Err(Problem::new(format!("the document is from {}, which has no folder", self.0))
            .remedy("download the folder with the document and its files, and name the document in it"))
    }
}

/// Includes the files beside a document of any source; they are named by their paths in its folder.
///
/// # Errors
///
/// Fails as [`bundle`] does.
pub(crate) fn include(document: Document, source: Source<'_>) -> Result<Document> {
    match source {
        Source::File(file) => bundle(document, Some(source.file_name()), &mut Folder::of(Path::new(file), "")),
        Source::Url(_) => bundle(document, None, &mut Nowhere("an address")),
        Source::StandardInput => bundle(document, None, &mut Nowhere("standard input")),
    }
}

/// Includes the files of a document that is about to be stored in `specs/` under this name.
///
/// # Errors
///
/// Fails as [`bundle`] does, and if a file is not in the folder with the name of the document.
pub(crate) fn include_new(document: Document, source: Source<'_>, name: &DocumentName) -> Result<Document> {
    let own = own(name);
    match source {
        Source::File(file) => bundle(document, Some(&own), &mut Own { files: Folder::named(file), name }),
        Source::Url(_) => bundle(document, None, &mut Nowhere("an address")),
        Source::StandardInput => bundle(document, None, &mut Nowhere("standard input")),
    }
}

/// The name of a document's file in `specs/`.
pub(crate) fn own(name: &DocumentName) -> String {
    name.file().trim_start_matches("specs/").to_owned()
}

/// Compares the files of a document in `specs/` with their checksums on record.
///
/// # Errors
///
/// Fails with the first file that is not on record or has another checksum.
pub(crate) fn check(document: &Document, provenance: &Provenance) -> Result<()> {
    document.parts().iter().try_for_each(|part| {
        let file = format!("specs/{}", part.path);
        provenance.check(&file, &part.document.sha256, part.document.text().as_bytes())
    })
}
