//! Commands that are interrupted or fail at each operation on files.
//!
//! `XTASK_FAULT` is understood by debug builds, see `src/files/disk.rs`.

use std::fs;
use std::process::Command;

use crate::copy::{Copy, Said};
use crate::deadlines::output;
use crate::diff;

/// The crates of the workspace that generated crates take over, as far as cargo reads their manifests.
const MANIFEST: &str = "\
[workspace]
resolver = \"3\"
members = [\"crates/*\"]

[workspace.package]
version = \"0.3.0\"
edition = \"2024\"
rust-version = \"1.88\"
license = \"MIT\"

[workspace.dependencies]
auth-transport = { path = \"crates/auth-transport\", version = \"0.1.0\" }
progenitor-client = \"0.15.1\"
reqwest = \"0.13\"
schemars = \"1.2\"
serde = \"1.0\"
";

const DOCUMENT: &str = "\
openapi: 3.1.0
info: { title: Shop, version: '1' }
paths:
  /token:
    post:
      operationId: requestToken
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema: { type: object, properties: { grant_type: { type: string }, client_secret: { type: string } } }
      responses:
        '200':
          description: The token
          content: { application/json: { schema: { type: object, properties: { access_token: { type: string } } } } }
";

/// A workspace that cargo loads, with a document to be added.
fn workspace() -> Copy {
    let copy = Copy::with_full_record("openapi: 3.1.0\ninfo: { title: Pets, version: '1' }\npaths: {}\n");
    copy.write("Cargo.toml", MANIFEST);
    copy.write(".gitattributes", "* text=auto eol=lf\n");
    copy.write("crates/auth-transport/Cargo.toml", "[package]\nname = \"auth-transport\"\nversion = \"0.1.0\"\n");
    copy.write("crates/auth-transport/src/lib.rs", "");
    copy.write("shop.yaml", DOCUMENT);
    copy
}

fn new(copy: &Copy, fault: &str) -> Said {
    let from = copy.path("shop.yaml").display().to_string();
    copy.run_with(&["new", "shop", "--from", &from], &[("XTASK_FAULT", fault)])
}

/// Asserts that cargo can load the workspace.
#[track_caller]
fn loads(copy: &Copy, when: &str) {
    let loaded = output(
        Command::new(env!("CARGO"))
            .args(["metadata", "--no-deps", "--offline", "--format-version", "1", "--manifest-path"])
            .arg(copy.path("Cargo.toml")),
    );
    assert!(loaded.status.success(), "{when}: {}", String::from_utf8_lossy(&loaded.stderr));
}

/// Does something with 1, 2, 3 and so on until it returns `false`; returns how often it did.
fn count(mut attempt: impl FnMut(usize) -> bool) -> usize {
    (1..).find(|at| !attempt(*at)).expect("it ends") - 1
}

#[test]
fn new_can_be_killed_at_any_moment_and_run_again() {
    let fresh = workspace();
    let (whole, before) = (fresh.twin(), fresh.files());
    new(&whole, "").passed();
    let after = whole.files();
    let operations = count(|at| {
        let copy = fresh.twin();
        let said = new(&copy, &format!("kill@{at}"));
        loads(&copy, &format!("killed at {at}"));
        if said.code == Some(0) {
            return false;
        }
        assert_eq!(said.code, Some(137), "{}", said.stderr);
        let again = new(&copy, "");
        if again.stderr.contains("`cargo xtask new shop`") && again.stderr.contains("after all its changes were made") {
            again.failed(&["`shop` already exists"]);
            assert_eq!(copy.files(), after, "killed at {at}");
            return true;
        }
        let again = again.passed();
        assert_eq!(copy.files(), after, "killed at {at}: {}", again.stderr);
        true
    });
    assert!(operations > 20, "the stage and every rename: {operations}");
    // What undoes it can be killed as well. Before the last but one operation everything is in place.
    let last = operations - 1;
    count(|at| {
        let copy = fresh.twin();
        new(&copy, &format!("kill@{last}"));
        let said = new(&copy, &format!("kill@{at}"));
        loads(&copy, &format!("killed at {last} and at {at}"));
        new(&copy, "");
        assert_eq!(copy.files(), after, "killed at {last} and at {at}");
        said.code == Some(137)
    });
    // Another command undoes what was left.
    let copy = workspace();
    new(&copy, &format!("kill@{}", operations - 3));
    assert_ne!(copy.files(), before);
    let said =
        copy.run(&["codegen", "pets"]).failed(&["`cargo xtask new shop`", "was interrupted; its changes were undone"]);
    assert_eq!(copy.files(), before, "{}", said.stderr);
}

#[test]
fn changes_by_a_person_after_an_interruption_stay() {
    let copy = workspace();
    let operations = count(|at| new(&copy.twin(), &format!("kill@{at}")).code == Some(137));
    // Everything is in place, but the record of the changes has not been removed.
    let last = (1..operations).rev().find(|at| {
        let copy = copy.twin();
        new(&copy, &format!("kill@{at}"));
        copy.path(".xtask/stage/journal.json").exists()
    });
    new(&copy, &format!("kill@{}", last.expect("a journal")));
    copy.edit("specs/shop.overlay.yaml", "actions:", "# mine\nactions:");
    copy.write("crates/shop/tests/mine.rs", "// mine\n");
    let said = copy.run(&["codegen", "shop"]);
    for file in ["specs/shop.overlay.yaml", "crates/shop"] {
        let words = format!("{file} has changed since the interrupted command wrote it");
        assert!(said.stderr.contains(&words), "no {words} in {}", said.stderr);
    }
    assert!(copy.read("specs/shop.overlay.yaml").contains("# mine") && copy.path("crates/shop/tests/mine.rs").exists());
}

#[test]
fn an_interrupted_update_leaves_document_and_record_together() {
    let fresh = workspace();
    let operation = "get: { operationId: list, responses: { '204': { description: none } } }";
    let new = format!("openapi: 3.1.0\ninfo: {{ title: Pets, version: '2' }}\npaths: {{ /pets: {{ {operation} }} }}\n");
    fresh.write("new.yaml", &new);
    let update = |copy: &Copy, fault: &str| {
        let from = copy.path("new.yaml").display().to_string();
        copy.run_with(&["specs", "update", "pets", "--from", &from], &[("XTASK_FAULT", fault)])
    };
    let operations = count(|at| {
        let copy = fresh.twin();
        let killed = update(&copy, &format!("kill@{at}")).code == Some(137);
        // Another command that writes, whatever comes of it.
        copy.run(&["codegen", "pets"]);
        copy.run(&["specs", "verify"]).passed();
        update(&copy, "").passed();
        assert!(copy.read("specs/pets.yaml").contains("version: '2'"), "killed at {at}");
        copy.run(&["specs", "verify"]).passed();
        killed
    });
    assert!(operations > 8, "{operations}");
}

#[test]
fn an_interrupted_diff_leaves_each_file_old_or_new() {
    const FILES: [&str; 5] =
        ["CHANGELOG.md", "specs/versions.toml", "Cargo.toml", "Cargo.lock", "crates/pets/Cargo.toml"];
    let fresh = diff::repository();
    diff::vendor_asks_for_more(&fresh);
    let write = |copy: &Copy, fault: &str| copy.run_with(&["diff", "pets", "--write"], &[("XTASK_FAULT", fault)]);
    let texts = |copy: &Copy| FILES.map(|file| fs::read_to_string(copy.path(file)).ok());
    let whole = fresh.twin();
    write(&whole, "").passed();
    let (before, after) = (texts(&fresh), texts(&whole));
    assert!(before.iter().zip(&after).all(|(before, after)| before != after), "each of them changes");
    let mut between = 0;
    let operations = count(|at| {
        let copy = fresh.twin();
        let killed = write(&copy, &format!("kill@{at}")).code == Some(137);
        between += usize::from(![&before, &after].contains(&&texts(&copy)));
        // A command that writes, and changes none of these files itself.
        let from = copy.path("specs/pets.yaml").display().to_string();
        copy.run(&["specs", "update", "pets", "--from", &from]).passed();
        assert!([&before, &after].contains(&&texts(&copy)), "killed at {at}");
        write(&copy, "").passed();
        assert_eq!(texts(&copy), after, "killed at {at}");
        killed
    });
    assert!(operations > 15 && between > 3, "{operations} operations, {between} of them between two files");
}

#[test]
fn if_a_file_of_diff_cannot_be_written_none_is() {
    let fresh = diff::repository();
    diff::vendor_asks_for_more(&fresh);
    let before = fresh.files();
    let operations = count(|at| {
        let said = fresh.run_with(&["diff", "pets", "--write"], &[("XTASK_FAULT", &format!("fail@{at}"))]);
        if said.code == Some(0) {
            return false;
        }
        said.failed(&["an injected fault; nothing has been changed"]);
        assert_eq!(fresh.files(), before, "{at}");
        true
    });
    assert!(operations > 15, "{operations}");
}

/// The vendors' crates, which two of three documents change.
fn changed() -> Copy {
    let copy = Copy::new();
    copy.edit("specs/lean-auth.overlay.yaml", "Error code, for example", "Code of the error, for example");
    copy.edit("specs/leanix-auth.yaml", "info:\n", "info:\n  x-more: 1\n");
    copy.record("leanix-auth");
    copy.write_generated("crates/lean-auth/src/old.rs", "specs/lean-auth.yaml");
    copy
}

fn codegen(copy: &Copy, fault: &str) -> Said {
    copy.run_with(&["codegen"], &[("XTASK_FAULT", fault)])
}

#[test]
fn if_one_file_cannot_be_replaced_none_is() {
    let copy = changed();
    let before = copy.files();
    let operations = count(|at| {
        let said = codegen(&copy, &format!("fail@{at}"));
        if said.code == Some(0) {
            return false;
        }
        let said = said.failed(&["an injected fault; nothing has been changed"]);
        assert_eq!(copy.files(), before, "{at}: {}", said.stderr);
        true
    });
    assert!(operations > 20, "{operations}");
}

#[test]
fn the_next_command_restores_what_could_not_be_restored() {
    let fresh = changed();
    let reference = fresh.twin();
    codegen(&reference, "").passed();
    let mut named = 0;
    count(|at| {
        let copy = fresh.twin();
        let before = copy.files();
        let said = codegen(&copy, &format!("fail@{at}.."));
        if said.code == Some(0) {
            return false;
        }
        if said.stderr.contains("nothing has been changed") {
            let mut after = copy.files();
            after.retain(|file, _| !file.starts_with(".xtask/stage/"));
            assert_eq!(after, before, "{at}");
        } else {
            named += 1;
            let said =
                said.failed(&["some files could not be restored", "run any command that writes, which tries again"]);
            assert!(said.stderr.contains("its earlier contents, if any, are in .xtask/stage/"), "{}", said.stderr);
        }
        codegen(&copy, "").passed();
        assert_eq!(copy.files(), reference.files(), "{at}");
        true
    });
    assert!(named > 5, "{named}");
}

#[test]
fn a_file_that_is_open_for_a_moment_is_retried() {
    let fresh = changed();
    let reference = fresh.twin();
    codegen(&reference, "").passed();
    for at in [1, 9, 20, 30] {
        let copy = fresh.twin();
        codegen(&copy, &format!("busy@{at}")).passed();
        assert_eq!(copy.files(), reference.files(), "{at}");
    }
}

#[test]
fn codegen_can_be_killed_at_any_moment_and_run_again() {
    let fresh = changed();
    let reference = fresh.twin();
    codegen(&reference, "").passed();
    let operations = count(|at| {
        let copy = fresh.twin();
        let killed = codegen(&copy, &format!("kill@{at}")).code == Some(137);
        codegen(&copy, "").passed();
        assert_eq!(copy.files(), reference.files(), "killed at {at}");
        killed
    });
    assert!(operations > 20, "{operations}");
}
