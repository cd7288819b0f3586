//! The workspace as `cargo metadata` and `cargo tree` describe it.

use std::collections::BTreeSet;

use diagnostics::{Problem, Result};
use serde_json::Value;

use crate::command;
use crate::workspace::Workspace;

/// Returns the output of `cargo metadata` for the main workspace, with all features.
///
/// # Errors
///
/// Fails if cargo cannot be started or cannot load the workspace.
pub fn read(workspace: &Workspace) -> Result<Value> {
    of(workspace, "Cargo.toml")
}

/// Returns the output of `cargo metadata` for the workspace with this manifest, with all features.
///
/// # Errors
///
/// Fails if cargo cannot be started or cannot load the workspace.
pub fn of(workspace: &Workspace, manifest: &str) -> Result<Value> {
    let answer = ask(workspace, &["metadata", "--format-version", "1"], manifest)?;
    let metadata = serde_json::from_slice(&answer).map_err(|error| {
        Problem::new(format!("cannot read the output of `cargo metadata`: {error}"))
            .remedy("use the cargo of the toolchain that this tool was built with")
    })?;
    Ok(metadata)
}

/// Returns `NAME VERSION` of each package that the workspace builds on any system. The metadata has more: optional
/// dependencies that no feature enables.
///
/// # Errors
///
/// Fails if cargo cannot be started or cannot load the workspace.
pub fn built(workspace: &Workspace, manifest: &str) -> Result<BTreeSet<String>> {
    let shape = ["tree", "--workspace", "--target", "all", "--prefix", "none", "--format", "{p}"];
    let answer = ask(workspace, &shape, manifest)?;
    Ok(String::from_utf8_lossy(&answer).lines().filter_map(name_and_version).collect())
}

/// `a 1.0.0` for `a v1.0.0 (proc-macro) (*)`.
fn name_and_version(line: &str) -> Option<String> {
    let (name, rest) = line.split_once(" v")?;
    Some(format!("{name} {}", rest.split(' ').next()?))
}

/// Returns the output of a cargo command about the workspace with this manifest, with all features.
fn ask(workspace: &Workspace, question: &[&str], manifest: &str) -> Result<Vec<u8>> {
    let shown = format!("cargo {}", question[0]);
    let output = command::cargo(workspace)
        .args(question)
        .args(["--locked", "--all-features", "--manifest-path", manifest])
        .output()
        .map_err(|error| command::cannot_start(&shown, &error))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        return Err(Problem::new(format!("`{shown}` failed: {}", text.trim()))
            .remedy("correct what cargo reports, and run the command again")
            .into());
    }
    Ok(output.stdout)
}

/// The packages of the workspace, sorted by name.
pub fn members(metadata: &Value) -> Vec<&Value> {
    let list = |key: &str| metadata[key].as_array().into_iter().flatten();
    let members: Vec<&Value> = list("workspace_members").collect();
    let mut packages: Vec<&Value> = list("packages").filter(|package| members.contains(&&package["id"])).collect();
    packages.sort_by_key(|package| name(package));
    packages
}

/// The packages of the workspace that can be published.
pub fn published(metadata: &Value) -> Vec<&Value> {
    let is_published = |package: &&Value| package["publish"].as_array().is_none_or(|registries| !registries.is_empty());
    members(metadata).into_iter().filter(is_published).collect()
}

/// True if the package has a library. The others are programs.
pub fn has_library(package: &Value) -> bool {
    let targets = package["targets"].as_array().into_iter().flatten();
    let mut kinds = targets.flat_map(|target| target["kind"].as_array().into_iter().flatten());
    kinds.any(|kind| ["lib", "proc-macro", "rlib"].iter().any(|library| kind == library))
}

/// The argument of cargo that selects the library of a package, or its programs if it has none.
pub fn selected(package: &Value) -> &'static str {
    if has_library(package) { "--lib" } else { "--bins" }
}

/// The name of a package.
pub fn name(package: &Value) -> &str {
    package["name"].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lines_of_a_tree_are_names_and_versions() {
        for (line, found) in [
            ("a-b v1.0.0 (proc-macro) (*)", Some("a-b 1.0.0")),
            ("xtask v0.1.0 (/a/b v2)", Some("xtask 0.1.0")),
            ("toml v1.2.2+spec-1.1.0", Some("toml 1.2.2+spec-1.1.0")),
            ("", None),
        ] {
            assert_eq!(name_and_version(line).as_deref(), found);
        }
    }

    #[test]
    fn a_package_is_selected_by_its_library_or_by_its_programs() {
        for (kinds, selection) in [
            (json!([{ "kind": ["bin"] }, { "kind": ["lib"] }, { "kind": ["test"] }]), "--lib"),
            (json!([{ "kind": ["proc-macro"] }]), "--lib"),
            (json!([{ "kind": ["bin"] }, { "kind": ["test"] }]), "--bins"),
        ] {
            assert_eq!(selected(&json!({ "name": "a", "targets": kinds })), selection);
        }
    }

    #[test]
    fn members_that_may_be_published_are_listed() {
        let metadata = json!({
            "workspace_members": ["b", "a", "c"],
            "packages": [
                { "id": "b", "name": "b", "publish": null },
                { "id": "a", "name": "a", "publish": ["own-registry"] },
                { "id": "c", "name": "c", "publish": [] },
                { "id": "d", "name": "d", "publish": null },
            ],
        });
        assert_eq!(published(&metadata).into_iter().map(name).collect::<Vec<_>>(), ["a", "b"]);
    }
}
