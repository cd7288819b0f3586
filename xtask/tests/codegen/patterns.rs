//! `pattern` in generated types: checked in a time that grows as the text does, whatever a server sends.

use std::fs;
use std::path::Path;

use crate::copy::{repository, run_in};
use crate::program::{lasting, put, run_tests};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/patterns");

const MANIFEST: &str = r#"[workspace]

[package]
name = "patterns"
version = "0.0.0"
edition = "2024"
publish = false

[dev-dependencies]
serde_json = "1.0"
texts = { path = "../texts" }
"#;

#[test]
fn no_text_of_a_server_holds_up_a_generated_type() {
    let folder = lasting("patterns");
    let [spec, out] = [Path::new(FIXTURES).join("texts.yaml"), folder.join("texts")].map(|it| it.display().to_string());
    let said = run_in(repository(), &["codegen", "--spec", &spec, "--out", &out, "--verbose"]).passed();
    let lost = "the pattern `^(?!no$)[a-z]+$` is not checked, and was dropped: it uses lookahead or lookbehind";
    assert!(said.stdout.contains(lost) && said.stdout.matches("[MEANING LOST]").count() == 1, "{}", said.stdout);
    let manifest = fs::read_to_string(folder.join("texts/Cargo.toml")).expect("a manifest");
    assert!(manifest.contains("\nregex = \"") && !manifest.contains("regress"), "{manifest}");
    let program = folder.join("program");
    put(&program.join("Cargo.toml"), MANIFEST);
    put(&program.join("src/lib.rs"), "//! Nothing but its tests.\n");
    let tests = fs::read_to_string(Path::new(FIXTURES).join("texts.rs")).expect("the tests");
    run_tests(&program, "texts", &tests);
}
