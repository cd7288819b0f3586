//! Checks the declared minimum Rust version: no dependency may require a later one.

use std::collections::{BTreeSet, HashMap};
use std::io::Write;
use std::process::Command;

use diagnostics::{Problem, Problems, Result};
use repository::Outcome;
use repository::Workspace;
use repository::{command, metadata};
use serde_json::Value;

/// Checks every package that can be published and its dependencies, except those of tests.
pub(crate) fn check(workspace: &Workspace, _out: &mut dyn Write) -> Result<Outcome> {
    Problems::check(too_new(&metadata::read(workspace)?)).map(|()| Outcome::Passed)
}

/// Builds the packages that can be published with the declared version, if rustup has that toolchain.
pub(crate) fn build(workspace: &Workspace, _out: &mut dyn Write) -> Result<Outcome> {
    let metadata = metadata::read(workspace)?;
    let packages = metadata::published(&metadata);
    let declared: BTreeSet<&str> = packages.iter().filter_map(|package| package["rust_version"].as_str()).collect();
    let installed = Command::new("rustup").args(["toolchain", "list"]).output();
    let installed = installed.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    for version in declared {
        let Some(toolchain) = toolchain(version, &installed) else {
            return Ok(Outcome::Skipped(format!(
                "rustup has no toolchain {version}; `rustup toolchain install {version}`"
            )));
        };
        let mut command = Command::new("rustup");
        command.current_dir(workspace.root()).args([
            "run",
            toolchain,
            "cargo",
            "check",
            "--lib",
            "--bins",
            "--all-features",
            "--locked",
        ]);
        // Not the cargo and rustc of the toolchain that runs this tool.
        command.env_remove("CARGO").env_remove("RUSTC").env_remove("RUSTUP_TOOLCHAIN");
        let of_version = packages.iter().filter(|package| package["rust_version"] == version);
        command::run(command.args(of_version.flat_map(|package| ["-p", metadata::name(package)])))?;
    }
    Ok(Outcome::Passed)
}

/// Finds the toolchain of a version in the output of `rustup toolchain list`.
fn toolchain<'a>(version: &str, installed: &'a str) -> Option<&'a str> {
    let names = installed.lines().filter_map(|line| line.split_whitespace().next());
    let is_it = |name: &&str| {
        let rest = name.strip_prefix(version);
        // `1.88-x86_64-..` or `1.88.0-x86_64-..`, but not `1.880`.
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '.']))
    };
    names.rev().find(is_it)
}

/// Returns a problem for each dependency that requires a later version than its package declares.
fn too_new(metadata: &Value) -> Vec<Problem> {
    let list = |value: &'_ Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
    let packages: HashMap<String, Value> =
        list(metadata, "packages").into_iter().map(|package| (id(&package), package)).collect();
    let needs: HashMap<String, Vec<String>> =
        list(&metadata["resolve"], "nodes").iter().map(|node| (id(node), needed(node))).collect();
    let mut problems = Vec::new();
    for member in list(metadata, "workspace_members").iter().filter_map(Value::as_str) {
        let Some(package) = packages.get(member).filter(|package| package["publish"] != Value::Array(vec![])) else {
            continue;
        };
        let name = package["name"].as_str().unwrap_or_default();
        let Some(declared) = version(package) else {
            problems.push(
                Problem::new(format!("{name} declares no rust-version"))
                    .remedy("write `rust-version.workspace = true`"),
            );
            continue;
        };
        let mut visited = BTreeSet::from([member.to_owned()]);
        let mut open = vec![member.to_owned()];
        while let Some(next) = open.pop() {
            open.extend(needs.get(&next).into_iter().flatten().filter(|id| visited.insert((*id).clone())).cloned());
        }
        for dependency in visited.iter().filter_map(|id| packages.get(id)) {
            if version(dependency).is_some_and(|asked| asked > declared) {
                let other = format!("{} {}", dependency["name"], dependency["version"]).replace('"', "");
                problems.push(
                    Problem::new(
                        format!(
                            "{name} declares Rust {}, but {other} needs {}",
                            package["rust_version"], dependency["rust_version"]
                        )
                        .replace('"', ""),
                    )
                    .file("Cargo.toml")
                    .remedy("raise `rust-version`, or use another version of the dependency"),
                );
            }
        }
    }
    problems
}

fn id(value: &Value) -> String {
    value["id"].as_str().unwrap_or_default().to_owned()
}

/// The dependencies of a package, without those of its tests.
fn needed(node: &Value) -> Vec<String> {
    let deps = node["deps"].as_array().cloned().unwrap_or_default();
    let is_needed = |dep: &&Value| {
        let kinds = dep["dep_kinds"].as_array();
        kinds.is_none_or(|kinds| kinds.iter().any(|kind| kind["kind"] != "dev"))
    };
    deps.iter().filter(is_needed).filter_map(|dep| dep["pkg"].as_str().map(str::to_owned)).collect()
}

fn version(package: &Value) -> Option<Vec<u64>> {
    let text = package["rust_version"].as_str()?;
    let mut parts = text.split('.').map(|part| part.parse().ok()).collect::<Option<Vec<u64>>>()?;
    parts.resize(3, 0);
    Some(parts)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(dependency: &str, kind: &str, publish: Value) -> Vec<String> {
        let metadata = json!({
            "workspace_members": ["a"],
            "packages": [
                { "id": "a", "name": "a", "version": "1.0.0", "rust_version": "1.88", "publish": publish },
                { "id": "b", "name": "b", "version": "1.0.0", "rust_version": null },
                { "id": "c", "name": "c", "version": "2.0.0", "rust_version": dependency },
            ],
            "resolve": { "nodes": [
                { "id": "a", "deps": [{ "pkg": "b", "dep_kinds": [{ "kind": null }] }] },
                { "id": "b", "deps": [{ "pkg": "c", "dep_kinds": [{ "kind": kind }] }] },
                { "id": "c", "deps": [] },
            ] },
        });
        too_new(&metadata).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_indirect_dependency_that_needs_a_later_version_is_reported() {
        let found = run("1.90.1", "build", Value::Null);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("a declares Rust 1.88, but c 2.0.0 needs 1.90.1"), "{found:?}");
    }

    #[test]
    fn a_toolchain_is_found_by_its_version() {
        let installed = "stable-x86_64-unknown-linux-gnu (active, default)\n1.88.0-x86_64-unknown-linux-gnu\n1.9-a\n";
        assert_eq!(toolchain("1.88", installed), Some("1.88.0-x86_64-unknown-linux-gnu"));
        assert_eq!(toolchain("1.88.0", installed), Some("1.88.0-x86_64-unknown-linux-gnu"));
        assert_eq!(toolchain("1.9", installed), Some("1.9-a"));
        for other in ["1.8", "1.89", "1.88.1"] {
            assert_eq!(toolchain(other, installed), None, "{other}");
        }
        assert_eq!(toolchain("1.88", ""), None);
    }

    #[test]
    fn dependencies_of_tests_and_unpublished_packages_are_not_checked() {
        assert_eq!(run("1.88.0", "build", Value::Null), [""; 0]);
        assert_eq!(run("1.9", "build", Value::Null), [""; 0]);
        assert_eq!(run("1.90", "dev", Value::Null), [""; 0]);
        assert_eq!(run("1.90", "build", json!([])), [""; 0]);
    }
}
