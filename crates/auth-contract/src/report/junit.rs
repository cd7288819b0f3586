//! The report as JUnit XML, in the form that tools read according to <https://github.com/testmoapp/junitxml>.

use askama::Template;

use super::{CaseReport, Report, Status};
use crate::{Finding, RunError, Severity};

#[derive(Template)]
#[template(path = "report.xml")]
struct Page {
    server: String,
    timestamp: String,
    suites: Vec<Suite>,
}

struct Suite {
    name: String,
    tests: Vec<Test>,
}

struct Test {
    name: String,
    classname: String,
    result: Passed,
    /// The findings, one per line.
    output: String,
}

enum Passed {
    Yes,
    /// Not kept: the kind, the worst finding, and all findings.
    No(&'static str, String, String),
    /// Inconclusive, with the reason.
    Unknown(String),
}

impl Page {
    fn count(&self, is: impl Fn(&Passed) -> bool) -> usize {
        self.suites.iter().map(|suite| suite.count(&is)).sum()
    }

    fn tests(&self) -> usize {
        self.count(|_| true)
    }

    fn failures(&self) -> usize {
        self.count(Passed::is_no)
    }

    fn errors(&self) -> usize {
        self.count(Passed::is_unknown)
    }
}

impl Suite {
    fn count(&self, is: impl Fn(&Passed) -> bool) -> usize {
        self.tests.iter().filter(|test| is(&test.result)).count()
    }

    fn failures(&self) -> usize {
        self.count(Passed::is_no)
    }

    fn errors(&self) -> usize {
        self.count(Passed::is_unknown)
    }
}

impl Passed {
    fn is_no(&self) -> bool {
        matches!(self, Self::No(..))
    }

    fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    /// `No` if there are deviations.
    fn of(kind: &'static str, wrong: &[String]) -> Self {
        match wrong.first() {
            Some(first) => Self::No(kind, text(first), text(&wrong.join("\n"))),
            None => Self::Yes,
        }
    }
}

pub(super) fn render(report: &Report) -> Result<String, RunError> {
    let mut suites: Vec<Suite> = Vec::new();
    for case in &report.cases {
        let test = test(case, report.fail_on);
        match suites.iter_mut().find(|suite| suite.name == case.document) {
            Some(suite) => suite.tests.push(test),
            None => suites.push(Suite { name: text(&case.document), tests: vec![test] }),
        }
    }
    if !report.types.is_empty() {
        let tests = report.types.iter().map(|kind| Test {
            name: text(&kind.name),
            classname: text(&kind.document),
            result: Passed::of("type", &kind.differences),
            output: format!("{} bodies tried", kind.samples),
        });
        suites.push(Suite { name: "generated types".to_owned(), tests: tests.collect() });
        let covered = Test {
            name: "every documented server and response is covered".to_owned(),
            classname: "documents".to_owned(),
            result: Passed::of("uncovered", &report.uncovered),
            output: String::new(),
        };
        suites.push(Suite { name: "coverage".to_owned(), tests: vec![covered] });
    }
    let page = Page { server: text(&report.server), timestamp: text(&report.ended_at), suites };
    page.render().map_err(|error| RunError::Report { file: "report.xml".to_owned(), problem: error.to_string() })
}

fn test(case: &CaseReport, fail_on: Severity) -> Test {
    let line = |finding: &Finding| format!("{}: {finding}", finding.severity.as_str());
    let wrong: Vec<String> = case.findings.iter().filter(|it| it.severity >= fail_on).map(line).collect();
    let result = match case.status(fail_on) {
        Status::Inconclusive => Passed::Unknown(text(case.inconclusive.as_deref().unwrap_or_default())),
        Status::NotKept | Status::Kept => Passed::of("contract", &wrong),
    };
    let mut output =
        vec![format!("expected {}, got {}; client outcome: {}", case.expected, case.redacted_got(), case.outcome)];
    output.extend(case.findings.iter().filter(|it| it.severity < fail_on).map(line));
    Test { name: text(&case.name), classname: text(&case.server), result, output: text(&output.join("\n")) }
}

/// Removes the characters that XML 1.0 does not allow even when escaped (section 2.2); the template escapes the others.
fn text(text: &str) -> String {
    let is_char = |character: char| {
        matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
            && !matches!(character, '\u{7f}'..='\u{9f}')
    };
    text.chars().map(|character| if is_char(character) { character } else { '\u{fffd}' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_holds_no_character_that_xml_forbids() {
        for (given, wanted) in [
            ("a\tb\nc \u{e9}\u{1f600}", "a\tb\nc \u{e9}\u{1f600}"),
            ("\0\u{1b}[31m\u{b}", "\u{fffd}\u{fffd}[31m\u{fffd}"),
            ("\u{fffe}\u{ffff}\u{7f}\u{85}", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
            ("<a href=\"x\">&amp;</a>", "<a href=\"x\">&amp;</a>"),
        ] {
            assert_eq!(text(given), wanted);
        }
    }
}
