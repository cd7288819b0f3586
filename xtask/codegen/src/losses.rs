//! Warnings for the losses of a crate, with the lines of the document.

use diagnostics::Problem;
use openapi::Document;

use crate::rule::AppliedRule;

/// Losses that are shown with their lines; the report has all of them.
const MAX_LOSSES_SHOWN: usize = 20;

/// A warning for each row that lost meaning, up to a screen or two.
pub(super) fn warnings(document: &Document, applied: &[AppliedRule]) -> Vec<Problem> {
    let lost = applied.iter().filter(|rule| rule.loses_meaning);
    let mut found: Vec<_> = lost.clone().take(MAX_LOSSES_SHOWN).map(|rule| warning(document, rule)).collect();
    let more = lost.count().saturating_sub(MAX_LOSSES_SHOWN);
    if more > 0 {
        let problem = Problem::new(format!("{more} more losses are not shown here")).file(&document.file);
        found.push(problem.remedy("list all of them with `--verbose`").as_warning());
    }
    found
}

fn warning(document: &Document, rule: &AppliedRule) -> Problem {
    document
        .problem(&rule.pointer, format!("meaning was lost, {}: {}", rule.name, rule.note))
        .remedy("accept it, or correct the document with an overlay action")
        .as_warning()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_told_with_line_and_rule_and_nothing_else_is() {
        let document = Document::parse("specs/a.yaml", "x:\n  y: 1\n".to_owned()).expect("valid YAML");
        let row =
            |loses_meaning| AppliedRule { name: "rule", pointer: "/x/y".into(), loses_meaning, note: "note".into() };
        let found = warnings(&document, &[row(false), row(true)]);
        assert_eq!(found.len(), 1);
        let text = found[0].to_string();
        assert!(text.starts_with("warning: meaning was lost, rule: note\n  --> specs/a.yaml:2 (#/x/y)\n"), "{text}");
        let many: Vec<_> = (0..25).map(|_| row(true)).collect();
        assert!(warnings(&document, &many)[MAX_LOSSES_SHOWN].to_string().contains("5 more losses"));
    }
}
