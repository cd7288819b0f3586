//! The manifest of a generated crate.

use diagnostics::text::{Toml, fill};

use super::features;
use super::input::Input;
use super::licenses::unmarked;
use crate::home::{Alone, Home, Transport};
use crate::mark::COMMAND;
use crate::progenitor::ExtraCrate;

/// The dependencies of every generated crate.
const USUAL: [&str; 5] = ["auth-transport", "progenitor-client", "reqwest", "schemars", "serde"];

/// Writes `Cargo.toml`.
pub(super) fn manifest(input: &Input<'_>) -> Toml {
    if let Home::Alone(of) = input.home {
        return alone(input, of);
    }
    let Input { name, .. } = input;
    let keywords = Toml::join(keywords(name).iter().map(|word| Toml::string(word)), ", ");
    fill!(
        Toml,
        r#"{}{}
[package]
name = {}
description = {}
{}
edition.workspace = true
rust-version.workspace = true
license.workspace = true
readme = "README.md"
keywords = [{}]
categories = ["api-bindings", "authentication"]

{}
[dependencies]
{}
[lints.rust]
unsafe_code = "forbid"
"#,
        input.header("# ", "", Toml::comment),
        unmarked(input.home),
        Toml::string(name),
        description(input),
        version(input.version),
        keywords,
        features::TABLES,
        dependencies(&input.generated.crates),
    )
}

fn description(input: &Input<'_>) -> Toml {
    let description = format!("Client for {}, generated from its OpenAPI document", input.named());
    Toml::string(&description.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The versions of dependencies outside the workspace: those of the workspace, and one that only such a crate may need.
const VERSIONS: [(&str, &str); 9] = [
    ("auth-transport", "0.1.0"),
    ("chrono", "0.4.45"),
    ("progenitor-client", "0.15.1"),
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

/// The dependency on `auth-transport`.
fn transport(from: &Transport, has_decimals: bool) -> Toml {
    let version = Toml::string(wanted("auth-transport"));
    let place = match from {
        Transport::Registry => Toml::from(""),
        Transport::Path(path) => fill!(Toml, ", path = {}", Toml::string(path)),
        Transport::Git { url, revision: None } => fill!(Toml, ", git = {}", Toml::string(url)),
        Transport::Git { url, revision: Some(revision) } => {
            fill!(Toml, ", git = {}, rev = {}", Toml::string(url), Toml::string(revision))
        }
    };
    let features = if has_decimals { ", features = [\"decimal\"]" } else { "" };
    let features = Toml::from(features);
    fill!(Toml, "auth-transport = {{ version = {}{}, default-features = false{} }}", version, place, features)
}

/// The manifest of a standalone crate.
fn alone(input: &Input<'_>, alone: &Alone) -> Toml {
    let version = |name: &'static str| Toml::string(wanted(name));
    let extra = |wanted: ExtraCrate| input.generated.crates.contains(&wanted);
    let features = [(ExtraCrate::Chrono, "\"chrono04\""), (ExtraCrate::Uuid, "\"uuid1\"")];
    let features = features.into_iter().filter(|(of, _)| extra(*of)).map(|(_, name)| Toml::from(name));
    let features = Toml::join(features, ", ");
    let mut lines = vec![
        transport(&alone.transport, extra(ExtraCrate::Decimal)),
        fill!(Toml, "progenitor-client = {}", version("progenitor-client")),
        fill!(Toml, "reqwest = {{ version = {}, default-features = false }}", version("reqwest")),
        fill!(Toml, "schemars = {{ version = {}, features = [{}] }}", version("schemars"), features),
        fill!(Toml, "serde = {{ version = {}, features = [\"derive\"] }}", version("serde")),
    ];
    if extra(ExtraCrate::Chrono) {
        lines.push(fill!(
            Toml,
            "chrono = {{ version = {}, default-features = false, features = [\"clock\", \"serde\", \"std\"] }}",
            version("chrono")
        ));
    }
    if extra(ExtraCrate::Regex) {
        lines.push(fill!(Toml, "regex = {}", version("regex")));
    }
    if extra(ExtraCrate::SerdeJson) {
        lines.push(fill!(Toml, "serde_json = {}", version("serde_json")));
    }
    if extra(ExtraCrate::Uuid) {
        lines.push(fill!(
            Toml,
            "uuid = {{ version = {}, default-features = false, features = [\"serde\"] }}",
            version("uuid")
        ));
    }
    lines.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    fill!(
        Toml,
        "{}{}{}\n[package]\nname = {}\ndescription = {}\nversion = \"0.1.0\"\nedition = \"2024\"\nrust-version = \"1.88\"\n\
         readme = \"README.md\"\npublish = false\n\n{}{}\n[dependencies]\n{}\n\n[lints.rust]\nunsafe_code = \"forbid\"\n",
        input.header("# ", "", Toml::comment),
        fill!(Toml, "# {}{}\n", COMMAND, Toml::comment(&alone.command)),
        unmarked(input.home),
        Toml::string(input.name),
        description(input),
        if alone.is_member { "" } else { "# A separate workspace in every folder.\n[workspace]\n\n" },
        features::TABLES,
        Toml::join(lines, "\n")
    )
}

/// The line with the version: its own if one is recorded in `specs/versions.toml`, else that of the workspace.
fn version(own: Option<&str>) -> Toml {
    own.map_or_else(|| "version.workspace = true".into(), |own| fill!(Toml, "version = {}", Toml::string(own)))
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

fn dependencies(extra: &[ExtraCrate]) -> Toml {
    let mut lines = USUAL.map(|name| fill!(Toml, "{}.workspace = true", name)).to_vec();
    let mut of_schemars = Vec::new();
    for name in extra {
        let (line, feature) = match name {
            ExtraCrate::Chrono => (r#"chrono = { workspace = true, features = ["serde"] }"#, Some("chrono04")),
            ExtraCrate::Decimal => {
                lines.retain(|line| !line.as_str().starts_with("auth-transport"));
                (r#"auth-transport = { workspace = true, features = ["decimal"] }"#, None)
            }
            ExtraCrate::Regex => ("regex.workspace = true", None),
            ExtraCrate::SerdeJson => ("serde_json.workspace = true", None),
            ExtraCrate::Uuid => (r#"uuid = { workspace = true, features = ["serde"] }"#, Some("uuid1")),
        };
        lines.push(line.into());
        of_schemars.extend(feature.map(Toml::string));
    }
    if !of_schemars.is_empty() {
        let features = Toml::join(of_schemars, ", ");
        let line = fill!(Toml, "schemars = {{ workspace = true, features = [{}] }}", features);
        lines.retain(|line| !line.as_str().starts_with("schemars"));
        lines.push(line);
    }
    lines.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    Toml::join(lines.into_iter().map(|line| fill!(Toml, "{}\n", line)), "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_used_crates_are_dependencies() {
        let usual = "auth-transport.workspace = true\nprogenitor-client.workspace = true\nreqwest.workspace = true\n\
                     schemars.workspace = true\nserde.workspace = true\n";
        assert_eq!(dependencies(&[]).as_str(), usual);
        let more = dependencies(&[ExtraCrate::Chrono, ExtraCrate::SerdeJson, ExtraCrate::Uuid]).into_string();
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
    fn a_standalone_crate_needs_the_versions_of_the_workspace() {
        let root = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml"));
        let (_, shared) = root.split_once("[workspace.dependencies]").expect("the table of shared versions");
        for (name, version) in VERSIONS {
            assert_eq!(Some(version), required(shared, name), "{name}");
        }
        let own = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"));
        let generator =
            format!("progenitor {}", required(own, "progenitor").unwrap_or_default().trim_start_matches('='));
        assert_eq!(generator, crate::progenitor::GENERATOR, "generated files name the one that is pinned");
        assert_eq!(required(own, "regex"), Some(wanted("regex")), "patterns are read as generated code reads them");
        for name in USUAL.into_iter().chain(["chrono", "regex", "serde_json", "uuid"]) {
            assert_ne!(wanted(name), "*", "{name}");
        }
        for line in ["edition = \"2024\"", "rust-version = \"1.88\""] {
            assert!(root.contains(line), "{line} is written into standalone crates");
        }
    }

    #[test]
    fn a_crate_has_the_version_of_the_workspace_unless_one_is_recorded() {
        assert_eq!(version(None).as_str(), "version.workspace = true");
        assert_eq!(version(Some("0.2.0")).as_str(), "version = \"0.2.0\"");
    }

    #[test]
    fn keywords_are_few_and_different() {
        assert_eq!(keywords("lean-auth"), ["openapi", "client", "lean", "auth"]);
        assert_eq!(keywords("a-client-b-c-d"), ["openapi", "client", "a", "b", "c"]);
    }
}
