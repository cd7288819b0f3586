//! Which version each published crate has, which one was released last, and which one it needs.
//!
//! A version rises once for a release, by the furthest step of all that has changed since the last one. So the version is a
//! function of the release and of what is there now: it is the same whatever the number and order of the commits between
//! them, and on both sides of a merge.

use std::fs;

use super::baseline;
use super::command::findings;
use super::exposure::{self, Snapshots};
use super::releases::{self, Release, Unknown};
use super::versions::{self, Step, Version, Versions};
use crate::codegen::emit::Home;
use crate::problem::{Problem, Result};
use crate::workspace::{DocumentName, Workspace};

/// Where the version of a crate stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// In `specs/versions.toml`, written by `cargo xtask diff NAME --write`.
    Record,
    /// In its own manifest, written by hand.
    Package,
    /// In `[workspace.package]`, written by hand.
    Workspace,
}

/// The version of a crate, and what has changed since its release.
#[derive(Clone, Debug)]
pub(super) struct CrateVersion {
    /// The crate.
    pub(super) name: String,
    /// Where its version stands.
    pub(super) kept: Kept,
    /// The present version.
    pub(super) current: Version,
    /// The tag of the last release and the version that the crate had there.
    pub(super) released: Option<(String, Version)>,
    /// How far it has to go.
    pub(super) step: Step,
    /// What asks for that.
    pub(super) reason: Option<String>,
}

impl CrateVersion {
    /// The version that the next release needs; a crate that was never released keeps its own.
    pub(super) fn needed(&self) -> Version {
        self.released.as_ref().map_or(self.current, |(_, released)| released.after(self.step))
    }

    /// The needed version, or the present one if that is higher.
    pub(super) fn proposed(&self) -> Version {
        self.needed().max(self.current)
    }

    /// What has changed since which release, in a few words.
    pub(super) fn since(&self) -> String {
        match (&self.released, self.step) {
            (None, _) => "not released".to_owned(),
            (Some((tag, _)), Step::None) => format!("unchanged since {tag}"),
            (Some((tag, _)), step) => format!("{} since {tag}", step.name()),
        }
    }

    /// Asks for a step that is further than the present one.
    fn ask(&mut self, step: Step, reason: Option<String>) {
        if step > self.step {
            (self.step, self.reason) = (step, reason);
        }
    }
}

/// The crates of a workspace with their versions.
#[derive(Debug)]
pub(super) struct Survey {
    /// In the order of their names.
    pub(super) crates: Vec<CrateVersion>,
    /// The crates that cannot be judged, and why.
    pub(super) problems: Vec<Problem>,
    snapshots: Snapshots,
}

impl Survey {
    /// Compares documents and public APIs with the last release of each crate. `instead` takes the place of the present
    /// version of its document.
    pub(super) fn of(workspace: &Workspace, instead: Option<(&str, &baseline::Version)>) -> Result<Self, Unknown> {
        let mistakes = |problems: crate::problem::Problems| Unknown::mistake(problems.into_vec().remove(0));
        let snapshots = Snapshots::read(workspace);
        let documents = workspace.documents().map_err(mistakes)?;
        let record = Versions::read(workspace).map_err(mistakes)?;
        let here = |file: &str| fs::read_to_string(workspace.path(file)).ok();
        let mut names: Vec<&str> = documents.iter().map(|it| &*it.name).chain(snapshots.names()).collect();
        names.sort_unstable();
        names.dedup();
        let mut survey = Self { crates: Vec::new(), problems: Vec::new(), snapshots: snapshots.clone() };
        for name in names {
            let document = documents.iter().find(|it| it.name == name);
            let Some((current, kept)) = version(name, &record, document.is_some(), &here) else {
                survey.problems.push(unknown(name));
                continue;
            };
            let mut it =
                CrateVersion { name: name.to_owned(), kept, current, released: None, step: Step::None, reason: None };
            if let Some(release) = releases::last(workspace, name)? {
                let present = instead.filter(|(of, _)| *of == name).map(|(_, version)| version);
                if let Err(problems) = since(workspace, &release, document, present, &snapshots, &mut it) {
                    survey.problems.extend(problems.into_vec());
                    continue;
                }
            }
            survey.crates.push(it);
        }
        survey.spread();
        Ok(survey)
    }

    /// Crates that expose nothing.
    #[cfg(test)]
    pub(super) fn with(crates: Vec<CrateVersion>) -> Self {
        Self { crates, problems: Vec::new(), snapshots: Snapshots::default() }
    }

    /// A crate breaks with what it exposes.
    fn spread(&mut self) {
        let breaks = |it: &&CrateVersion| it.step == Step::Breaking;
        for broken in self.crates.iter().filter(breaks).map(|it| it.name.clone()).collect::<Vec<_>>() {
            for (name, exposed) in self.snapshots.exposing(&broken) {
                if let Some(it) = self.crates.iter_mut().find(|it| it.name == name && it.released.is_some()) {
                    it.ask(Step::Breaking, Some(format!("`{exposed}`, which it exposes, breaks")));
                }
            }
        }
    }

    /// The version of a crate.
    pub(super) fn get(&self, name: &str) -> Option<&CrateVersion> {
        self.crates.iter().find(|it| it.name == name)
    }

    /// The crates that break with this one, each with the crate that it exposes.
    pub(super) fn exposing(&self, name: &str) -> Vec<(&CrateVersion, String)> {
        let exposing = self.snapshots.exposing(name);
        exposing.into_iter().filter_map(|(name, exposed)| Some((self.get(&name)?, exposed))).collect()
    }
}

/// What has changed since a release of the crate.
fn since(
    workspace: &Workspace,
    release: &Release,
    document: Option<&DocumentName>,
    present: Option<&baseline::Version>,
    snapshots: &Snapshots,
    it: &mut CrateVersion,
) -> Result<()> {
    let there = |file: &str| release.commit.text(workspace, file).ok();
    let record = there(versions::FILE).map_or_else(|| Ok(Versions::default()), |text| Versions::parse(&text))?;
    // A crate that was not there yet was not released.
    if there(&manifest(&it.name)).is_none() {
        return Ok(());
    }
    let Some((released, _)) = version(&it.name, &record, document.is_some(), &there) else {
        return Ok(());
    };
    it.released = Some((release.tag.clone(), released));
    if let (Some(old), Some(new)) = (there(&crate::public_api::file(&it.name)), snapshots.get(&it.name)) {
        let (step, reason) = exposure::step(&old, new);
        it.ask(step, reason);
    }
    let Some(document) = document else { return Ok(()) };
    let Some(old) = baseline::Version::at(workspace, document, &release.commit, &release.tag)? else {
        return Ok(());
    };
    let own;
    let new = match present {
        Some(present) => present,
        None => {
            own = baseline::Version::present(workspace, document)?;
            &own
        }
    };
    let (findings, _) = findings(&old, new, Home::Workspace);
    let worst = findings.iter().max_by_key(|finding| (finding.api(), finding.level()));
    it.ask(Step::of(&findings), worst.map(super::finding::Finding::sentence));
    Ok(())
}

/// The version of a crate and where it stands, as files say.
fn version(
    name: &str,
    record: &Versions,
    is_generated: bool,
    text: &dyn Fn(&str) -> Option<String>,
) -> Option<(Version, Kept)> {
    if let Some(version) = record.get(name) {
        return Some((version, Kept::Record));
    }
    let of_workspace = || versions::of_workspace(&text("Cargo.toml")?);
    if is_generated {
        return Some((of_workspace()?, Kept::Record));
    }
    let own = text(&manifest(name)).and_then(|text| versions::of_package(&text));
    own.map(|version| (version, Kept::Package)).or_else(|| Some((of_workspace()?, Kept::Workspace)))
}

/// The manifest of a crate.
pub(super) fn manifest(name: &str) -> String {
    format!("crates/{name}/Cargo.toml")
}

/// There is no version to count from.
pub(super) fn unknown(name: &str) -> Problem {
    Problem::new(format!("the version of `{name}` is not known")).file("Cargo.toml").remedy(format!(
        "give `[workspace.package]` a version like 0.1.0, or add `{name} = \"0.1.0\"` to {}",
        versions::FILE
    ))
}
