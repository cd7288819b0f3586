//! The report as JUnit XML, as <https://github.com/testmoapp/junitxml> describes what tools read of it.

use std::fmt::Write as _;

use super::clean::xml;
use super::finding::Finding;
use super::report::{Report, examples};

pub(super) fn render(report: &Report<'_>) -> String {
    let count = |is: fn(&Finding) -> bool| report.findings.iter().filter(|it| is(it)).count();
    let (tests, failures, skipped) =
        (report.findings.len().max(1), count(Finding::fails), count(|finding| finding.approved.is_some()));
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\"");
    let mut out = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {counts}>\n");
    let _ = writeln!(out, "  <testsuite name=\"{}\" {counts}>", xml(&format!("changes of {}", report.name)));
    if report.findings.is_empty() {
        let _ = writeln!(out, "    <testcase classname=\"{}\" name=\"no changes\"/>", xml(report.name));
    }
    for finding in report.findings {
        let named = format!("classname=\"{}\" name=\"{}\"", finding.id(), xml(&finding.sentence()));
        let mut places = vec![report.places(finding)];
        places.extend(examples(finding));
        let inner = match &finding.approved {
            Some(reason) => format!("<skipped message=\"{}\"/>", xml(&format!("approved: {reason}"))),
            None if finding.fails() => format!(
                "<failure type=\"{}\" message=\"{}\">{}</failure>",
                finding.id(),
                xml(&finding.sentence()),
                xml(&format!(
                    "api {}, wire {}; {}; key {}",
                    finding.api(),
                    finding.wire(),
                    places.join("; "),
                    finding.key()
                ))
            ),
            None => format!("<system-out>{}</system-out>", xml(&places.join("; "))),
        };
        let _ = writeln!(out, "    <testcase {named}>{inner}</testcase>");
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}
