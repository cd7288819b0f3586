//! What a run came to, for people and for machines.

mod html;
mod json;
mod junit;
mod sarif;
mod table;
mod verdict;

use std::fs;
use std::path::Path;

use chrono::{SecondsFormat, Utc};
use serde::Serialize;

use crate::types::TypeReport;
use crate::{Documents, Expected, Finding, RunError, Severity, ShownExchange};

pub use verdict::{Status, Verdict};

/// What a run came to.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The least severity that the contract counts as broken for.
    pub fail_on: Severity,
    /// Which server was asked: `sandbox`, or the name of a real one.
    pub server: String,
    /// When the run ended, in UTC.
    pub ended_at: String,
    /// The documents that were judged by.
    pub documents: Vec<DocumentReport>,
    /// What was asked, and what came.
    pub cases: Vec<CaseReport>,
    /// The generated types against their schemas, if they were compared.
    pub types: Vec<TypeReport>,
    /// What a document has and no case asked for; empty for a real server, of which a handful is asked.
    pub uncovered: Vec<String>,
}

/// A document that was judged by.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct DocumentReport {
    /// Its file.
    pub file: String,
    /// Its overlay, if it has one.
    pub overlay: Option<String>,
    /// SHA-256 of the file.
    pub sha256: String,
}

/// One question, and what came.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct CaseReport {
    /// What was asked, in a few words.
    pub name: String,
    /// The file of the document.
    pub document: String,
    /// The address that was asked.
    pub server: String,
    /// What the server had to answer.
    pub expected: Expected,
    /// The status that the server answered with, if it answered.
    pub got: Option<u16>,
    /// What the client made of it.
    pub outcome: String,
    /// Why the case says nothing about the contract, if that is so; names the server.
    pub inconclusive: Option<String>,
    /// In what it differs from the documents, the worst first.
    pub findings: Vec<Finding>,
    /// What went over the socket, secrets replaced by their length.
    pub exchanges: Vec<ShownExchange>,
}

impl CaseReport {
    /// What the case came to.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let judged = Verdict::of(self.findings.iter().map(|finding| finding.severity));
        if self.inconclusive.is_some() { judged.max(Verdict::Inconclusive) } else { judged }
    }

    /// Whether this case keeps to the contract.
    #[must_use]
    pub fn status(&self, fail_on: Severity) -> Status {
        Status::of(self.findings.iter().map(|finding| finding.severity), self.inconclusive.is_some(), fail_on)
    }

    /// The status that the server answered with, in words.
    pub(super) fn shown_got(&self) -> String {
        self.got.map_or_else(|| "no answer".to_owned(), |status| status.to_string())
    }
}

impl Report {
    pub(crate) fn new(server: &str, documents: &Documents, cases: Vec<CaseReport>, fail_on: Severity) -> Self {
        let judged_by = |file: &str| cases.iter().any(|case| case.document == file);
        let documents = [&documents.lean, &documents.leanix, &documents.oauth2]
            .into_iter()
            .filter(|document| judged_by(&document.file))
            .map(|document| DocumentReport {
                file: document.file.clone(),
                overlay: document.overlay.clone(),
                sha256: document.sha256.clone(),
            })
            .collect();
        let ended_at = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
        let (types, uncovered) = (Vec::new(), Vec::new());
        Self { fail_on, server: server.to_owned(), ended_at, documents, cases, types, uncovered }
    }

    /// What the run came to.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let cases = self.cases.iter().map(CaseReport::verdict);
        cases.chain([Verdict::of(self.severities())]).max().unwrap_or(Verdict::Conforms)
    }

    /// Whether the contract is kept.
    #[must_use]
    pub fn status(&self) -> Status {
        let is_inconclusive = self.cases.iter().any(|case| case.inconclusive.is_some());
        Status::of(self.severities(), is_inconclusive, self.fail_on)
    }

    /// The severity of everything that was found. Types that differ and answers that no case has are violations.
    fn severities(&self) -> impl Iterator<Item = Severity> {
        let found = self.cases.iter().flat_map(|case| &case.findings).map(|finding| finding.severity);
        let differences = self.types.iter().flat_map(|report| &report.differences);
        let others = differences.chain(&self.uncovered).map(|_| Severity::Violation);
        found.chain(others)
    }

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

    /// The report as JUnit XML, for servers that show the results of tests.
    ///
    /// # Errors
    /// [`RunError::Report`] if it cannot be put together.
    pub fn junit(&self) -> Result<String, RunError> {
        junit::render(self)
    }

    /// The report as SARIF 2.1.0, for code scanning.
    #[must_use]
    pub fn sarif(&self) -> String {
        sarif::render(self)
    }

    /// The report as one page that needs nothing else.
    ///
    /// # Errors
    /// [`RunError::Report`] if the page cannot be put together.
    pub fn html(&self) -> Result<String, RunError> {
        html::render(self)
    }

    /// Writes the report into a file, in the form that its name ends with: `.html`, `.json`, `.sarif` (also `.sarif.json`) or
    /// `.xml` (JUnit).
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
            _ => return Err(failed("name a file that ends in .html, .json, .sarif or .xml".to_owned())),
        };
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).map_err(|error| failed(error.to_string()))?;
        }
        fs::write(file, text).map_err(|error| failed(error.to_string()))
    }
}
