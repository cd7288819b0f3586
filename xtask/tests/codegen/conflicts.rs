//! Conflicts that git has left in `specs/`.

use std::fs;

use crate::copy::Copy;
use crate::diff::PETS;

/// A conflict around a line.
fn conflict(line: &str) -> String {
    format!("<<<<<<< HEAD\n{line}=======\n{line}>>>>>>> other\n")
}

#[test]
fn each_conflict_is_reported_with_its_line_and_the_next_command() {
    for (file, before, at, remedy) in [
        ("specs/README.md", "| file | sha256 |\n|---|---|\n", 3, "then run `cargo xtask specs verify`"),
        ("specs/pets.yaml", "openapi: 3.0.3\n", 2, "`cargo xtask codegen pets` and `cargo xtask diff pets --write`"),
        ("specs/pets.overlay.yaml", "overlay: 1.0.0\n", 2, "`cargo xtask codegen pets`"),
        ("specs/pets.approved.yaml", "approved:\n", 2, "`cargo xtask diff pets`"),
        ("specs/versions.toml", "# Versions\n\n", 3, "each crate keeps its higher version"),
    ] {
        let copy = Copy::with_document(PETS);
        copy.write(file, &format!("{before}{}", conflict("x\n")));
        for command in [&["codegen"][..], &["codegen", "--check"], &["diff", "pets", "--against", "x"], &["versions"]] {
            let place = format!("{file}:{at}");
            copy.run(command).failed(&["git has left a conflict in this file", &place, remedy]);
        }
        assert!(!copy.path("crates").exists(), "nothing is written");
    }
}

#[test]
fn all_conflicts_are_reported_in_one_run() {
    let copy = Copy::with_document(PETS);
    for file in ["specs/README.md", "specs/versions.toml", "specs/pets.overlay.yaml"] {
        copy.write(file, &conflict("x\n"));
    }
    copy.run(&["codegen"]).failed(&["specs/README.md:1", "specs/versions.toml:1", "specs/pets.overlay.yaml:1"]);
    let file = copy.path("old.yaml").display().to_string();
    fs::write(&file, conflict("a: 1\n")).expect("written");
    for file in ["specs/README.md", "specs/versions.toml", "specs/pets.overlay.yaml"] {
        fs::remove_file(copy.path(file)).expect("removed");
    }
    copy.run(&["codegen", "--spec", &file, "--out", &copy.path("out").display().to_string()]).failed(&[
        "git has left a conflict in this file",
        "old.yaml:1",
        "resolve the conflict, then run the command again",
    ]);
}
