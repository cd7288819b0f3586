//! What a run came to, for people and for machines.

mod html;
mod table;

use std::fs;
use std::path::Path;

use chrono::{SecondsFormat, Utc};
use serde::Serialize;

use crate::types::TypeReport;
use crate::{Documents, Finding, RunError, Severity, ShownExchange};

/// What a run came to.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// Which server was asked: `sandbox`, or the name of a real one.
    pub server: String,
    /// When the run ended, in UTC.
    pub ended_at: String,
    /// The documents that were judged by.
    pub documents: Vec<DocumentReport>,
    /// What was asked, and what came.
    pub cases: Vec<CaseReport>,
    /// The generated types against their schemas; empty for a real server.
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
    /// The status that the server had to answer with.
    pub expected: u16,
    /// What the client made of it.
    pub outcome: String,
    /// In what it differs from the documents, the worst first.
    pub findings: Vec<Finding>,
    /// What went over the socket, secrets replaced by their length.
    pub exchanges: Vec<ShownExchange>,
}

/// What a run, or a case of it, came to as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Verdict {
    /// As the documents say.
    Conforms,
    /// Something that no document mentions.
    Drift,
    /// Other than a document says.
    Violation,
}

impl Verdict {
    /// The verdict in a word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Conforms => "conforms",
            Self::Drift => "drift",
            Self::Violation => "violation",
        }
    }
}

impl CaseReport {
    /// What the case came to.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self.findings.iter().map(|finding| finding.severity).max() {
            Some(Severity::Violation) => Verdict::Violation,
            Some(Severity::Drift) => Verdict::Drift,
            _ => Verdict::Conforms,
        }
    }
}

impl Report {
    pub(crate) fn new(server: &str, documents: &Documents, cases: Vec<CaseReport>) -> Self {
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
        Self { server: server.to_owned(), ended_at, documents, cases, types, uncovered }
    }

    /// What the run came to.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let types_agree = self.types.iter().all(|report| report.differences.is_empty());
        if !types_agree || !self.uncovered.is_empty() {
            return Verdict::Violation;
        }
        self.cases.iter().map(CaseReport::verdict).max().unwrap_or(Verdict::Conforms)
    }

    /// The report for a terminal.
    #[must_use]
    pub fn table(&self) -> String {
        table::render(self)
    }

    /// The report for machines.
    #[must_use]
    pub fn json(&self) -> String {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        value["verdict"] = self.verdict().as_str().into();
        format!("{value:#}\n")
    }

    /// The report as one page that needs nothing else.
    ///
    /// # Errors
    /// [`RunError::Report`] if the page cannot be put together.
    pub fn html(&self) -> Result<String, RunError> {
        html::render(self)
    }

    /// Writes the report into a file: JSON or HTML, as its name says.
    ///
    /// # Errors
    /// [`RunError::Report`] names the file.
    pub fn write(&self, file: &Path) -> Result<(), RunError> {
        let failed = |problem: String| RunError::Report { file: file.display().to_string(), problem };
        let text = match file.extension().and_then(|extension| extension.to_str()) {
            Some("json") => self.json(),
            Some("html") => self.html()?,
            _ => return Err(failed("name a file that ends in .json or .html".to_owned())),
        };
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).map_err(|error| failed(error.to_string()))?;
        }
        fs::write(file, text).map_err(|error| failed(error.to_string()))
    }
}
