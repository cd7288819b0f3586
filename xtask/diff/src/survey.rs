//! The version of each published crate: the present, the released and the required one.
//!
//! A version rises once for a release, by the furthest step of all that has changed since the last one. So the version is a
//! function of the release and of what is there now: it is the same whatever the number and order of the commits between
//! them, and on both sides of a merge.

use diagnostics::Problem;

use super::exposure::Snapshots;
use super::versions::{self, Bump, Version, Versions};

/// The place of a crate's version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// In `specs/versions.toml`, written by `cargo xtask diff NAME --write`.
    Record,
    /// In its own manifest, written by hand.
    Package,
    /// In `[workspace.package]`, written by hand.
    Workspace,
}

/// The version of a crate, and what has changed since its release.
#[derive(Clone, Debug)]
pub struct CrateVersion {
    /// The crate.
    pub name: String,
    /// The place of its version.
    pub kept: Kept,
    /// The present version.
    pub current: Version,
    /// The tag of the last release and the version that the crate had there.
    pub released: Option<(String, Version)>,
    /// How far it has to go.
    pub bump: Bump,
    /// What asks for that.
    pub reason: Option<String>,
}

impl CrateVersion {
    /// The version that the next release needs; a crate that was never released keeps its own.
    pub fn needed(&self) -> Version {
        self.released.as_ref().map_or(self.current, |(_, released)| released.after(self.bump))
    }

    /// The needed version, or the present one if that is higher.
    pub fn proposed(&self) -> Version {
        self.needed().max(self.current)
    }

    /// What has changed since which release, in a few words.
    pub fn since(&self) -> String {
        match (&self.released, self.bump) {
            (None, _) => "not released".to_owned(),
            (Some((tag, _)), Bump::None) => format!("unchanged since {tag}"),
            (Some((tag, _)), bump) => format!("{} since {tag}", bump.name()),
        }
    }

    /// Asks for a step that is further than the present one.
    pub fn ask(&mut self, bump: Bump, reason: Option<String>) {
        if bump > self.bump {
            (self.bump, self.reason) = (bump, reason);
        }
    }
}

/// The crates of a workspace with their versions.
#[derive(Debug)]
pub struct Survey {
    /// In the order of their names.
    pub crates: Vec<CrateVersion>,
    /// The crates that cannot be judged, and why.
    pub problems: Vec<Problem>,
    snapshots: Snapshots,
}

impl Survey {
    /// The crates with their versions; those that expose a crate that breaks break with it.
    #[must_use]
    pub fn new(crates: Vec<CrateVersion>, problems: Vec<Problem>, snapshots: Snapshots) -> Self {
        let mut survey = Self { crates, problems, snapshots };
        survey.spread();
        survey
    }

    /// A crate breaks with what it exposes.
    fn spread(&mut self) {
        let breaks = |it: &&CrateVersion| it.bump == Bump::Breaking;
        for broken in self.crates.iter().filter(breaks).map(|it| it.name.clone()).collect::<Vec<_>>() {
            for (name, exposed) in self.snapshots.exposing(&broken) {
                if let Some(it) = self.crates.iter_mut().find(|it| it.name == name && it.released.is_some()) {
                    it.ask(Bump::Breaking, Some(format!("`{exposed}`, which it exposes, breaks")));
                }
            }
        }
    }

    /// The version of a crate.
    pub fn get(&self, name: &str) -> Option<&CrateVersion> {
        self.crates.iter().find(|it| it.name == name)
    }

    /// The crates that break with this one, each with the crate that it exposes.
    pub fn exposing(&self, name: &str) -> Vec<(&CrateVersion, String)> {
        let exposing = self.snapshots.exposing(name);
        exposing.into_iter().filter_map(|(name, exposed)| Some((self.get(&name)?, exposed))).collect()
    }
}

/// Reads the version of a crate and its place.
pub fn version(
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
pub fn manifest(name: &str) -> String {
    format!("crates/{name}/Cargo.toml")
}

/// There is no version to count from.
pub fn unknown(name: &str) -> Problem {
    Problem::new(format!("the version of `{name}` is not known")).file("Cargo.toml").remedy(format!(
        "give `[workspace.package]` a version like 0.1.0, or add `{name} = \"0.1.0\"` to {}",
        versions::FILE
    ))
}

/// Why nothing can be said about releases.
#[derive(Clone, Debug)]
pub struct Unknown {
    /// What is missing.
    pub problem: Problem,
    /// Whether it is missing only in this clone, which is not an error.
    pub is_clone: bool,
}

impl Unknown {
    /// Missing in this clone alone.
    pub fn of_clone(problem: Problem) -> Self {
        Self { problem, is_clone: true }
    }

    /// Missing by mistake.
    pub fn mistake(problem: Problem) -> Self {
        Self { problem, is_clone: false }
    }
}

/// The remedy for a version that a person writes.
pub fn raise(it: &CrateVersion) -> String {
    let (name, version) = (&it.name, it.proposed());
    match it.kept {
        Kept::Record => format!(
            "run `cargo xtask diff {name} --against {} --write`",
            it.released.as_ref().map_or("HEAD", |(tag, _)| tag)
        ),
        Kept::Package => format!(
            "set `version` in crates/{name}/Cargo.toml and that of `{name}` in `[workspace.dependencies]` to {version}, then run \
             `cargo update --workspace`"
        ),
        Kept::Workspace => format!(
            "set `version` in `[workspace.package]` to {version}, and that of `{name}` and of every other crate of this \
             version in `[workspace.dependencies]`; then run `cargo update --workspace`"
        ),
    }
}
