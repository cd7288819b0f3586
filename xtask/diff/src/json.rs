//! The report as JSON; its form is described in docs/changes.md.

use serde::Serialize;

use super::finding::Place;
use super::level::{Direction, Level};
use super::report::{EXAMPLES, Report};
use super::revision::Revision;
use super::survey::CrateVersion;
use super::versions::Bump;

#[derive(Serialize)]
struct Decisions<'a> {
    file: &'a str,
    stale: Vec<Stale<'a>>,
}

#[derive(Serialize)]
struct Stale<'a> {
    key: &'a str,
    finding: &'a str,
    reason: &'a str,
    line: Option<usize>,
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
    exposing: Vec<Exposing<'a>>,
    judged_by: &'a str,
    approvals: Option<Decisions<'a>>,
    findings: Vec<FindingObject<'a>>,
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
    approved: usize,
}

#[derive(Serialize)]
struct Exposing<'a> {
    name: &'a str,
    exposed: String,
    version: Proposal,
}

#[derive(Serialize)]
struct Proposal {
    released: Option<String>,
    current: String,
    proposed: String,
}

#[derive(Serialize)]
struct FindingObject<'a> {
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
    key: String,
    approved: Option<&'a str>,
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
    /// The file that the document refers to, if the node is in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    pointer: String,
    line: Option<usize>,
}

impl Proposal {
    fn of(it: &CrateVersion) -> Self {
        let released = it.released.as_ref().map(|(_, version)| version.to_string());
        Self { released, current: it.current.to_string(), proposed: it.proposed().to_string() }
    }
}

pub(super) fn render(report: &Report<'_>) -> String {
    let source = |version: &'_ Revision| -> (String, String, Option<String>) {
        let document = &version.document;
        (document.file.clone(), document.sha256.clone(), version.overlay.clone())
    };
    let (old, new) = (source(report.old), source(report.new));
    let place = |version: &Revision, pointer: Option<&String>| {
        pointer.map(|pointer| Spot {
            file: version.part(pointer).map(|source| source.file.to_owned()),
            pointer: pointer.clone(),
            line: version.line(pointer),
        })
    };
    let example = |it: Place| Example {
        old: place(report.old, it.old.as_ref()),
        new: place(report.new, it.new.as_ref()),
        operation: it.operation,
    };
    let rows = report.findings.iter().map(|finding| FindingObject {
        id: finding.id(),
        level: finding.level(),
        api: finding.api(),
        wire: finding.wire(),
        direction: finding.direction,
        operation: finding.operation.as_deref(),
        old: place(report.old, finding.old.as_ref()),
        new: place(report.new, finding.new.as_ref()),
        text: finding.sentence(),
        count: finding.all_places().len(),
        examples: finding.all_places().into_iter().take(EXAMPLES).map(example).collect(),
        key: finding.key(),
        approved: finding.approved.as_deref(),
    });
    let stale = report.approvals.stale(report.findings).into_iter();
    let stale = stale.map(|it| Stale { key: &it.key, finding: &it.finding, reason: &it.reason, line: it.line });
    let survey = report.versions.and_then(|versions| versions.as_ref().ok());
    let breaks = Bump::of(report.findings) == Bump::Breaking;
    let exposing = survey.filter(|_| breaks).map(|survey| survey.exposing(report.name));
    let json = Json {
        schema: 1,
        name: report.name,
        against: report.against,
        old: Source { file: &old.0, sha256: &old.1, overlay: old.2.as_deref() },
        new: Source { file: &new.0, sha256: &new.1, overlay: new.2.as_deref() },
        summary: Summary {
            breaking: report.count(Level::Breaking),
            compatible: report.count(Level::Compatible),
            documentation: report.count(Level::Documentation),
            approved: report.findings.iter().filter(|finding| finding.approved.is_some()).count(),
        },
        step: Bump::of(report.findings).name(),
        version: survey.and_then(|survey| survey.get(report.name)).map(Proposal::of),
        exposing: exposing
            .into_iter()
            .flatten()
            .map(|(it, exposed)| Exposing { name: &it.name, exposed, version: Proposal::of(it) })
            .collect(),
        approvals: report.approvals.file.as_deref().map(|file| Decisions { file, stale: stale.collect() }),
        judged_by: if report.doubt.is_some() { "documents" } else { "crates" },
        findings: rows.collect(),
    };
    // No map in it has a key that is no string, so there is nothing to fail on.
    serde_json::to_string_pretty(&json).unwrap_or_default() + "\n"
}
