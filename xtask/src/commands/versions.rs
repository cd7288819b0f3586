//! `cargo xtask versions`: checks that every version is as high as the changes since the last release require.

use std::fmt::Write as _;
use std::io::Write;

use diagnostics::text::Terminal;
use diagnostics::{Problem, Problems, Result};
use diff::survey::{manifest, raise};
use diff::versions;
use diff::{CrateVersion, Kept, Survey};
use repository::{Outcome, Workspace, print};

use crate::history;

/// Prints the versions of the published crates, and fails if one of them is too low.
///
/// # Errors
///
/// Fails if a version is too low, or if the last release is not known.
pub(crate) fn run(workspace: &Workspace, out: &mut dyn Write) -> Result<()> {
    let survey = history::survey(workspace, None).map_err(|unknown| Problems::from(unknown.problem))?;
    print(out, &Terminal::lines(&table(&survey)))?;
    Problems::check(wrong(&survey))
}

/// Checks the versions as a step of `ci`, which is skipped without a git history.
///
/// # Errors
///
/// Fails if a version is too low, or if a release has no tag.
pub(crate) fn check(workspace: &Workspace, _out: &mut dyn Write) -> Result<Outcome> {
    match history::survey(workspace, None) {
        Ok(survey) => Problems::check(wrong(&survey)).map(|()| Outcome::Passed),
        Err(unknown) if unknown.is_clone => Ok(Outcome::Skipped(unknown.problem.message().to_owned())),
        Err(unknown) => Err(unknown.problem.into()),
    }
}

/// Returns a problem for each version that is too low, and for each crate whose last release is not known.
fn wrong(survey: &Survey) -> Vec<Problem> {
    let low = survey.crates.iter().filter(|it| it.needed() > it.current).map(problem);
    survey.problems.iter().cloned().chain(low).collect()
}

fn problem(it: &CrateVersion) -> Problem {
    let CrateVersion { name, current, .. } = it;
    let reason = it.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let file = match it.kept {
        Kept::Record => versions::FILE.to_owned(),
        Kept::Package => manifest(name),
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

#[cfg(test)]
mod tests {
    use diff::Snapshots;
    use diff::versions::{Bump, Version};

    use super::*;

    fn survey(released: Option<&str>, current: &str, bump: Bump) -> Survey {
        let number = |text: &str| Version::parse(text).expect("a version");
        let released = released.map(|version| (format!("v{version}"), number(version)));
        let (name, reason) = ("pets".to_owned(), Some("`f` is gone".to_owned()));
        let it = CrateVersion { name, kept: Kept::Record, current: number(current), released, bump, reason };
        Survey::new(vec![it], vec![], Snapshots::default())
    }

    #[test]
    fn a_version_below_the_one_that_the_changes_require_is_too_low() {
        for (released, current, bump, needed) in [
            (None, "0.1.0", Bump::Breaking, None),
            (Some("0.1.0"), "0.1.0", Bump::None, None),
            (Some("0.1.0"), "0.1.0", Bump::Fix, Some("0.1.1")),
            (Some("0.1.0"), "0.1.1", Bump::Feature, None),
            (Some("0.1.0"), "0.1.1", Bump::Breaking, Some("0.2.0")),
            (Some("0.1.0"), "0.2.0", Bump::Breaking, None),
            (Some("0.1.0"), "1.0.0", Bump::Fix, None),
            (Some("1.2.3"), "1.9.0", Bump::Breaking, Some("2.0.0")),
        ] {
            let said = wrong(&survey(released, current, bump)).iter().map(ToString::to_string).collect::<String>();
            match needed {
                None => assert_eq!(said, "", "{released:?} {current} {bump:?}"),
                Some(needed) => {
                    assert!(said.contains(&format!("has version {current} and needs {needed} (")), "{said}")
                }
            }
        }
    }

    #[test]
    fn without_a_history_the_step_of_ci_is_skipped() {
        let folder = tempfile::tempdir().expect("a folder");
        for (file, text) in
            [("specs/pets.yaml", "openapi: 3.0.3\n"), ("Cargo.toml", "[workspace.package]\nversion = \"0.1.0\"\n")]
        {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, text).expect("written");
        }
        let workspace = Workspace::open(Some(folder.path().to_owned())).expect("a workspace");
        let outcome = check(&workspace, &mut Vec::new());
        assert_eq!(outcome, Ok(Outcome::Skipped("the workspace is not inside a git repository".to_owned())));
    }
}
