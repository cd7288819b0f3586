//! The forms of a report.

use std::path::Path;
use std::str::FromStr;

use diagnostics::text::Terminal;
use diagnostics::{Problem, Result};

use super::report::Report;
use super::{json, junit, sarif};

/// What a report is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// For machines; docs/changes.md describes it.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// JUnit XML.
    Junit,
}

impl Format {
    /// The names of the formats.
    pub const NAMES: [&str; 4] = ["text", "json", "sarif", "junit"];

    /// The format that the name of a file asks for.
    ///
    /// # Errors
    ///
    /// Fails if the name ends with nothing that is known.
    pub fn of_file(file: &Path) -> Result<Self> {
        let name = file.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        let known = [(".sarif.json", Self::Sarif), (".sarif", Self::Sarif), (".json", Self::Json)];
        let known = known.into_iter().chain([(".xml", Self::Junit), (".txt", Self::Text)]);
        let found = known.into_iter().find(|(end, _)| name.ends_with(end)).map(|(_, format)| format);
        Ok(found.ok_or_else(|| {
            Problem::new("the name of the report has no known extension")
                .file(file.display().to_string())
                .remedy("use the extension .json, .sarif, .xml (JUnit) or .txt")
        })?)
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            "sarif" => Ok(Self::Sarif),
            "junit" => Ok(Self::Junit),
            _ => Err(format!("use one of {}", Self::NAMES.join(", "))),
        }
    }
}

impl Report<'_> {
    /// The report in one of its forms, the same bytes on the terminal and in a file.
    pub fn render(&self, format: Format) -> Terminal {
        match format {
            Format::Text => Terminal::lines(&self.text()),
            Format::Json => Terminal::of_json(&json::render(self)),
            Format::Sarif => Terminal::of_json(&sarif::render(self)),
            Format::Junit => Terminal::lines(&junit::render(self)),
        }
    }
}
