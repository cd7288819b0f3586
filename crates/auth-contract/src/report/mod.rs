//! The reports of a run, for human readers and for programs.

mod data;
mod html;
mod json;
mod junit;
mod sarif;
mod table;
mod verdict;

use std::fs;
use std::path::Path;

use crate::RunError;

pub use data::{CaseReport, DocumentReport, Report};
pub use verdict::{Status, Verdict};

impl Report {
    /// The report for a terminal.
    #[must_use]
    pub fn table(&self) -> String {
        table::render(self)
    }

    /// The report as JSON; `docs/contract.md` describes its members.
    #[must_use]
    pub fn json(&self) -> String {
        json::render(self)
    }

    /// The report as JUnit XML, for CI servers.
    ///
    /// # Errors
    /// [`RunError::Report`] if the report cannot be generated.
    pub fn junit(&self) -> Result<String, RunError> {
        junit::render(self)
    }

    /// The report as SARIF 2.1.0, for code scanning.
    #[must_use]
    pub fn sarif(&self) -> String {
        sarif::render(self)
    }

    /// The report as a single self-contained HTML page.
    ///
    /// # Errors
    /// [`RunError::Report`] if the page cannot be generated.
    pub fn html(&self) -> Result<String, RunError> {
        html::render(self)
    }

    /// Writes the report to a file, in the format of its extension: `.html`, `.json`, `.sarif` (also `.sarif.json`) or `.xml`
    /// (JUnit).
    ///
    /// # Errors
    /// [`RunError::Report`] names the file.
    pub fn write(&self, file: &Path) -> Result<(), RunError> {
        let failed = |problem: String| RunError::Report { file: file.display().to_string(), problem };
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let text = match name.rsplit_once('.') {
            Some((stem, "json")) if !stem.ends_with(".sarif") => self.json(),
            Some((_, "json" | "sarif")) => self.sarif(),
            Some((_, "html")) => self.html()?,
            Some((_, "xml")) => self.junit()?,
            _ => return Err(failed("the extension must be .html, .json, .sarif or .xml".to_owned())),
        };
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).map_err(|error| failed(error.to_string()))?;
        }
        fs::write(file, text).map_err(|error| failed(error.to_string()))
    }
}
