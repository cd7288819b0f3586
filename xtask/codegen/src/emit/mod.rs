//! Writes the whole crate, file by file, in memory.
//!
//! - Entry: [`emit`] takes an [`Input`], everything that the crate is generated from, and returns its [`Files`].
//! - Assumes: the code and the methods belong to the document.
//! - Guarantees: the same input gives the same bytes; every file has a header that names document, sum and generator; no text
//!   of the document reaches a file except through the type for that place ([`diagnostics::text`]).
//!
//! | before | after |
//! |---|---|
//! | `servers: [{ url: https://api.example.com, description: Production }]` | `Client::production()` in `src/lib.rs` |

mod answers;
mod constructors;
mod example;
mod examples;
mod features;
mod flows;
mod held;
mod input;
mod licenses;
mod limits;
mod manifest;
mod methods;
mod place;
mod readme;
mod security;
mod settings;
mod shell;

use diagnostics::text::{Rust, fill};

pub(crate) use input::Input;

use crate::home::Files;
use licenses::LICENSES;

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
    if let Some(text) = input.examples.and_then(|all| examples::examples(input, all)) {
        files.insert("tests/examples.rs".to_owned(), text.into_string());
    }
    if input.home.is_workspace() {
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
