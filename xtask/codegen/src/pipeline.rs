//! Runs the steps from a document to the files of its crate, in memory.

use std::borrow::Cow;

use diagnostics::text::Terminal;
use diagnostics::{Problem, Result};
use openapi::{Document, overlay};
use serde_json::Value;

use crate::answers::Answers;
use crate::emit::{self, Input};
use crate::examples::Examples;
use crate::home::{Files, Home};
use crate::lower::Lowered;
use crate::operation::Operation;
use crate::progenitor::{self, ProgenitorOutput};
use crate::report::{self, Counts, Report};
use crate::rule::Adapted;
use crate::upgrade::{self, Upgraded};
use crate::{adapt, lint, losses, lower, patch, servers};

/// The crate to generate from a document.
#[derive(Clone, Debug)]
pub struct Target<'a> {
    /// Name of the crate.
    pub name: &'a str,
    /// Its version, unless it is that of the workspace.
    pub version: Option<&'a str>,
    /// Where it lives.
    pub home: Home,
    /// Whether a loss of meaning is an error.
    pub strict: bool,
    /// How the crate reads answers that deviate from the document.
    pub answers: Answers,
}

/// The crate, and what the steps did.
#[derive(Debug)]
pub struct Output {
    /// The report as text.
    pub report: Terminal,
    /// The report as JSON.
    pub json: Value,
    /// The report in three numbers.
    pub counts: Counts,
    /// Warnings for the losses, up to a limit.
    pub losses: Vec<Problem>,
    /// The crate, file by file.
    pub files: Files,
}

/// Generates a crate from a document and its overlay. `begin` is called with the name of each step as it begins.
///
/// # Errors
///
/// Fails with every construct that no step supports, and for a `strict` target with every loss of meaning.
pub fn run(
    target: &Target<'_>,
    document: &Document,
    overlay: Option<&Document>,
    begin: &mut dyn FnMut(&'static str),
) -> Result<Output> {
    let Target { name, version, home, strict, answers } = target;
    let Linted { actions, document, value, examples, lowered, adapted, output, operations } =
        up_to_lint(document, overlay, home, begin)?;
    let document = &*document;
    if *strict {
        report::refuse_losses(document, &lowered)?;
    }
    let servers = servers::read(document, &value)?;
    begin("patch");
    let generated = patch::patch(document, &value, output, &operations, &adapted, *answers)?;
    begin("emit");
    let files = emit::emit(&Input {
        name,
        version: *version,
        home,
        document,
        overlay,
        openapi: &lowered.source_version,
        value: &value,
        servers: &servers,
        examples: examples.as_ref(),
        generated: &generated,
    });
    let report = Report {
        name,
        document,
        overlay: overlay.map(|overlay| overlay.file.as_str()).zip(actions),
        lowered: &lowered,
        left_out: adapted.left_out.len(),
        operations: generated.methods.iter().map(|method| (method.name.as_str(), &method.operation)).collect(),
    };
    let losses = losses::warnings(document, &lowered.rules);
    Ok(Output { report: report.text(), json: report.json(), counts: report.counts(), losses, files })
}

/// Checks that a crate can be generated from a document and its overlay: runs the steps up to the lint.
///
/// # Errors
///
/// Fails as [`run`] does.
pub fn check(document: &Document, overlay: Option<&Document>, home: &Home) -> Result<()> {
    up_to_lint(document, overlay, home, &mut |_| {}).map(drop)
}

/// The results of the steps up to the lint.
struct Linted<'a> {
    /// The document; if it was rewritten, it maps pointers into the new value to lines of its text.
    document: Cow<'a, Document>,
    /// The number of actions of the overlay.
    actions: Option<usize>,
    /// The document's value as passed to progenitor.
    value: Value,
    /// The examples of the document, if they become tests.
    examples: Option<Examples>,
    lowered: Lowered,
    adapted: Adapted,
    output: ProgenitorOutput,
    operations: Vec<Operation>,
}

fn up_to_lint<'a>(
    document: &'a Document,
    overlay: Option<&Document>,
    home: &Home,
    begin: &mut dyn FnMut(&'static str),
) -> Result<Linted<'a>> {
    begin("overlay");
    let mut value = document.value.clone();
    let actions = overlay.map(|overlay| overlay::apply(overlay, &document.file, &mut value)).transpose()?;
    begin("upgrade");
    let (document, upgraded) = match upgrade::upgrade(document, &mut value)? {
        Some(Upgraded { rules, origins }) => (Cow::Owned(document.rewritten(value.clone(), origins)), Some(rules)),
        None => (Cow::Borrowed(document), None),
    };
    let examples = home.has_examples().then(|| Examples::of(&value));
    begin("lower");
    let mut lowered = lower::lower(&document, &mut value)?;
    if let Some(rules) = upgraded {
        lowered.source_version = upgrade::SWAGGER.to_owned();
        lowered.rules.splice(..0, rules);
    }
    begin("adapt");
    let mut adapted = adapt::adapt(&mut value, home);
    begin("progenitor");
    let output = progenitor::run(&document, &mut value, home, &mut adapted)?;
    lowered.rules.extend(adapted.rules.iter().cloned());
    begin("lint");
    let operations = lint::lint(&document, &value, home)?;
    lowered.rules.extend(lint::out_of_reach(&value, &operations));
    lowered.rules.extend(lint::one_source(&value, &operations));
    Ok(Linted { actions, document, value, examples, lowered, adapted, output, operations })
}
