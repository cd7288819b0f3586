//! `cargo xtask versions`: whether every version is as high as the changes since the last release ask for.

use std::fmt::Write as _;
use std::io::Write;

use super::command::print;
use super::crate_versions::{CrateVersion, Kept, Survey};
use super::versions;
use super::write::raise;
use crate::ci::Outcome;
use crate::codegen::text::Terminal;
use crate::problem::{Problem, Problems, Result};
use crate::workspace::Workspace;

/// Prints the versions of the published crates, and fails if one of them is too low.
///
/// # Errors
///
/// Fails if a version is too low, or if it is not known which was released last.
pub(crate) fn print_versions(workspace: &Workspace, out: &mut dyn Write) -> Result<()> {
    let survey = Survey::of(workspace, None).map_err(|unknown| Problems::from(unknown.problem))?;
    print(out, &Terminal::lines(&table(&survey)))?;
    Problems::check(wrong(&survey))
}

/// The same as a step of `ci`, which is skipped where the history is not there.
///
/// # Errors
///
/// Fails if a version is too low, or if a release has no tag.
pub(crate) fn check_versions(workspace: &Workspace, _out: &mut dyn Write) -> Result<Outcome> {
    match Survey::of(workspace, None) {
        Ok(survey) => Problems::check(wrong(&survey)).map(|()| Outcome::Passed),
        Err(unknown) if unknown.is_clone => Ok(Outcome::Skipped(unknown.problem.message().to_owned())),
        Err(unknown) => Err(unknown.problem.into()),
    }
}

/// The versions that are too low, and the crates that cannot be judged.
fn wrong(survey: &Survey) -> Vec<Problem> {
    let low = survey.crates.iter().filter(|it| it.needed() > it.current).map(problem);
    survey.problems.iter().cloned().chain(low).collect()
}

fn problem(it: &CrateVersion) -> Problem {
    let CrateVersion { name, current, .. } = it;
    let reason = it.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let file = match it.kept {
        Kept::Record => versions::FILE.to_owned(),
        Kept::Package => super::crate_versions::manifest(name),
        Kept::Workspace => "Cargo.toml".to_owned(),
    };
    Problem::new(format!("`{name}` has version {current} and needs {} ({}{reason})", it.needed(), it.since()))
        .file(file)
        .remedy(raise(it))
}

/// A line for each crate.
fn table(survey: &Survey) -> String {
    let width = survey.crates.iter().map(|it| it.name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for it in &survey.crates {
        // Writing to a String cannot fail.
        let _ =
            writeln!(text, "{:width$}  {}, needs {}: {since}", it.name, it.current, it.needed(), since = it.since());
    }
    text
}
