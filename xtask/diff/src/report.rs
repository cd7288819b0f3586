//! The report of the findings.

use diagnostics::Result;
use openapi::Source;

use super::approvals::Approvals;
use super::clean::clean;
use super::finding::{Finding, Place};
use super::level::Level;
use super::revision::Revision;
use super::survey::Survey;
use super::survey::Unknown;

/// The findings of one document, and the facts for the report.
#[derive(Debug)]
pub struct Report<'a> {
    /// Name of the document and its crate.
    pub name: &'a str,
    /// What it was compared with, as it was asked for.
    pub against: &'a str,
    /// The earlier document.
    pub old: &'a Revision,
    /// The present document.
    pub new: &'a Revision,
    /// What changed, worst first.
    pub findings: &'a [Finding],
    /// The versions of the workspace's crates, or why they are not known; two files belong to no workspace.
    pub versions: Option<&'a Result<Survey, Unknown>>,
    /// Why the api levels are those of the documents alone, if they are.
    pub doubt: Option<String>,
    /// What was decided on.
    pub approvals: &'a Approvals,
}

impl Report<'_> {
    /// The number of findings of a level.
    pub(crate) fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|finding| finding.level() == level).count()
    }

    /// The places of a finding, with their lines.
    pub(crate) fn places(&self, finding: &Finding) -> String {
        let place = |what: &str, version: &Revision, pointer: &Option<String>| {
            let pointer = pointer.as_ref()?;
            if let Some(Source { file, pointer, line: Some(line) }) = version.part(pointer) {
                return Some(format!("{what} {}, line {line}, #{}", clean(file), clean(&pointer)));
            }
            let line = version.line(pointer).map(|line| format!("line {line}, ")).unwrap_or_default();
            Some(format!("{what} {line}#{}", clean(pointer)))
        };
        let (old, new) = (place("old", self.old, &finding.old), place("new", self.new, &finding.new));
        old.into_iter().chain(new).collect::<Vec<_>>().join("; ")
    }
}

/// Places of one finding that are shown before the rest is counted.
pub(crate) const EXAMPLES: usize = 3;

/// The first of several places.
pub(crate) fn examples(finding: &Finding) -> Option<String> {
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
