//! The size of the program, and the time of a build from nothing.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use tempfile::TempDir;

use crate::support::home::PROGRAM;
use crate::support::report::Report;

pub(crate) fn measure() {
    let mut report = Report::new("The program", &["", "MB"]);
    report.row(["as built".to_owned(), megabytes(Path::new(PROGRAM))]);
    let folder = TempDir::new().unwrap();
    let stripped = folder.path().join("access-token");
    let strip = Command::new("strip").arg("-o").arg(&stripped).arg(PROGRAM).status();
    if strip.is_ok_and(|status| status.success()) {
        report.row(["without symbols (`strip`)".to_owned(), megabytes(&stripped)]);
    }
}

/// Builds the program in a folder of its own. Sources of dependencies must have been downloaded.
pub(crate) fn measure_build() {
    let folder = TempDir::new().unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--release", "--locked", "--offline", "--quiet", "-p", "auth-cli", "--bin", "access-token"]);
    cargo.arg("--manifest-path").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
    cargo.env("CARGO_TARGET_DIR", folder.path());
    let began = Instant::now();
    assert!(cargo.status().unwrap().success());
    let took = began.elapsed();
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let mut report =
        Report::new(format!("A build from nothing, profile `release`, {processors} processors"), &["", ""]);
    report.row(["seconds".to_owned(), format!("{:.0}", took.as_secs_f64())]);
    report.row(["program, MB".to_owned(), megabytes(&folder.path().join("release/access-token"))]);
}

fn megabytes(path: &Path) -> String {
    format!("{:.1}", fs::metadata(path).unwrap().len() as f64 / 1e6)
}
