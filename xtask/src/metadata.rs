//! What cargo knows of the workspace.

use serde_json::Value;

use crate::ci::cargo_command;
use crate::problem::{Problem, Result};
use crate::program;
use crate::workspace::Workspace;

/// The answer of `cargo metadata`, with all features.
pub(crate) fn read(workspace: &Workspace) -> Result<Value> {
    let mut command = cargo_command(workspace);
    let output = command
        .args(["metadata", "--format-version", "1", "--locked", "--all-features"])
        .output()
        .map_err(|error| program::cannot_start("cargo metadata", &error))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        return Err(Problem::new(format!("`cargo metadata` failed: {}", text.trim()))
            .remedy("put right what cargo says, and run the command again")
            .into());
    }
    let metadata = serde_json::from_slice(&output.stdout).map_err(|error| {
        Problem::new(format!("cannot read the answer of `cargo metadata`: {error}"))
            .remedy("use the cargo of the toolchain that this tool was built with")
    })?;
    Ok(metadata)
}

/// The packages of the workspace, sorted by name.
pub(crate) fn members(metadata: &Value) -> Vec<&Value> {
    let list = |key: &str| metadata[key].as_array().into_iter().flatten();
    let members: Vec<&Value> = list("workspace_members").collect();
    let mut packages: Vec<&Value> = list("packages").filter(|package| members.contains(&&package["id"])).collect();
    packages.sort_by_key(|package| name(package));
    packages
}

/// Those of them that can be published.
pub(crate) fn published(metadata: &Value) -> Vec<&Value> {
    let is_published = |package: &&Value| package["publish"].as_array().is_none_or(|registries| !registries.is_empty());
    members(metadata).into_iter().filter(is_published).collect()
}

/// The name of a package.
pub(crate) fn name(package: &Value) -> &str {
    package["name"].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_that_may_go_to_a_registry_are_published() {
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
