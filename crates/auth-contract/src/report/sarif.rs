//! The report as SARIF 2.1.0 (Static Analysis Results Interchange Format, OASIS).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Report;
use crate::finding::Place;
use crate::{CaseReport, Finding, Severity};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json";

/// The rules with their meanings: one for each severity, and others for results that do not concern an exchange.
const RULES: [(&str, &str, &str); 7] = [
    ("violation", "error", "Contradicts a document."),
    ("drift", "warning", "Is not mentioned in any document, or contradicts RFC 6749."),
    ("known", "note", "Contradicts the document as published, but agrees with the overlay."),
    ("note", "note", "For information only."),
    ("uncovered", "error", "No case covers this server or response of a document."),
    ("type", "error", "A generated type and its schema accept different bodies."),
    ("inconclusive", "warning", "An outage, or a variable whose value the server does not accept."),
];

pub(super) fn render(report: &Report) -> String {
    let of_case = |case: &CaseReport| case.findings.iter().map(|finding| result(case, finding)).collect::<Vec<_>>();
    let mut results: Vec<Value> = report.cases.iter().flat_map(of_case).collect();
    for missing in &report.uncovered {
        let (place, says) = missing.split_once(": ").unwrap_or(("", missing));
        results.push(json!({
            "ruleId": "uncovered",
            "level": "error",
            "message": { "text": says },
            "locations": [at_line(place)],
        }));
    }
    for kind in &report.types {
        let locations = [json!({ "physicalLocation": { "artifactLocation": { "uri": kind.document } } })];
        results.extend(kind.differences.iter().map(|difference| {
            let text = format!("{}: {difference}", kind.name);
            json!({ "ruleId": "type", "level": "error", "message": { "text": text }, "locations": locations })
        }));
    }
    let notifications: Vec<Value> = report.cases.iter().filter_map(notification).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "cargo xtask contract",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": RULES.map(|(id, level, text)| json!({
                    "id": id,
                    "shortDescription": { "text": text },
                    "defaultConfiguration": { "level": level },
                })),
            } },
            "automationDetails": { "id": format!("contract/{}/", report.server) },
            "artifacts": artifacts(report),
            "invocations": [{
                "executionSuccessful": notifications.is_empty(),
                "exitCode": report.status().exit_code(),
                "endTimeUtc": report.ended_at,
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn result(case: &CaseReport, finding: &Finding) -> Value {
    let rule = finding.severity.as_str();
    let level = match finding.severity {
        Severity::Violation => "error",
        Severity::Drift => "warning",
        Severity::Known | Severity::Note => "note",
    };
    json!({
        "ruleId": rule,
        "level": level,
        "message": { "text": format!("{}, {}: {} ({})", finding.side(), finding.at, finding.says, case.name) },
        "locations": [location(&finding.place)],
        "properties": { "case": case.name, "server": case.server },
    })
}

/// A place in a file of the repository, or in an RFC.
fn location(place: &Place) -> Value {
    let named = json!([{ "fullyQualifiedName": place.pointer }]);
    if let Some(number) = place.document.strip_prefix("RFC ") {
        let section = place.pointer.replace("section ", "section-");
        let uri = format!("https://www.rfc-editor.org/rfc/rfc{number}#{section}");
        return json!({ "physicalLocation": { "artifactLocation": { "uri": uri } }, "logicalLocations": named });
    }
    let file = place.document.split(' ').next().unwrap_or_default();
    let mut location =
        json!({ "physicalLocation": { "artifactLocation": { "uri": file } }, "logicalLocations": named });
    if let Some(line) = place.line {
        location["physicalLocation"]["region"] = json!({ "startLine": line });
    }
    location
}

/// The place in a text such as `specs/lean-auth.yaml:44 #/paths`.
fn at_line(text: &str) -> Value {
    let (file, pointer) = text.split_once(' ').unwrap_or((text, ""));
    let (document, line) = match file.rsplit_once(':') {
        Some((document, line)) => (document, line.parse().ok()),
        None => (file, None),
    };
    location(&Place { document: document.to_owned(), pointer: pointer.to_owned(), line })
}

/// The documents of the run, with their checksums.
fn artifacts(report: &Report) -> Vec<Value> {
    let files: BTreeSet<_> = report.documents.iter().map(|it| (it.file.as_str(), it.sha256.as_str())).collect();
    let artifact = |(file, sum): (&str, &str)| {
        let mut artifact = json!({ "location": { "uri": file } });
        if !sum.is_empty() {
            artifact["hashes"] = json!({ "sha-256": sum });
        }
        artifact
    };
    files.into_iter().map(artifact).collect()
}

/// Why a case is inconclusive.
fn notification(case: &CaseReport) -> Option<Value> {
    let reason = case.inconclusive.as_ref()?;
    Some(json!({
        "level": "warning",
        "message": { "text": format!("{reason} ({})", case.name) },
        "associatedRule": { "id": "inconclusive" },
    }))
}
