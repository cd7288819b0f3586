//! `cargo xtask codegen`: a document goes in, a whole crate comes out.
//!
//! The steps are modules of their own: [`load`], [`overlay`], [`lower`], [`lint`], [`generate`], [`emit`], [`report`].
//! Nothing is written before every document has passed all of them.

pub(crate) mod changes;
mod emit;
mod generate;
mod lint;
mod load;
mod lower;
mod node;
mod overlay;
mod positions;
mod report;
mod servers;
mod write;

use std::io::Write;

use crate::problem::{Problem, Problems, Result};
use crate::provenance::Provenance;
use crate::workspace::{DocumentName, Workspace};

use emit::{Files, Input};
use load::Document;
use report::{Report, plural};
use write::Difference;
pub(crate) use write::replace as replace_file;

/// Whether files are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Write what is different.
    Write,
    /// Write nothing; every difference is an error.
    Check,
}

/// Generates the crates of the documents with these names, or of all documents, and reports to `out`.
///
/// # Errors
///
/// Fails if a document cannot be generated from, or, in [`Mode::Check`], if a crate is not as generated. In both cases
/// nothing has been written.
pub(crate) fn run(workspace: &Workspace, names: &[String], mode: Mode, out: &mut dyn Write) -> Result<()> {
    let provenance = Provenance::read(workspace)?;
    let mut problems = Vec::new();
    let mut crates = Vec::new();
    for document in workspace.select(names)? {
        match build(workspace, &provenance, &document) {
            Ok(built) => crates.push(built),
            Err(found) => problems.extend(found.into_vec()),
        }
    }
    Problems::check(problems)?;
    let print = |out: &mut dyn Write, text: &str| {
        out.write_all(text.as_bytes()).map_err(|error| Problem::new(format!("cannot write the report: {error}")))
    };
    let differences = crates
        .iter()
        .map(|Built { name, files, .. }| write::compare(workspace, &name.crate_dir(), files))
        .collect::<Result<Vec<_>>>()?;
    let mut stale = Vec::new();
    for (Built { name, report, files }, differences) in crates.iter().zip(&differences) {
        match mode {
            Mode::Write => {
                write::apply(workspace, differences)?;
                print(out, &format!("{report}  files: {}\n", summary(files, differences)))?;
                if !differences.is_empty() {
                    print(out, &changes::summary(workspace, name))?;
                }
            }
            Mode::Check if differences.is_empty() => print(out, &format!("{}: current\n", name.name))?,
            Mode::Check => {
                for difference in differences {
                    print(out, &difference.show())?;
                }
                stale.push(name.name.clone());
            }
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    let crates = stale.iter().map(|name| format!("crates/{name}")).collect::<Vec<_>>().join(", ");
    Err(Problem::new(format!("not as generated: {crates}"))
        .remedy(format!("run `cargo xtask codegen {}`", stale.join(" ")))
        .into())
}

/// A crate in memory.
struct Built {
    name: DocumentName,
    report: String,
    files: Files,
}

fn build(workspace: &Workspace, provenance: &Provenance, name: &DocumentName) -> Result<Built> {
    let document = Document::read(workspace, &name.file())?;
    provenance.check(&document.file, &document.sha256)?;
    let overlay_file = name.overlay_files().into_iter().find(|file| workspace.path(file).exists());
    let overlay = overlay_file.map(|file| Document::read(workspace, &file)).transpose()?;
    let version = changes::Versions::read(workspace)?.get(&name.name).map(|version| version.to_string());
    let (report, files) = pipeline(&name.name, version.as_deref(), &document, overlay.as_ref())?;
    Ok(Built { name: name.clone(), report, files })
}

/// Whether the crate of this document can be generated; nothing is written.
///
/// # Errors
///
/// Fails with what stands against it.
pub(crate) fn check_builds(workspace: &Workspace, name: &DocumentName) -> Result<()> {
    build(workspace, &Provenance::read(workspace)?, name).map(|_| ())
}

/// The steps between the files of `specs/` and the files of the crate.
fn pipeline(
    name: &str,
    version: Option<&str>,
    document: &Document,
    overlay: Option<&Document>,
) -> Result<(String, Files)> {
    let mut value = document.value.clone();
    let actions = overlay.map(|overlay| overlay::apply(overlay, &document.file, &mut value)).transpose()?;
    let lowered = lower::lower(document, &mut value)?;
    let operations = lint::lint(document, &value)?;
    let servers = servers::read(document, &value)?;
    let generated = generate::generate(document, &value, &operations)?;
    let files = emit::emit(&Input {
        name,
        version,
        document,
        overlay,
        openapi: &lowered.source_version,
        value: &value,
        servers: &servers,
        generated: &generated,
    });
    let report = Report {
        name,
        document,
        overlay: overlay.map(|overlay| overlay.file.as_str()).zip(actions),
        lowered: &lowered,
        operations: generated.methods.iter().map(|method| (method.name.as_str(), &method.operation)).collect(),
    };
    Ok((report.text(), files))
}

fn summary(files: &Files, differences: &[Difference]) -> String {
    if differences.is_empty() {
        return format!("{} unchanged", files.len());
    }
    let names = differences.iter().map(|difference| difference.file.as_str()).collect::<Vec<_>>().join(", ");
    format!("{} change{}: {names}", differences.len(), plural(differences.len()))
}
