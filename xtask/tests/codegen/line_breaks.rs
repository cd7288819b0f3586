//! Documents with the line breaks of other systems, in the clones of other people.

use std::path::Path;
use std::process::Command;

use crate::copy::Copy;
use crate::deadlines::output;
use crate::specs::PETS;

const OVERLAY: &str = "overlay: 1.0.0\r\ninfo: { title: x, version: '1' }\r\nactions:\r\n\
                       - { target: $.info, description: why, update: { title: Cats } }\r\n";

/// A committed workspace whose author writes CRLF.
fn authored(attributes: &str) -> Copy {
    let copy = Copy::with_document(&PETS.replace('\n', "\r\n"));
    copy.write("specs/pets.overlay.yaml", OVERLAY);
    copy.write("specs/pets.approved.yaml", "approved: []\r\n");
    copy.write(".gitattributes", attributes);
    copy.run(&["codegen"]).passed();
    copy.run(&["codegen", "--check"]).passed();
    git(&copy.path(""), &["init", "-q"]);
    git(&copy.path(""), &["add", "-A"]);
    git(&copy.path(""), &["commit", "-q", "-m", "m"]);
    copy
}

fn git(folder: &Path, arguments: &[&str]) {
    let user = ["-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "commit.gpgsign=false"];
    let done = output(Command::new("git").current_dir(folder).args(user).args(arguments));
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// A clone by a user whose git converts line breaks in this way.
fn clone(of: &Copy, conversion: &str) -> Copy {
    let from = of.path("").display().to_string();
    Copy::put_by(|folder| git(folder, &["-c", &format!("core.autocrlf={conversion}"), "clone", "-q", &from, "."]))
}

#[test]
fn a_document_with_crlf_is_the_one_on_record_in_every_clone() {
    let own = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../.gitattributes"));
    let author = authored(own);
    for conversion in ["true", "false", "input"] {
        let clone = clone(&author, conversion);
        clone.run(&["codegen", "--check"]).passed();
        clone.run(&["specs", "verify"]).passed();
        assert_eq!(clone.read("specs/pets.overlay.yaml"), OVERLAY, "{conversion}");
    }
}

#[test]
fn converted_line_breaks_of_a_document_are_reported() {
    let author = authored("* text=auto eol=lf\n");
    let clone = clone(&author, "false");
    for command in [&["codegen", "--check"][..], &["specs", "verify"]] {
        clone.run(command).failed(&[
            "specs/pets.yaml is the document on record, but its line breaks have been converted",
            "specs/** -text",
            "git checkout -- specs/pets.yaml",
        ]);
    }
    clone.write("specs/pets.yaml", &PETS.replace("version: '1'", "version: '2'"));
    clone.run(&["specs", "verify"]).failed(&["specs/pets.yaml is not the document on record"]);
}

#[test]
fn converted_line_breaks_of_a_generated_file_are_reported() {
    let copy = Copy::with_document(PETS);
    copy.run(&["codegen"]).passed();
    for file in ["crates/pets/src/lib.rs", "crates/pets/README.md"] {
        copy.write(file, &copy.read(file).replace('\n', "\r\n"));
    }
    let said = copy.run(&["codegen", "--check"]);
    assert_eq!(said.stdout.matches("its line breaks have been converted").count(), 2, "{}", said.stdout);
    assert!(said.stdout.contains("`* text=auto eol=lf`") && !said.stdout.contains("+++"), "{}", said.stdout);
    said.failed(&["not as generated: crates/pets"]);
    copy.run(&["codegen"]).passed();
    copy.run(&["codegen", "--check"]).passed();
}
