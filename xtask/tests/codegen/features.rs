//! The features of published and of generated crates, as docs.rs, rustdoc and README describe them.

use std::fs;
use std::path::Path;

use toml::{Table, Value};

use crate::copy::{Copy, repository};
use crate::specs::PETS;

/// The settings with which docs.rs builds the documentation of a crate.
fn docs_rs(manifest: &Table) -> Option<&Value> {
    manifest["package"].get("metadata")?.get("docs")?.get("rs")
}

/// Returns what is missing in the documentation of the features of a crate, if it has any.
fn missing(folder: &Path) -> Vec<String> {
    let read = |file: &str| fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let manifest: Table = read("Cargo.toml").parse().expect("a manifest");
    let Some(Value::Table(features)) = manifest.get("features") else { return Vec::new() };
    let mut missing = Vec::new();
    let wanted = toml::toml! { all-features = true rustdoc-args = ["--cfg", "docsrs"] };
    if docs_rs(&manifest) != Some(&Value::Table(wanted)) {
        missing.push(format!("docs.rs has {:?}", docs_rs(&manifest)));
    }
    let defaults = features["default"].as_array().expect("a list of features");
    for (file, heading, prefix) in [("src/lib.rs", "//! # Features", "//! "), ("README.md", "## Features", "")] {
        let text = read(file);
        let (_, section) = text.split_once(&format!("{heading}\n")).unwrap_or_default();
        for name in features.keys().filter(|name| *name != "default") {
            let is_default = if defaults.iter().any(|it| it.as_str() == Some(name)) { "yes" } else { "no" };
            let begin = format!("{prefix}| `{name}` | ");
            let end = format!(" | {is_default} |");
            if !section.lines().any(|line| line.starts_with(&begin) && line.ends_with(&end)) {
                missing.push(format!("{file} has no row for the feature {name}, default: {is_default}"));
            }
        }
    }
    if !read("src/lib.rs").contains("#![cfg_attr(docsrs, feature(doc_cfg))]\n") {
        missing.push("src/lib.rs does not enable doc_cfg on docs.rs".to_owned());
    }
    missing
}

/// A crate of a workspace in `crates/pets`, and a standalone one in `alone`.
fn pets() -> Copy {
    let copy = Copy::with_document(PETS);
    copy.run(&["codegen"]).passed();
    let [document, out] = ["specs/pets.yaml", "alone"].map(|path| copy.path(path).display().to_string());
    copy.run(&["codegen", "--spec", &document, "--out", &out]).passed();
    copy
}

#[test]
fn published_crates_document_their_features() {
    for name in [
        "access-token",
        "auth-core",
        "auth-fleet",
        "auth-transport",
        "lean-auth",
        "lean-customers",
        "leanix-auth",
        "leanix-poll",
    ] {
        assert_eq!(missing(&repository().join("crates").join(name)), [""; 0], "{name}");
    }
}

#[test]
fn generated_crates_document_their_features() {
    let copy = pets();
    for folder in ["crates/pets", "alone"] {
        assert_eq!(missing(&copy.path(folder)), [""; 0], "{folder}");
        let manifest: Table = copy.read(&format!("{folder}/Cargo.toml")).parse().expect("a manifest");
        assert_eq!(manifest["package"].get("documentation"), None, "the registry links to docs.rs itself");
        let shell = copy.read(&format!("{folder}/src/lib.rs"));
        assert!(shell.contains("`rustls::crypto::CryptoProvider::install_default`"), "{shell}");
    }
}

#[test]
fn packages_name_the_license_of_progenitor_client() {
    let copy = pets();
    let own =
        |name: &str| fs::read_to_string(repository().join("crates").join(name).join("README.md")).expect("readable");
    for text in
        [own("auth-core"), own("auth-transport"), copy.read("crates/pets/README.md"), copy.read("alone/README.md")]
    {
        assert!(text.contains("`progenitor-client`") && text.contains("MPL-2.0"), "{text}");
    }
}
