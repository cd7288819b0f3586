//! What the snapshots of public APIs say: who exposes whom, and whether something is gone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::versions::Step;
use crate::public_api;
use crate::workspace::Workspace;

/// The snapshots of the published crates, by crate.
#[derive(Clone, Debug, Default)]
pub(super) struct Snapshots(BTreeMap<String, String>);

impl Snapshots {
    /// Those in `docs/public-api`.
    pub(super) fn read(workspace: &Workspace) -> Self {
        let entries = fs::read_dir(workspace.path(public_api::FOLDER)).into_iter().flatten().flatten();
        let snapshot = |entry: fs::DirEntry| {
            let name = entry.file_name().to_str()?.strip_suffix(".txt")?.to_owned();
            Some((name, fs::read_to_string(entry.path()).ok()?))
        };
        Self(entries.filter_map(snapshot).collect())
    }

    /// The crates that have one.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The snapshot of a crate.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The crates whose public API names this one: those that break when it does. Each is told with the crate that it names.
    pub(super) fn exposing(&self, name: &str) -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = Vec::new();
        let mut open = vec![name.to_owned()];
        let mut seen = BTreeSet::from([name.to_owned()]);
        while let Some(next) = open.pop() {
            let module = next.replace('-', "_");
            for (other, text) in &self.0 {
                if public_api::crates(text).contains(module.as_str()) && seen.insert(other.clone()) {
                    found.push((other.clone(), next.clone()));
                    open.push(other.clone());
                }
            }
        }
        found.sort();
        found
    }
}

/// How far a version has to go for what the snapshots show, with the first line that says so. What is gone breaks, what is
/// new is a feature; snapshots of two formats say nothing about each other.
pub(super) fn step(old: &str, new: &str) -> (Step, Option<String>) {
    let (Some((old_head, old)), Some((new_head, new))) = (old.split_once('\n'), new.split_once('\n')) else {
        return (Step::None, None);
    };
    if old_head != new_head {
        return (Step::None, None);
    }
    let [before, after] = [old, new].map(|text| text.lines().collect::<BTreeSet<_>>());
    // In the order of the file.
    if let Some(gone) = old.lines().find(|line| !after.contains(line)) {
        return (Step::Breaking, Some(format!("`{gone}` is gone")));
    }
    match new.lines().find(|line| !before.contains(line)) {
        Some(added) => (Step::Feature, Some(format!("`{added}` is new"))),
        None => (Step::None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_is_exposed_by_those_whose_api_names_it_and_by_those_who_expose_these() {
        let snapshots = [
            ("a-b", "pub fn a_b::f()"),
            ("c", "pub fn c::f(a_b::T)"),
            ("d", "pub fn d::f(c::T)\npub fn d::a_b::g()"),
            ("e", "pub fn e::f(x::a_b::T)"),
        ];
        let snapshots = Snapshots(snapshots.map(|(name, text)| (name.to_owned(), text.to_owned())).into());
        let pairs =
            |list: &[(&str, &str)]| list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>();
        assert_eq!(snapshots.exposing("a-b"), pairs(&[("c", "a-b"), ("d", "c")]));
        assert_eq!(snapshots.exposing("d"), pairs(&[]));
    }

    #[test]
    fn what_is_gone_breaks_and_what_is_new_is_a_feature() {
        for (old, new, expected, said) in [
            ("# 1\na\nb\n", "# 1\na\nb\n", Step::None, None),
            ("# 1\na\nb\n", "# 1\nb\nc\n", Step::Breaking, Some("`a` is gone")),
            ("# 1\na\nb\n", "# 1\na\nb\nc\n", Step::Feature, Some("`c` is new")),
            ("# 1\na\nb\n", "# 2\na\n", Step::None, None),
            ("", "# 1\na\n", Step::None, None),
        ] {
            assert_eq!(step(old, new), (expected, said.map(str::to_owned)), "{old:?} {new:?}");
        }
    }
}
