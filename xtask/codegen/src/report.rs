//! The report of a run, as text and as JSON.

use diagnostics::plural;
use diagnostics::text::{Terminal, fill};
use diagnostics::{Problems, Result};
use openapi::{Document, Source};
use serde_json::{Value, json};

use super::lower::Lowered;
use super::rule::LOWERED;
use crate::operation::Operation;

/// What happened to one document.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    /// Name of the document and its crate.
    pub(crate) name: &'a str,
    /// The document.
    pub(crate) document: &'a Document,
    /// The overlay's file and the number of its actions.
    pub(crate) overlay: Option<(&'a str, usize)>,
    /// What lowering did.
    pub(crate) lowered: &'a Lowered,
    /// The number of operations that were left out.
    pub left_out: usize,
    /// The operations, each with the name of its method.
    pub(crate) operations: Vec<(&'a str, &'a Operation)>,
}

/// How much of a document became code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Operations that have a method.
    pub operations: usize,
    /// Operations that have none.
    pub left_out: usize,
    /// Rows that lost meaning.
    pub losses: usize,
}

impl Counts {
    /// The counts as part of a line.
    pub fn text(self) -> String {
        let Self { operations, left_out, losses } = self;
        let loss = if losses == 1 { "loss" } else { "losses" };
        format!("{operations} operation{}, {left_out} left out, {losses} {loss}", plural(operations))
    }
}

impl Report<'_> {
    /// How much of the document became code.
    pub(crate) fn counts(&self) -> Counts {
        let operations = self.operations.len();
        let losses = self.lowered.rules.iter().filter(|rule| rule.loses_meaning).count();
        Counts { operations, left_out: self.left_out, losses }
    }
}

impl Report<'_> {
    /// Every row and operation, without what happened to the files.
    pub(crate) fn text(&self) -> Terminal {
        let mut out = Terminal::default();
        let version = &self.lowered.source_version;
        let lowered = if self.lowered.rules.is_empty() || version.starts_with("3.0") {
            String::new()
        } else {
            format!(", lowered to {LOWERED}")
        };
        line(&mut out, format!("{}: {}, OpenAPI {version}{lowered}", self.name, self.document.file));
        if let Some((file, count)) = self.overlay {
            line(&mut out, format!("  overlay: {file}, {count} action{} applied", plural(count)));
        }
        for rule in &self.lowered.rules {
            let Source { file, pointer, line: number } = self.document.source(&rule.pointer);
            let file = if file == self.document.file { String::new() } else { format!("{file}, ") };
            let number = number.map_or_else(|| "?".to_owned(), |number| number.to_string());
            let loss = if rule.loses_meaning { " [MEANING LOST]" } else { "" };
            line(&mut out, format!("  {}: {file}line {number}, #{pointer}: {}{loss}", rule.name, rule.note));
        }
        for (method, operation) in &self.operations {
            line(&mut out, format!("  operation: {} {} as `{method}`", operation.method, operation.path));
        }
        out
    }
}

impl Report<'_> {
    /// The same for machines.
    pub(crate) fn json(&self) -> Value {
        let applied = self.lowered.rules.iter().map(|rule| {
            let Source { file, pointer, line } = self.document.source(&rule.pointer);
            let (name, loses_meaning, note) = (rule.name, rule.loses_meaning, &rule.note);
            json!({
                "rule": name, "file": file, "pointer": pointer, "line": line, "loses_meaning": loses_meaning, "note": note,
            })
        });
        let operations = self.operations.iter().map(
            |(method, operation)| json!({ "method": method, "http_method": operation.method, "path": operation.path }),
        );
        let lowered = !self.lowered.rules.is_empty();
        let counts = self.counts();
        json!({
            "name": self.name,
            "document": self.document.file,
            "openapi": self.lowered.source_version,
            "lowered_to": lowered.then_some(LOWERED),
            "overlay": self.overlay.map(|(file, actions)| json!({ "file": file, "actions": actions })),
            "summary": { "operations": counts.operations, "left_out": counts.left_out, "losses": counts.losses },
            "rows": applied.collect::<Vec<_>>(),
            "operations": operations.collect::<Vec<_>>(),
        })
    }
}

/// Makes every loss of meaning an error, for `--strict`.
///
/// # Errors
///
/// Fails with all losses if there are any.
pub(crate) fn refuse_losses(document: &Document, lowered: &Lowered) -> Result<()> {
    let losses = lowered.rules.iter().filter(|rule| rule.loses_meaning).map(|rule| {
        document
            .problem(&rule.pointer, format!("meaning would be lost: {}: {}", rule.name, rule.note))
            .remedy("replace it with an overlay action, or generate without `--strict`")
    });
    Problems::check(losses.collect())
}

fn line(out: &mut Terminal, text: impl AsRef<str>) {
    out.push(fill!(Terminal, "{}\n", Terminal::line(text.as_ref())));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::rule::AppliedRule;

    #[test]
    fn a_report_names_line_place_rule_and_loss() {
        let document = Document::parse("specs/a.yaml", "openapi: 3.1.0\nx:\n  y: 1\n".to_owned()).expect("valid YAML");
        let row =
            AppliedRule { name: "rule", pointer: "/x/y".to_owned(), loses_meaning: true, note: "note".to_owned() };
        let lowered = Lowered { source_version: "3.1.0".to_owned(), rules: vec![row] };
        let overlay = Some(("specs/a.overlay.yaml", 1));
        let report =
            Report { name: "a", document: &document, overlay, lowered: &lowered, left_out: 1, operations: vec![] };
        assert_eq!(
            report.text().as_str(),
            "a: specs/a.yaml, OpenAPI 3.1.0, lowered to 3.0.3\n  overlay: specs/a.overlay.yaml, 1 action applied\n  \
             rule: line 3, #/x/y: note [MEANING LOST]\n"
        );
    }

    fn lowered() -> (Document, Lowered) {
        let document = Document::parse("specs/a.yaml", "openapi: 3.1.0\nx:\n  y: 1\n".to_owned()).expect("valid YAML");
        let row = |rule, loses_meaning| AppliedRule {
            name: rule,
            pointer: "/x/y".to_owned(),
            loses_meaning,
            note: "note".to_owned(),
        };
        let rows = vec![row("kept", false), row("lost", true), row("also-lost", true)];
        (document, Lowered { source_version: "3.1.0".to_owned(), rules: rows })
    }

    #[test]
    fn machines_get_the_same_as_people() {
        let (document, lowered) = lowered();
        let report = Report {
            name: "a",
            document: &document,
            overlay: None,
            lowered: &lowered,
            left_out: 1,
            operations: vec![],
        };
        let value = report.json();
        assert_eq!(value["document"], "specs/a.yaml");
        assert_eq!(value["lowered_to"], "3.0.3");
        assert_eq!(value["summary"], json!({ "operations": 0, "left_out": 1, "losses": 2 }));
        assert_eq!(value["overlay"], json!(null));
        assert_eq!(
            value["rows"][1],
            json!({ "rule": "lost", "file": "specs/a.yaml", "pointer": "/x/y", "line": 3, "loses_meaning": true, "note": "note" })
        );
    }

    #[test]
    fn counts_are_told_in_a_line() {
        for (operations, left_out, losses, text) in [
            (0, 0, 0, "0 operations, 0 left out, 0 losses"),
            (1, 2, 1, "1 operation, 2 left out, 1 loss"),
            (2, 0, 3, "2 operations, 0 left out, 3 losses"),
        ] {
            assert_eq!(Counts { operations, left_out, losses }.text(), text);
        }
    }

    #[test]
    fn strictness_lists_every_loss() {
        let (document, mut lowered) = lowered();
        let text = refuse_losses(&document, &lowered).expect_err("refused").to_string();
        assert_eq!(text.matches("error: meaning would be lost: ").count(), 2, "{text}");
        assert!(text.contains("specs/a.yaml:3 (#/x/y)"), "{text}");
        lowered.rules.retain(|rule| !rule.loses_meaning);
        assert_eq!(refuse_losses(&document, &lowered), Ok(()));
    }
}
