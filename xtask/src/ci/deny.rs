//! Checks the licences, bans and sources of all dependencies against `deny.toml`.
//!
//! The file is that of cargo-deny. Building cargo-deny takes longer than all steps before the tests together, and these
//! three checks need only the output of `cargo metadata`, so they are made here. An unknown setting is an error.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io::Write;

use diagnostics::{Problem, Problems, Result};
use repository::Outcome;
use repository::Workspace;
use repository::metadata;
use serde::Deserialize;
use serde_json::Value;
use spdx::{Expression, ParseMode};

/// The file with the policy.
const FILE: &str = "deny.toml";

/// The workspaces of this repository.
const MANIFESTS: [&str; 3] = ["Cargo.toml", "xtask/Cargo.toml", "fuzz/Cargo.toml"];

/// The source of every package that is not a member of the workspace.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// The settings that are checked here; advisories need a database.
#[derive(Debug, Deserialize)]
struct Policy {
    licenses: Licenses,
    bans: Bans,
    #[serde(rename = "sources")]
    _sources: Sources,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Licenses {
    allow: BTreeSet<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
    #[serde(rename = "unused-allowed-license")]
    _unused_allowed_license: Allow,
    #[serde(rename = "unused-license-exception")]
    _unused_license_exception: Allow,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Bans {
    #[serde(rename = "multiple-versions")]
    _multiple_versions: Allow,
    #[serde(rename = "wildcards")]
    _wildcards: Deny,
    allow_wildcard_paths: bool,
    deny: Vec<Banned>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Banned {
    #[serde(rename = "crate")]
    name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Sources {
    #[serde(rename = "unknown-registry")]
    _unknown_registry: Deny,
    #[serde(rename = "unknown-git")]
    _unknown_git: Deny,
}

/// The only value of settings that have no effect here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Allow {
    Allow,
}

/// The only value of settings that are always enforced.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Deny {
    Deny,
}

/// Checks all workspaces.
pub(super) fn check(workspace: &Workspace, _out: &mut dyn Write) -> Result<Outcome> {
    let text = fs::read_to_string(workspace.path(FILE))
        .map_err(|error| Problem::new(format!("cannot read the policy: {error}")).file(FILE))?;
    let policy = parse(&text)?;
    let mut problems = Vec::new();
    for manifest in MANIFESTS {
        let built = metadata::built(workspace, manifest)?;
        let metadata = metadata::of(workspace, manifest)?;
        problems.extend(refused(&policy, &metadata, &built).into_iter().map(|problem| problem.file(manifest)));
    }
    Problems::check(problems).map(|()| Outcome::Passed)
}

fn parse(text: &str) -> Result<Policy> {
    let policy = toml::from_str(text).map_err(|error| {
        Problem::new(format!("cannot parse the policy: {}", error.message()))
            .file(FILE)
            .line(error.span().map(|span| text[..span.start].matches('\n').count() + 1))
            .remedy("remove the new setting, or add it to xtask/src/ci/deny.rs")
    })?;
    Ok(policy)
}

/// Returns a problem for each package of a workspace, and each dependency that it builds, that the policy does not permit.
/// `built` has `NAME VERSION` of each.
fn refused(policy: &Policy, metadata: &Value, built: &BTreeSet<String>) -> Vec<Problem> {
    let exceptions: HashMap<&str, &BTreeSet<String>> =
        policy.licenses.exceptions.iter().map(|it| (it.name.as_str(), &it.allow)).collect();
    let mut problems = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = metadata::name(package);
        let shown = format!("{name} {}", package["version"].as_str().unwrap_or_default());
        if !built.contains(&shown) {
            continue;
        }
        let permitted = |licence: &str| {
            let excepted = exceptions.get(name).is_some_and(|allow| allow.contains(licence));
            excepted || policy.licenses.allow.contains(licence)
        };
        problems.extend(unlicensed(&shown, package["license"].as_str(), permitted));
        if policy.bans.deny.iter().any(|banned| banned.name == name) {
            let problem = Problem::new(format!("{shown} is banned in {FILE}"));
            problems.push(
                problem.remedy(format!("replace it; `cargo tree -i {name}` lists the packages that depend on it")),
            );
        }
        if let Some(source) = package["source"].as_str().filter(|source| *source != CRATES_IO) {
            let problem = Problem::new(format!("{shown} comes from {source}"));
            problems.push(problem.remedy("use a package from crates.io"));
        }
        for dependency in wildcards(package, policy.bans.allow_wildcard_paths) {
            let problem = Problem::new(format!("{shown} accepts any version of {dependency}"));
            problems.push(problem.remedy("add the required version"));
        }
    }
    problems
}

/// Returns a problem if the licence of a package is not permitted.
fn unlicensed(shown: &str, licence: Option<&str>, permitted: impl Fn(&str) -> bool) -> Option<Problem> {
    let Some(licence) = licence else {
        return Some(
            Problem::new(format!("{shown} declares no licence"))
                .remedy("use another package: only declared licences can be checked"),
        );
    };
    // cargo-deny accepts `MIT/Apache-2.0` as well, the form before SPDX expressions.
    let expression = match Expression::parse_mode(licence, ParseMode::LAX) {
        Ok(expression) => expression,
        Err(error) => {
            let problem =
                Problem::new(format!("the licence `{licence}` of {shown} is not an SPDX expression: {}", error.reason));
            return Some(problem.remedy("use another package, or another version of it"));
        }
    };
    if expression.evaluate(|one| permitted(&one.to_string())) {
        return None;
    }
    let problem = Problem::new(format!("the licence `{licence}` of {shown} is not permitted in {FILE}"));
    Some(problem.remedy("use another package, or permit the licence in the file"))
}

/// The dependencies of a package that have no version. A package that is not published may omit it for a path.
fn wildcards(package: &Value, paths: bool) -> Vec<&str> {
    let is_private = package["publish"].as_array().is_some_and(Vec::is_empty);
    let is_fine = |dependency: &Value| {
        let is_path = dependency["path"].is_string();
        dependency["req"] != "*" || (paths && is_path && (is_private || dependency["kind"] == "dev"))
    };
    let dependencies = package["dependencies"].as_array().into_iter().flatten();
    dependencies
        .filter(|dependency| !is_fine(dependency))
        .filter_map(|dependency| dependency["name"].as_str())
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn root() -> &'static std::path::Path {
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the root of the repository")
    }

    fn policy() -> Policy {
        parse(&fs::read_to_string(root().join(FILE)).expect("readable")).expect("understood")
    }

    /// Returns the problem of a package that is permitted except for `change`.
    fn problem(name: &str, other: Value) -> Option<String> {
        let mut package = json!({ "name": name, "version": "1.0.0", "license": "MIT", "source": CRATES_IO });
        let members = other.as_object().expect("members").clone();
        package.as_object_mut().expect("members").extend(members);
        let metadata = json!({ "packages": [package] });
        let problems = refused(&policy(), &metadata, &BTreeSet::from([format!("{name} 1.0.0")]));
        assert_eq!(refused(&policy(), &metadata, &BTreeSet::new()), [], "a package that is never built is not checked");
        assert!(problems.len() < 2, "{problems:?}");
        problems.first().map(|problem| problem.message().to_owned())
    }

    #[test]
    fn every_lock_file_of_the_repository_is_checked() {
        let folders = fs::read_dir(root()).expect("it can be read").map(|entry| entry.expect("an entry").path());
        let mut locked: Vec<String> = folders
            .filter(|path| path.join("Cargo.lock").is_file())
            .map(|path| format!("{}/Cargo.toml", path.file_name().expect("a name").display()))
            .collect();
        locked.push("Cargo.toml".to_owned());
        locked.sort();
        let mut judged = MANIFESTS.to_vec();
        judged.sort_unstable();
        assert_eq!(judged, locked);
    }

    #[test]
    fn a_licence_is_permitted_if_one_alternative_is() {
        for licence in
            ["MIT", "MIT/Apache-2.0", "(GPL-3.0 OR MIT) AND Unicode-3.0", "Apache-2.0 WITH LLVM-exception OR MIT"]
        {
            assert_eq!(problem("a", json!({ "license": licence })), None, "{licence}");
        }
        for (licence, words) in [
            (json!("GPL-3.0-only"), "the licence `GPL-3.0-only` of a 1.0.0 is not permitted in deny.toml"),
            (json!("MIT AND MPL-2.0"), "is not permitted"),
            (json!("Apache-2.0 WITH LLVM-exception"), "is not permitted"),
            (json!("MIT OR"), "is not an SPDX expression"),
            (json!("do what you like"), "is not an SPDX expression"),
            (Value::Null, "a 1.0.0 declares no licence"),
        ] {
            let found = problem("a", json!({ "license": licence })).expect("a problem");
            assert!(found.contains(words), "{found}");
        }
    }

    #[test]
    fn an_exception_is_for_the_package_that_it_names() {
        assert_eq!(problem("progenitor", json!({ "license": "MPL-2.0" })), None);
        assert!(problem("other", json!({ "license": "MPL-2.0" })).is_some());
    }

    #[test]
    fn banned_packages_and_other_sources_are_reported() {
        for name in ["openssl-sys", "native-tls"] {
            let found = problem(name, json!({})).expect("a problem");
            assert!(found.contains(&format!("{name} 1.0.0 is banned")), "{found}");
        }
        assert_eq!(problem("a", json!({ "source": null })), None, "of the workspace");
        for source in ["git+https://a.example/x?rev=1#1", "registry+https://a.example/index"] {
            let found = problem("a", json!({ "source": source })).expect("a problem");
            assert!(found.contains(source), "{found}");
        }
    }

    #[test]
    fn only_paths_of_unpublished_packages_may_omit_the_version() {
        let path = json!("/a/b");
        for (publish, kind, path, is_fine) in [
            (json!([]), Value::Null, &path, true),
            (Value::Null, json!("dev"), &path, true),
            (Value::Null, Value::Null, &path, false),
            (Value::Null, json!("build"), &path, false),
            (json!([]), Value::Null, &Value::Null, false),
        ] {
            let dependency = json!({ "name": "b", "req": "*", "kind": kind, "path": path });
            let found = problem("a", json!({ "publish": publish, "dependencies": [dependency] }));
            assert_eq!(found.is_none(), is_fine, "{publish} {kind} {path}: {found:?}");
        }
        assert_eq!(problem("a", json!({ "dependencies": [{ "name": "b", "req": "^1" }] })), None);
    }

    #[test]
    fn an_unknown_setting_is_refused() {
        let text = fs::read_to_string(root().join(FILE)).expect("readable");
        for (old, new, line) in [
            ("unknown-git = \"deny\"", "unknown-git = \"warn\"", "unknown-git"),
            ("[bans]\n", "[bans]\nskip = [\"a\"]\n", "skip"),
            ("wildcards = \"deny\"", "wildcards = \"allow\"", "wildcards"),
        ] {
            let changed = text.replacen(old, new, 1);
            let at = changed.lines().position(|it| it.starts_with(line)).expect("a line") + 1;
            let error = parse(&changed).expect_err(new).to_string();
            assert!(error.contains(&format!("--> deny.toml:{at}\n")) && error.contains("remedy"), "{error}");
        }
    }
}
