//! Checks the packages for the registry: each has the required files, and compiles from its own files.
//!
//! `cargo package` can verify packages that depend on each other, but reuses those of an earlier run while the version is
//! the same. So the packages are unpacked here and compiled as a separate workspace. A user's fuzz target compiles all of
//! its dependencies with `--cfg fuzzing`, so each package is compiled with that as well.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use diagnostics::{Problem, Problems, Result};
use repository::Outcome;
use repository::Workspace;
use repository::files;
use repository::{command, metadata, package};
use serde_json::Value;

/// The licences of the repository, which every package needs.
const LICENSES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// Packages all published crates and compiles them.
pub(crate) fn check(workspace: &Workspace, _out: &mut dyn Write) -> Result<Outcome> {
    let metadata = metadata::read(workspace)?;
    let packages = metadata::published(&metadata);
    let target = Path::new(metadata["target_directory"].as_str().unwrap_or("target")).join("package");
    let folder = target.join("unpacked");
    let failed = |error: io::Error| files::cannot_write("the packages", folder.display().to_string(), &error);
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(failed)?;
    }
    for package in &packages {
        package::pack(workspace, metadata::name(package))?;
        package::unpack(&target.join(format!("{}.crate", package::stem(package))), &folder).map_err(failed)?;
    }
    let problems =
        packages.iter().flat_map(|package| wrong(workspace.root(), &folder.join(package::stem(package)))).collect();
    Problems::check(problems)?;
    fs::write(folder.join("Cargo.toml"), manifest(&packages)).map_err(failed)?;
    // All versions are available, so cargo needs no network.
    fs::copy(workspace.path("Cargo.lock"), folder.join("Cargo.lock")).map_err(failed)?;
    let manifest = folder.join("Cargo.toml");
    let mut command = command::cargo(workspace);
    command.args(["check", "--quiet", "--offline", "--workspace", "--all-features", "--manifest-path"]);
    command::run(command.arg(&manifest))?;
    // Nobody fuzzes a program as a dependency.
    for package in packages.iter().filter(|package| metadata::has_library(package)) {
        // RUSTFLAGS would compile the dependencies again.
        let mut command = command::cargo(workspace);
        command.args(["rustc", "--quiet", "--offline", "--lib", "--all-features", "--profile", "check"]);
        command.args(["--package", metadata::name(package), "--manifest-path"]).arg(&manifest);
        command::run(command.args(["--", "--cfg", "fuzzing"]))?;
    }
    Ok(Outcome::Passed)
}

/// Returns a problem for each file that is missing or wrong in an unpacked package.
fn wrong(root: &Path, package: &Path) -> Vec<Problem> {
    let name = package.file_name().unwrap_or_default().display();
    let mut problems = Vec::new();
    for file in ["README.md", "CHANGELOG.md"] {
        if !package.join(file).is_file() {
            problems.push(Problem::new(format!("{name} has no {file}")));
        }
    }
    for license in LICENSES {
        let own = fs::read(package.join(license)).ok();
        if own.is_none() || own != fs::read(root.join(license)).ok() {
            let problem = Problem::new(format!("{name} has no {license}, or one that differs from the repository's"));
            problems.push(problem.remedy(format!("copy {license} into the folder of the crate")));
        }
    }
    problems
}

/// The manifest of a workspace of unpacked packages, which depend on each other by path.
fn manifest(packages: &[&Value]) -> String {
    let lines = |line: &dyn Fn(&Value) -> String| packages.iter().map(|package| line(package)).collect::<String>();
    format!(
        "[workspace]\nresolver = \"3\"\nmembers = [\n{}]\n\n[patch.crates-io]\n{}\n",
        lines(&|package| format!("    \"{}\",\n", package::stem(package))),
        lines(&|package| format!("{} = {{ path = \"{}\" }}\n", metadata::name(package), package::stem(package))),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_package_without_licence_readme_or_changelog_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let (root, package) = (folder.path(), folder.path().join("a-0.1.0"));
        fs::create_dir(&package).expect("made");
        let messages = || wrong(root, &package).iter().map(|it| it.message().to_owned()).collect::<Vec<_>>();
        assert_eq!(messages().len(), 4);
        for file in ["README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"] {
            fs::write(root.join(file), file).expect("written");
            fs::write(package.join(file), file).expect("written");
        }
        assert_eq!(messages(), [""; 0]);
        fs::write(package.join("LICENSE-MIT"), "another").expect("written");
        assert_eq!(messages(), ["a-0.1.0 has no LICENSE-MIT, or one that differs from the repository's"]);
        for file in ["CHANGELOG.md", "README.md"] {
            fs::remove_file(package.join(file)).expect("removed");
            assert_eq!(messages()[0], format!("a-0.1.0 has no {file}"));
        }
    }

    #[test]
    fn packages_depend_on_each_other_by_path() {
        let package = json!({ "name": "a-b", "version": "0.1.0" });
        let manifest = manifest(&[&package]);
        assert!(manifest.contains("members = [\n    \"a-b-0.1.0\",\n]"), "{manifest}");
        assert!(manifest.contains("[patch.crates-io]\na-b = { path = \"a-b-0.1.0\" }\n"), "{manifest}");
    }
}
