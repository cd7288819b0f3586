//! The credentials that the constructors of a client take: its source of tokens, and keys.

use diagnostics::text::{Markdown, Rust, fill};

use super::input::Input;

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

/// The credentials that the constructors of this client take.
pub(super) fn held(input: &Input<'_>) -> Vec<Held> {
    let settings = super::settings::settings(&input.generated.methods);
    let keys = settings.iter().filter(|setting| setting.is_required).map(super::settings::Setting::held);
    input.takes_tokens().then(Held::tokens).into_iter().chain(keys).collect()
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
