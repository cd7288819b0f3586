//! `cargo xtask codegen`: a document goes in, a whole crate comes out.
//!
//! The steps are modules of their own: [`load`], [`overlay`], [`lower`], [`accommodate`], [`lint`], [`generate`], [`emit`],
//! [`report`]. [`draft`] writes the overlay that a new document begins with.
//! Nothing is written before every document has passed all of them.

mod accommodate;
pub(crate) mod changes;
mod draft;
mod emit;
mod folder;
#[cfg(test)]
mod fuzz;
mod generate;
mod lint;
mod load;
mod losses;
mod lower;
mod mark;
mod new;
mod node;
mod overlay;
mod parse;
mod pattern;
mod pipeline;
mod plot;
mod positions;
mod replace;
mod report;
mod servers;
mod settle;
mod spec;
mod stages;
mod steps;
pub(crate) mod text;
mod write;

use std::io::Write;

use crate::diagnostics;
use crate::files::{self, Change, Place};
use crate::problem::{Problem, Problems, Result};
use crate::provenance::Provenance;
use crate::workspace::{DocumentName, Workspace};

use accommodate::Origin;
use emit::Home;
use folder::Folder;
use load::Document;
use pipeline::{Output, Target, pipeline};
pub(crate) use report::plural;
pub(crate) use spec::{Spec, run as run_spec};

pub(crate) use load::sha256;
pub(crate) use new::{New, NewOverlay, Text, build as build_new};
pub(crate) use plot::svg;
pub(crate) use replace::replace;
pub(crate) use stages::Stages;
use text::{Terminal, fill};

/// Whether files are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Write what is different.
    Write,
    /// Write nothing; every difference is an error, and every reason that nobody has said yet.
    Check,
}

/// What is asked of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// Whether files are written.
    pub(crate) mode: Mode,
    /// Whether a loss of meaning is an error.
    pub(crate) strict: bool,
    /// Whether the report is for machines.
    pub(crate) json: bool,
}

impl From<Mode> for Options {
    fn from(mode: Mode) -> Self {
        Self { mode, strict: false, json: false }
    }
}

/// Generates the crates of the documents with these names, or of all documents, and reports to `out`.
///
/// # Errors
///
/// Fails if a document cannot be generated from, or, in [`Mode::Check`], if a crate is not as generated. In both cases
/// nothing has been written.
pub(crate) fn run(
    workspace: &Workspace,
    names: &[String],
    options: impl Into<Options>,
    out: &mut dyn Write,
) -> Result<()> {
    run_watched(workspace, names, options.into(), &mut Stages::new(), out)
}

/// Does what [`run`] does, and measures each step.
pub(crate) fn run_watched(
    workspace: &Workspace,
    names: &[String],
    options: Options,
    stages: &mut Stages,
    out: &mut dyn Write,
) -> Result<()> {
    let Options { mode, strict, json } = options;
    let provenance = Provenance::read(workspace)?;
    let mut problems = Vec::new();
    let mut crates = Vec::new();
    for document in workspace.select(names)? {
        match build(workspace, &provenance, &document, strict, stages) {
            Ok(built) => crates.push(built),
            Err(found) => problems.extend(found.into_vec()),
        }
        stages.end();
    }
    Problems::check(std::mem::take(&mut problems))?;
    if mode == Mode::Check {
        Problems::check(crates.iter().flat_map(|built| built.open.clone()).collect())?;
    }
    let print = |out: &mut dyn Write, text: &Terminal| {
        out.write_all(text.as_str().as_bytes()).map_err(|error| files::cannot_print(&error))
    };
    let mut compared = Vec::new();
    for Built { name, output, .. } in &crates {
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
    let mut stale = Vec::new();
    let mut documents = Vec::new();
    for (Built { name, output, .. }, comparison) in crates.iter().zip(&compared) {
        let Output { report, json: value, losses, files } = output;
        let differences = &comparison.differences;
        let mut value = value.clone();
        value["files"] = comparison.json(files.len(), mode == Mode::Write);
        documents.push(value);
        match mode {
            Mode::Write if json => {}
            Mode::Check if json && differences.is_empty() => {}
            Mode::Check if json => stale.push(name.name.clone()),
            Mode::Write => {
                let files = Terminal::line(&comparison.summary(files.len()));
                print(out, &fill!(Terminal, "{}  files: {}\n", report, files))?;
                warn(losses);
                if !differences.is_empty() {
                    print(out, &changes::summary(workspace, name))?;
                }
            }
            Mode::Check if differences.is_empty() => {
                let kept = comparison.kept().map(|kept| format!("; {kept}")).unwrap_or_default();
                print(out, &fill!(Terminal, "{}: current{}\n", Terminal::line(&name.name), Terminal::line(&kept)))?;
            }
            Mode::Check => {
                for difference in differences {
                    print(out, &Terminal::lines(&difference.show()))?;
                }
                stale.push(name.name.clone());
            }
        }
    }
    if json {
        print(out, &Terminal::json(&serde_json::json!({ "documents": documents })))?;
    }
    if stale.is_empty() {
        return Ok(());
    }
    let crates = stale.iter().map(|name| format!("crates/{name}")).collect::<Vec<_>>().join(", ");
    Err(Problem::new(format!("not as generated: {crates}"))
        .remedy(format!("run `cargo xtask codegen {}`", stale.join(" ")))
        .into())
}

/// Tells of losses on standard error.
pub(crate) fn warn(losses: &[Problem]) {
    for loss in losses {
        anstream::eprint!("{}", diagnostics::one(loss));
    }
}

/// A crate in memory.
struct Built {
    name: DocumentName,
    output: Output,
    /// What a person has not said yet.
    open: Vec<Problem>,
}

fn build(
    workspace: &Workspace,
    provenance: &Provenance,
    name: &DocumentName,
    strict: bool,
    stages: &mut Stages,
) -> Result<Built> {
    stages.document(&name.name);
    stages.begin("load");
    let document = Document::read(workspace, &name.file())?;
    stages.size(document.bytes());
    provenance.check(&document.file, &document.sha256)?;
    let overlay = read_overlay(workspace, name)?;
    let version = changes::Versions::read(workspace)?.get(&name.name).map(|version| version.to_string());
    let target = Target { name: &name.name, version: version.as_deref(), home: Home::Workspace, strict };
    let output = pipeline(target, &document, overlay.as_ref(), stages)?;
    let open = overlay.as_ref().map(draft::open_reasons).unwrap_or_default();
    Ok(Built { name: name.clone(), output, open })
}

/// The overlay of a document, if it has one.
fn read_overlay(workspace: &Workspace, name: &DocumentName) -> Result<Option<Document>> {
    let file = name.overlay_files().into_iter().find(|file| workspace.path(file).exists());
    file.map(|file| Document::read(workspace, &file)).transpose()
}

/// The text of a document after its overlay, in the format of its file.
pub(crate) fn overlaid(workspace: &Workspace, name: &DocumentName) -> Result<String> {
    let document = Document::read(workspace, &name.file())?;
    let mut value = document.value.clone();
    if let Some(overlay) = read_overlay(workspace, name)? {
        overlay::apply(&overlay, &document.file, &mut value)?;
    }
    Ok(overlay::print(&document.file, &value))
}

/// A document as published and as it is after its overlay, with the lines of its nodes, for programs that judge by it.
pub(crate) fn both_layers(workspace: &Workspace, name: &DocumentName) -> Result<serde_json::Value> {
    let document = Document::read(workspace, &name.file())?;
    let mut overlaid = document.value.clone();
    let overlay = read_overlay(workspace, name)?;
    if let Some(overlay) = &overlay {
        overlay::apply(overlay, &document.file, &mut overlaid)?;
    }
    Ok(serde_json::json!({
        "name": name.name,
        "file": document.file,
        "sha256": document.sha256,
        "overlay": overlay.map(|overlay| overlay.file),
        "published": document.value,
        "overlaid": overlaid,
        "lines": document.positions().lines(),
    }))
}

/// Whether a text can become the document of this name: the steps up to the lint, without writing anything.
///
/// `file` is where the text comes from, for what is said about it.
pub(crate) fn try_document(workspace: &Workspace, name: &DocumentName, file: &str, text: String) -> Result<()> {
    let mut document = Document::parse(&name.file(), text).map_err(|problems| problems.in_file(file))?;
    document.file = file.to_owned();
    let mut value = document.value.clone();
    if let Some(overlay) = read_overlay(workspace, name)? {
        overlay::apply(&overlay, &name.file(), &mut value)?;
    }
    lower::lower(&document, &mut value)?;
    let mut accommodated = accommodate::accommodate(&mut value, Origin::Workspace);
    settle::settle(&document, &mut value, Origin::Workspace, &mut accommodated)?;
    lint::lint(&document, &value, Origin::Workspace)?;
    Ok(())
}

/// What would be said of a text in the place of a document, by `codegen` and by `diff`, without writing anything.
///
/// `file` is where the text comes from.
pub(crate) fn preview(workspace: &Workspace, name: &DocumentName, file: &str, text: String) -> Result<Terminal> {
    let moved = |problems: Problems| problems.moved(&name.file(), file);
    let mut document = Document::parse(&name.file(), text).map_err(moved)?;
    let overlay = read_overlay(workspace, name)?;
    let target = Target { name: &name.name, version: None, home: Home::Workspace, strict: false };
    let output = pipeline(target, &document, overlay.as_ref(), &mut Stages::new()).map_err(moved)?;
    let mut value = document.value.clone();
    if let Some(overlay) = &overlay {
        overlay::apply(overlay, &name.file(), &mut value)?;
    }
    document.file = file.to_owned();
    let changed = changes::preview(workspace, name, document, overlay.map(|overlay| overlay.file), value)?;
    warn(&output.losses);
    Ok(fill!(Terminal, "{}{}", output.report, changed))
}

/// Whether the crate of this document can be generated; nothing is written.
///
/// # Errors
///
/// Fails with what stands against it.
pub(crate) fn check_builds(workspace: &Workspace, name: &DocumentName) -> Result<()> {
    build(workspace, &Provenance::read(workspace)?, name, false, &mut Stages::new()).map(|_| ())
}
