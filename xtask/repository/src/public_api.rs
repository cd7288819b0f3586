//! Snapshots of the public API of each published crate, so that every change of it is reviewed.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::LazyLock;

use diagnostics::{Problem, Problems, Result};
use public_api::Builder;
use serde::Deserialize;

use crate::workspace::Workspace;
use crate::{Outcome, say};
use crate::{command, files, metadata, unified};

/// The folder of the snapshots. It is not in the crates, because every file of a generated crate is generated.
pub const FOLDER: &str = "docs/public-api";

/// The variable with the real rustdoc, for the process that replaces rustdoc.
const RUSTDOC: &str = "XTASK_RUSTDOC";

/// Auto traits that stable code cannot name.
const UNNAMEABLE: [&str; 3] =
    ["core::marker::Freeze", "core::marker::StructuralPartialEq", "core::marker::UnsafeUnpin"];

/// The path of this program, read at its start: a build of xtask meanwhile replaces the file.
static THIS: LazyLock<io::Result<PathBuf>> = LazyLock::new(std::env::current_exe);

/// The snapshot of a crate, relative to the root.
pub fn file(name: &str) -> String {
    format!("{FOLDER}/{name}.txt")
}

/// Writes the snapshots.
///
/// # Errors
///
/// Fails if rustdoc fails or a snapshot cannot be written.
pub fn write(workspace: &Workspace, out: &mut dyn Write) -> Result<()> {
    for (file, api) in all(workspace)? {
        let api = api.map_err(|reason| {
            Problem::new(reason).file(&file).remedy("use the toolchain that the snapshots were written with")
        })?;
        let path = workspace.path(&file);
        let written = fs::create_dir_all(path.parent().unwrap_or(&path)).and_then(|()| fs::write(&path, api));
        written.map_err(|error| files::cannot_write("the snapshot", &file, &error))?;
        say(out, &format!("{file} is written"))?;
    }
    Ok(())
}

/// Compares the snapshots with the public APIs.
///
/// # Errors
///
/// Fails if a snapshot differs or cannot be read.
pub fn check(workspace: &Workspace, _out: &mut dyn Write) -> Result<Outcome> {
    let mut problems = Vec::new();
    for (file, api) in all(workspace)? {
        let old = match fs::read_to_string(workspace.path(&file)) {
            Ok(old) => old,
            // A missing snapshot differs.
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(files::cannot_read("the snapshot", &file, &error).into()),
        };
        match api.map(|new| compare(&file, &old, &new)) {
            Ok(Comparison::Same) => {}
            Ok(Comparison::Different(problem)) => problems.push(problem),
            Err(reason) | Ok(Comparison::OtherFormat(reason)) => return Ok(Outcome::Skipped(reason)),
        }
    }
    Problems::check(problems).map(|()| Outcome::Passed)
}

/// The snapshot file of each published crate and its contents, or why they are not known.
fn all(workspace: &Workspace) -> Result<Vec<(String, Result<String, String>)>> {
    let metadata = metadata::read(workspace)?;
    let folder = Path::new(metadata["target_directory"].as_str().unwrap_or("target")).join("doc");
    let mut all = Vec::new();
    let libraries = metadata::published(&metadata).into_iter().filter(|package| metadata::has_library(package));
    for name in libraries.map(metadata::name) {
        let json = document(workspace, &folder, name)?;
        all.push((file(name), render(&json)));
    }
    Ok(all)
}

/// Runs rustdoc with JSON as its output.
fn document(workspace: &Workspace, folder: &Path, name: &str) -> Result<PathBuf> {
    let this = THIS.as_ref().map_err(|error| {
        Problem::new(format!("cannot find this program: {error}")).remedy("build it again: `cargo build` in xtask")
    })?;
    let mut command = command::cargo(workspace);
    command.env(RUSTDOC, std::env::var_os("RUSTDOC").unwrap_or_else(|| "rustdoc".into())).env("RUSTDOC", this);
    command.args(["rustdoc", "--quiet", "--lib", "--all-features", "--locked", "-p", name]);
    command::run(command.args(["--", "-Z", "unstable-options", "--output-format", "json", "--cap-lints", "allow"]))?;
    Ok(folder.join(format!("{}.json", name.replace('-', "_"))))
}

/// Runs rustdoc if this process replaces it. A variable enables JSON, an unstable feature, on stable toolchains. It is set
/// for rustdoc alone: build scripts react to it, and cargo would build everything again.
pub fn stand_in() -> Option<ExitCode> {
    LazyLock::force(&THIS);
    let rustdoc = std::env::var_os(RUSTDOC)?;
    let mut command = Command::new(rustdoc);
    command.args(std::env::args_os().skip(1)).env_remove(RUSTDOC).env_remove("RUSTDOC").env("RUSTC_BOOTSTRAP", "1");
    Some(match command.status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(status) => ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)),
        Err(error) => {
            eprintln!("cannot start rustdoc: {error}");
            ExitCode::FAILURE
        }
    })
}

/// The member of the JSON that all formats share.
#[derive(Deserialize)]
struct Format {
    format_version: u32,
}

/// Renders the snapshot of a crate; the error is the reason if the format of the JSON is not supported.
fn render(json: &Path) -> Result<String, String> {
    let text = fs::read_to_string(json).map_err(|error| format!("rustdoc wrote no JSON: {error}"))?;
    let format: Format = serde_json::from_str(&text).map_err(|_| "rustdoc wrote JSON without a version".to_owned())?;
    let format = format.format_version;
    let api = Builder::from_rustdoc_json(json).omit_blanket_impls(true).build();
    let api =
        api.map_err(|_| format!("rustdoc of this toolchain writes JSON of format {format}, which is not supported"))?;
    let items = api.items().map(|item| format!("{item}\n"));
    let items = items.filter(|item| !UNNAMEABLE.iter().any(|name| item.contains(name)));
    Ok(format!("# Written by `cargo xtask public-api`, rustdoc JSON format {format}.\n{}", items.collect::<String>()))
}

#[derive(Debug, PartialEq, Eq)]
enum Comparison {
    Same,
    Different(Problem),
    /// Formats differ in contents and names, so snapshots of different formats cannot be compared.
    OtherFormat(String),
}

fn compare(file: &str, old: &str, new: &str) -> Comparison {
    let format =
        |text: &str| text.lines().next().and_then(|line| line.rsplit_once("format ")).map(|it| it.1.to_owned());
    match (format(old), format(new)) {
        _ if old == new => Comparison::Same,
        (Some(then), Some(now)) if then != now => {
            let now = now.trim_end_matches('.');
            let then = then.trim_end_matches('.');
            let reason =
                format!("rustdoc of this toolchain writes JSON of format {now}, the snapshots are of format {then}");
            Comparison::OtherFormat(reason)
        }
        _ => {
            let shown = unified::diff(file, old, new);
            let problem = Problem::new(format!("the public API differs from the snapshot\n{shown}")).file(file);
            Comparison::Different(
                problem
                    .remedy("if the change is intended, run `cargo xtask public-api` and add an entry to CHANGELOG.md"),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(format: u32, items: &str) -> String {
        format!("# Written by `cargo xtask public-api`, rustdoc JSON format {format}.\n{items}")
    }

    #[test]
    fn a_change_of_the_api_is_shown_line_by_line() {
        let (old, new) = (snapshot(57, "pub fn a::b()\n"), snapshot(57, "pub fn a::c()\n"));
        assert_eq!(compare("a.txt", &old, &old), Comparison::Same);
        let Comparison::Different(problem) = compare("a.txt", &old, &new) else { panic!("a difference") };
        assert!(problem.message().contains("-pub fn a::b()\n+pub fn a::c()\n"), "{problem}");
        assert!(matches!(compare("a.txt", "", &new), Comparison::Different(_)), "a snapshot that is missing");
    }

    #[test]
    fn snapshots_of_another_format_are_not_compared() {
        let (old, new) = (snapshot(57, "pub fn a::b()\n"), snapshot(58, "pub fn a::b()\n"));
        let Comparison::OtherFormat(reason) = compare("a.txt", &old, &new) else { panic!("another format") };
        assert_eq!(reason, "rustdoc of this toolchain writes JSON of format 58, the snapshots are of format 57");
    }

    #[test]
    fn json_of_an_unsupported_format_is_a_reason_and_not_a_failure() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.json");
        for (text, reason) in
            [("{}", "without a version"), (r#"{"format_version":7}"#, "format 7, which is not supported")]
        {
            fs::write(&file, text).expect("written");
            assert!(render(&file).expect_err("a reason").contains(reason), "{text}");
        }
        assert!(render(&folder.path().join("none.json")).expect_err("a reason").contains("no JSON"));
    }
}
