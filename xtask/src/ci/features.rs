//! Builds every published crate without optional features, with each of them alone, and with all, and connects with each
//! set of features that selects a TLS provider.

use std::io::Write;

use diagnostics::Result;
use repository::Outcome;
use repository::Workspace;
use repository::{command, metadata};
use serde_json::Value;

/// The sets of features that select a TLS provider.
const PROVIDERS: [&str; 4] = ["", "aws-lc-rs", "ring", "aws-lc-rs,ring"];

/// Checks all sets of features with warnings as errors: code that only one feature uses is dead code without it.
pub(crate) fn check(workspace: &Workspace, _out: &mut dyn Write) -> Result<Outcome> {
    let metadata = metadata::read(workspace)?;
    for selection in selections(&metadata::published(&metadata)) {
        let mut command = command::cargo(workspace);
        command.args(["clippy", "--quiet", "--locked"]).args(&selection);
        command::run(command.args(["--", "-D", "warnings"]))?;
    }
    for features in PROVIDERS {
        let mut command = command::cargo(workspace);
        command.args(["test", "--quiet", "--locked", "--package", "provider-tests", "--features", features]);
        command::run(&mut command)?;
    }
    Ok(Outcome::Passed)
}

/// The arguments of cargo for each set of packages and features.
fn selections(packages: &[&Value]) -> Vec<Vec<String>> {
    let mut selections = Vec::new();
    for package in packages {
        let features = package["features"].as_object().into_iter().flatten().map(|(name, _)| name.as_str());
        let mut features: Vec<&str> = features.filter(|name| *name != "default").collect();
        features.sort_unstable();
        let least = [metadata::selected(package), "--no-default-features", "-p", metadata::name(package)];
        let least = least.map(str::to_owned).to_vec();
        selections.push(least.clone());
        selections.extend(features.iter().map(|name| [&least[..], &["--features".into(), (*name).into()]].concat()));
    }
    let all = packages.iter().flat_map(|package| ["-p".to_owned(), metadata::name(package).to_owned()]);
    selections.push(["--lib", "--bins", "--all-features"].map(str::to_owned).into_iter().chain(all).collect());
    selections
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_feature_is_built_alone_and_all_are_built_together() {
        let library = json!([{ "kind": ["lib"] }]);
        let one =
            json!({ "name": "one", "targets": library, "features": { "default": ["b"], "b": [], "a": ["dep:x"] } });
        let other = json!({ "name": "other", "targets": [{ "kind": ["bin"] }], "features": {} });
        let selections = selections(&[&one, &other]);
        let lines: Vec<String> = selections.iter().map(|selection| selection.join(" ")).collect();
        assert_eq!(
            lines,
            [
                "--lib --no-default-features -p one",
                "--lib --no-default-features -p one --features a",
                "--lib --no-default-features -p one --features b",
                "--bins --no-default-features -p other",
                "--lib --bins --all-features -p one -p other",
            ]
        );
    }
}
