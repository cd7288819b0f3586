//! The folder that the program is started in.

use std::process::Command;

use crate::copy::{Copy, Said, repository};
use crate::deadlines::output;
use crate::program::target;
use crate::specs::PETS;

/// The program as a shell starts it, without cargo.
fn directly(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(arguments).env_remove("CARGO_MANIFEST_DIR");
    command
}

fn said(command: &mut Command) -> Said {
    Said::of(output(command))
}

#[test]
fn the_program_works_on_the_workspace_of_its_folder() {
    let copy = Copy::with_document(PETS);
    copy.write("xtask/Cargo.toml", "");
    copy.write("docs/more/x", "");
    said(directly(&["codegen"]).current_dir(copy.path("docs/more"))).passed();
    assert!(copy.path("crates/pets/src/lib.rs").exists());
    said(directly(&["codegen", "--check"]).current_dir(copy.path("crates/pets/src"))).passed();
    // Cargo may be running another package.
    let mut command = directly(&["codegen", "--check"]);
    said(command.env("CARGO_MANIFEST_DIR", copy.path("crates/pets")).current_dir(copy.path(""))).passed();
}

#[test]
fn outside_a_workspace_the_remedy_names_the_root_option() {
    let copy = Copy::with_document(PETS);
    let words = ["this folder is not in a workspace", "`--root DIR`"];
    said(directly(&["codegen"]).current_dir(copy.path("specs"))).failed(&words);
    let root = copy.path("").display().to_string();
    said(directly(&["codegen", "--root", &root]).current_dir(repository())).passed();
    assert!(copy.path("crates/pets").exists());
}

#[test]
fn cargo_xtask_works_in_every_folder_of_the_workspace() {
    for folder in [
        "",
        "crates",
        "crates/auth-core/src",
        "docs/public-api",
        "specs",
        "tests/src",
        "xtask",
        "xtask/launcher/src",
        "xtask/codegen/src/lower",
    ] {
        let mut command = Command::new(env!("CARGO"));
        command.args(["xtask", "--version"]).current_dir(repository().join(folder)).env("CARGO_TARGET_DIR", target());
        let said = said(command.env_remove("CARGO_MANIFEST_DIR")).passed();
        assert_eq!(said.stdout, concat!("cargo xtask ", env!("CARGO_PKG_VERSION"), "\n"), "{folder}");
    }
}
