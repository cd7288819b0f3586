//! Findings for people and for machines.

use serde::Serialize;

use super::baseline::Version;
use super::finding::Finding;
use super::level::{Direction, Level};
use super::versions::{self, Step};
use crate::codegen::report::plural;
use crate::codegen::text::{Terminal, fill};

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
    old: Option<Place<'a>>,
    new: Option<Place<'a>>,
    text: String,
}

#[derive(Serialize)]
struct Place<'a> {
    pointer: &'a str,
    line: Option<usize>,
}

impl Report<'_> {
    fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|finding| finding.level() == level).count()
    }

    /// The report as JSON; its form is described in docs/changes.md.
    pub(crate) fn json(&self) -> Terminal {
        let source = |version: &'_ Version| -> (String, String, Option<String>) {
            let document = &version.document;
            (document.file.clone(), document.sha256.clone(), version.overlay.clone())
        };
        let (old, new) = (source(self.old), source(self.new));
        fn place<'a>(version: &Version, pointer: Option<&'a String>) -> Option<Place<'a>> {
            pointer.map(|pointer| Place { pointer, line: version.line(pointer) })
        }
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
            findings: rows.collect(),
        };
        // No map in it has a key that is no string, so there is nothing to fail on.
        Terminal::of_json(&(serde_json::to_string_pretty(&json).unwrap_or_default() + "\n"))
    }

    /// The report for people, by level.
    pub(crate) fn text(&self) -> Terminal {
        let mut out = Terminal::default();
        line(&mut out, format!("{}: {} against {}", self.name, self.new.document.file, self.old.document.file));
        if self.findings.is_empty() {
            out.push("  no changes\n");
            return out;
        }
        for level in [Level::Breaking, Level::Compatible, Level::Documentation] {
            let count = self.count(level);
            if count > 0 {
                out.push("\n");
                line(&mut out, format!("{level}: {count} change{}", plural(count)));
            }
            for finding in self.findings.iter().filter(|finding| finding.level() == level) {
                line(&mut out, format!("  {}: {}", finding.id(), finding.sentence()));
                let levels = match level {
                    Level::Documentation => String::new(),
                    _ => format!("api {}, wire {}; ", finding.api(), finding.wire()),
                };
                line(&mut out, format!("      {levels}{}", self.places(finding)));
            }
        }
        let versions = self.versions.map(|[current, proposed]| format!(", {current} to {proposed}"));
        out.push("\n");
        line(&mut out, format!("step: {}{}", Step::of(self.findings).name(), versions.unwrap_or_default()));
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

fn line(out: &mut Terminal, text: impl AsRef<str>) {
    out.push(fill!(Terminal, "{}\n", Terminal::line(text.as_ref())));
}

/// Findings that are shown by `cargo xtask codegen` before it only counts them.
const SHOWN: usize = 8;

/// What changed, in a few lines under the report of `cargo xtask codegen`.
pub(crate) fn summary(name: &str, findings: &[Finding]) -> Terminal {
    if findings.is_empty() {
        return "  changes since HEAD: none in the document\n".into();
    }
    let mut out = Terminal::default();
    for finding in findings.iter().take(SHOWN) {
        line(&mut out, format!("  {}: {}: {}", finding.level(), finding.id(), finding.sentence()));
    }
    let rest = findings.len().saturating_sub(SHOWN);
    let more = if rest == 0 { String::new() } else { format!("{rest} more; ") };
    line(&mut out, format!("  changes since HEAD: {}; {more}see `cargo xtask diff {name}`", findings.len()));
    out
}
