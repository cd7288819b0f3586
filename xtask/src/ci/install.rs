//! What the steps need beside cargo and this machine may lack; `cargo xtask ci --install` installs it as far as that goes.

use std::fs;
use std::io::Write;
use std::process::Command;

use diagnostics::{Problem, Result};
use repository::command::{self, is_there};
use repository::say;

use super::browser;
use super::steps::{Need, Step};

/// What decides what can be installed, and how.
#[derive(Clone, Debug, Default)]
struct Machine {
    missing: Vec<Need>,
    rustup: bool,
    debian: bool,
    root: bool,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Action {
    /// Run this command.
    Run(Vec<&'static str>),
    /// Say that something is missing, and why nothing is done about it.
    Tell(&'static str),
}

/// Looks for what these steps need. With `install`, what is missing is installed first; what cannot be installed here is told.
///
/// # Errors
///
/// Fails if a component of the toolchain is missing: cargo's own message does not say what to do.
pub(super) fn provide(steps: &[&Step], install: bool, out: &mut dyn Write) -> Result<()> {
    if install {
        for action in plan(&Machine::look(missing(steps))) {
            match action {
                Action::Run(words) => {
                    say(out, &format!("install: {}", words.join(" ")))?;
                    // So that no package asks anything.
                    command::run(Command::new(words[0]).args(&words[1..]).env("DEBIAN_FRONTEND", "noninteractive"))?;
                }
                Action::Tell(what) => say(out, &format!("install: {what}"))?,
            }
        }
    }
    match missing(steps).into_iter().find_map(Need::component) {
        None => Ok(()),
        Some((_, component)) => Err(Problem::new(format!("{component} is not installed"))
            .remedy(format!("rustup component add {component}"))
            .into()),
    }
}

impl Need {
    /// The command of cargo and the component of the toolchain that brings it.
    fn component(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Rustfmt => Some(("fmt", "rustfmt")),
            Self::Clippy => Some(("clippy", "clippy")),
            Self::Browser => None,
        }
    }

    fn is_met(self) -> bool {
        match self.component() {
            Some((subcommand, _)) => command::answers(command::this_cargo().args([subcommand, "--version"])),
            None => browser::find().is_some(),
        }
    }
}

/// What these steps need and this machine lacks.
fn missing(steps: &[&Step]) -> Vec<Need> {
    let is_needed = |need: &Need| steps.iter().any(|step| step.needs.contains(need));
    let all = [Need::Rustfmt, Need::Clippy, Need::Browser];
    all.into_iter().filter(is_needed).filter(|need| !need.is_met()).collect()
}

fn plan(machine: &Machine) -> Vec<Action> {
    let mut actions = Vec::new();
    let components: Vec<&str> =
        machine.missing.iter().filter_map(|need| need.component()).map(|(_, name)| name).collect();
    if !components.is_empty() {
        actions.push(if machine.rustup {
            Action::Run([&["rustup", "component", "add"], &components[..]].concat())
        } else {
            Action::Tell(
                "rustfmt or clippy is missing, and there is no rustup to add it: install it from where Rust came from",
            )
        });
    }
    if machine.missing.contains(&Need::Browser) {
        if machine.debian && machine.root {
            actions.push(Action::Run(vec!["apt-get", "update"]));
            actions.push(Action::Run(vec!["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]));
        } else {
            actions.push(Action::Tell(
                "chromium is missing, and is installed on Debian by root alone: install it yourself",
            ));
        }
    }
    actions
}

impl Machine {
    fn look(missing: Vec<Need>) -> Self {
        Self {
            missing,
            rustup: is_there("rustup"),
            debian: fs::read_to_string("/etc/os-release").is_ok_and(|text| is_debian(&text)),
            root: Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0"),
        }
    }
}

/// True for Debian itself: elsewhere the package of this name may be something else.
fn is_debian(os_release: &str) -> bool {
    os_release.lines().any(|line| line == "ID=debian")
}

#[cfg(test)]
mod tests {
    use super::super::steps::select;
    use super::*;

    fn lacking(missing: &[Need]) -> Machine {
        Machine { missing: missing.to_vec(), rustup: true, debian: true, root: true }
    }

    #[test]
    fn nothing_is_installed_where_nothing_is_missing() {
        assert_eq!(plan(&lacking(&[])), []);
    }

    #[test]
    fn a_step_that_needs_nothing_lacks_nothing() {
        assert_eq!(missing(&select(&["codegen".to_owned()])), []);
    }

    #[test]
    fn components_come_by_rustup_and_chromium_by_apt_get() {
        let lines: Vec<String> = plan(&lacking(&[Need::Rustfmt, Need::Clippy, Need::Browser]))
            .into_iter()
            .map(|action| if let Action::Run(words) = action { words.join(" ") } else { panic!("{action:?}") })
            .collect();
        assert_eq!(
            lines,
            [
                "rustup component add rustfmt clippy",
                "apt-get update",
                "apt-get install --yes --no-install-recommends chromium",
            ]
        );
    }

    #[test]
    fn what_cannot_be_installed_is_told() {
        for (machine, word) in [
            (Machine { rustup: false, ..lacking(&[Need::Clippy]) }, "clippy"),
            (Machine { root: false, ..lacking(&[Need::Browser]) }, "chromium"),
            (Machine { debian: false, ..lacking(&[Need::Browser]) }, "chromium"),
        ] {
            match &plan(&machine)[..] {
                [Action::Tell(told)] => assert!(told.contains(word), "{told}"),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn debian_is_told_from_what_comes_of_it() {
        assert!(is_debian("PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\n"));
        assert!(!is_debian("ID=ubuntu\nID_LIKE=debian\n"));
    }
}
