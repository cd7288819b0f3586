//! The tests that need a real browser: the page for Lean's LinkSDK, and the page of a contract run.

use std::io::Write;

use super::Outcome;
use crate::command::{self, is_there};
use crate::problem::Result;
use crate::workspace::Workspace;

/// What the browser is called, depending on who packaged it.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// The example, and the test that opens it in a browser.
const LINK_SDK: &str = "link_sdk";

/// Runs those tests if there is a browser.
pub(crate) fn check(workspace: &Workspace, _out: &mut dyn Write) -> Result<Outcome> {
    let Some(browser) = find() else { return Ok(skipped()) };
    // A test that is run alone does not make cargo build the example.
    let mut build = command::cargo(workspace);
    command::run(build.args(["build", "--quiet", "--locked", "-p", "auth-core", "--example", LINK_SDK]))?;
    for (package, test) in [("auth-core", LINK_SDK), ("auth-contract", "it")] {
        let mut command = command::cargo(workspace);
        command.args(["test", "--locked", "-p", package, "--test", test, "--", "--ignored"]).env("CHROMIUM", browser);
        command::run(&mut command)?;
    }
    Ok(Outcome::Passed)
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
