//! Everything that a program could print.

use std::error::Error;
use std::fmt::{Debug, Display};

/// The printed texts of values and errors, in every format.
#[derive(Debug, Default)]
pub struct Rendered(String);

impl Rendered {
    /// Adds `Debug`, plain and pretty.
    pub fn debug(&mut self, value: &impl Debug) {
        self.0.push_str(&format!("{value:?}\n{value:#?}\n"));
    }

    /// Adds an error and its causes as `Display` and `Debug`, plain and pretty.
    pub fn error(&mut self, error: &(impl Error + 'static)) {
        self.render(error);
        let mut source = error.source();
        while let Some(error) = source {
            self.render(&error);
            source = error.source();
        }
    }

    /// Adds a text.
    pub fn text(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    /// The texts so far.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn render(&mut self, value: &(impl Display + Debug)) {
        self.0.push_str(&format!("{value}\n{value:#}\n"));
        self.debug(value);
    }
}
