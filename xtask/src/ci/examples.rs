//! Runs the examples, which exit with an error if they fail.

use std::io::Write;
use std::process::{Command, Stdio};

use diagnostics::{Problem, Result};
use repository::Workspace;
use repository::programs::{self, Program};
use repository::{Outcome, say};
use repository::{command, metadata};
use serde_json::Value;

/// Runs every example of the workspace that no test runs.
pub(crate) fn check(workspace: &Workspace, out: &mut dyn Write) -> Result<Outcome> {
    let metadata = metadata::read(workspace)?;
    let programs = programs::build(workspace)?;
    for (package, example) in examples(&metadata) {
        say(out, &format!("{package}: {example}"))?;
        let is_it = |program: &&Program| program.is_example && program.name == example;
        let Some(program) = programs.iter().find(is_it) else {
            return Err(Problem::new(format!("the example {example} of {package} was not built")).into());
        };
        let mut command = Command::new(&program.path);
        // Standard error shows the cause of a failure.
        command::run(command.current_dir(workspace.root()).stdout(Stdio::null()))?;
    }
    Ok(Outcome::Passed)
}

/// The package and the name of each example, except those that a test of the same name runs.
fn examples(metadata: &Value) -> Vec<(&str, &str)> {
    let mut examples = Vec::new();
    for package in metadata::members(metadata) {
        let named = |kind: &'static str| {
            let targets = package["targets"].as_array().into_iter().flatten();
            let of_kind = targets.filter(move |target| target["kind"].as_array().is_some_and(|all| all[0] == kind));
            of_kind.filter_map(|target| target["name"].as_str())
        };
        let without_test = named("example").filter(|example| !named("test").any(|test| test == *example));
        examples.extend(without_test.map(|example| (metadata::name(package), example)));
    }
    examples.sort_unstable();
    examples
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_step_or_a_test_of_its_name_runs_each_example() {
        let target = |kind: &str, name: &str| json!({ "kind": [kind], "name": name });
        let metadata = json!({
            "workspace_members": ["b", "a"],
            "packages": [
                { "id": "b", "name": "b", "targets": [target("example", "new"), target("lib", "b"), target("test", "old")] },
                {
                    "id": "a",
                    "name": "a",
                    "targets": [target("example", "two"), target("example", "one"), target("example", "own"), target("test", "own")],
                },
                { "id": "elsewhere", "name": "c", "targets": [target("example", "other")] },
            ],
        });
        assert_eq!(examples(&metadata), [("a", "one"), ("a", "two"), ("b", "new")]);
    }

    #[test]
    fn examples_that_need_a_server_have_a_test() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the root of the repository");
        let workspace = Workspace::open(Some(root.to_path_buf())).expect("the workspace");
        let metadata = metadata::read(&workspace).expect("cargo knows it");
        let names: Vec<&str> = examples(&metadata).into_iter().map(|(_, name)| name).collect();
        assert!(names.contains(&"lean_quick_start") && names.contains(&"metrics"), "{names:?}");
        assert!(names.contains(&"your_tests"), "the examples of the sandbox are included: {names:?}");
        assert!(!names.contains(&"demo") && !names.contains(&"link_sdk"), "{names:?}");
    }
}
