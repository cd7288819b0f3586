//! The credentials that the constructors of a client take: its source of tokens, and keys.

use diagnostics::text::{Markdown, Rust, fill};

/// One credential that constructors take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    /// The name of the argument.
    pub(super) name: String,
    /// Its type.
    pub(super) kind: &'static str,
    /// What the documentation says about it.
    pub(super) doc: Markdown,
}

impl Held {
    /// The source of tokens.
    pub(super) fn tokens() -> Self {
        Self { name: "tokens".to_owned(), kind: "impl TokenSource", doc: "Source of the access tokens.".into() }
    }

    /// The argument in the signature.
    pub(super) fn declared(&self) -> Rust {
        fill!(Rust, "{}: {}", Rust::name(&self.name), self.kind)
    }

    /// The argument in the documentation.
    pub(super) fn item(&self) -> Markdown {
        fill!(Markdown, "- {}: {}", Markdown::code(&self.name), self.doc)
    }
}
