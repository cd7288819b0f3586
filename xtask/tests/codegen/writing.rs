//! What is written, and what is not.

use std::fs;
use std::time::SystemTime;

use crate::copy::Copy;

const FILES: [&str; 18] = [
    "lean-auth/Cargo.toml",
    "lean-auth/LICENSE-APACHE",
    "lean-auth/LICENSE-MIT",
    "lean-auth/README.md",
    "lean-auth/src/generated.rs",
    "lean-auth/src/lib.rs",
    "leanix-auth/Cargo.toml",
    "leanix-auth/LICENSE-APACHE",
    "leanix-auth/LICENSE-MIT",
    "leanix-auth/README.md",
    "leanix-auth/src/generated.rs",
    "leanix-auth/src/lib.rs",
    "leanix-poll/Cargo.toml",
    "leanix-poll/LICENSE-APACHE",
    "leanix-poll/LICENSE-MIT",
    "leanix-poll/README.md",
    "leanix-poll/src/generated.rs",
    "leanix-poll/src/lib.rs",
];

fn times(copy: &Copy) -> Vec<SystemTime> {
    let modified = |file| fs::metadata(copy.path(&format!("crates/{file}"))).and_then(|data| data.modified());
    FILES.into_iter().map(|file| modified(file).expect("a time")).collect()
}

#[test]
fn deleting_all_crates_and_generating_restores_them_byte_for_byte() {
    let copy = Copy::new();
    let before = copy.crates();
    assert_eq!(before.keys().collect::<Vec<_>>(), FILES);
    fs::remove_dir_all(copy.path("crates")).expect("removed");
    copy.run(&["codegen"]).passed();
    assert_eq!(copy.crates(), before);
}

#[test]
fn running_twice_changes_nothing_and_touches_no_file() {
    let copy = Copy::new();
    copy.run(&["codegen"]).passed();
    let (crates, before) = (copy.crates(), times(&copy));
    let said = copy.run(&["codegen"]).passed();
    assert_eq!(said.stdout.matches("files: 6 unchanged").count(), 3, "{}", said.stdout);
    assert_eq!(copy.crates(), crates);
    assert_eq!(times(&copy), before);
}

#[test]
fn the_committed_crates_are_current() {
    let said = Copy::new().run(&["codegen", "--check"]).passed();
    let line = |name| format!("{name}: 1 operation, 0 left out, 0 losses; files: current\n");
    assert_eq!(said.stdout, ["lean-auth", "leanix-auth", "leanix-poll"].map(line).concat());
}

#[test]
fn check_shows_a_touched_byte_of_every_file_and_writes_nothing() {
    for file in FILES.into_iter().filter(|file| !file.contains("LICENSE")) {
        let copy = Copy::new();
        let path = format!("crates/{file}");
        copy.edit(&path, "with progenitor", "with progenitot");
        let before = copy.crates();
        let name = file.split('/').next().expect("a name");
        let remedy = format!("remedy: run `cargo xtask codegen {name}`");
        let said = copy.run(&["codegen", "--check"]).failed(&["not as generated", &remedy]);
        assert!(said.stdout.contains(&format!("--- a/{path}\n+++ b/{path}\n")), "{}", said.stdout);
        assert!(said.stdout.contains("progenitot"), "{}", said.stdout);
        assert_eq!(copy.crates(), before);
        copy.run(&["codegen"]).passed();
        copy.run(&["codegen", "--check"]).passed();
    }
}

#[test]
fn check_finds_missing_and_obsolete_files() {
    let copy = Copy::new();
    fs::remove_file(copy.path("crates/lean-auth/src/generated.rs")).expect("removed");
    copy.write_generated("crates/leanix-auth/src/old.rs", "specs/leanix-auth.yaml");
    let said = copy.run(&["codegen", "--check"]).failed(&["crates/lean-auth, crates/leanix-auth"]);
    assert!(said.stdout.contains("crates/lean-auth/src/generated.rs is missing"), "{}", said.stdout);
    assert!(said.stdout.contains("more lines of this diff are not shown"), "{}", said.stdout);
    assert!(
        said.stdout.contains("crates/leanix-auth/src/old.rs was generated earlier, but not any more"),
        "{}",
        said.stdout
    );
    assert!(!copy.path("crates/lean-auth/src/generated.rs").exists());
    assert!(copy.path("crates/leanix-auth/src/old.rs").exists());
}

#[test]
fn a_file_not_generated_any_more_is_removed() {
    let copy = Copy::new();
    copy.write_generated("crates/lean-auth/src/old.rs", "specs/lean-auth.yaml");
    copy.write_generated("crates/lean-auth/target/debug/x.rs", "specs/lean-auth.yaml");
    let said = copy.run(&["codegen", "lean-auth"]).passed();
    assert!(said.stdout.contains("; files: 1 removed: crates/lean-auth/src/old.rs\n"), "{}", said.stdout);
    assert!(!copy.path("crates/lean-auth/src/old.rs").exists());
    assert!(copy.path("crates/lean-auth/target/debug/x.rs").exists());
    let said = copy.run(&["codegen", "lean-auth", "--json"]).passed();
    assert!(said.stdout.contains("\"removed\": []"), "{}", said.stdout);
}

#[test]
fn a_name_limits_the_work_to_its_document() {
    let copy = Copy::new();
    fs::remove_dir_all(copy.path("crates")).expect("removed");
    copy.run(&["codegen", "leanix-auth"]).passed();
    assert!(copy.path("crates/leanix-auth/src/lib.rs").exists());
    assert!(!copy.path("crates/lean-auth").exists());
}

#[test]
fn a_failure_in_one_document_leaves_the_other_unwritten() {
    let copy = Copy::new();
    copy.edit("specs/lean-auth.overlay.yaml", "Error code, for example", "Code of the error, for example");
    copy.edit("specs/leanix-auth.yaml", "- apiToken: []", "- gone: []");
    copy.record("leanix-auth");
    let before = copy.crates();
    copy.run(&["codegen"]).failed(&["requires the security scheme `gone`"]);
    assert_eq!(copy.crates(), before, "nothing is half-written");
    copy.run(&["codegen", "lean-auth"]).passed();
    assert_ne!(copy.crates(), before, "the first document alone would have changed its crate");
}
