//! The snapshots of public APIs: which crates expose which, and whether an item was removed.

use std::collections::{BTreeMap, BTreeSet};

use super::versions::Bump;

/// The snapshots of the published crates, by crate.
#[derive(Clone, Debug, Default)]
pub struct Snapshots(BTreeMap<String, String>);

impl Snapshots {
    /// Snapshots by crate.
    #[must_use]
    pub fn new(by_crate: BTreeMap<String, String>) -> Self {
        Self(by_crate)
    }

    /// The crates that have one.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The snapshot of a crate.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The crates whose public API names this one: those that break when it does. Each has the crate that it names.
    pub fn exposing(&self, name: &str) -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = Vec::new();
        let mut open = vec![name.to_owned()];
        let mut visited = BTreeSet::from([name.to_owned()]);
        while let Some(next) = open.pop() {
            let module = next.replace('-', "_");
            for (other, text) in &self.0 {
                if crates(text).contains(module.as_str()) && visited.insert(other.clone()) {
                    found.push((other.clone(), next.clone()));
                    open.push(other.clone());
                }
            }
        }
        found.sort();
        found
    }
}

/// How far a version has to go for what the snapshots show, with the first line that says so. What was removed breaks, what is
/// new is a feature; snapshots of two formats say nothing about each other.
pub fn bump(old: &str, new: &str) -> (Bump, Option<String>) {
    let (Some((old_head, old)), Some((new_head, new))) = (old.split_once('\n'), new.split_once('\n')) else {
        return (Bump::None, None);
    };
    if old_head != new_head {
        return (Bump::None, None);
    }
    let [before, after] = [old, new].map(|text| text.lines().collect::<BTreeSet<_>>());
    // In the order of the file.
    if let Some(gone) = old.lines().find(|line| !after.contains(line)) {
        return (Bump::Breaking, Some(format!("`{gone}` was removed")));
    }
    match new.lines().find(|line| !before.contains(line)) {
        Some(added) => (Bump::Feature, Some(format!("`{added}` was added"))),
        None => (Bump::None, None),
    }
}

/// The crates that the paths of a snapshot begin with, as code names them, that of the snapshot among them.
pub(crate) fn crates(snapshot: &str) -> BTreeSet<&str> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let begins = |at: usize| snapshot[..at].rfind(|c| !is_word(c)).map_or(0, |before| before + 1);
    let names = snapshot.match_indices("::").map(|(at, _)| (begins(at), at));
    // What follows another `::` is no first part, and generic types have names in upper case.
    let is_first = |(begin, end): &(usize, usize)| {
        !snapshot[..*begin].ends_with(':') && snapshot[*begin..*end].starts_with(|c: char| c.is_ascii_lowercase())
    };
    names.filter(is_first).map(|(begin, end)| &snapshot[begin..end]).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

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
            ("# 1\na\nb\n", "# 1\na\nb\n", Bump::None, None),
            ("# 1\na\nb\n", "# 1\nb\nc\n", Bump::Breaking, Some("`a` was removed")),
            ("# 1\na\nb\n", "# 1\na\nb\nc\n", Bump::Feature, Some("`c` was added")),
            ("# 1\na\nb\n", "# 2\na\n", Bump::None, None),
            ("", "# 1\na\n", Bump::None, None),
        ] {
            assert_eq!(bump(old, new), (expected, said.map(str::to_owned)), "{old:?} {new:?}");
        }
    }

    #[test]
    fn crates_are_what_paths_begin_with() {
        let text = "pub fn a_b::T::f(&mut http::H, [c::d::E; 2]) -> <T::I as x1::Y>::Output where F: ::core::Z\npub macro a_b::m!";
        assert_eq!(crates(text).into_iter().collect::<Vec<_>>(), ["a_b", "c", "http", "x1"]);
    }

    #[test]
    fn the_readme_names_the_crates_of_others_whose_types_are_public() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let snapshots =
            fs::read_dir(root.join("docs/public-api")).expect("the snapshots").map(|entry| entry.expect("one").path());
        let texts =
            snapshots.map(|file| (file.clone(), fs::read_to_string(file).expect("readable"))).collect::<Vec<_>>();
        let own =
            texts.iter().filter_map(|(file, _)| file.file_stem()).map(|name| name.to_string_lossy().replace('-', "_"));
        let standard = ["alloc", "core", "std"].map(str::to_owned);
        let known = own.chain(standard).collect::<BTreeSet<_>>();
        let named = texts.iter().flat_map(|(_, text)| crates(text));
        let foreign = named.filter(|name| !known.contains(*name));
        // Where `serde` keeps its traits.
        let foreign = foreign.map(|name| name.replace("serde_core", "serde")).collect::<BTreeSet<_>>();
        let readme = fs::read_to_string(root.join("README.md")).expect("readable");
        let (_, table) = readme.split_once("| crate | in the public API of |").expect("the table");
        let rows =
            table.lines().skip(2).take_while(|line| line.starts_with('|')).filter_map(|row| row.split('|').nth(1));
        let named = rows.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(|name| name.replace('-', "_"));
        assert_eq!(named.collect::<BTreeSet<_>>(), foreign);
    }
}
