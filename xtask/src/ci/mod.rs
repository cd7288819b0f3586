//! `cargo xtask ci`: all checks of the repository, step by step.

mod browser;
mod deny;
mod examples;
mod features;
mod install;
mod msrv;
mod packages;
mod steps;

use std::io::Write;
use std::time::Instant;

use clap::Args;
use diagnostics::plural;
use diagnostics::{Problem, Result};
use repository::Workspace;
use repository::{Outcome, say};

use steps::{STEPS, parser};

/// The arguments of `ci`.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Arguments {
    /// First install what is missing: components of the toolchain, and chromium and redis-server on Debian.
    #[arg(long)]
    pub(crate) install: bool,
    /// Run only this step; can be given more than once.
    #[arg(long, value_name = "STEP", value_parser = parser(), hide_possible_values = true)]
    pub(crate) only: Vec<String>,
    /// List the steps with what they check, and run none.
    #[arg(long, conflicts_with_all = ["install", "only", "keep_going"])]
    pub(crate) list: bool,
    /// Continue after a step that fails; the last message names all that failed.
    #[arg(long)]
    pub(crate) keep_going: bool,
}

/// The outcomes of the steps.
#[derive(Debug, Default)]
struct Tally {
    passed: usize,
    skipped: usize,
    failed: Vec<&'static str>,
}

/// Runs the selected steps in their order.
///
/// # Errors
///
/// Fails at the first step that fails; with `keep_going`, after the last step if any step failed.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments, out: &mut dyn Write) -> Result<()> {
    if arguments.list {
        return list(out);
    }
    let steps = steps::select(&arguments.only);
    install::provide(&steps, arguments.install, out)?;
    let begin = Instant::now();
    let count = steps.len();
    let mut tally = Tally::default();
    for (index, step) in steps.into_iter().enumerate() {
        let head = format!("[{}/{count}] {}", index + 1, step.title);
        say(out, &head)?;
        let start = Instant::now();
        let outcome = step.run(workspace, out);
        let seconds = start.elapsed().as_secs_f64();
        match outcome {
            Ok(Outcome::Passed) => {
                tally.passed += 1;
                say(out, &format!("{head}: passed in {seconds:.1} s"))?;
            }
            Ok(Outcome::Skipped(reason)) => {
                tally.skipped += 1;
                say(out, &format!("{head}: skipped ({reason}) in {seconds:.1} s"))?;
            }
            Err(problems) => {
                tally.failed.push(step.name);
                anstream::eprint!("{}", diagnostics::render(&problems.read_sources(workspace.root())));
                say(out, &format!("{head}: failed in {seconds:.1} s"))?;
                if !arguments.keep_going {
                    break;
                }
            }
        }
    }
    tally.summary(count, begin.elapsed().as_secs_f64()).and_then(|summary| say(out, &summary))
}

/// Prints a line for each step: its name and what it checks.
fn list(out: &mut dyn Write) -> Result<()> {
    let width = STEPS.iter().map(|step| step.name.len()).max().unwrap_or_default();
    STEPS.iter().try_for_each(|step| say(out, &format!("{:width$}  {}", step.name, step.title)))
}

impl Tally {
    /// Summarizes `count` steps that took `seconds` together, on one line.
    ///
    /// # Errors
    ///
    /// Fails if a step failed; names the failed steps.
    fn summary(&self, count: usize, seconds: f64) -> Result<String> {
        let Self { passed, skipped, failed } = self;
        let steps = format!("{count} step{}", plural(count));
        if failed.is_empty() {
            let skipped = if *skipped > 0 { format!(" and {skipped} skipped") } else { String::new() };
            return Ok(format!("ci: {passed} of {steps} passed{skipped} in {seconds:.1} s"));
        }
        let not_run = match count - passed - skipped - failed.len() {
            0 => String::new(),
            rest => format!(", {rest} not run"),
        };
        let names = failed.join(", ");
        let again = failed.iter().map(|name| format!(" --only {name}")).collect::<String>();
        let message =
            format!("ci: {} of {steps} failed: {names} ({passed} passed, {skipped} skipped{not_run})", failed.len());
        Err(Problem::new(message).remedy(format!("after a change, run `cargo xtask ci{again}`")).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(passed: usize, skipped: usize, failed: &[&'static str]) -> Result<String> {
        Tally { passed, skipped, failed: failed.to_vec() }.summary(5, 1.25)
    }

    #[test]
    fn a_step_that_was_skipped_is_not_counted_as_passed() {
        assert_eq!(summary(5, 0, &[]).expect("no failure"), "ci: 5 of 5 steps passed in 1.2 s");
        assert_eq!(summary(4, 1, &[]).expect("no failure"), "ci: 4 of 5 steps passed and 1 skipped in 1.2 s");
    }

    #[test]
    fn failed_steps_are_named_and_steps_that_did_not_run_are_counted() {
        let all = summary(2, 1, &["clippy", "tests"]).expect_err("two failed").to_string();
        assert!(all.contains("2 of 5 steps failed: clippy, tests (2 passed, 1 skipped)"), "{all}");
        assert!(all.contains("`cargo xtask ci --only clippy --only tests`"), "{all}");
        let stopped = summary(1, 0, &["clippy"]).expect_err("one failed").to_string();
        assert!(stopped.contains("1 of 5 steps failed: clippy (1 passed, 0 skipped, 3 not run)"), "{stopped}");
    }
}
