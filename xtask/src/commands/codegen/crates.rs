//! The crates of the workspace's documents.

use std::io::Write;

use codegen::{Answers, Home, Output, Target, draft};
use diagnostics::text::{Terminal, fill};
use diagnostics::{Problem, Problems, Result};
use diff::versions::Versions;
use repository::files::{Change, Place};
use repository::provenance::Provenance;
use repository::{DocumentName, Workspace, print, warn};
use serde_json::{Value, json};

use super::folder::Folder;
use super::options::{Detail, Mode, Options};
use super::stages::Stages;
use super::write::{self, Comparison};
use crate::beside;
use crate::documents::{self, read_overlay};
use crate::history;

/// A crate in memory.
struct Built {
    name: DocumentName,
    output: Output,
    /// Reasons that a person still has to write.
    open: Vec<Problem>,
}

/// Generates the crates of the documents with these names, or of all documents, and reports to `out`.
///
/// # Errors
///
/// Fails if a crate cannot be generated, or, in [`Mode::Check`], if a crate is not current. In both cases nothing has
/// been written.
pub(crate) fn run(workspace: &Workspace, names: &[String], mode: Mode, out: &mut dyn Write) -> Result<()> {
    run_watched(workspace, names, mode.into(), &mut Stages::new(), &mut Vec::new(), out)
}

/// Does what [`run`] does, measures each step, and appends the JSON of each document to `documents`.
pub(crate) fn run_watched(
    workspace: &Workspace,
    names: &[String],
    options: Options,
    stages: &mut Stages,
    documents: &mut Vec<Value>,
    out: &mut dyn Write,
) -> Result<()> {
    let crates = build_all(workspace, names, options, stages)?;
    let compared = put(workspace, &crates, options.mode, stages)?;
    let mut stale = Vec::new();
    for (Built { name, output, .. }, comparison) in crates.iter().zip(&compared) {
        documents.push(described(output, comparison, options.mode));
        if options.detail != Detail::Quiet {
            report(workspace, name, output, comparison, options, out)?;
        }
        if options.mode == Mode::Check && !comparison.differences.is_empty() {
            stale.push(name.name.as_str());
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    let folders = stale.iter().map(|name| format!("crates/{name}")).collect::<Vec<_>>().join(", ");
    Err(Problem::new(format!("not as generated: {folders}"))
        .remedy(format!("run `cargo xtask codegen {}`", stale.join(" ")))
        .into())
}

/// Generates the crates in memory, all of them or none.
fn build_all(workspace: &Workspace, names: &[String], options: Options, stages: &mut Stages) -> Result<Vec<Built>> {
    let documents = workspace.select(names)?;
    let provenance = Provenance::read(workspace)?;
    let versions = history::read_versions(workspace)?;
    let mut problems = Vec::new();
    let mut crates = Vec::new();
    for document in documents {
        match build(workspace, &provenance, &versions, &document, options.strict, stages) {
            Ok(built) => crates.push(built),
            Err(found) => problems.extend(found.into_vec()),
        }
        stages.end();
    }
    Problems::check(problems)?;
    if options.mode == Mode::Check {
        Problems::check(crates.iter().flat_map(|built| built.open.clone()).collect())?;
    }
    Ok(crates)
}

fn build(
    workspace: &Workspace,
    provenance: &Provenance,
    versions: &Versions,
    name: &DocumentName,
    strict: bool,
    stages: &mut Stages,
) -> Result<Built> {
    stages.document(&name.name);
    stages.begin("load");
    let document = documents::read(workspace, &name.file())?;
    stages.size(document.bytes());
    provenance.check(&document.file, &document.sha256, document.text().as_bytes())?;
    stages.begin("bundle");
    let document = documents::include(workspace, name, document)?;
    beside::check(&document, provenance)?;
    let overlay = read_overlay(workspace, name)?;
    let version = versions.get(&name.name).map(|version| version.to_string());
    let target = Target {
        name: &name.name,
        version: version.as_deref(),
        home: Home::Workspace,
        strict,
        answers: Answers::default(),
    };
    let output = codegen::run(&target, &document, overlay.as_ref(), &mut |step| stages.begin(step))?;
    let open = overlay.as_ref().map(draft::open_reasons).unwrap_or_default();
    Ok(Built { name: name.clone(), output, open })
}

/// Prepares the crate of a document, with its version in `versions`, as a part of `change`.
///
/// # Errors
///
/// Fails with every reason why the crate cannot be generated or written.
pub(crate) fn stage(
    workspace: &Workspace,
    name: &DocumentName,
    versions: &Versions,
    change: &mut Change,
) -> Result<()> {
    let built = build(workspace, &Provenance::read(workspace)?, versions, name, false, &mut Stages::new())?;
    write::compare(&Folder::inside(workspace, name), &built.output.files)?.stage(change)
}

/// Compares the crates with the files on disk and, in [`Mode::Write`], writes the differences.
fn put(workspace: &Workspace, crates: &[Built], mode: Mode, stages: &mut Stages) -> Result<Vec<Comparison>> {
    let (mut compared, mut problems) = (Vec::new(), Vec::new());
    for Built { name, output, .. } in crates {
        stages.document(&name.name);
        stages.begin("write");
        match write::compare(&Folder::inside(workspace, name), &output.files) {
            Ok(comparison) => compared.push(comparison),
            Err(found) => problems.extend(found.into_vec()),
        }
    }
    Problems::check(problems)?;
    if mode == Mode::Write {
        let mut change = Change::of(Place::workspace(workspace.root()));
        for (Built { name, .. }, comparison) in crates.iter().zip(&compared) {
            stages.document(&name.name);
            stages.begin("write");
            comparison.stage(&mut change)?;
        }
        change.commit()?;
    }
    stages.end();
    Ok(compared)
}

/// A document and its crate as JSON.
pub(super) fn described(output: &Output, comparison: &Comparison, mode: Mode) -> Value {
    let mut value = output.json.clone();
    value["files"] = json!(comparison.json(output.files.len(), mode == Mode::Write));
    value
}

/// The changes to a crate that were made, or would be, as text.
fn report(
    workspace: &Workspace,
    name: &DocumentName,
    output: &Output,
    comparison: &Comparison,
    options: Options,
    out: &mut dyn Write,
) -> Result<()> {
    let is_current = comparison.differences.is_empty();
    let files = match options.mode {
        Mode::Check => comparison.checked(),
        Mode::Write => comparison.summary(output.files.len()),
    };
    summarize(output, &name.name, options, &files, out)?;
    match options.mode {
        Mode::Write if is_current => Ok(()),
        Mode::Write => print(out, &history::summary(workspace, name)),
        Mode::Check => show(comparison, out),
    }
}

/// Prints a line about a crate and its files; with `--verbose`, all rows of the report before it.
///
/// Losses are warnings on standard error, unless the rows have them or nothing is printed.
pub(super) fn summarize(output: &Output, name: &str, options: Options, files: &str, out: &mut dyn Write) -> Result<()> {
    match options.detail {
        Detail::Quiet => return Ok(()),
        Detail::Summary if options.mode == Mode::Write => warn(&output.losses),
        Detail::Summary => {}
        Detail::Verbose => print(out, &output.report)?,
    }
    print(out, &fill!(Terminal, "{}\n", Terminal::line(&format!("{name}: {}; files: {files}", output.counts.text()))))
}

/// The differences, one after the other.
pub(super) fn show(comparison: &Comparison, out: &mut dyn Write) -> Result<()> {
    comparison.differences.iter().try_for_each(|difference| print(out, &Terminal::lines(&difference.show())))
}
