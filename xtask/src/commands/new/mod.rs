//! `cargo xtask new`: adds a document with its overlay and crate to the workspace, or changes nothing.

mod build;
mod entries;

use std::fmt::Write as _;
use std::fs;
use std::io::Write;

use clap::Args;
use diagnostics::text::{Markdown, Terminal, fill};
use diagnostics::{Problem, Result, conflict, plural};
use diff::versions;
use openapi::Part;
use repository::files::{self, Change, Place};
use repository::provenance::{self, NewRow, Provenance};
use repository::{DocumentName, Source, Workspace, date, print, warn};

use build::{New, NewOverlay, Text};
use entries::{ATTRIBUTES, MANIFEST};

/// The row of an overlay in the record of the documents, without its file and checksum.
const OVERLAY: [&str; 4] =
    ["what that document leaves out, each action with its reason", "ours", "–", "in the header of each generated file"];

/// The arguments of `new`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Name of the document and its crate, for example `lean-auth`.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// The document: a file, or an address that begins with `https://`, which becomes the recorded source.
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) from: String,
    /// Overlay to start from, with corrections that cannot be drafted.
    #[arg(long, value_name = "FILE")]
    pub(crate) overlay: Option<String>,
}

/// Adds a document to the workspace under a new name.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments, out: &mut dyn Write) -> Result<()> {
    let Arguments { name, from, overlay } = arguments;
    let today = date::today();
    let source = Source::of(from)?;
    refuse_taken(workspace, &DocumentName::new(name, false)?)?;
    let provenance = Provenance::read(workspace)?;
    let manifest = read(workspace, MANIFEST)?;
    let version = versions::of_workspace(&manifest).ok_or_else(|| {
        Problem::new("the workspace has no version").file(MANIFEST).remedy("set it in `[workspace.package]`")
    })?;
    let manifest = entries::with_dependency(&manifest, name, &version.to_string())?;
    let text = source.read("the document")?;
    let name = DocumentName::new(name, source.is_json(&text))?;
    let own = overlay
        .as_deref()
        .map(|from| Source::File(from).read("the overlay").map(|text| Text { from, text }))
        .transpose()?;
    let new = build::build(&name, source, Text { from, text: text.clone() }, own)?;
    let record = provenance.with(&rows(&new, &name, source, &today))?;
    let has_attributes = workspace.path(ATTRIBUTES).exists();
    let mut change = Change::of(Place::workspace(workspace.root()));
    change.write(&name.file(), text.as_bytes())?;
    for part in &new.parts {
        change.write(&format!("specs/{}", part.path), part.document.original().as_bytes())?;
    }
    if let Some(overlay) = &new.overlay {
        change.write(&overlay.file, overlay.text.as_bytes())?;
    }
    // Cargo can load the workspace after each change: first the crate is added, then the dependency on it.
    new.stage(&mut change, &name)?;
    change.write(MANIFEST, manifest.as_bytes())?;
    change.write(provenance::FILE, record.as_bytes())?;
    if has_attributes {
        let attributes = read(workspace, ATTRIBUTES)?;
        let attributes = entries::with_attributes(&attributes, &name.crate_dir());
        change.write(ATTRIBUTES, attributes.as_bytes())?;
    }
    change.commit()?;
    warn(&new.losses);
    print(out, &Terminal::lines(&summary(&new, &name, &today, has_attributes)))
}

/// Checks that nothing in the workspace has this name.
fn refuse_taken(workspace: &Workspace, name: &DocumentName) -> Result<()> {
    let files = name.files().into_iter().chain(name.overlay_files());
    let taken = files.chain([name.crate_dir()]).find(|file| fs::symlink_metadata(workspace.path(file)).is_ok());
    match taken {
        None => Ok(()),
        Some(file) => Err(Problem::new(format!("`{}` already exists", name.name))
            .file(file)
            .remedy(format!("choose another name; for a new version, use `cargo xtask specs update {}`", name.name))
            .into()),
    }
}

fn read(workspace: &Workspace, file: &str) -> Result<String> {
    let text = files::read_text(&workspace.path(file), "the file", file)?;
    conflict::refuse(file, &text)?;
    Ok(text)
}

/// The rows of the document and its overlay.
fn rows(new: &New, name: &DocumentName, source: Source<'_>, today: &str) -> Vec<NewRow> {
    let own = |file: &str| file.rsplit('/').next().unwrap_or(file).to_owned();
    let (openapi, title) = (Markdown::plain(&new.openapi), Markdown::plain(&new.title));
    let what = fill!(Markdown, "OpenAPI {} of {}, byte for byte", openapi, title);
    let mut rows = vec![NewRow {
        file: own(&name.file()),
        what,
        source: source.recorded(),
        retrieved: today.to_owned(),
        sha256: format!("`{}`", new.sha256),
    }];
    rows.extend(new.parts.iter().map(|part| part_row(part, &own(&name.file()), today)));
    rows.extend(new.overlay.as_ref().map(|overlay| {
        let [what, ..] = OVERLAY.map(Markdown::from);
        let [_, source, retrieved, sha256] = OVERLAY.map(str::to_owned);
        NewRow { file: own(&overlay.file), what, source, retrieved, sha256 }
    }));
    rows
}

/// The row of a file that a document refers to.
pub(crate) fn part_row(part: &Part, document: &str, today: &str) -> NewRow {
    NewRow {
        file: part.path.clone(),
        what: fill!(Markdown, "a file that {} refers to, byte for byte", Markdown::code(document)),
        source: "beside it".to_owned(),
        retrieved: today.to_owned(),
        sha256: format!("`{}`", part.document.sha256),
    }
}

/// The changes, and the next steps.
fn summary(new: &New, name: &DocumentName, today: &str, has_attributes: bool) -> String {
    let (file, folder, name) = (name.file(), name.crate_dir(), &name.name);
    let mut out = format!("{file}: new, sha256 {}, recorded {today}\n", new.sha256);
    // Writing to a String cannot fail.
    if !new.parts.is_empty() {
        let _ = writeln!(out, "specs/{name}: {} file{} that it refers to", new.parts.len(), plural(new.parts.len()));
    }
    let open = match &new.overlay {
        Some(overlay) => {
            out.push_str(&action_list(overlay));
            overlay.actions.iter().filter(|action| action.is_open).count()
        }
        None => 0,
    };
    let _ = writeln!(out, "{name}: {}; files: {} new in {folder}", new.counts, new.count());
    let rows = 1 + new.parts.len() + usize::from(new.overlay.is_some());
    let _ = writeln!(out, "{}: {rows} row{} added", provenance::FILE, plural(rows));
    let _ = writeln!(out, "{MANIFEST}: dependency {name}");
    if has_attributes {
        let _ = writeln!(out, "{ATTRIBUTES}: no line-break conversion in specs/, {folder} marked as generated");
    }
    out.push_str("next:\n");
    let mut step = |what: &str, why: &str| {
        let _ = writeln!(out, "  {what:<width$}  {why}", width = 21 + name.len());
    };
    if let Some(overlay) = &new.overlay {
        let why = match open {
            0 => "review the reasons".to_owned(),
            _ => format!("fill in {open} reason{}", plural(open)),
        };
        step(&overlay.file, &why);
        step(&format!("cargo xtask codegen {name}"), "after each change of the overlay");
    }
    step(&format!("cargo check -p {name}"), "compiles the crate, and adds it to Cargo.lock");
    step("cargo xtask public-api", "records the public API of the crate");
    step("docs/new-provider.md", "the next steps, up to a cached token");
    out
}

/// Lists the actions of an overlay with their lines.
fn action_list(overlay: &NewOverlay) -> String {
    let count = overlay.actions.len();
    let mut out = format!("{}: new, {count} action{}\n", overlay.file, plural(count));
    for action in &overlay.actions {
        let line = action.line.unwrap_or(1);
        let open = if action.is_open { ", fill in the reason" } else { "" };
        let _ = writeln!(out, "  line {line}: {}{open}", action.target);
    }
    out
}
