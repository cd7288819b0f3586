//! What holds for whatever a server sends, as functions of bytes.
//!
//! Each function panics if it does not hold, and says whether the bytes were accepted for what they should be. A bounded
//! run of each is part of the tests, always the same; the package `fuzz` runs them guided by coverage.

mod answers;
mod headers;
#[cfg(test)]
mod run;
mod texts;

pub use answers::token_response;
pub use headers::{challenge, retry_after};
pub use texts::{claims, expires_in, scope};

/// Text that stands for whatever a server may repeat. It is no word, so no error code is taken for it.
const MARKER: &str = "Marker7x";

/// Nothing that can be shown holds what came.
fn assert_plain(text: &str) {
    assert!(!text.contains(MARKER), "{text}");
}
