//! The contents of a report.

use chrono::{SecondsFormat, Utc};
use serde::Serialize;

use super::verdict::{Status, Verdict};
use crate::types::TypeReport;
use crate::{Documents, Expected, Finding, RedactedExchange, Severity};

/// The result of a run.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The lowest severity that counts as not kept.
    pub fail_on: Severity,
    /// The server: `sandbox`, or the name of a real one.
    pub server: String,
    /// When the run ended, in UTC.
    pub ended_at: String,
    /// The documents that exchanges were compared with.
    pub documents: Vec<DocumentReport>,
    /// The cases: one token request each, and its outcome.
    pub cases: Vec<CaseReport>,
    /// The generated types and the result of comparing them with their schemas; empty for a real server.
    pub types: Vec<TypeReport>,
    /// Published servers and responses without a case; empty for a real server, which gets few requests.
    pub uncovered: Vec<String>,
}

/// A document that exchanges were compared with.
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

/// One token request and its outcome.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct CaseReport {
    /// A short description of the request.
    pub name: String,
    /// The file of the document.
    pub document: String,
    /// The URL of the server.
    pub server: String,
    /// The expected response.
    pub expected: Expected,
    /// The status of the response, if there was one.
    pub got: Option<u16>,
    /// The result for the client: a token or an error.
    pub outcome: String,
    /// Why the case is inconclusive, if it is; names the server.
    pub inconclusive: Option<String>,
    /// The differences from the documents, the worst first.
    pub findings: Vec<Finding>,
    /// The traffic on the socket, secrets replaced by their length.
    pub exchanges: Vec<RedactedExchange>,
}

impl CaseReport {
    /// The verdict of this case.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let judged = Verdict::of(self.findings.iter().map(|finding| finding.severity));
        if self.inconclusive.is_some() { judged.max(Verdict::Inconclusive) } else { judged }
    }

    /// Whether this case keeps the contract, if findings count from severity `fail_on`.
    #[must_use]
    pub fn status(&self, fail_on: Severity) -> Status {
        Status::of(self.findings.iter().map(|finding| finding.severity), self.inconclusive.is_some(), fail_on)
    }

    /// Describes the status of the response.
    pub(super) fn redacted_got(&self) -> String {
        self.got.map_or_else(|| "no response".to_owned(), |status| status.to_string())
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

    /// The verdict of the run: the worst of all cases and findings.
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

    /// The severities of all findings. Types that differ and responses without a case are violations.
    fn severities(&self) -> impl Iterator<Item = Severity> {
        let found = self.cases.iter().flat_map(|case| &case.findings).map(|finding| finding.severity);
        let differences = self.types.iter().flat_map(|report| &report.differences);
        let others = differences.chain(&self.uncovered).map(|_| Severity::Violation);
        found.chain(others)
    }
}
