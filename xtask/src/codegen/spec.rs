//! `cargo xtask codegen --spec FILE --out DIR`: any document becomes a crate that stands alone.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::emit::Home;
use super::folder::Folder;
use super::load::Document;
use super::pipeline::{Output, Target, pipeline};
use super::text::{Terminal, fill};
use super::{Options, Stages, warn, write};
use crate::problem::{Problem, Result};
use crate::workspace::{Workspace, check_name};

/// What to generate from, and where to.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    /// The document.
    pub(crate) file: PathBuf,
    /// The folder of the crate.
    pub(crate) out: PathBuf,
    /// The name of the crate; without it, that of the document's file.
    pub(crate) name: Option<String>,
    /// An overlay on the document.
    pub(crate) overlay: Option<PathBuf>,
}

/// Generates the crate and reports to `out`.
///
/// # Errors
///
/// Fails if the document cannot be generated from, or if the folder holds something else. Then nothing has been written.
pub(crate) fn run(
    workspace: &Workspace,
    spec: &Spec,
    options: Options,
    stages: &mut Stages,
    out: &mut dyn Write,
) -> Result<()> {
    stages.document(&spec.file.display().to_string());
    stages.begin("load");
    let document = read(&spec.file)?;
    stages.size(document.bytes());
    let overlay = spec.overlay.as_deref().map(read).transpose()?;
    let name = match &spec.name {
        Some(name) => check_name(name).map(|()| name.clone())?,
        None => derived(&spec.file),
    };
    let folder = Folder::outside(&spec.out)?;
    let transport = folder.way_to(workspace.root(), "crates/auth-transport");
    let target = Target { name: &name, version: None, home: Home::Alone { transport }, strict: options.strict };
    let Output { report, json, losses, files } = pipeline(target, &document, overlay.as_ref(), stages)?;
    stages.begin("write");
    let comparison = write::compare(&folder, &files)?;
    let mut change = folder.change();
    comparison.stage(&mut change)?;
    change.commit()?;
    stages.end();
    let summary = if options.json {
        Terminal::json(&serde_json::json!({ "documents": [json] }))
    } else {
        warn(&losses);
        fill!(Terminal, "{}  files: {}\n", report, Terminal::line(&comparison.short(&folder)))
    };
    out.write_all(summary.as_str().as_bytes())
        .map_err(|error| Problem::new(format!("cannot write the report: {error}")))?;
    Ok(())
}

/// Reads a file outside of the workspace; it is called by its own name, so that the output depends on no folder.
fn read(path: &Path) -> Result<Document> {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let text = fs::read_to_string(path).map_err(|error| {
        Problem::new(format!("cannot read the document: {error}"))
            .file(path.display().to_string())
            .remedy("it has to be a UTF-8 text file")
    })?;
    Document::parse(&name, text)
}

/// `pet-store` for `Pet_Store.v1.yaml`, with a word before it where a letter has to be.
fn derived(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let plain = stem.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect::<String>();
    let name = plain.split_whitespace().collect::<Vec<_>>().join("-");
    if check_name(&name).is_ok() { name } else { format!("api-{name}").trim_end_matches('-').to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_is_called_like_the_documents_file() {
        for (file, name) in [
            ("a/Pet_Store.v1.yaml", "pet-store-v1"),
            ("openapi.json", "openapi"),
            ("3scale.yaml", "api-3scale"),
            ("type.yaml", "api-type"),
            ("CON.yaml", "api-con"),
            ("---.yaml", "api"),
        ] {
            assert_eq!(derived(Path::new(file)), name);
        }
    }
}
