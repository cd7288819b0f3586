//! The report as JSON.

use serde::Serialize;

use super::{CaseReport, DocumentReport, Report, Status, Verdict};
use crate::{Severity, TypeReport};

/// The version of the format that `docs/contract.md` describes. It increases when a member is removed or changes its
/// meaning, not when one is added.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Written<'a> {
    schema_version: u32,
    verdict: Verdict,
    status: Status,
    cases: Vec<WrittenCase<'a>>,
    fail_on: Severity,
    server: &'a str,
    ended_at: &'a str,
    documents: &'a [DocumentReport],
    types: &'a [TypeReport],
    uncovered: &'a [String],
}

#[derive(Serialize)]
struct WrittenCase<'a> {
    verdict: Verdict,
    #[serde(flatten)]
    case: &'a CaseReport,
}

pub(super) fn render(report: &Report) -> String {
    let Report { fail_on, server, ended_at, documents, cases, types, uncovered } = report;
    let written = Written {
        schema_version: SCHEMA_VERSION,
        verdict: report.verdict(),
        status: report.status(),
        cases: cases.iter().map(|case| WrittenCase { verdict: case.verdict(), case }).collect(),
        fail_on: *fail_on,
        server,
        ended_at,
        documents,
        types,
        uncovered,
    };
    // Serializing cannot fail: all map keys are strings.
    let text = serde_json::to_string_pretty(&written).unwrap_or_default();
    format!("{text}\n")
}
