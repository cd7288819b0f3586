//! The report as SARIF 2.1.0 (Static Analysis Results Interchange Format, OASIS).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::clean::clean;
use super::finding::Finding;
use super::level::Level;
use super::report::{EXAMPLES, Report};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn render(report: &Report<'_>) -> String {
    let rules: BTreeMap<String, &str> = report.findings.iter().map(|it| (it.id(), it.kind.means())).collect();
    let rules = rules.into_iter().map(|(id, means)| json!({ "id": id, "shortDescription": { "text": means } }));
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "cargo xtask diff",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": report.findings.iter().map(|finding| result(report, finding)).collect::<Vec<_>>(),
        }],
    });
    format!("{log:#}\n")
}

fn result(report: &Report<'_>, finding: &Finding) -> Value {
    let level = if finding.level() == Level::Breaking { "error" } else { "note" };
    let place = |old: &Option<String>, new: &Option<String>| {
        let pointer = new.as_deref().or(old.as_deref()).unwrap_or_default();
        // What was removed was in what is still there.
        let source = report.new.document.source(pointer);
        let mut physical = json!({ "artifactLocation": { "uri": uri(source.file) } });
        if let Some(line) = source.line {
            physical["region"] = json!({ "startLine": line });
        }
        let name = format!("#{}", clean(pointer));
        json!({ "physicalLocation": physical, "logicalLocations": [{ "fullyQualifiedName": name }] })
    };
    let mut result = json!({
        "ruleId": finding.id(),
        "level": level,
        "message": { "text": clean(&finding.sentence()) },
        "locations": [place(&finding.old, &finding.new)],
        "partialFingerprints": { "finding/v1": finding.key() },
        "occurrenceCount": finding.all_places().len(),
        "properties": { "api": finding.api(), "wire": finding.wire() },
    });
    if !finding.places.is_empty() {
        let places = finding.all_places();
        let related = places.iter().take(EXAMPLES).map(|it| place(&it.old, &it.new)).collect::<Vec<_>>();
        result["relatedLocations"] = related.into();
    }
    if let Some(reason) = &finding.approved {
        result["suppressions"] = json!([{ "kind": "external", "status": "accepted", "justification": reason }]);
    }
    result
}

/// A file as a URI reference.
fn uri(file: &str) -> String {
    let file = file.replace('\\', "/");
    let (mut out, path) = match file.split_at_checked(2) {
        // A drive of Windows. Before any other `:` it would be the scheme of an address.
        Some((drive, path)) if path.starts_with('/') && is_drive(drive) => (format!("file:///{drive}"), path),
        _ if file.starts_with('/') => ("file://".to_owned(), file.as_str()),
        _ => (String::new(), file.as_str()),
    };
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// `C:`.
fn is_drive(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_alphabetic()) && text.ends_with(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_a_reference() {
        for (file, wanted) in [
            ("specs/a.yaml", "specs/a.yaml"),
            ("/tmp/a b.yaml", "file:///tmp/a%20b.yaml"),
            ("C:\\a b\\c:d.yaml", "file:///C:/a%20b/c%3Ad.yaml"),
            ("c:/a.yaml", "file:///c:/a.yaml"),
            ("c:a.yaml", "c%3Aa.yaml"),
            ("a\\b#c%é.json", "a/b%23c%25%C3%A9.json"),
        ] {
            assert_eq!(uri(file), wanted);
        }
    }
}
