//! Findings for people and for machines.

use std::fmt::Write as _;

use serde::Serialize;

use super::baseline::Version;
use super::finding::{Finding, Place};
use super::level::{Direction, Level};
use super::versions::{self, Step};
use crate::codegen::report::plural;

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
    /// The version that the earlier crate had, and the proposed one.
    pub(crate) versions: Option<[versions::Version; 2]>,
    /// Why the api levels are those of the documents alone, if they are.
    pub(crate) doubt: Option<String>,
}

#[derive(Serialize)]
struct Json<'a> {
    schema: u32,
    name: &'a str,
    against: &'a str,
    old: Source<'a>,
    new: Source<'a>,
    summary: Summary,
    step: &'a str,
    version: Option<Proposal>,
    judged_by: &'a str,
    findings: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Source<'a> {
    file: &'a str,
    sha256: &'a str,
    overlay: Option<&'a str>,
}

#[derive(Serialize)]
struct Summary {
    breaking: usize,
    compatible: usize,
    documentation: usize,
}

#[derive(Serialize)]
struct Proposal {
    current: String,
    proposed: String,
}

#[derive(Serialize)]
struct Row<'a> {
    id: String,
    level: Level,
    api: Level,
    wire: Level,
    direction: Option<Direction>,
    operation: Option<&'a str>,
    old: Option<Spot>,
    new: Option<Spot>,
    text: String,
    count: usize,
    examples: Vec<Example>,
}

/// One of several places of a finding.
#[derive(Serialize)]
struct Example {
    operation: Option<String>,
    old: Option<Spot>,
    new: Option<Spot>,
}

#[derive(Serialize)]
struct Spot {
    pointer: String,
    line: Option<usize>,
}

impl Report<'_> {
    fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|finding| finding.level() == level).count()
    }

    /// The report as JSON; its form is described in docs/changes.md.
    pub(crate) fn json(&self) -> String {
        let source = |version: &'_ Version| -> (String, String, Option<String>) {
            let document = &version.document;
            (document.file.clone(), document.sha256.clone(), version.overlay.clone())
        };
        let (old, new) = (source(self.old), source(self.new));
        let place = |version: &Version, pointer: Option<&String>| {
            pointer.map(|pointer| Spot { pointer: pointer.clone(), line: version.line(pointer) })
        };
        let example = |it: Place| Example {
            old: place(self.old, it.old.as_ref()),
            new: place(self.new, it.new.as_ref()),
            operation: it.operation,
        };
        let rows = self.findings.iter().map(|finding| Row {
            id: finding.id(),
            level: finding.level(),
            api: finding.api(),
            wire: finding.wire(),
            direction: finding.direction,
            operation: finding.operation.as_deref(),
            old: place(self.old, finding.old.as_ref()),
            new: place(self.new, finding.new.as_ref()),
            text: finding.sentence(),
            count: finding.all_places().len(),
            examples: finding.all_places().into_iter().take(EXAMPLES).map(example).collect(),
        });
        let json = Json {
            schema: 1,
            name: self.name,
            against: self.against,
            old: Source { file: &old.0, sha256: &old.1, overlay: old.2.as_deref() },
            new: Source { file: &new.0, sha256: &new.1, overlay: new.2.as_deref() },
            summary: Summary {
                breaking: self.count(Level::Breaking),
                compatible: self.count(Level::Compatible),
                documentation: self.count(Level::Documentation),
            },
            step: Step::of(self.findings).name(),
            version: self
                .versions
                .map(|[current, proposed]| Proposal { current: current.to_string(), proposed: proposed.to_string() }),
            judged_by: if self.doubt.is_some() { "documents" } else { "crates" },
            findings: rows.collect(),
        };
        // No map in it has a key that is no string, so there is nothing to fail on.
        serde_json::to_string_pretty(&json).unwrap_or_default() + "\n"
    }

    /// The report for people, by level.
    pub(crate) fn text(&self) -> String {
        let mut out = format!("{}: {} against {}\n", self.name, self.new.document.file, self.old.document.file);
        if self.findings.is_empty() {
            out.push_str("  no changes\n");
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
            }
        }
        let _ = match self.versions {
            Some([current, proposed]) => {
                writeln!(out, "\nstep: {}, {current} to {proposed}", Step::of(self.findings).name())
            }
            None => writeln!(out, "\nstep: {}", Step::of(self.findings).name()),
        };
        if let Some(reason) = &self.doubt {
            let _ = writeln!(out, "the api levels follow from the documents alone: {reason}");
        }
        out
    }

    fn places(&self, finding: &Finding) -> String {
        let place = |what: &str, version: &Version, pointer: &Option<String>| {
            let pointer = pointer.as_ref()?;
            let line = version.line(pointer).map(|line| format!("line {line}, ")).unwrap_or_default();
            Some(format!("{what} {line}#{pointer}"))
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
        operation.map_or_else(|| format!("#{pointer}"), |name| format!("`{name}`"))
    };
    let shown = places.iter().take(EXAMPLES).map(name).collect::<Vec<_>>().join(", ");
    let rest = places.len().saturating_sub(EXAMPLES);
    let more = if rest == 0 { String::new() } else { format!(" and {rest} more") };
    (places.len() > 1).then(|| format!("in {} places: {shown}{more}", places.len()))
}

/// Findings that are shown by `cargo xtask codegen` before it only counts them.
const SHOWN: usize = 8;

/// What changed, in a few lines under the report of `cargo xtask codegen`.
pub(crate) fn summary(name: &str, findings: &[Finding]) -> String {
    if findings.is_empty() {
        return "  changes since HEAD: none in the document\n".to_owned();
    }
    let mut out = String::new();
    for finding in findings.iter().take(SHOWN) {
        let _ = writeln!(out, "  {}: {}: {}", finding.level(), finding.id(), finding.sentence());
    }
    let rest = findings.len().saturating_sub(SHOWN);
    let more = if rest == 0 { String::new() } else { format!("{rest} more; ") };
    let _ = writeln!(out, "  changes since HEAD: {}; {more}see `cargo xtask diff {name}`", findings.len());
    out
}
