//! Versions of generated crates, recorded in `specs/versions.toml`, and the steps between them; [`Survey`](crate::Survey)
//! says which step it is.
//!
//! A crate without a record has the version of the workspace. The file is written by `cargo xtask diff NAME --write`
//! and read by `cargo xtask codegen`, so that the manifest stays a function of `specs/`.

use std::collections::BTreeMap;
use std::fmt;

use diagnostics::{Problem, Result};

use super::finding::Finding;
use super::level::Level;

/// Where versions are recorded.
pub const FILE: &str = "specs/versions.toml";

const HEADER: &str = "\
# Versions of generated crates, as `cargo xtask diff NAME --write` sets them. A crate that has no line here has the
# version of the workspace.
";

/// A version without pre-release or build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u64, u64, u64);

impl Version {
    /// Reads `1.2.3`.
    pub fn parse(text: &str) -> Option<Self> {
        let number = |part: &str| {
            let plain = part.chars().all(|c| c.is_ascii_digit()) && (part == "0" || !part.starts_with('0'));
            plain.then(|| part.parse::<u64>().ok()).flatten()
        };
        let parts: Vec<u64> = text.split('.').map(number).collect::<Option<_>>()?;
        let [major, minor, patch] = parts.as_slice() else { return None };
        Some(Self(*major, *minor, *patch))
    }

    /// The version after a change of this level; below 1.0.0, each number stands for what its right neighbour stands
    /// for afterwards.
    pub fn after(self, bump: Bump) -> Self {
        let Self(major, minor, patch) = self;
        match (bump, major, minor) {
            (Bump::None, ..) => self,
            (Bump::Breaking, 0, 0) => Self(0, 0, patch + 1),
            (Bump::Breaking, 0, _) => Self(0, minor + 1, 0),
            (Bump::Breaking, ..) => Self(major + 1, 0, 0),
            (Bump::Feature, 1.., _) => Self(major, minor + 1, 0),
            (Bump::Feature | Bump::Fix, ..) => Self(major, minor, patch + 1),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// How far a version has to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bump {
    /// Nothing changed.
    None,
    /// Texts changed, or the wire did and an update heals it.
    Fix,
    /// There is something new.
    Feature,
    /// Programs have to be changed.
    Breaking,
}

impl Bump {
    /// The step that these findings ask for. The API decides: a break of the wire that costs no caller a line of code
    /// is healed by an update, which has to reach everybody.
    pub fn of(findings: &[Finding]) -> Self {
        match findings.iter().map(|finding| (finding.api(), finding.level())).max() {
            None => Self::None,
            Some((Level::Breaking, _)) => Self::Breaking,
            Some((Level::Compatible, _)) => Self::Feature,
            Some((Level::Documentation, _)) => Self::Fix,
        }
    }

    /// The name of the step.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Fix => "fix",
            Self::Feature => "feature",
            Self::Breaking => "breaking",
        }
    }
}

/// The recorded versions, by crate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Versions(BTreeMap<String, Version>);

impl Versions {
    /// Reads a text of lines like `lean-auth = "0.1.1"`.
    ///
    /// # Errors
    ///
    /// Fails if a line is not a name and a version, or if a name has two versions.
    pub fn parse(text: &str) -> Result<Self> {
        let mut versions = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let problem = |message: String| {
                Problem::new(message)
                    .file(FILE)
                    .line(Some(index + 1))
                    .remedy("write `NAME = \"1.2.3\"`, each name once")
            };
            let entry = line.split_once('=').and_then(|(name, value)| {
                let value = value.trim().strip_prefix('"')?.strip_suffix('"')?;
                Some((name.trim().to_owned(), Version::parse(value)?))
            });
            let (name, version) = entry.ok_or_else(|| problem(format!("`{line}` is not the version of a crate")))?;
            if versions.insert(name.clone(), version).is_some() {
                return Err(problem(format!("`{name}` has two versions"))
                    .remedy("keep the line with the higher version")
                    .into());
            }
        }
        Ok(Self(versions))
    }

    /// The version of this crate.
    pub fn get(&self, name: &str) -> Option<Version> {
        self.0.get(name).copied()
    }

    /// Records a version.
    pub fn set(&mut self, name: &str, version: Version) {
        self.0.insert(name.to_owned(), version);
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        let lines = self.0.iter().map(|(name, version)| format!("{name} = \"{version}\"\n"));
        HEADER.to_owned() + &lines.collect::<String>()
    }
}

/// The version in `[workspace.package]` of a manifest.
pub fn of_workspace(manifest: &str) -> Option<Version> {
    of_table(manifest, "[workspace.package]")
}

/// The version in `[package]` of a manifest, unless it is that of the workspace.
pub fn of_package(manifest: &str) -> Option<Version> {
    of_table(manifest, "[package]")
}

fn of_table(manifest: &str, table: &str) -> Option<Version> {
    let section = manifest.split(table).nth(1)?.split("\n[").next()?;
    let line = section.lines().find(|line| line.split('=').next().is_some_and(|key| key.trim() == "version"))?;
    Version::parse(line.split_once('=')?.1.trim().trim_matches('"'))
}

/// A manifest in which the dependency `name` asks for this version; unchanged if it has no line of its own.
pub fn with_requirement(manifest: &str, name: &str, version: Version) -> String {
    let edit = |line: &str| {
        let is_it = line.split_once('=').is_some_and(|(key, _)| key.trim() == name);
        let (before, rest) = line.split_once("version = \"").filter(|_| is_it)?;
        let (_, after) = rest.split_once('"')?;
        Some(format!("{before}version = \"{version}\"{after}"))
    };
    lines(manifest, edit)
}

/// A lock file in which the package `name` of the workspace has this version.
pub fn with_locked(lock: &str, name: &str, version: Version) -> String {
    let mut inside = false;
    lines(lock, |line| {
        let is_version = inside && line.starts_with("version = ");
        inside = line == format!("name = \"{name}\"");
        is_version.then(|| format!("version = \"{version}\""))
    })
}

fn lines(text: &str, mut edit: impl FnMut(&str) -> Option<String>) -> String {
    text.split_inclusive('\n')
        .map(|line| {
            let plain = line.trim_end_matches('\n');
            edit(plain).map_or_else(|| line.to_owned(), |new| new + &line[plain.len()..])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_know_what_comes_before_one() {
        for (from, bump, to) in [
            ("0.1.4", Bump::Breaking, "0.2.0"),
            ("0.1.4", Bump::Feature, "0.1.5"),
            ("0.1.4", Bump::Fix, "0.1.5"),
            ("0.0.4", Bump::Breaking, "0.0.5"),
            ("1.2.3", Bump::Breaking, "2.0.0"),
            ("1.2.3", Bump::Feature, "1.3.0"),
            ("1.2.3", Bump::Fix, "1.2.4"),
            ("1.2.3", Bump::None, "1.2.3"),
        ] {
            assert_eq!(Version::parse(from).expect(from).after(bump).to_string(), to, "{from} {bump:?}");
        }
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let mut versions = Versions::default();
        versions.set("b", Version(0, 2, 0));
        versions.set("a-c", Version(1, 0, 0));
        assert!(versions.text().ends_with("\na-c = \"1.0.0\"\nb = \"0.2.0\"\n"), "{}", versions.text());
        assert_eq!(Versions::parse(&versions.text()), Ok(versions));
        for (text, words) in [
            ("a = \"1.0\"", "not the version"),
            ("a = \"01.0.0\"", "not the version"),
            ("# c\nx", "not the version"),
            ("a = \"1.0.0\"\na = \"1.0.1\"", "two versions"),
            ("a = \"1.0.0-rc.1\"", "not the version"),
        ] {
            let error = Versions::parse(text).expect_err(text).to_string();
            assert!(error.contains(words) && error.contains("specs/versions.toml:"), "{error}");
        }
    }

    #[test]
    fn only_the_crate_itself_gets_another_version() {
        let manifest = "[workspace.package]\nversion = \"0.1.0\"\n[workspace.dependencies]\na-b = { path = \"a-b\", version = \"0.1.0\" }\na = { version = \"0.1.0\" }\n";
        assert_eq!(of_workspace(manifest), Some(Version(0, 1, 0)));
        assert_eq!(of_package("[package]\nname = \"a\"\nversion = \"1.2.3\"\n"), Some(Version(1, 2, 3)));
        assert_eq!(of_package("[package]\nversion.workspace = true\n\n[x]\nversion = \"1.2.3\"\n"), None);
        let changed = with_requirement(manifest, "a-b", Version(0, 2, 0));
        assert_eq!(changed, manifest.replacen("a-b\", version = \"0.1.0", "a-b\", version = \"0.2.0", 1));
        let lock =
            "[[package]]\nname = \"a\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"a-b\"\nversion = \"0.1.0\"\n";
        let (first, second) = lock.split_once("\n\n").expect("two packages");
        assert_eq!(
            with_locked(lock, "a-b", Version(0, 2, 0)),
            format!("{first}\n\n{}", second.replace("0.1.0", "0.2.0"))
        );
    }
}
