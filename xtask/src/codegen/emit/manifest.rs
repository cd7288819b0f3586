//! The manifest of a generated crate.

use super::{Home, Input};
use crate::codegen::generate::ExtraCrate;

/// What every generated crate needs.
const USUAL: [&str; 5] = ["auth-transport", "progenitor-client", "reqwest", "schemars", "serde"];

/// Writes `Cargo.toml`.
pub(super) fn manifest(input: &Input<'_>) -> String {
    if let Home::Alone { transport } = &input.home {
        return alone(input, transport);
    }
    let Input { name, .. } = input;
    let description = format!("Client for {}, generated from its OpenAPI document", input.named());
    let keywords = keywords(name).iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", ");
    format!(
        r#"{header}{licenses}
[package]
name = {name}
description = {description}
{version}
edition.workspace = true
rust-version.workspace = true
license.workspace = true
readme = "README.md"
documentation = "https://docs.rs/{module}"
keywords = [{keywords}]
categories = ["api-bindings", "authentication"]

[dependencies]
{dependencies}
[lints.rust]
unsafe_code = "forbid"
"#,
        header = input.header("# ", ""),
        licenses = super::licenses(),
        name = quoted(name),
        module = name,
        description = quoted(&description),
        version = version(input.version),
        dependencies = dependencies(&input.generated.crates),
    )
}

/// Versions of what a crate outside of the workspace needs: those of the workspace, and one that only it may need.
const VERSIONS: [(&str, &str); 9] = [
    ("auth-transport", "0.1.0"),
    ("chrono", "0.4.45"),
    ("progenitor-client", "=0.15.1"),
    ("regex", "1.13"),
    ("reqwest", "0.13.5"),
    ("schemars", "1.2"),
    ("serde", "1.0"),
    ("serde_json", "1.0"),
    ("uuid", "1.18"),
];

fn wanted(name: &str) -> &'static str {
    VERSIONS.iter().find(|(other, _)| *other == name).map_or("*", |(_, version)| version)
}

/// The manifest of a crate that stands alone.
fn alone(input: &Input<'_>, transport: &str) -> String {
    let description = format!("Client for {}, generated from its OpenAPI document", input.named());
    let description = description.split_whitespace().collect::<Vec<_>>().join(" ");
    let extra = |wanted: ExtraCrate| input.generated.crates.contains(&wanted);
    let features = [(ExtraCrate::Chrono, "\"chrono04\""), (ExtraCrate::Uuid, "\"uuid1\"")];
    let features =
        features.into_iter().filter(|(of, _)| extra(*of)).map(|(_, name)| name).collect::<Vec<_>>().join(", ");
    let mut lines = vec![
        format!("auth-transport = {{ version = {:?}, path = {} }}", wanted("auth-transport"), quoted(transport)),
        format!("progenitor-client = {:?}", wanted("progenitor-client")),
        format!("reqwest = {{ version = {:?}, default-features = false, features = [\"rustls\"] }}", wanted("reqwest")),
        format!("schemars = {{ version = {:?}, features = [{features}] }}", wanted("schemars")),
        format!("serde = {{ version = {:?}, features = [\"derive\"] }}", wanted("serde")),
    ];
    if extra(ExtraCrate::Chrono) {
        lines.push(format!(
            "chrono = {{ version = {:?}, default-features = false, features = [\"clock\", \"serde\", \"std\"] }}",
            wanted("chrono")
        ));
    }
    if extra(ExtraCrate::Regex) {
        lines.push(format!("regex = {:?}", wanted("regex")));
    }
    if extra(ExtraCrate::SerdeJson) {
        lines.push(format!("serde_json = {:?}", wanted("serde_json")));
    }
    if extra(ExtraCrate::Uuid) {
        lines.push(format!(
            "uuid = {{ version = {:?}, default-features = false, features = [\"serde\"] }}",
            wanted("uuid")
        ));
    }
    lines.sort();
    format!(
        "{}\n[package]\nname = {}\ndescription = {}\nversion = \"0.1.0\"\nedition = \"2024\"\nrust-version = \"1.88\"\n\
         readme = \"README.md\"\npublish = false\n\n# A workspace of its own, wherever it lies.\n[workspace]\n\n\
         [dependencies]\n{}\n\n[lints.rust]\nunsafe_code = \"forbid\"\n",
        input.header("# ", ""),
        quoted(input.name),
        quoted(&description),
        lines.join("\n")
    )
}

/// The line with the version: its own if one is recorded in `specs/versions.toml`, else that of the workspace.
fn version(own: Option<&str>) -> String {
    own.map_or_else(|| "version.workspace = true".to_owned(), |own| format!("version = {}", quoted(own)))
}

/// A TOML string; its escapes are those of JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// At most five, as the registry has it.
fn keywords(name: &str) -> Vec<String> {
    let mut words = vec!["openapi".to_owned(), "client".to_owned()];
    for word in name.split('-') {
        if words.len() < 5 && !word.is_empty() && !words.iter().any(|other| other == word) {
            words.push(word.to_owned());
        }
    }
    words
}

fn dependencies(extra: &[ExtraCrate]) -> String {
    let mut lines = USUAL.map(|name| format!("{name}.workspace = true")).to_vec();
    let mut of_schemars = Vec::new();
    for name in extra {
        let (line, feature) = match name {
            ExtraCrate::Chrono => (r#"chrono = { workspace = true, features = ["serde"] }"#, Some("chrono04")),
            ExtraCrate::Regex => ("regex.workspace = true", None),
            ExtraCrate::SerdeJson => ("serde_json.workspace = true", None),
            ExtraCrate::Uuid => (r#"uuid = { workspace = true, features = ["serde"] }"#, Some("uuid1")),
        };
        lines.push(line.to_owned());
        of_schemars.extend(feature.map(|feature| format!("\"{feature}\"")));
    }
    if !of_schemars.is_empty() {
        let line = format!("schemars = {{ workspace = true, features = [{}] }}", of_schemars.join(", "));
        lines.retain(|line| !line.starts_with("schemars"));
        lines.push(line);
    }
    lines.sort();
    lines.iter().map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_used_is_a_dependency() {
        let usual = "auth-transport.workspace = true\nprogenitor-client.workspace = true\nreqwest.workspace = true\n\
                     schemars.workspace = true\nserde.workspace = true\n";
        assert_eq!(dependencies(&[]), usual);
        let more = dependencies(&[ExtraCrate::Chrono, ExtraCrate::SerdeJson, ExtraCrate::Uuid]);
        for line in [
            "chrono = { workspace = true, features = [\"serde\"] }",
            "schemars = { workspace = true, features = [\"chrono04\", \"uuid1\"] }",
            "serde_json.workspace = true",
        ] {
            assert!(more.lines().any(|other| other == line), "{more}");
        }
    }

    /// The version of a dependency in a manifest, `name = "1"` or `name = { .., version = "1", .. }`.
    fn required<'a>(manifest: &'a str, name: &str) -> Option<&'a str> {
        let value = manifest.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix('='))?.trim();
        let version = value.strip_prefix('"').or_else(|| value.split_once("version = \"").map(|(_, rest)| rest))?;
        version.split('"').next()
    }

    #[test]
    fn a_crate_that_stands_alone_needs_the_versions_of_the_workspace() {
        let root = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"));
        let (_, shared) = root.split_once("[workspace.dependencies]").expect("the table of shared versions");
        for (name, version) in VERSIONS {
            assert_eq!(Some(version), required(shared, name), "{name}");
        }
        let own = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
        assert_eq!(required(own, "regex"), Some(wanted("regex")), "patterns are read as generated code reads them");
        for name in USUAL.into_iter().chain(["chrono", "regex", "serde_json", "uuid"]) {
            assert_ne!(wanted(name), "*", "{name}");
        }
        for line in ["edition = \"2024\"", "rust-version = \"1.88\""] {
            assert!(root.contains(line), "{line} is written into crates that stand alone");
        }
    }

    #[test]
    fn a_crate_has_the_version_of_the_workspace_unless_one_is_recorded() {
        assert_eq!(version(None), "version.workspace = true");
        assert_eq!(version(Some("0.2.0")), "version = \"0.2.0\"");
    }

    #[test]
    fn keywords_are_few_and_different() {
        assert_eq!(keywords("lean-auth"), ["openapi", "client", "lean", "auth"]);
        assert_eq!(keywords("a-client-b-c-d"), ["openapi", "client", "a", "b", "c"]);
    }
}
