//! Findings for people and for machines.

use std::fmt::Write as _;
use std::path::Path;

use super::approvals::Approvals;
use super::baseline::Version;
use super::clean::clean;
use super::crate_versions::{CrateVersion, Survey};
use super::finding::{Finding, Place};
use super::level::Level;
use super::releases::Unknown;
use super::versions::Step;
use super::{json, junit, sarif};
use crate::codegen::report::plural;
use crate::codegen::text::{Terminal, fill};
use crate::problem::{Problem, Result};

/// Findings of one document with everything that is told about them.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    /// Name of the document and its crate.
    pub(crate) name: &'a str,
    /// What it was compared with, as it was asked for.
    pub(crate) against: &'a str,
    /// The earlier document.
    pub(crate) old: &'a Version,
    /// The present document.
    pub(crate) new: &'a Version,
    /// What changed, worst first.
    pub(crate) findings: &'a [Finding],
    /// The versions of the workspace's crates, or why they are not known; two files belong to no workspace.
    pub(super) versions: Option<&'a Result<Survey, Unknown>>,
    /// Why the api levels are those of the documents alone, if they are.
    pub(crate) doubt: Option<String>,
    /// What was decided on.
    pub(super) approvals: &'a Approvals,
}

/// What a report is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For machines; docs/changes.md describes it.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// JUnit XML.
    Junit,
}

impl Format {
    /// The format that the name of a file asks for.
    ///
    /// # Errors
    ///
    /// Fails if the name ends with nothing that is known.
    pub(crate) fn of_file(file: &Path) -> Result<Self> {
        let name = file.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        let known = [(".sarif.json", Self::Sarif), (".sarif", Self::Sarif), (".json", Self::Json)];
        let known = known.into_iter().chain([(".xml", Self::Junit), (".txt", Self::Text)]);
        let found = known.into_iter().find(|(end, _)| name.ends_with(end)).map(|(_, format)| format);
        Ok(found.ok_or_else(|| {
            Problem::new("the name of a report says its format, and this one does not")
                .file(file.display().to_string())
                .remedy("end it with .json, .sarif, .xml (JUnit) or .txt")
        })?)
    }
}

impl Report<'_> {
    pub(super) fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|finding| finding.level() == level).count()
    }

    /// The report in one of its forms, the same bytes on the terminal and in a file.
    pub(crate) fn render(&self, format: Format) -> Terminal {
        match format {
            Format::Text => Terminal::lines(&self.text()),
            Format::Json => Terminal::of_json(&json::render(self)),
            Format::Sarif => Terminal::of_json(&sarif::render(self)),
            Format::Junit => Terminal::lines(&junit::render(self)),
        }
    }

    /// The report for people, by level.
    fn text(&self) -> String {
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
        let _ = writeln!(out, "\nstep: {}", Step::of(self.findings).name());
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
        let _ = writeln!(out, "version: {}", told(own));
        if Step::of(self.findings) == Step::Breaking {
            for (it, exposed) in survey.exposing(self.name) {
                let _ = writeln!(out, "{}: breaks as well, it exposes `{exposed}`; version: {}", it.name, told(it));
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

    pub(super) fn places(&self, finding: &Finding) -> String {
        let place = |what: &str, version: &Version, pointer: &Option<String>| {
            let pointer = pointer.as_ref()?;
            let line = version.line(pointer).map(|line| format!("line {line}, ")).unwrap_or_default();
            Some(format!("{what} {line}#{}", clean(pointer)))
        };
        let (old, new) = (place("old", self.old, &finding.old), place("new", self.new, &finding.new));
        old.into_iter().chain(new).collect::<Vec<_>>().join("; ")
    }
}

/// Places of one finding that are shown before the rest is counted.
pub(super) const EXAMPLES: usize = 3;

/// The first of several places.
pub(super) fn examples(finding: &Finding) -> Option<String> {
    let places = finding.all_places();
    let name = |place: &Place| {
        let pointer = place.new.as_deref().or(place.old.as_deref()).unwrap_or_default();
        let operation = place.operation.as_deref().filter(|_| !pointer.starts_with("/components/"));
        clean(&operation.map_or_else(|| format!("#{pointer}"), |name| format!("`{name}`")))
    };
    let shown = places.iter().take(EXAMPLES).map(name).collect::<Vec<_>>().join(", ");
    let rest = places.len().saturating_sub(EXAMPLES);
    let more = if rest == 0 { String::new() } else { format!(" and {rest} more") };
    (places.len() > 1).then(|| format!("in {} places: {shown}{more}", places.len()))
}

/// The present version of a crate and the proposed one, and why.
fn told(it: &CrateVersion) -> String {
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
pub(crate) fn summary(name: &str, findings: &[Finding], exposing: &[(String, String)]) -> Terminal {
    if findings.is_empty() {
        return "  changes since HEAD: none in the document\n".into();
    }
    let mut out = Terminal::default();
    for finding in findings.iter().take(MAX_FINDINGS_SHOWN) {
        line(&mut out, format!("  {}: {}: {}", finding.level(), finding.id(), finding.sentence()));
    }
    if Step::of(findings) == Step::Breaking {
        for (other, exposed) in exposing {
            line(&mut out, format!("  breaking: `{other}` breaks as well, it exposes `{exposed}`"));
        }
    }
    let rest = findings.len().saturating_sub(MAX_FINDINGS_SHOWN);
    let more = if rest == 0 { String::new() } else { format!("{rest} more; ") };
    line(&mut out, format!("  changes since HEAD: {}; {more}see `cargo xtask diff {name}`", findings.len()));
    out
}
