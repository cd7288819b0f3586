//! What goes to the registry: every package holds what it must, and compiles from its own files alone.

use std::fs;
use std::io::Write;

use crate::ci::{Outcome, cargo_command, output, run_command};
use crate::metadata;
use crate::problem::{Problem, Problems, Result};
use crate::workspace::Workspace;

/// Files that every package needs.
const NEEDED: [&str; 3] = ["LICENSE-APACHE", "LICENSE-MIT", "README.md"];

/// The first cargo that packages crates together that depend on each other and are not published yet.
const FIRST: (u32, u32) = (1, 90);

/// Packages all published crates and compiles them.
pub(crate) fn check(workspace: &Workspace, _out: &mut dyn Write) -> Result<Outcome> {
    let version = output(cargo_command(workspace).arg("--version"))?;
    if release(&version).is_none_or(|release| release < FIRST) {
        let (major, minor) = FIRST;
        return Ok(Outcome::Skipped(format!("needs cargo {major}.{minor}, this is {}", version.trim())));
    }
    let metadata = metadata::read(workspace)?;
    let names: Vec<&str> = metadata::published(&metadata).into_iter().map(metadata::name).collect();
    let mut problems = Vec::new();
    for name in &names {
        let list =
            output(cargo_command(workspace).args(["package", "--list", "--allow-dirty", "--locked", "-p", name]))?;
        problems.extend(missing(name, &list));
        problems.extend(other_licenses(workspace, name)?);
    }
    Problems::check(problems)?;
    let mut command = cargo_command(workspace);
    command.args(["package", "--quiet", "--allow-dirty", "--locked"]);
    run_command(command.args(names.iter().flat_map(|name| ["-p", name])))?;
    Ok(Outcome::Passed)
}

/// `(1, 95)` of `cargo 1.95.0 (f2d3ce0bd 2026-03-21)`.
fn release(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split_whitespace().nth(1)?.split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

/// The needed files that are not in this list of files.
fn missing(name: &str, list: &str) -> Vec<Problem> {
    let lacks = |file: &&str| !list.lines().any(|line| line == *file);
    let problem = |file| Problem::new(format!("the package of {name} has no {file}")).file(format!("crates/{name}"));
    NEEDED.into_iter().filter(lacks).map(problem).collect()
}

/// The licences beside the crate are those of the repository.
fn other_licenses(workspace: &Workspace, name: &str) -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for license in NEEDED.into_iter().filter(|file| file.starts_with("LICENSE")) {
        let read = |file: &str| {
            let failed = |error| Problem::new(format!("cannot read the licence: {error}")).file(file);
            fs::read(workspace.path(file)).map_err(failed)
        };
        let file = format!("crates/{name}/{license}");
        if read(&file)? != read(license)? {
            let problem = Problem::new("this is not the licence of the repository").file(file);
            problems.push(problem.remedy(format!("copy {license} there")));
        }
    }
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_without_licence_or_readme_is_named() {
        let list = "Cargo.toml\nLICENSE-APACHE\nLICENSE-MIT\nREADME.md\nsrc/lib.rs\n";
        assert_eq!(missing("a", list), []);
        let found = missing("a", &list.replace("LICENSE-MIT", "docs/LICENSE-MIT"));
        assert_eq!(found.iter().map(Problem::message).collect::<Vec<_>>(), ["the package of a has no LICENSE-MIT"]);
        assert_eq!(missing("a", "").len(), 3);
    }

    #[test]
    fn the_release_of_a_cargo_is_read() {
        for (text, wanted) in [
            ("cargo 1.95.0 (f2d3ce0bd 2026-03-21)\n", Some((1, 95))),
            ("cargo 1.89.0-nightly", Some((1, 89))),
            ("cargo", None),
            ("cargo x.y", None),
        ] {
            assert_eq!(release(text), wanted, "{text}");
        }
    }
}
