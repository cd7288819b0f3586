//! A generated crate that does not match `auth-transport` does not compile, and the error has the remedy.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::copy::{repository, run_in};
use crate::deadlines::output;
use crate::program::{lasting, mirror, put, target};

const DOCUMENT: &str = "\
openapi: 3.0.3
info: { title: Pets API, version: '1' }
paths:
  /pets:
    get: { operationId: listPets, responses: { '204': { description: none } } }
";

/// A workspace with `auth-transport` and a crate that is generated anew.
fn workspace() -> PathBuf {
    let root = lasting("code_version");
    let manifest = fs::read_to_string(repository().join("Cargo.toml")).expect("readable");
    let (_, package) = manifest.split_once("[workspace.package]").expect("it has that table");
    let members = "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\", \"served/*\"]\n\n[workspace.package]";
    let package = package.replace("path = \"crates/auth-transport\"", "path = \"served/auth-transport\"");
    put(&root.join("Cargo.toml"), &format!("{members}{package}"));
    let lock = fs::read_to_string(repository().join("Cargo.lock")).expect("readable");
    put(&root.join("Cargo.lock"), &lock);
    // In a shared target folder, cargo takes packages with the same path in their workspaces for the same package.
    mirror(&repository().join("crates/auth-transport"), &root.join("served/auth-transport"));
    put(&root.join("specs/served-pets.yaml"), DOCUMENT);
    put(
        &root.join("specs/README.md"),
        &format!("| file | sha256 |\n|---|---|\n| `served-pets.yaml` | `{}` |\n", sum(&root)),
    );
    run_in(&root, &["codegen"]).passed();
    root
}

/// The sum of the document, as the command states it.
fn sum(root: &Path) -> String {
    put(
        &root.join("specs/README.md"),
        &format!("| file | sha256 |\n|---|---|\n| `served-pets.yaml` | `{:064}` |\n", 0),
    );
    let said = run_in(root, &["codegen"]).stderr;
    let mut words = said.split(|c: char| !c.is_ascii_alphanumeric());
    words.find(|word| word.len() == 64).unwrap_or_else(|| panic!("no sum in {said}")).to_owned()
}

/// Compiles the generated crate; returns what the compiler says, if it refuses.
fn refusal(root: &Path) -> Option<String> {
    let out = output(
        Command::new(env!("CARGO"))
            .args(["check", "--quiet", "--offline", "--package", "served-pets", "--manifest-path"])
            .arg(root.join("Cargo.toml"))
            .env("CARGO_TARGET_DIR", target())
            .env("CARGO_TERM_COLOR", "never"),
    );
    (!out.status.success()).then(|| String::from_utf8_lossy(&out.stderr).into_owned())
}

/// Replaces a part of a file, which has to be there.
fn edit(path: &Path, old: &str, new: &str) {
    let text = fs::read_to_string(path).expect("readable");
    assert!(text.contains(old), "{} does not contain {old}", path.display());
    fs::write(path, text.replacen(old, new, 1)).expect("writable");
}

#[test]
fn a_crate_that_does_not_match_auth_transport_gets_a_remedy() {
    let root = workspace();
    assert_eq!(refusal(&root), None, "as it is generated");
    let (shell, served) =
        (root.join("crates/served-pets/src/lib.rs"), root.join("served/auth-transport/src/generated_code_version.rs"));
    edit(&shell, "generated_code_version!(3)", "generated_code_version!(4)");
    let newer = refusal(&root).expect("a later generator asks for more");
    edit(&shell, "generated_code_version!(4)", "generated_code_version!(3)");
    // What a later auth-transport has, which serves nothing of before.
    edit(&served, "(3) => {};", "(4) => {};");
    edit(&served, "(0) =>", "(3) =>");
    let older = refusal(&root).expect("a later auth-transport serves something else");
    for (said, words, remedy) in [
        (
            newer,
            "this crate was generated for a later version of auth-transport",
            "run `cargo update --package auth-transport`",
        ),
        (
            older,
            "this crate was generated for an earlier version of auth-transport",
            "run the command in the first line of this file",
        ),
    ] {
        assert!(said.starts_with(&format!("error: {words}")) && said.contains(remedy), "{said}");
        assert!(said.contains("--> crates/served-pets/src/lib.rs:"), "{said}");
        let errors = said.lines().filter(|line| line.starts_with("error")).count();
        assert_eq!(errors, 2, "the message and cargo's own, and no riddles: {said}");
    }
}
