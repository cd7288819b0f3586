//! Imports of hand-written crates: no circle between files, and a step of the generator uses no step after it.

mod imports;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use imports::{Imports, circles};

/// Circles that recursion needs, each as the files of it. There is none.
const ALLOWED: &[&[&str]] = &[];

/// The steps of the generator in their order, each a folder of `xtask/codegen/src`.
const STEPS: [&str; 7] = ["upgrade", "lower", "adapt", "progenitor", "lint", "patch", "emit"];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The folders with the sources of all crates: those of the main workspace, of xtask and of the tests.
fn sources() -> Vec<PathBuf> {
    let root = repository();
    let inside = |folder: &str| {
        let entries = fs::read_dir(root.join(folder)).expect("a folder");
        entries.map(|entry| entry.expect("an entry").path().join("src")).collect::<Vec<_>>()
    };
    let all = [vec![root.join("xtask/src"), root.join("tests/src")], inside("crates"), inside("xtask")].concat();
    let all = all.into_iter().filter(|folder| folder.join("lib.rs").is_file() || folder.join("main.rs").is_file());
    all.collect::<BTreeSet<_>>().into_iter().collect()
}

#[test]
fn no_import_leads_in_a_circle() {
    let sources = sources();
    assert!(sources.len() >= 12, "{sources:?}");
    let mut found = Vec::new();
    for folder in sources {
        let imports = Imports::read(&folder);
        assert!(imports.files() > 0, "{}", folder.display());
        let name = |file: &String| folder.join(file).display().to_string().replace("/xtask/../", "/");
        for circle in circles(imports.edges()) {
            let short = circle.iter().map(String::as_str).collect::<Vec<_>>();
            if !ALLOWED.contains(&short.as_slice()) {
                let arrows = imports.arrows(&circle).into_iter().map(|(from, to, names)| {
                    format!(
                        "  {} -> {}: {}\n",
                        name(&from),
                        name(&to),
                        names.into_iter().collect::<Vec<_>>().join(", ")
                    )
                });
                found.push(arrows.collect::<String>());
            }
        }
    }
    assert!(found.is_empty(), "move what both files need into a third one:\n{}", found.join("\n"));
}

#[test]
fn a_step_of_the_generator_uses_no_step_after_it() {
    let imports = Imports::read(&repository().join("xtask/codegen/src"));
    let step = |file: &str| {
        let folder = file.split_once('/').map(|(folder, _)| folder)?;
        STEPS.iter().position(|step| *step == folder)
    };
    let mut between = 0;
    for (from, to) in imports.edges() {
        for to in to {
            if let (Some(user), Some(used)) = (step(from), step(to)) {
                assert!(user >= used, "{from} uses {to}");
                between += usize::from(user != used);
            }
            assert!(
                step(from).is_some() || step(to).is_none() || is_above(from),
                "{from}, which all steps share, uses {to}"
            );
        }
    }
    assert!(between >= 2, "steps use what earlier steps return");
}

/// Files of the generator that call the steps.
fn is_above(file: &str) -> bool {
    ["lib.rs", "pipeline.rs", "report.rs"].contains(&file) || file.starts_with("draft/")
}

/// Checks a crate of these files: the circles that are found.
#[track_caller]
fn check(files: &[(&str, &str)], expected: &[&[&str]]) {
    let folder = tempfile::tempdir().expect("a folder");
    for (file, text) in files {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }
    let imports = Imports::read(folder.path());
    let found = circles(imports.edges());
    let found = found.iter().map(|circle| circle.iter().map(String::as_str).collect::<Vec<_>>()).collect::<Vec<_>>();
    assert_eq!(found, expected, "{files:?}");
}

#[test]
fn circles_are_found_through_every_way_to_name_another_file() {
    let lib = "mod a; mod b;";
    for (a, b) in [
        ("use crate::b::B; pub struct A(B);", "use crate::a::A; pub struct B(Box<A>);"),
        ("use super::b::B; pub struct A(B);", "pub struct B(Box<super::a::A>);"),
        ("use crate::{b::{self}}; pub fn f() { b::g() }", "pub fn g() { crate::a::f() }"),
        ("pub fn f() -> String { format!(\"{}\", crate::b::g()) }", "use crate::a; pub fn g() -> String { a::f() }"),
        ("mod inner { use crate::b::B; }", "mod inner { use super::super::a; } pub struct B;"),
    ] {
        check(&[("lib.rs", lib), ("a.rs", a), ("b.rs", b)], &[&["a.rs", "b.rs"]]);
    }
    // A name that is handed on counts for the file that defines it.
    let face = [("lib.rs", "mod m;"), ("m/mod.rs", "mod a; mod b; pub use a::A; pub use b::B;")];
    let both = [face[0], face[1], ("m/a.rs", "use super::B; pub struct A;"), ("m/b.rs", "use super::A; pub struct B;")];
    check(&both, &[&["m/a.rs", "m/b.rs"]]);
    // A parent that calls its child, which uses what the parent defines.
    let parent = [
        ("lib.rs", "mod m;"),
        ("m/mod.rs", "mod a; pub struct M; fn f() { a::f() }"),
        ("m/a.rs", "use super::M; pub fn f() {}"),
    ];
    check(&parent, &[&["m/a.rs", "m/mod.rs"]]);
}

#[test]
fn what_is_no_circle_is_not_taken_for_one() {
    let face = [("lib.rs", "mod m; pub use m::A;"), ("m/mod.rs", "mod a; mod b; pub use a::A;")];
    // Tests may use anything, and handing a name on is no use of it.
    let a = "use super::b::B; pub struct A(B);";
    let b = "pub struct B; #[cfg(test)] mod tests { use super::super::A; use crate::A as Other; }";
    check(&[face[0], face[1], ("m/a.rs", a), ("m/b.rs", b)], &[]);
    let comments = "/// See [`crate::a`]. \npub struct B; pub const TEXT: &str = \"crate::a::A\";";
    check(&[("lib.rs", "mod a; mod b;"), ("a.rs", "use crate::b::B; pub struct A(B);"), ("b.rs", comments)], &[]);
}
