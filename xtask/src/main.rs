//! The commands of this workspace: `codegen` writes the generated crates, `diff` reports what changed in a document, `ci`
//! runs all checks, and `demo` runs the demonstration.
//!
//! Run them as `cargo xtask codegen`, `cargo xtask ci` and `cargo xtask demo`. xtask is a separate workspace and depends on
//! no crate of the main one, so that broken or missing generated crates can always be written again.

mod beside;
mod ci;
mod cli;
mod commands;
mod documents;
mod history;

use std::process::ExitCode;

use repository::public_api;

fn main() -> ExitCode {
    if let Some(code) = public_api::stand_in() {
        return code;
    }
    match cli::run() {
        Ok(code) => code,
        Err(problems) => {
            anstream::eprint!("{}", diagnostics::render(&problems));
            ExitCode::FAILURE
        }
    }
}
