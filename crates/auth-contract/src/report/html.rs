//! The report as an HTML page.

use askama::Template;

use super::{Report, Verdict};
use crate::{RunError, Severity};

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    report: &'a Report,
    verdict: Verdict,
    /// Number of violations, drift, known findings, notes, and inconclusive cases.
    counts: [usize; 5],
}

impl Page<'_> {
    /// True if the number of this kind is not zero.
    fn is_some(&self, kind: usize) -> bool {
        self.counts[kind] > 0
    }
}

pub(super) fn render(report: &Report) -> Result<String, RunError> {
    let count = |severity| {
        report.cases.iter().flat_map(|case| &case.findings).filter(|finding| finding.severity == severity).count()
    };
    let of_types = report.types.iter().map(|report| report.differences.len()).sum::<usize>();
    let violations = count(Severity::Violation) + of_types + report.uncovered.len();
    let unknown = report.cases.iter().filter(|case| case.inconclusive.is_some()).count();
    let counts = [violations, count(Severity::Drift), count(Severity::Known), count(Severity::Note), unknown];
    let page = Page { report, verdict: report.verdict(), counts };
    page.render().map_err(|error| RunError::Report { file: "report.html".to_owned(), problem: error.to_string() })
}
