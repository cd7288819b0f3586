//! Approved changes, in a file beside the document: they are reported, but do not fail.

use diagnostics::{Problem, Problems, Result};
use openapi::Document;
use openapi::pointer::child;
use serde_json::Value;

use super::clean::clean;
use super::finding::{Finding, KEY};

/// One decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The key of the finding.
    pub key: String,
    /// What was decided on, for people.
    pub finding: String,
    /// Why.
    pub reason: String,
    /// The line that it begins in.
    pub line: Option<usize>,
}

/// The decisions of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Approvals {
    /// The file, if there is one.
    pub file: Option<String>,
    list: Vec<Approval>,
}

impl Approvals {
    /// Parses the text of a file; `shown` is what the file is called.
    ///
    /// # Errors
    ///
    /// Names every entry that is not complete.
    pub fn parse(shown: &str, text: String) -> Result<Self> {
        const FORM: &str = "write `approved:`, a list of entries with `key`, `reason` and optionally `finding`";
        let document = Document::parse(shown, text)?;
        let problem = |pointer: &str, message: String| document.problem(pointer, message).remedy(FORM);
        let mut problems: Vec<Problem> = Vec::new();
        for key in document.value.as_object().into_iter().flatten().map(|(key, _)| key).filter(|it| *it != "approved") {
            problems.push(problem(&child("", key), format!("`{key}` is not known here")));
        }
        let mut list: Vec<Approval> = Vec::new();
        let entries = document.value.get("approved").and_then(Value::as_array);
        if entries.is_none() {
            problems.push(problem("/approved", "`approved` must be a list".to_owned()));
        }
        for (index, entry) in entries.into_iter().flatten().enumerate() {
            let pointer = child("/approved", &index.to_string());
            let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
            let approval = Approval {
                key: text("key"),
                finding: text("finding"),
                reason: text("reason"),
                line: document.line(&pointer),
            };
            let is_key = approval.key.len() == KEY && approval.key.chars().all(|c| c.is_ascii_hexdigit());
            if !is_key {
                let message = format!("`key` must be the {KEY} hexadecimal digits of a finding, as a string");
                problems.push(problem(&pointer, message));
            } else if list.iter().any(|other| other.key == approval.key) {
                problems.push(problem(&pointer, format!("the key `{}` is not unique", approval.key)));
            }
            if approval.reason.is_empty() {
                problems.push(problem(&pointer, "`reason` is missing".to_owned()));
            }
            let keys = entry.as_object().into_iter().flatten().map(|(key, _)| key.as_str());
            for key in keys.filter(|key| !["key", "finding", "reason"].contains(key)) {
                problems.push(problem(&pointer, format!("`{key}` is not known here")));
            }
            list.push(approval);
        }
        Problems::check(problems)?;
        Ok(Self { file: Some(shown.to_owned()), list })
    }

    /// Marks what was decided on.
    pub fn apply(&self, findings: &mut [Finding]) {
        for finding in findings {
            let key = finding.key();
            finding.approved = self.list.iter().find(|it| it.key == key).map(|it| clean(&it.reason));
        }
    }

    /// The decisions that nothing is found for.
    pub fn stale<'a>(&'a self, findings: &[Finding]) -> Vec<&'a Approval> {
        let keys: Vec<String> = findings.iter().map(Finding::key).collect();
        self.list.iter().filter(|it| !keys.contains(&it.key)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_that_is_not_complete_is_named_with_its_line() {
        let key = "0123456789abcdef";
        for (text, said) in [
            ("approved: 1\n".to_owned(), "a.yaml:1 (#/approved)"),
            ("approved: []\nmore: 1\n".to_owned(), "`more` is not known here"),
            (format!("approved:\n  - reason: r\n  - key: {key}\n"), "a.yaml:2"),
            (format!("approved:\n  - key: '{key}'\n    reason: ' '\n"), "`reason` is missing"),
            (format!("approved:\n  - {{ key: '{key}', reason: r, reasom: r }}\n"), "`reasom` is not known here"),
            (
                format!("approved:\n  - {{ key: '{key}', reason: r }}\n  - {{ key: '{key}', reason: r }}\n"),
                "is not unique",
            ),
            ("approved:\n  - 1\n".to_owned(), "16 hexadecimal digits"),
        ] {
            let error = Approvals::parse("a.yaml", text.clone()).expect_err(&text).to_string();
            assert!(error.contains(said) && error.contains("remedy: "), "{text}: {error}");
        }
        assert!(Approvals::parse("a.yaml", format!("approved:\n  - {{ key: '{key}', reason: r }}\n")).is_ok());
    }
}
