//! Programs that depend on a generated crate, as its users have it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::copy::{files, repository};
use crate::deadlines::output;

/// A folder that stays, so that what has not changed is not built again.
pub(crate) fn lasting(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// Writes a file unless it is there as it should be.
pub(crate) fn put(path: &Path, text: &str) {
    put_bytes(path, text.as_bytes());
}

fn put_bytes(path: &Path, bytes: &[u8]) {
    if fs::read(path).is_ok_and(|found| found == bytes) {
        return;
    }
    fs::create_dir_all(path.parent().expect("a folder")).expect("the folder can be made");
    fs::write(path, bytes).expect("the file can be written");
}

/// Makes a folder hold what another one holds.
pub(crate) fn mirror(from: &Path, to: &Path) {
    let wanted = files(from);
    for extra in files(to).keys().filter(|file| !wanted.contains_key(*file)) {
        fs::remove_file(to.join(extra)).expect("the file can be removed");
    }
    wanted.iter().for_each(|(file, bytes)| put_bytes(&to.join(file), bytes));
}

/// The folder that this test was built in, whatever it is called.
pub(crate) fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is in the target folder")
}

/// Runs the tests of a program, which are these, all of them; the program needs nothing that the main workspace does not
/// have, so with the lock file of that nothing is looked up.
#[track_caller]
pub(crate) fn run_tests(program: &Path, name: &str, tests: &str) {
    put(&program.join("tests").join(name).with_extension("rs"), tests);
    let (passed, said) = test(program, name);
    assert!(passed, "{said}");
    let count = tests.matches("#[test]").count();
    assert!(said.contains(&format!("{count} passed; 0 failed; 0 ignored")), "{said}");
}

/// Runs the tests in a file of a program: whether they passed, and what cargo said.
pub(crate) fn test(program: &Path, name: &str) -> (bool, String) {
    let lock = fs::read_to_string(repository().join("Cargo.lock")).expect("readable");
    put(&program.join("Cargo.lock"), &lock);
    let out = output(
        Command::new(env!("CARGO"))
            .args(["test", "--test", name, "--manifest-path"])
            .arg(program.join("Cargo.toml"))
            .env("CARGO_TARGET_DIR", target()),
    );
    let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    (out.status.success(), said)
}
