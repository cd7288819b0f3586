//! Checks that the table of faults in README.md lists exactly the existing tests, that the tests in SECURITY.md,
//! docs/fleet.md and docs/sidecar.md exist, and that test names are short enough.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Fault, file and name of a test.
type Claim = (String, String, String);

/// The claims of the table.
fn claimed(readme: &str) -> BTreeSet<Claim> {
    let mut claims = BTreeSet::new();
    let (_, table) = readme.split_once("## The table of faults").unwrap();
    for row in table.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")) {
        let cells: Vec<&str> = row.split(" | ").collect();
        let [fault, outcome, tests] = cells[..] else { panic!("{row}") };
        if fault == "fault" {
            continue;
        }
        assert!(!outcome.is_empty(), "{row}");
        for test in tests.split(", ") {
            let test = test.strip_prefix('`').and_then(|test| test.strip_suffix('`'));
            let (file, name) = test.and_then(|test| test.split_once("::")).unwrap_or_else(|| panic!("{row}"));
            claims.insert((fault.to_owned(), file.to_owned(), name.to_owned()));
        }
    }
    claims
}

/// The tests of a file (functions with an attribute that ends in `test`), each with its row.
fn tests(file: &str, source: &str) -> Vec<(String, Option<String>)> {
    let (mut tests, mut row, mut is_test) = (Vec::new(), None, false);
    for line in source.lines().map(str::trim_start) {
        if let Some(fault) = line.strip_prefix("/// Row: ") {
            row = Some(
                fault.strip_suffix('.').unwrap_or_else(|| panic!("{file}: no full stop after {fault}")).to_owned(),
            );
        } else if line.starts_with("#[") {
            is_test |= line == "#[test]" || line.starts_with("#[tokio::test");
        } else {
            let function = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
            if let Some((name, _)) = function.and_then(|function| function.split_once('(')) {
                assert!(is_test || row.is_none(), "{file}: {name} is not a test");
                if is_test {
                    tests.push((name.to_owned(), row.take()));
                }
            }
            (row, is_test) = (None, false);
        }
    }
    tests
}

/// The tests of one file that have a row.
fn held(file: &str, source: &str) -> BTreeSet<Claim> {
    let named = tests(file, source).into_iter();
    named.filter_map(|(name, row)| Some((row?, file.to_owned(), name))).collect()
}

/// The Rust files below a folder of the workspace.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let below = entries.iter().filter(|path| path.is_dir() && !path.ends_with("target")).flat_map(|path| sources(path));
    let here = entries.iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs")).cloned();
    here.chain(below).collect()
}

#[test]
fn every_row_names_its_tests_and_every_test_of_a_row_is_named() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let claimed = claimed(&fs::read_to_string(folder.join("README.md")).unwrap());
    let mut found = BTreeSet::new();
    for tests in [folder.join("tests"), folder.join("../crates/auth-fleet/tests")] {
        for path in sources(&tests) {
            let name = path.strip_prefix(&tests).unwrap().to_str().unwrap();
            found.append(&mut held(name, &fs::read_to_string(&path).unwrap()));
        }
    }
    let missing: Vec<_> = claimed.difference(&found).collect();
    assert!(missing.is_empty(), "in the table and in no file: {missing:#?}");
    let unnamed: Vec<_> = found.difference(&claimed).collect();
    assert!(unnamed.is_empty(), "in a file and not in the table: {unnamed:#?}");
    assert!(claimed.len() > 50, "the table has too few rows: {}", claimed.len());
}

/// Checks that each of these rows names a test, and that the tests exist in files below `folder`.
fn all_exist<'row>(rows: impl Iterator<Item = &'row str>, folder: &Path) {
    let rows: Vec<&str> = rows.collect();
    assert!(rows.len() > 10, "too few rows: {}", rows.len());
    for row in rows {
        let named: Vec<(&str, &str)> = row.split('`').filter_map(|part| part.split_once(".rs::")).collect();
        assert!(!named.is_empty(), "no test: {row}");
        for (file, name) in named {
            let source =
                fs::read_to_string(folder.join(format!("{file}.rs"))).unwrap_or_else(|_| panic!("{file}: {row}"));
            assert!(tests(file, &source).iter().any(|(test, _)| test == name), "{file} has no test {name}");
        }
    }
}

#[test]
fn the_tests_named_in_security_md_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let text = fs::read_to_string(root.join("SECURITY.md")).unwrap();
    let (_, table) = text.split_once("## Defences").unwrap();
    all_exist(table.lines().filter(|line| line.starts_with("| ")).skip(1), &root);
}

#[test]
fn the_tests_named_in_fleet_md_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let text = fs::read_to_string(root.join("docs/fleet.md")).unwrap();
    let (_, trouble) = text.split_once("## Trouble").unwrap();
    let (trouble, _) = trouble.split_once("\n## ").unwrap();
    let is_row = |line: &&str| line.starts_with("| ") && !line.starts_with("| trouble ");
    all_exist(trouble.lines().filter(is_row), &root.join("crates/auth-fleet"));
    let others = text.lines().filter(|line| line.contains(".rs::"));
    all_exist(others, &root.join("crates/auth-fleet"));
}

#[test]
fn the_tests_named_in_sidecar_md_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let text = fs::read_to_string(root.join("docs/sidecar.md")).unwrap();
    let (_, table) = text.split_once("## What it defends against").unwrap();
    let (table, _) = table.split_once("\n## ").unwrap();
    let is_row = |line: &&str| line.starts_with("| ") && !line.starts_with("| threat ");
    all_exist(table.lines().filter(is_row), &root.join("crates/auth-cli"));
}

#[test]
fn the_name_of_a_test_has_at_most_eighty_characters() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let files: Vec<_> = ["crates", "tests", "xtask"].iter().flat_map(|folder| sources(&root.join(folder))).collect();
    let names: Vec<_> = files
        .iter()
        .flat_map(|file| tests(&file.display().to_string(), &fs::read_to_string(file).unwrap()))
        .map(|(name, _)| name)
        .collect();
    assert!(names.len() > 500, "too few tests are found: {}", names.len());
    let long: Vec<_> = names.iter().filter(|name| name.len() > 80).collect();
    assert!(long.is_empty(), "{long:#?}");
}
