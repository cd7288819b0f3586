//! What the checks found.

use std::fmt::Write as _;

use serde::Serialize;

use crate::failure::{Failure, Kind};
use crate::printable::printable;

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    check: &'static str,
    verdict: Verdict,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
    #[serde(skip)]
    kind: Option<Kind>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Ok,
    Skipped,
    Warning,
    Failed,
}

/// The checks of a profile.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    profile: String,
    checks: Vec<Check>,
}

impl Check {
    pub(super) fn ok(check: &'static str, detail: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Ok, detail: detail.into(), remedy: None, kind: None }
    }

    pub(super) fn skipped(check: &'static str, detail: impl Into<String>) -> Self {
        Self { verdict: Verdict::Skipped, ..Self::ok(check, detail) }
    }

    pub(super) fn warning(check: &'static str, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { verdict: Verdict::Warning, remedy: Some(remedy.into()), ..Self::ok(check, detail) }
    }

    pub(super) fn failed(
        check: &'static str,
        kind: Kind,
        detail: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { verdict: Verdict::Failed, remedy: Some(remedy.into()), kind: Some(kind), ..Self::ok(check, detail) }
    }

    pub(super) fn of_failure(check: &'static str, failure: &Failure, remedy: impl Into<String>) -> Self {
        Self::failed(check, failure.kind, failure.message.clone(), remedy)
    }
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Skipped => "skipped",
            Self::Warning => "warning",
            Self::Failed => "FAILED",
        }
    }
}

impl Report {
    pub(super) fn new(profile: &str) -> Self {
        Self { profile: profile.to_owned(), checks: Vec::new() }
    }

    pub(super) fn add(&mut self, check: Check) {
        self.checks.push(check);
    }

    pub(super) fn has_failed(&self) -> bool {
        self.checks.iter().any(|check| check.verdict == Verdict::Failed)
    }

    /// The exit code of the first failure.
    pub(super) fn code(&self) -> u8 {
        self.checks.iter().find_map(|check| check.kind).map_or(0, Kind::code)
    }

    pub(super) fn json(&self) -> String {
        // Only maps with keys that are not text cannot be written.
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }

    pub(super) fn lines(&self) -> String {
        let mut text = String::new();
        for Check { check, verdict, detail, remedy, .. } in &self.checks {
            let _ = writeln!(text, "{:8}{check:15}{}", verdict.word(), printable(detail));
            if let Some(remedy) = remedy {
                let _ = writeln!(text, "{:23}remedy: {remedy}", "");
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_has_a_line_for_each_check_and_the_exit_code_of_the_first_failure() {
        let mut report = Report::new("lean");
        report.add(Check::ok("configuration", "/config.toml"));
        report.add(Check::warning("clock", "95 seconds ahead", "set the clock"));
        assert_eq!((report.has_failed(), report.code()), (false, 0));
        report.add(Check::failed("dns", Kind::Unavailable, "no address", "check the name"));
        report.add(Check::failed("scope", Kind::Refused, "unknown", "ask for another one"));
        assert_eq!((report.has_failed(), report.code()), (true, 4));
        assert_eq!(
            report.lines(),
            "ok      configuration  /config.toml\n\
             warning clock          95 seconds ahead\n                       remedy: set the clock\n\
             FAILED  dns            no address\n                       remedy: check the name\n\
             FAILED  scope          unknown\n                       remedy: ask for another one\n"
        );
        let json: serde_json::Value = serde_json::from_str(&report.json()).unwrap();
        assert_eq!(json["profile"], "lean");
        assert_eq!(
            json["checks"][1],
            serde_json::json!({ "check": "clock", "verdict": "warning", "detail": "95 seconds ahead", "remedy": "set the clock" })
        );
    }
}
