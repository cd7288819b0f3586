//! `cargo xtask ci` as its users see it. The copies have no manifest, so that what runs cargo fails at once.

use std::collections::BTreeSet;
use std::process::Command;

use crate::copy::{Copy, repository};
use crate::deadlines::output;

const PETS: &str = "openapi: 3.1.0\ninfo: { title: Pets, version: '1' }\npaths: { /pets: { get: { operationId: list, responses: { '200': { description: All } } } } }\n";

/// A workspace whose generated crate is missing.
fn without_crate() -> Copy {
    Copy::with_document(PETS)
}

/// Packages and their features as cargo builds them for these kinds of dependencies of xtask.
fn features(kinds: &str) -> BTreeSet<String> {
    let shape = ["tree", "--prefix", "none", "--no-dedupe", "--format", "{p} [{f}]", "--edges", kinds];
    let out = output(
        Command::new(env!("CARGO"))
            .args(shape)
            .args(["--locked", "--offline", "--manifest-path"])
            .arg(repository().join("xtask/Cargo.toml")),
    );
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
}

#[test]
fn the_tests_of_xtask_build_nothing_of_the_running_program_once_more() {
    let (program, tests) = (features("normal,build"), features("normal,build,dev"));
    let other = program.difference(&tests).collect::<Vec<_>>();
    assert!(program.len() > 100 && other.is_empty(), "with other features in the tests: {other:?}");
}

#[test]
fn steps_are_listed_by_the_names_that_select_them() {
    let said = without_crate().run(&["ci", "--list"]).passed();
    let names: Vec<&str> = said.stdout.lines().filter_map(|line| line.split_whitespace().next()).collect();
    for name in ["format", "codegen", "clippy", "clippy-xtask", "features", "tests", "tests-xtask", "docs", "packages"]
    {
        assert!(names.contains(&name), "{name} is not in {names:?}");
    }
    assert!(said.stdout.lines().all(|line| line.split_whitespace().count() > 1), "each has a title: {}", said.stdout);
}

#[test]
fn one_step_alone_is_run_and_its_result_is_that_of_the_run() {
    let copy = without_crate();
    copy.run(&["ci", "--only", "codegen"]).failed(&["1 of 1 step failed: codegen"]);
    copy.run(&["codegen"]).passed();
    let said = copy.run(&["ci", "--only", "codegen"]).passed();
    assert!(said.stdout.contains("[1/1] generated code: passed in "), "{}", said.stdout);
    assert!(said.stdout.contains("ci: 1 of 1 step passed in "), "{}", said.stdout);
}

#[test]
fn a_run_stops_at_the_first_step_that_fails() {
    let said = without_crate().run(&["ci", "--only", "codegen", "--only", "format"]);
    let said = said.failed(&["1 of 2 steps failed: format (0 passed, 0 skipped, 1 not run)"]);
    assert!(!said.stdout.contains("generated code"), "{}", said.stdout);
}

#[test]
fn a_run_that_keeps_going_ends_with_the_names_of_all_steps_that_failed() {
    let copy = without_crate();
    let steps = ["ci", "--keep-going", "--only", "format", "--only", "codegen", "--only", "msrv"];
    let said = copy.run(&steps).failed(&[
        "3 of 3 steps failed: format, codegen, msrv (0 passed, 0 skipped)",
        "`cargo xtask ci --only format --only codegen --only msrv`",
    ]);
    assert!(said.stdout.contains("[3/3] minimum Rust version: failed in "), "{}", said.stdout);
    copy.run(&["codegen"]).passed();
    copy.run(&steps).failed(&["2 of 3 steps failed: format, msrv (1 passed, 0 skipped)"]);
}

#[test]
fn an_unknown_step_is_refused_with_the_names_of_all() {
    let said = without_crate().run(&["ci", "--only", "clipy"]);
    assert_eq!(said.code, Some(2), "{}", said.stderr);
    for part in ["'clipy'", "format, format-xtask, codegen", "clippy, clippy-xtask", "packages"] {
        assert!(said.stderr.contains(part), "no {part:?} in: {}", said.stderr);
    }
}
