//! `cargo xtask codegen --spec SOURCE --out DIR`: generates a standalone crate from any document.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use codegen::{Alone, Files, Home, Target, mark};
use diagnostics::{Problem, Result};
use openapi::Document;
use repository::{Source, Workspace, check_name};
use serde_json::Value;

use super::crates::{described, show, summarize};
use super::disk::MANIFEST;
use super::folder::{self, Folder};
use super::options::{AnswersChoice, Detail, Mode, Options};
use super::stages::Stages;
use super::transport::{Choice, unmarked};
use super::{surroundings, write};
use crate::beside;

/// The document, and the folder of the crate.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    /// The document: a file, an address, or `-` for standard input.
    pub(crate) source: String,
    /// The folder of the crate.
    pub(crate) out: PathBuf,
    /// The name of the crate; by default that of the document's file.
    pub(crate) name: Option<String>,
    /// The overlay for the document: a file or an address.
    pub(crate) overlay: Option<String>,
    /// Whether the examples of the document become tests.
    pub(crate) examples: bool,
    /// Where the crate finds `auth-transport`.
    pub(crate) transport: Choice,
    /// How the crate reads answers that deviate from the document.
    pub(crate) answers: AnswersChoice,
}

/// Generates the crate and reports to `out`; appends the JSON of the document to `documents`.
///
/// # Errors
///
/// Fails if the crate cannot be generated, if the folder has other contents, or, in [`Mode::Check`], if the crate is not
/// current. Then nothing has been written.
pub(crate) fn run(
    workspace: &Workspace,
    spec: &Spec,
    options: Options,
    stages: &mut Stages,
    documents: &mut Vec<Value>,
    out: &mut dyn Write,
) -> Result<()> {
    let source = Source::of(&spec.source)?;
    let name = spec.crate_name(source)?;
    stages.document(&spec.source);
    stages.begin("load");
    let document = read(source, "the document")?;
    stages.size(document.bytes());
    stages.begin("bundle");
    let document = beside::include(document, source)?;
    let overlay = spec.overlay.as_deref().map(|overlay| read(Source::of(overlay)?, "the overlay")).transpose()?;
    let folder = Folder::outside(&spec.out)?;
    if options.mode == Mode::Write {
        folder.recover()?;
    }
    let is_member = is_member(workspace, &folder)?;
    let (transport, copied) = spec.transport.resolve(workspace, &folder, &document)?;
    let command = spec.command(workspace, &folder, &name);
    let alone = Alone { transport, command, examples: spec.examples, is_member, unmarked: unmarked(&copied) };
    let target = Target {
        name: &name,
        version: None,
        home: Home::Alone(alone),
        strict: options.strict,
        answers: spec.answers.into(),
    };
    let mut output = codegen::run(&target, &document, overlay.as_ref(), &mut |step| stages.begin(step))?;
    output.files.extend(copied);
    stages.begin("write");
    if options.mode == Mode::Check {
        // The folders may be elsewhere on another machine.
        keep_command(&folder, &mut output.files);
    }
    let comparison = write::compare(&folder, &output.files)?;
    if options.mode == Mode::Write {
        let mut change = folder.change();
        comparison.stage(&mut change)?;
        change.commit()?;
    }
    stages.end();
    documents.push(described(&output, &comparison, options.mode));
    match options.mode {
        Mode::Write => summarize(&output, &name, options, &comparison.short(&folder), out),
        Mode::Check => {
            summarize(&output, &name, options, &comparison.checked(), out)?;
            if options.detail != Detail::Quiet {
                show(&comparison, out)?;
            }
            let again = Problem::new(format!("not as generated: {}", folder.display_name()))
                .remedy("run the command again without `--check`");
            if comparison.differences.is_empty() { Ok(()) } else { Err(again.into()) }
        }
    }
}

impl Spec {
    /// The name of the crate.
    fn crate_name(&self, source: Source<'_>) -> Result<String> {
        match (&self.name, source) {
            (Some(name), _) => check_name(name).map(|()| name.clone()),
            (None, Source::StandardInput) => Err(Problem::new("a document from standard input has no name")
                .remedy("name the crate with `--name NAME`")
                .into()),
            (None, source) => Ok(derived(source.file_name())),
        }
    }

    /// The command that generates the crate again in the root of the workspace; its paths are relative to that.
    fn command(&self, workspace: &Workspace, folder: &Folder, name: &str) -> String {
        let root = workspace.root();
        let placed = |text: &str| match Source::of(text) {
            Ok(Source::File(file)) => folder::way(root, &beside(Path::new(file))),
            _ => text.to_owned(),
        };
        let options = [
            ("--spec", Some(placed(&self.source))),
            ("--out", Some(folder::way(root, &folder.path("")))),
            ("--name", Some(name.to_owned())),
            ("--overlay", self.overlay.as_deref().map(placed)),
            ("--auth-transport", self.transport.argument()),
            ("--answers", self.answers.argument()),
        ];
        let words = options.into_iter().filter_map(|(option, value)| Some(format!("{option} {}", quoted(&value?))));
        let flags = self.examples.then(|| "--examples".to_owned());
        format!("cargo xtask codegen {}", words.chain(flags).collect::<Vec<_>>().join(" "))
    }
}

/// Whether the folder is a member of a workspace around it.
///
/// # Errors
///
/// Fails if that is the workspace of the generator, where each crate has a document in `specs`.
fn is_member(workspace: &Workspace, folder: &Folder) -> Result<bool> {
    let around = surroundings::workspace_of(&folder.path(""));
    if around.is_none() || around != fs::canonicalize(workspace.root()).ok() {
        return Ok(around.is_some());
    }
    Err(Problem::new(format!("{} is a folder for crates of this workspace", folder.display_name()))
        .file(folder.display_name())
        .remedy(
            "name a folder outside the workspace with `--out DIR`; or add the document with `cargo xtask new NAME --from FILE`",
        )
        .into())
}

/// The full path of a file; a symbolic link is not followed.
fn beside(file: &Path) -> PathBuf {
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (fs::canonicalize(parent), file.file_name()) {
        (Ok(parent), Some(name)) => parent.join(name),
        _ => file.to_owned(),
    }
}

/// Quotes a word for a shell.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// Keeps the command of the manifest on disk, if there is one.
fn keep_command(folder: &Folder, files: &mut Files) {
    let Ok(old) = fs::read_to_string(folder.path(MANIFEST)) else { return };
    if let (Some(old), Some(new)) = (mark::command(&old), files.get_mut(MANIFEST))
        && let Some(own) = mark::command(new)
    {
        *new = new.replacen(own, old, 1);
    }
}

/// Reads a document outside the workspace; its name has no folder, so that the output does not depend on it.
fn read(source: Source<'_>, what: &str) -> Result<Document> {
    let text = source.read(what)?;
    let is_json = source.is_json(&text);
    Document::parse_as(source.file_name(), text, is_json)
}

/// `pet-store-v1` for `Pet_Store.v1.yaml`, with a prefix if it would not begin with a letter.
fn derived(file: &str) -> String {
    let stem = Path::new(file).file_stem().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let plain = stem.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect::<String>();
    let name = plain.split_whitespace().collect::<Vec<_>>().join("-");
    if check_name(&name).is_ok() { name } else { format!("api-{name}").trim_end_matches('-').to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_is_named_after_the_documents_file() {
        for (file, name) in [
            ("Pet_Store.v1.yaml", "pet-store-v1"),
            ("openapi.json", "openapi"),
            ("3scale.yaml", "api-3scale"),
            ("type.yaml", "api-type"),
            ("CON.yaml", "api-con"),
            ("---.yaml", "api"),
        ] {
            assert_eq!(derived(file), name);
        }
    }

    #[test]
    fn a_word_with_special_characters_is_quoted() {
        for (word, text) in [
            ("../a/b-1_2.yaml", "../a/b-1_2.yaml"),
            ("https://a.example/x.yaml", "https://a.example/x.yaml"),
            ("https://a.example/x?v=1&w=2", "'https://a.example/x?v=1&w=2'"),
            ("a b", "'a b'"),
            ("it's", "'it'\\''s'"),
            ("$(x)", "'$(x)'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(word), text);
        }
    }
}
