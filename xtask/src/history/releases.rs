//! Releases: commits with a tag `v1.2.3`, or `NAME-v1.2.3` for one crate.

use std::fs;

use diagnostics::Problem;
use diff::Unknown;
use diff::changelog;
use diff::versions::Version;
use repository::Workspace;

use super::commit::{Commit, git};

/// A release of crates.
#[derive(Debug)]
pub(crate) struct Release {
    /// Its tag.
    pub(crate) tag: String,
    /// The commit.
    pub(crate) commit: Commit,
}

/// The last release of a crate before the present commit; `None` if the crate was never released.
///
/// # Errors
///
/// Fails if the history is not available, or if the changelog has a release without a tag.
pub(crate) fn last(workspace: &Workspace, name: &str) -> Result<Option<Release>, Unknown> {
    let own = format!("{name}-v[0-9]*");
    let describe = ["describe", "--tags", "--abbrev=0", "--match", "v[0-9]*", "--match", &own, "HEAD"];
    let failure = match git(workspace, &describe) {
        Ok(tag) => {
            let tag = tag.trim().to_owned();
            let commit = Commit::find(workspace, &format!("refs/tags/{tag}"));
            let unknown = |problems: diagnostics::Problems| problems.into_vec().remove(0);
            let commit = commit.map_err(|problems| Unknown::of_clone(unknown(problems)))?;
            return Ok(Some(Release { tag, commit }));
        }
        Err(failure) => failure,
    };
    if failure.is_outside() {
        return Err(Unknown::of_clone(
            Problem::new("the workspace is not inside a git repository").remedy("work in a clone"),
        ));
    }
    // There is no tag, no tag of an ancestor, or no commit.
    let words = ["No names found", "No tags can describe", "Not a valid object name HEAD"];
    if !words.iter().any(|words| failure.says(words)) {
        let problem = failure.problem("cannot find the last release with git", "work in another clone");
        return Err(Unknown::of_clone(problem));
    }
    if git(workspace, &["rev-parse", "--is-shallow-repository"]).is_ok_and(|it| it.trim() == "true") {
        let problem = Problem::new("this clone is shallow, so it may lack the tag of the last release");
        return Err(Unknown::of_clone(problem.remedy("run `git fetch --unshallow --tags`")));
    }
    let log = fs::read_to_string(workspace.path(changelog::FILE)).unwrap_or_default();
    match untagged(&log) {
        None => Ok(None),
        Some((line, version)) => Err(Unknown::mistake(
            Problem::new(format!("the release {version} has no tag")).file(changelog::FILE).line(Some(line)).remedy(
                format!("run `git fetch --tags`; if the tag was never created, run `git tag v{version} COMMIT`"),
            ),
        )),
    }
}

/// The line and the version of the first release in the changelog.
fn untagged(log: &str) -> Option<(usize, Version)> {
    log.lines().enumerate().find_map(|(index, line)| {
        let title = line.strip_prefix("## ")?.trim_start_matches('[');
        let version = title.split([']', ' ']).next().and_then(Version::parse)?;
        Some((index + 1, version))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_a_heading_with_a_version() {
        let found = |log: &str| untagged(log).map(|(line, version)| (line, version.to_string()));
        assert_eq!(
            found("# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-12-01\n\n## [0.1.0]\n"),
            Some((5, "0.2.0".into()))
        );
        assert_eq!(found("## 1.0.0 (2026)\n"), Some((1, "1.0.0".into())));
        assert_eq!(found("## [Unreleased]\n### [0.1.0]\n## pets 0.1.0\n## [next]\n"), None);
    }
}
