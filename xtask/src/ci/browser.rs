//! Runs the tests that need a browser: the page for Lean's LinkSDK, and the pages of a contract run and of the sandbox.

use std::io::Write;

use diagnostics::Result;
use repository::Outcome;
use repository::Workspace;
use repository::command::{self, is_there};
use repository::programs;

/// The names of the browser's program; they depend on the distribution.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// The files with these tests, which are `#[ignore]`d because not every machine has a browser.
const TESTS: [&str; 2] = ["link_sdk", "it"];

/// Runs the tests if this machine has a browser.
pub(crate) fn check(workspace: &Workspace, _out: &mut dyn Write) -> Result<Outcome> {
    let Some(browser) = find() else { return Ok(skipped()) };
    // cargo does not build the example for a single test.
    programs::build(workspace)?;
    let mut command = command::cargo(workspace);
    // All packages are selected, so that the tests are not built again; see `programs`.
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
    fn the_first_browser_that_starts_is_used() {
        assert_eq!(first(|_| true), Some("chromium"));
        assert_eq!(first(|name| name != "chromium"), Some("chromium-browser"));
        assert_eq!(first(|name| name == "google-chrome"), Some("google-chrome"));
    }

    #[test]
    fn without_a_browser_the_reason_has_the_remedy_on_one_line() {
        assert_eq!(first(|_| false), None);
        let Outcome::Skipped(reason) = skipped() else { panic!("it is skipped") };
        assert!(reason.contains("chromium-browser") && reason.contains("--install"), "{reason}");
        assert_eq!(reason.lines().count(), 1);
    }
}
