//! The report for a terminal.

use std::fmt::Write as _;

use comfy_table::Table;
use comfy_table::presets::UTF8_FULL_CONDENSED;

use super::{CaseReport, Report, Verdict};
use crate::Severity;

pub(super) fn render(report: &Report) -> String {
    let mut text = String::new();
    let mut cases = Table::new();
    cases.load_style(UTF8_FULL_CONDENSED).set_header([
        "document",
        "server",
        "case",
        "expected",
        "got",
        "client outcome",
        "verdict",
    ]);
    for case in &report.cases {
        cases.add_row([
            case.document.trim_start_matches("specs/"),
            &case.server,
            &case.name,
            &case.expected.to_string(),
            &case.redacted_got(),
            &case.outcome,
            case.verdict().as_str(),
        ]);
    }
    // Writing into a string cannot fail.
    let _ = writeln!(text, "{cases}");
    if !report.types.is_empty() {
        let header = [
            "document",
            "schema and type",
            "bodies",
            "null for absent",
            "any expires_in",
            "list for object",
            "verdict",
        ];
        let mut types = Table::new();
        types.load_style(UTF8_FULL_CONDENSED).set_header(header);
        for report in &report.types {
            let verdict = if report.differences.is_empty() { Verdict::Conforms } else { Verdict::Violation };
            types.add_row([
                report.document.trim_start_matches("specs/"),
                &report.name,
                &report.samples.to_string(),
                &report.null_for_absent.to_string(),
                &report.any_expires_in.to_string(),
                &report.list_for_object.to_string(),
                verdict.as_str(),
            ]);
        }
        let _ = writeln!(text, "{types}");
    }
    for line in inconclusive(report) {
        let _ = writeln!(text, "inconclusive: {line}");
    }
    for severity in [Severity::Violation, Severity::Drift, Severity::Known, Severity::Note] {
        for line in findings(report, severity) {
            let _ = writeln!(text, "{}: {line}", severity.as_str());
        }
    }
    for difference in differences(report) {
        let _ = writeln!(text, "violation: {difference}");
    }
    for missing in &report.uncovered {
        let _ = writeln!(text, "violation: {missing}");
    }
    let _ = write!(text, "contract with {}: {}", report.server, report.verdict().as_str());
    text
}

/// The findings of one severity, without duplicates, each with its cases.
fn findings(report: &Report, severity: Severity) -> Vec<String> {
    let of_case = |case: &'_ CaseReport| {
        let found = case.findings.iter().filter(|finding| finding.severity == severity);
        found.map(ToString::to_string).collect()
    };
    grouped(&report.cases, of_case)
}

/// The reasons of inconclusive cases, without duplicates, each with its cases.
fn inconclusive(report: &Report) -> Vec<String> {
    grouped(&report.cases, |case| case.inconclusive.iter().cloned().collect())
}

/// Texts of cases, without duplicates, each with its cases.
fn grouped(cases: &[CaseReport], texts: impl Fn(&CaseReport) -> Vec<String>) -> Vec<String> {
    let mut lines: Vec<(String, Vec<&str>)> = Vec::new();
    for case in cases {
        for text in texts(case) {
            match lines.iter_mut().find(|(known, _)| *known == text) {
                Some((_, cases)) if cases.contains(&case.name.as_str()) => {}
                Some((_, cases)) => cases.push(&case.name),
                None => lines.push((text, vec![&case.name])),
            }
        }
    }
    lines.into_iter().map(|(text, cases)| format!("{text}: {}", cases.join(", "))).collect()
}

/// The differences of types from their schemas.
fn differences(report: &Report) -> impl Iterator<Item = String> {
    report.types.iter().flat_map(|report| {
        report.differences.iter().map(move |text| format!("{}, {}: {text}", report.document, report.name))
    })
}
