//! Everything that a program could show of what it holds.

use std::error::Error;
use std::fmt::{Debug, Display};

/// What was seen, as text, in every way in which values and errors can be written.
#[derive(Debug, Default)]
pub struct Seen(String);

impl Seen {
    /// Writes `Debug`, plain and pretty.
    pub fn debug(&mut self, value: &impl Debug) {
        self.0.push_str(&format!("{value:?}\n{value:#?}\n"));
    }

    /// Writes an error and its causes as `Display` and `Debug`, plain and pretty.
    pub fn error(&mut self, error: &(impl Error + 'static)) {
        self.show(error);
        let mut source = error.source();
        while let Some(error) = source {
            self.show(&error);
            source = error.source();
        }
    }

    /// Writes a text.
    pub fn text(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    /// What was written so far.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn show(&mut self, value: &(impl Display + Debug)) {
        self.0.push_str(&format!("{value}\n{value:#}\n"));
        self.debug(value);
    }
}
