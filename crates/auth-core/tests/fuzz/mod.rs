//! Properties that hold for any bytes from a server, as functions of bytes.
//!
//! Each function panics if its property does not hold, and returns whether the bytes were accepted. The tests include a
//! bounded, deterministic run of each; the package `fuzz` runs them guided by coverage.

mod answers;
mod headers;
mod metadata;
#[cfg(test)]
mod run;
mod texts;

pub use answers::token_response;
pub use headers::{challenge, retry_after};
pub use metadata::metadata;
pub use texts::{claims, expires_in, scope};

/// Represents text that a server may repeat. It is not a word, so it is not accepted as an error code.
const MARKER: &str = "Marker7x";

/// Asserts that a shown text contains nothing of the input.
fn assert_plain(shown: &str) {
    assert!(!shown.contains(MARKER), "{shown}");
}
