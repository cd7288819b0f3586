//! Step 7: what was done, for people.

use std::fmt::Write as _;

use super::lint::Operation;
use super::load::Document;
use super::lower::{LOWERED, Lowered};

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
    /// The operations, each with the name of its method.
    pub(crate) operations: Vec<(&'a str, &'a Operation)>,
}

impl Report<'_> {
    /// The report, without what happened to the files.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        let version = &self.lowered.source_version;
        let lowered = if self.lowered.rows.is_empty() || version.starts_with("3.0") {
            String::new()
        } else {
            format!(", lowered to {LOWERED}")
        };
        line(&mut out, format!("{}: {}, OpenAPI {version}{lowered}", self.name, self.document.file));
        if let Some((file, count)) = self.overlay {
            line(&mut out, format!("  overlay: {file}, {count} action{} applied", plural(count)));
        }
        for row in &self.lowered.rows {
            let number = self.document.line(&row.pointer).map_or_else(|| "?".to_owned(), |number| number.to_string());
            let loss = if row.loses_meaning { " [MEANING LOST]" } else { "" };
            line(&mut out, format!("  {}: line {number}, #{}: {}{loss}", row.rule, row.pointer, row.note));
        }
        for (method, operation) in &self.operations {
            line(&mut out, format!("  operation: {} {} as `{method}`", operation.method, operation.path));
        }
        out
    }
}

fn line(out: &mut String, text: impl AsRef<str>) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{}", text.as_ref());
}

/// `s` unless it is one.
pub(crate) fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codegen::lower::Row;

    #[test]
    fn a_report_names_line_place_rule_and_loss() {
        let document = Document::parse("specs/a.yaml", "openapi: 3.1.0\nx:\n  y: 1\n".to_owned()).expect("valid YAML");
        let row = Row { rule: "rule", pointer: "/x/y".to_owned(), loses_meaning: true, note: "note".to_owned() };
        let lowered = Lowered { source_version: "3.1.0".to_owned(), rows: vec![row] };
        let overlay = Some(("specs/a.overlay.yaml", 1));
        let report = Report { name: "a", document: &document, overlay, lowered: &lowered, operations: vec![] };
        assert_eq!(
            report.text(),
            "a: specs/a.yaml, OpenAPI 3.1.0, lowered to 3.0.3\n  overlay: specs/a.overlay.yaml, 1 action applied\n  \
             rule: line 3, #/x/y: note [MEANING LOST]\n"
        );
    }
}
