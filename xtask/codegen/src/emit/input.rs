//! The input of a crate, and the texts about it in the files.

use diagnostics::plural;
use diagnostics::text::{Markdown, Part, Text, fill};
use openapi::Document;
use serde_json::Value;

use crate::examples::Examples;
use crate::home::Home;
use crate::mark::{self, GENERATED};
use crate::patch::{Generated, Method};
use crate::progenitor::GENERATOR;
use crate::servers::Server;

/// Everything that a crate is made from.
#[derive(Debug)]
pub(crate) struct Input<'a> {
    /// Name of the crate.
    pub(crate) name: &'a str,
    /// The place of the crate.
    pub(crate) home: &'a Home,
    /// Its version, unless it is that of the workspace.
    pub(crate) version: Option<&'a str>,
    /// The document as it is on disk.
    pub(crate) document: &'a Document,
    /// Its overlay.
    pub(crate) overlay: Option<&'a Document>,
    /// The version of OpenAPI that the document is written in.
    pub(crate) openapi: &'a str,
    /// The value after overlay and lowering.
    pub(crate) value: &'a Value,
    /// Its servers.
    pub(crate) servers: &'a [Server],
    /// The examples of the document, if they become tests.
    pub(crate) examples: Option<&'a Examples>,
    /// The code that progenitor made of it.
    pub(crate) generated: &'a Generated,
}

/// Name and version of this generator. The version is raised when the output for the same document changes.
const OWN: &str = concat!("xtask ", env!("CARGO_PKG_VERSION"));

impl Input<'_> {
    /// The lines about the sources of a file, each a comment between these marks.
    pub(super) fn header<P>(&self, before: &'static str, after: &'static str, comment: fn(&str) -> Text<P>) -> Text<P>
    where
        &'static str: Part<P>,
    {
        let of = if self.home.is_workspace() { self.name } else { "--spec" };
        let mut lines = vec![
            format!("{GENERATED} {of}`. Do not edit: the next run overwrites it."),
            mark::document(&self.document.file, &self.document.sha256),
        ];
        lines.extend(self.parts().map(|(count, sum)| format!("with {count} (sha256 of all: {sum})")));
        lines.extend(self.overlay.map(|overlay| format!("overlay: {} (sha256 {})", overlay.file, overlay.sha256)));
        lines.push(format!("generator: {OWN} with {GENERATOR}"));
        let lines = lines.iter().map(|line| Text::fill("{}{}{}\n", &[&before, &comment(line), &after]));
        Text::join(lines, "")
    }

    /// The number of files that the document refers to, as words, and their checksum.
    fn parts(&self) -> Option<(String, String)> {
        let count = self.document.parts().len();
        Some((format!("{count} file{} that it refers to", plural(count)), self.document.parts_sha256()?))
    }

    /// Whether an operation takes its bearer token from the client's source of tokens.
    pub(super) fn takes_tokens(&self) -> bool {
        self.generated.methods.iter().any(|method| method.operation.security.wants_token())
    }

    /// Whether a method gives a stream.
    pub(super) fn has_streams(&self) -> bool {
        self.generated.methods.iter().any(Method::streams)
    }

    /// `lean_auth` for `lean-auth`.
    pub(super) fn module(&self) -> String {
        self.name.replace('-', "_")
    }

    /// `info.title` as a part of a sentence.
    pub(super) fn named(&self) -> String {
        let title = self.text("/info/title");
        let is_common = ["API", "APIs", "Service", "Services"].iter().any(|word| title.ends_with(word));
        let article = if is_common && !title.starts_with("The ") { "the " } else { "" };
        format!("{article}{title}")
    }

    /// A text of the document, empty if there is none.
    pub(super) fn text(&self, pointer: &str) -> &str {
        self.value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().trim()
    }

    /// Where the document comes from, as a list for people.
    pub(super) fn provenance(&self) -> Markdown {
        let mut lines = vec![fill!(
            Markdown,
            "- document: {}, OpenAPI {}, version {} of the API, sha256 {}",
            Markdown::code(&self.document.file),
            Markdown::plain(self.openapi),
            Markdown::plain(self.text("/info/version")),
            Markdown::code(&self.document.sha256)
        )];
        if let Some((count, sum)) = self.parts() {
            lines.push(fill!(Markdown, "- with {}, sha256 of all: {}", Markdown::plain(&count), Markdown::code(&sum)));
        }
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
