//! The report as text.

use std::fmt::Write as _;

use diagnostics::plural;
use diagnostics::text::{Terminal, fill};

use super::clean::clean;
use super::finding::Finding;
use super::level::Level;
use super::report::{Report, examples};
use super::survey::CrateVersion;
use super::versions::Bump;

impl Report<'_> {
    /// The report as text, by level.
    pub fn text(&self) -> String {
        let mut out = format!("{}: {} against {}\n", self.name, self.new.document.file, self.old.document.file);
        if self.findings.is_empty() {
            out.push_str("  no changes\n");
            self.stale(&mut out);
            return out;
        }
        for level in [Level::Breaking, Level::Compatible, Level::Documentation] {
            let count = self.count(level);
            if count > 0 {
                let _ = writeln!(out, "\n{level}: {count} change{}", plural(count));
            }
            for finding in self.findings.iter().filter(|finding| finding.level() == level) {
                let _ = writeln!(out, "  {}: {}", finding.id(), finding.sentence());
                if level != Level::Documentation {
                    let _ = write!(out, "      api {}, wire {}; ", finding.api(), finding.wire());
                } else {
                    out.push_str("      ");
                }
                let _ = writeln!(out, "{}", self.places(finding));
                out.push_str(&examples(finding).map(|it| format!("      {it}\n")).unwrap_or_default());
                let _ = match &finding.approved {
                    Some(reason) => writeln!(out, "      approved: {reason}"),
                    None if finding.fails() => writeln!(out, "      key {}", finding.key()),
                    None => Ok(()),
                };
            }
        }
        let _ = writeln!(out, "\nstep: {}", Bump::of(self.findings).name());
        self.versions(&mut out);
        if let Some(reason) = &self.doubt {
            let _ = writeln!(out, "the api levels follow from the documents alone: {reason}");
        }
        self.stale(&mut out);
        out
    }

    /// The version of the crate, and what happens to those that expose it.
    fn versions(&self, out: &mut String) {
        let survey = match self.versions {
            None => return,
            Some(Ok(survey)) => survey,
            Some(Err(unknown)) => {
                let _ = writeln!(out, "version: not known, {}", unknown.problem.message());
                return;
            }
        };
        let Some(own) = survey.get(self.name) else { return };
        let _ = writeln!(out, "version: {}", version_line(own));
        if Bump::of(self.findings) == Bump::Breaking {
            for (it, exposed) in survey.exposing(self.name) {
                let _ =
                    writeln!(out, "{}: breaks as well, it exposes `{exposed}`; version: {}", it.name, version_line(it));
            }
        }
    }

    /// Names what was decided on and is found no more.
    fn stale(&self, out: &mut String) {
        for approval in self.approvals.stale(self.findings) {
            let file = self.approvals.file.as_deref().unwrap_or_default();
            let line = approval.line.map(|line| format!(":{line}")).unwrap_or_default();
            let finding = clean(&approval.finding);
            let _ = writeln!(out, "stale approval: {} {finding}\n  --> {file}{line}", approval.key);
        }
    }
}

/// The present version of a crate and the proposed one, and why.
fn version_line(it: &CrateVersion) -> String {
    let (current, proposed) = (it.current, it.proposed());
    let to = if proposed > current { format!(" to {proposed}") } else { String::new() };
    format!("{current}{to} ({})", it.since())
}

fn line(out: &mut Terminal, text: impl AsRef<str>) {
    out.push(fill!(Terminal, "{}\n", Terminal::line(text.as_ref())));
}

/// Findings that are shown by `cargo xtask codegen` before it only counts them.
const MAX_FINDINGS_SHOWN: usize = 8;

/// What changed, in a few lines under the report of `cargo xtask codegen`.
pub fn summary(name: &str, findings: &[Finding], exposing: &[(String, String)]) -> Terminal {
    if findings.is_empty() {
        return "  changes since HEAD: none in the document\n".into();
    }
    let mut out = Terminal::default();
    for finding in findings.iter().take(MAX_FINDINGS_SHOWN) {
        line(&mut out, format!("  {}: {}: {}", finding.level(), finding.id(), finding.sentence()));
    }
    if Bump::of(findings) == Bump::Breaking {
        for (other, exposed) in exposing {
            line(&mut out, format!("  breaking: `{other}` breaks as well, it exposes `{exposed}`"));
        }
    }
    let rest = findings.len().saturating_sub(MAX_FINDINGS_SHOWN);
    let more = if rest == 0 { String::new() } else { format!("{rest} more; ") };
    line(&mut out, format!("  changes since HEAD: {}; {more}see `cargo xtask diff {name}`", findings.len()));
    out
}
