//! The minimum Rust version that is declared has to be true: no dependency may ask for more.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use crate::ci::cargo_command;
use crate::problem::{Problem, Problems, Result};
use crate::workspace::Workspace;

/// Checks every package that can be published, with all it depends on except for its tests.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let mut command = cargo_command(workspace);
    let output = command
        .args(["metadata", "--format-version", "1", "--locked", "--all-features"])
        .output()
        .map_err(|error| Problem::new(format!("cannot start `cargo metadata`: {error}")))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        return Err(Problem::new(format!("`cargo metadata` failed: {}", text.trim())).into());
    }
    let metadata = serde_json::from_slice(&output.stdout)
        .map_err(|error| Problem::new(format!("cannot read the answer of `cargo metadata`: {error}")))?;
    Problems::check(too_new(&metadata))
}

/// The dependencies that ask for more than the package that needs them declares.
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
        let mut seen = BTreeSet::from([member.to_owned()]);
        let mut open = vec![member.to_owned()];
        while let Some(next) = open.pop() {
            open.extend(needs.get(&next).into_iter().flatten().filter(|id| seen.insert((*id).clone())).cloned());
        }
        for dependency in seen.iter().filter_map(|id| packages.get(id)) {
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
                    .remedy("declare what is true in `rust-version`, or use another version of the dependency"),
                );
            }
        }
    }
    problems
}

fn id(value: &Value) -> String {
    value["id"].as_str().unwrap_or_default().to_owned()
}

/// What a package needs to be built, its tests aside.
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
    fn a_dependency_of_a_dependency_that_needs_more_is_named() {
        let found = run("1.90.1", "build", Value::Null);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("a declares Rust 1.88, but c 2.0.0 needs 1.90.1"), "{found:?}");
    }

    #[test]
    fn what_is_old_enough_or_only_for_tests_or_not_published_is_fine() {
        assert_eq!(run("1.88.0", "build", Value::Null), [""; 0]);
        assert_eq!(run("1.9", "build", Value::Null), [""; 0]);
        assert_eq!(run("1.90", "dev", Value::Null), [""; 0]);
        assert_eq!(run("1.90", "build", json!([])), [""; 0]);
    }
}
