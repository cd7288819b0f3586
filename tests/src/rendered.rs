//! Values and errors in every form that a program could print.

use std::error::Error;
use std::fmt::{Debug, Display};

/// Values and errors as text, in every form in which they can be written.
#[derive(Debug, Default)]
pub struct Rendered(String);

impl Rendered {
    /// Writes `Debug`, plain and pretty.
    pub fn debug(&mut self, value: &impl Debug) {
        self.0.push_str(&format!("{value:?}\n{value:#?}\n"));
    }

    /// Writes an error and its causes as `Display` and `Debug`, plain and pretty.
    pub fn error(&mut self, error: &(impl Error + 'static)) {
        self.render(error);
        let mut source = error.source();
        while let Some(error) = source {
            self.render(&error);
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

    fn render(&mut self, value: &(impl Display + Debug)) {
        self.0.push_str(&format!("{value}\n{value:#}\n"));
        self.debug(value);
    }
}
