//! The steps between a document and the files of its crate, in memory.

use super::accommodate::{self, Origin};
use super::emit::{self, Files, Home, Input};
use super::load::Document;
use super::report::{self, Counts, Report};
use super::text::Terminal;
use super::{Stages, generate, lint, losses, lower, overlay, servers, settle};
use crate::problem::{Problem, Result};

/// What to make of a document.
pub(super) struct Target<'a> {
    /// Name of the crate.
    pub(super) name: &'a str,
    /// Its version, unless it is that of the workspace.
    pub(super) version: Option<&'a str>,
    /// Where it lives.
    pub(super) home: Home,
    /// Whether a loss of meaning is an error.
    pub(super) strict: bool,
}

/// What the steps make of a document.
pub(super) struct Output {
    /// Everything that was done, for people.
    pub(super) report: Terminal,
    /// The same for machines.
    pub(super) json: serde_json::Value,
    /// The same in three numbers.
    pub(super) counts: Counts,
    /// A warning for each loss, up to a screen or two.
    pub(super) losses: Vec<Problem>,
    /// The crate, file by file.
    pub(super) files: Files,
}

/// The steps between a document and the files of its crate.
///
/// # Errors
///
/// Fails with what stands against it.
pub(super) fn pipeline(
    target: Target<'_>,
    document: &Document,
    overlay: Option<&Document>,
    stages: &mut Stages,
) -> Result<Output> {
    let Target { name, version, home, strict } = target;
    let origin = if home == Home::Workspace { Origin::Workspace } else { Origin::Outside };
    stages.begin("overlay");
    let mut value = document.value.clone();
    let actions = overlay.map(|overlay| overlay::apply(overlay, &document.file, &mut value)).transpose()?;
    stages.begin("lower");
    let mut lowered = lower::lower(document, &mut value)?;
    stages.begin("accommodate");
    let mut accommodated = accommodate::accommodate(&mut value, origin);
    stages.begin("generate");
    let taken = settle::settle(document, &mut value, origin, &mut accommodated)?;
    lowered.rows.extend(accommodated.rows.iter().cloned());
    stages.begin("lint");
    let operations = lint::lint(document, &value, origin)?;
    lowered.rows.extend(lint::out_of_reach(&value, &operations));
    lowered.rows.extend(lint::one_source(&value, &operations));
    if strict {
        report::refuse_losses(document, &lowered)?;
    }
    let servers = servers::read(document, &value)?;
    stages.begin("generate");
    let generated = generate::finish(document, taken, &operations, &accommodated)?;
    stages.begin("emit");
    let files = emit::emit(&Input {
        name,
        version,
        home,
        document,
        overlay,
        openapi: &lowered.source_version,
        value: &value,
        servers: &servers,
        generated: &generated,
    });
    let report = Report {
        name,
        document,
        overlay: overlay.map(|overlay| overlay.file.as_str()).zip(actions),
        lowered: &lowered,
        left_out: accommodated.left_out.len(),
        operations: generated.methods.iter().map(|method| (method.name.as_str(), &method.operation)).collect(),
    };
    let losses = losses::warnings(document, &lowered.rows);
    Ok(Output { report: report.text(), json: report.json(), counts: report.counts(), losses, files })
}
