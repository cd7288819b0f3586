//! The steps of `cargo xtask ci`.

use std::io::Write;

use clap::builder::{PossibleValue, PossibleValuesParser};
use diagnostics::Result;
use repository::Outcome;
use repository::Workspace;
use repository::{command, public_api};

use super::{browser, deny, examples, features, msrv, packages};
use crate::commands::codegen::{self, Mode};
use crate::commands::{contract, versions};

/// A step of `cargo xtask ci`.
#[derive(Debug)]
pub(super) struct CiStep {
    /// The name for `--only`. Scripts rely on it, so it does not change.
    pub(super) name: &'static str,
    /// What the step checks, for the list of steps.
    pub(super) title: &'static str,
    /// The tools that the step needs besides cargo.
    pub(super) needs: &'static [Need],
    action: Action,
}

/// A tool that a step needs besides cargo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// The component of the toolchain.
    Rustfmt,
    /// The component of the toolchain.
    Clippy,
    /// A browser; without one the step is skipped.
    Browser,
    /// `redis-server` and `redis-cli`; without them, tests are skipped unless the variable `CI` is set.
    Redis,
}

/// The action of a step.
#[derive(Clone, Copy, Debug)]
enum Action {
    /// Runs cargo with these arguments.
    Cargo(&'static [&'static str]),
    /// Builds the documentation, warnings as errors.
    Doc(&'static [&'static str]),
    /// Checks that the generated crates are current.
    Codegen,
    /// Runs a check that has its own module.
    Check(fn(&Workspace, &mut dyn Write) -> Result<Outcome>),
}

const XTASK: &str = "xtask/Cargo.toml";

/// The steps in order: quick checks that often fail come first.
///
/// cargo builds a dependency with the features that the selected packages and targets enable. So all steps select the
/// whole workspace, with all features and dev-dependencies: each step reuses the build of the one before. Only `features`
/// and the step for packages select less.
pub(super) const STEPS: &[CiStep] = &[
    CiStep {
        name: "format",
        title: "format",
        needs: &[Need::Rustfmt],
        action: Action::Cargo(&["fmt", "--all", "--check"]),
    },
    CiStep {
        name: "format-xtask",
        title: "format of xtask",
        needs: &[Need::Rustfmt],
        action: Action::Cargo(&["fmt", "--all", "--manifest-path", XTASK, "--check"]),
    },
    CiStep { name: "codegen", title: "generated code", needs: &[], action: Action::Codegen },
    CiStep { name: "msrv", title: "minimum Rust version", needs: &[], action: Action::Check(msrv::check) },
    CiStep { name: "deny", title: "licences, bans and sources", needs: &[], action: Action::Check(deny::check) },
    CiStep {
        name: "clippy",
        title: "clippy",
        needs: &[Need::Clippy],
        action: Action::Cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--all-features",
            "--locked",
            "--",
            "-D",
            "warnings",
        ]),
    },
    CiStep {
        name: "clippy-xtask",
        title: "clippy of xtask",
        needs: &[Need::Clippy],
        action: Action::Cargo(&[
            "clippy",
            "--manifest-path",
            XTASK,
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ]),
    },
    CiStep {
        name: "features",
        title: "sets of features",
        needs: &[Need::Clippy],
        action: Action::Check(features::check),
    },
    CiStep {
        name: "tests",
        title: "tests and doctests",
        needs: &[Need::Redis],
        action: Action::Cargo(&["test", "--workspace", "--all-features", "--locked"]),
    },
    CiStep { name: "examples", title: "examples", needs: &[], action: Action::Check(examples::check) },
    CiStep {
        name: "browser",
        title: "page in a browser",
        needs: &[Need::Browser],
        action: Action::Check(browser::check),
    },
    CiStep { name: "contract", title: "contract", needs: &[], action: Action::Check(contract::check) },
    CiStep {
        name: "tests-xtask",
        title: "tests of xtask",
        needs: &[],
        action: Action::Cargo(&["test", "--workspace", "--manifest-path", XTASK, "--locked"]),
    },
    CiStep {
        name: "docs",
        title: "documentation",
        needs: &[],
        // The example makes cargo enable the features of dev-dependencies, so that nothing is built again.
        action: Action::Doc(&[
            "doc",
            "--workspace",
            "--all-features",
            "--no-deps",
            "--lib",
            "--example",
            "demo",
            "--locked",
        ]),
    },
    CiStep { name: "public-api", title: "public API", needs: &[], action: Action::Check(public_api::check) },
    CiStep { name: "versions", title: "versions", needs: &[], action: Action::Check(versions::check) },
    CiStep {
        name: "msrv-build",
        title: "build with the minimum Rust version",
        needs: &[],
        action: Action::Check(msrv::build),
    },
    CiStep { name: "packages", title: "packages", needs: &[], action: Action::Check(packages::check) },
];

impl CiStep {
    /// Runs the step.
    pub(super) fn run(&self, workspace: &Workspace, out: &mut dyn Write) -> Result<Outcome> {
        match self.action {
            Action::Cargo(arguments) => command::run(command::cargo(workspace).args(arguments)),
            Action::Doc(arguments) => {
                command::run(command::cargo(workspace).args(arguments).env("RUSTDOCFLAGS", "-D warnings"))
            }
            Action::Codegen => codegen::run(workspace, &[], Mode::Check, out),
            Action::Check(check) => return check(workspace, out),
        }
        .map(|()| Outcome::Passed)
    }
}

/// The steps with these names in the order of the list; all steps if there are no names.
pub(super) fn select(names: &[String]) -> Vec<&'static CiStep> {
    STEPS.iter().filter(|step| names.is_empty() || names.iter().any(|name| name == step.name)).collect()
}

/// Parses the name of a step; the error for another text lists the names.
pub(crate) fn parser() -> PossibleValuesParser {
    PossibleValuesParser::new(STEPS.iter().map(|step| PossibleValue::new(step.name).help(step.title)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_step_that_resolves_dependencies_is_locked() {
        for CiStep { name, action, .. } in STEPS {
            if let Action::Cargo(arguments) | Action::Doc(arguments) = action {
                assert!(arguments[0] == "fmt" || arguments.contains(&"--locked"), "{name}");
            }
        }
    }

    #[test]
    fn every_step_that_runs_a_component_needs_it() {
        for CiStep { name, action, needs, .. } in STEPS {
            let Action::Cargo([subcommand, ..]) = action else { continue };
            assert_eq!(needs.contains(&Need::Rustfmt), *subcommand == "fmt", "{name}");
            assert_eq!(needs.contains(&Need::Clippy), *subcommand == "clippy", "{name}");
        }
    }

    #[test]
    fn steps_are_run_once_and_in_the_order_of_the_list() {
        let names = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            select(&names).iter().map(|step| step.name).collect::<Vec<_>>()
        };
        assert_eq!(names(&["tests", "format", "tests"]), ["format", "tests"]);
        assert_eq!(names(&[]).len(), STEPS.len());
        assert_eq!(STEPS.iter().map(|step| step.name).collect::<BTreeSet<_>>().len(), STEPS.len(), "names are unique");
    }
}
