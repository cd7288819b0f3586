//! The tests that need a real browser: the page for Lean's LinkSDK, and the page of a contract run.

use std::io::Write;

use diagnostics::Result;
use repository::Outcome;
use repository::Workspace;
use repository::command::{self, is_there};
use repository::programs;

/// What the browser is called, depending on who packaged it.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// The files with these tests; they are ignored, because not every machine has a browser.
const TESTS: [&str; 2] = ["link_sdk", "it"];

/// Runs those tests if there is a browser.
pub(crate) fn check(workspace: &Workspace, _out: &mut dyn Write) -> Result<Outcome> {
    let Some(browser) = find() else { return Ok(skipped()) };
    // A test that is run alone does not make cargo build the example.
    programs::build(workspace)?;
    let mut command = command::cargo(workspace);
    // All packages, so that the tests are those that were built for them, see `programs`.
    command.args(["test", "--workspace", "--all-features", "--locked"]);
    command.args(TESTS.iter().flat_map(|test| ["--test", test])).args(["--", "--ignored"]);
    command::run(command.env("CHROMIUM", browser)).map(|()| Outcome::Passed)
}

/// The browser of this machine.
pub(crate) fn find() -> Option<&'static str> {
    first(|name| is_there(name))
}

fn first(is_there: impl Fn(&str) -> bool) -> Option<&'static str> {
    NAMES.into_iter().find(|name| is_there(name))
}

fn skipped() -> Outcome {
    let names = NAMES.join(", ");
    Outcome::Skipped(format!("there is no browser called {names}; `cargo xtask ci --install` installs one on Debian"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_browser_that_starts_is_taken() {
        assert_eq!(first(|_| true), Some("chromium"));
        assert_eq!(first(|name| name != "chromium"), Some("chromium-browser"));
        assert_eq!(first(|name| name == "google-chrome"), Some("google-chrome"));
    }

    #[test]
    fn without_a_browser_the_reason_is_one_line_that_says_what_to_do() {
        assert_eq!(first(|_| false), None);
        let Outcome::Skipped(reason) = skipped() else { panic!("it is skipped") };
        assert!(reason.contains("chromium-browser") && reason.contains("--install"), "{reason}");
        assert_eq!(reason.lines().count(), 1);
    }
}
