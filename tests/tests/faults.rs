//! The table of faults in README.md names tests that exist, and all of them; SECURITY.md names tests that exist.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Fault, file and name of a test.
type Claim = (String, String, String);

/// What the table says.
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

/// What one file holds: tests, that is functions with an attribute that ends in `test`, that name a row.
fn held(file: &str, source: &str) -> BTreeSet<Claim> {
    let (mut claims, mut row, mut is_test) = (BTreeSet::new(), None, false);
    for line in source.lines() {
        if let Some(fault) = line.strip_prefix("/// Row: ") {
            row = Some(fault.strip_suffix('.').unwrap_or_else(|| panic!("{file}: no full stop after {fault}")));
        } else if line.starts_with("#[") {
            is_test |= line == "#[test]" || line.starts_with("#[tokio::test");
        } else {
            let function = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
            if let (Some(fault), Some((name, _))) = (row, function.and_then(|function| function.split_once('('))) {
                assert!(is_test, "{file}: {name} is no test");
                claims.insert((fault.to_owned(), file.to_owned(), name.to_owned()));
            }
            (row, is_test) = (None, false);
        }
    }
    claims
}

#[test]
fn every_row_names_its_tests_and_every_test_of_a_row_is_named() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let claimed = claimed(&fs::read_to_string(folder.join("README.md")).unwrap());
    let mut found = BTreeSet::new();
    for file in fs::read_dir(folder.join("tests")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.file_name().unwrap().to_str().unwrap();
            found.append(&mut held(name, &fs::read_to_string(&path).unwrap()));
        }
    }
    let missing: Vec<_> = claimed.difference(&found).collect();
    assert!(missing.is_empty(), "in the table and in no file: {missing:#?}");
    let unnamed: Vec<_> = found.difference(&claimed).collect();
    assert!(unnamed.is_empty(), "in a file and not in the table: {unnamed:#?}");
    assert!(claimed.len() > 50, "the table is read: {}", claimed.len());
}

#[test]
fn what_is_said_about_security_is_held_by_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let text = fs::read_to_string(root.join("SECURITY.md")).unwrap();
    let (_, table) = text.split_once("## What is defended against").unwrap();
    let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert!(rows.len() > 10, "the table is read: {}", rows.len());
    for row in rows {
        let named: Vec<(&str, &str)> = row.split('`').filter_map(|part| part.split_once(".rs::")).collect();
        assert!(!named.is_empty(), "no test: {row}");
        for (file, name) in named {
            let source =
                fs::read_to_string(root.join(format!("{file}.rs"))).unwrap_or_else(|_| panic!("{file}: {row}"));
            assert!(source.contains(&format!("fn {name}()")), "{file} has no {name}");
        }
    }
}
