//! Step 7: the whole crate, file by file, in memory.

mod constructors;
mod example;
mod limits;
mod manifest;
mod readme;
mod security;
mod shell;

use std::collections::BTreeMap;

use serde_json::Value;

use super::generate::{GENERATOR, Generated, Method};
use super::load::{Document, sha256};
use super::mark::{self, GENERATED};
use super::servers::Server;
use super::text::{Markdown, Part, Rust, Text, Toml, fill};

/// Where a crate lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Home {
    /// In this workspace, whose versions it inherits.
    Workspace,
    /// Anywhere, alone.
    Alone(Alone),
}

/// What a crate that stands alone says of its surroundings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Alone {
    /// Where it finds `auth-transport`.
    pub(crate) transport: Transport,
    /// The command that generates it again, run in the workspace.
    pub(crate) command: String,
    /// Whether it is a package of a workspace around it, and not a workspace of its own.
    pub(crate) is_member: bool,
    /// Files beside those of the crate, which have no mark, with their sums.
    pub(crate) unmarked: Vec<(String, String)>,
}

/// Where a crate finds `auth-transport`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Transport {
    /// In the registry.
    #[default]
    Registry,
    /// In this folder, relative to that of the crate.
    Path(String),
    /// In a repository.
    Git {
        /// Where the repository is.
        url: String,
        /// The commit; without one, the newest of the default branch.
        revision: Option<String>,
    },
}

/// Everything that a crate is made from.
#[derive(Debug)]
pub(crate) struct Input<'a> {
    /// Name of the crate.
    pub(crate) name: &'a str,
    /// Where it lives.
    pub(crate) home: Home,
    /// Its version, unless it is that of the workspace.
    pub(crate) version: Option<&'a str>,
    /// The document as it lies on disk.
    pub(crate) document: &'a Document,
    /// Its overlay.
    pub(crate) overlay: Option<&'a Document>,
    /// The version of OpenAPI that the document is written in.
    pub(crate) openapi: &'a str,
    /// The value after overlay and lowering.
    pub(crate) value: &'a Value,
    /// Its servers.
    pub(crate) servers: &'a [Server],
    /// The code that progenitor made of it.
    pub(crate) generated: &'a Generated,
}

/// The files of a crate: path inside of the crate, with `/`, and text.
pub(crate) type Files = BTreeMap<String, String>;

/// Name and version of this generator. The version is raised when it makes something else of the same document.
const OWN: &str = concat!("xtask ", env!("CARGO_PKG_VERSION"));

/// The licences of the workspace, which have to be in every package of it.
const LICENSES: [(&str, &str); 2] = [
    ("LICENSE-APACHE", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../LICENSE-APACHE"))),
    ("LICENSE-MIT", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../LICENSE-MIT"))),
];

/// The lines of a manifest's header that list the files that have no mark of their own.
fn unmarked(home: &Home) -> Toml {
    let files = match home {
        Home::Workspace => LICENSES.map(|(path, text)| (path.to_owned(), sha256(text.as_bytes()))).to_vec(),
        Home::Alone(alone) => alone.unmarked.clone(),
    };
    let lines = files.iter().map(|(path, sum)| Toml::comment(&mark::unmarked(path, sum)));
    Toml::join(lines.map(|line| fill!(Toml, "# {}\n", line)), "")
}

/// Writes all files of the crate, in memory.
pub(crate) fn emit(input: &Input<'_>) -> Files {
    let example = example::example(input);
    let files = [
        ("Cargo.toml", manifest::manifest(input).into_string()),
        ("README.md", readme::readme(input, &example).into_string()),
        ("src/lib.rs", shell::shell(input, &example).into_string()),
        ("src/generated.rs", generated(input).into_string()),
    ];
    let mut files: Files = files.into_iter().map(|(path, text)| (path.to_owned(), text)).collect();
    if input.home == Home::Workspace {
        files.extend(LICENSES.map(|(path, text)| (path.to_owned(), text.to_owned())));
    }
    files
}

fn generated(input: &Input<'_>) -> Rust {
    fill!(
        Rust,
        "{}#![cfg_attr(rustfmt, rustfmt_skip)]\n\n{}",
        input.header("// ", "", Rust::comment),
        Rust::file(&input.generated.file)
    )
}

impl Input<'_> {
    /// The lines that say what a file was made from, each a comment between these marks.
    fn header<P>(&self, before: &'static str, after: &'static str, comment: fn(&str) -> Text<P>) -> Text<P>
    where
        &'static str: Part<P>,
    {
        let of = if self.home == Home::Workspace { self.name } else { "--spec" };
        let mut lines = vec![
            format!("{GENERATED} {of}`. Do not edit: the next run overwrites it."),
            mark::document(&self.document.file, &self.document.sha256),
        ];
        lines.extend(self.overlay.map(|overlay| format!("overlay: {} (sha256 {})", overlay.file, overlay.sha256)));
        lines.push(format!("generator: {OWN} with {GENERATOR}"));
        let lines = lines.iter().map(|line| Text::fill("{}{}{}\n", &[&before, &comment(line), &after]));
        Text::join(lines, "")
    }

    /// Whether an operation takes its bearer token from the client's source of tokens.
    fn takes_tokens(&self) -> bool {
        self.generated.methods.iter().any(|method| method.operation.security.wants_token())
    }

    /// Whether a method gives a stream.
    fn has_streams(&self) -> bool {
        self.generated.methods.iter().any(Method::streams)
    }

    /// `lean_auth` for `lean-auth`.
    fn module(&self) -> String {
        self.name.replace('-', "_")
    }

    /// `info.title` as a part of a sentence.
    fn named(&self) -> String {
        let title = self.text("/info/title");
        let is_common = ["API", "APIs", "Service", "Services"].iter().any(|word| title.ends_with(word));
        let article = if is_common && !title.starts_with("The ") { "the " } else { "" };
        format!("{article}{title}")
    }

    /// A text of the document, empty if there is none.
    fn text(&self, pointer: &str) -> &str {
        self.value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().trim()
    }

    /// Where the document comes from, as a list for people.
    fn provenance(&self) -> Markdown {
        let mut lines = vec![fill!(
            Markdown,
            "- document: {}, OpenAPI {}, version {} of the API, sha256 {}",
            Markdown::code(&self.document.file),
            Markdown::plain(self.openapi),
            Markdown::plain(self.text("/info/version")),
            Markdown::code(&self.document.sha256)
        )];
        if let Some(overlay) = self.overlay {
            lines.push(fill!(
                Markdown,
                "- overlay with what the document leaves out: {}, sha256 {}",
                Markdown::code(&overlay.file),
                Markdown::code(&overlay.sha256)
            ));
        }
        lines.push(fill!(Markdown, "- generator: {} with {}", OWN, GENERATOR));
        Markdown::join(lines, "\n")
    }
}
