//! The tools that the steps need besides cargo; `cargo xtask ci --install` installs missing ones where it can.

use std::fs;
use std::io::Write;
use std::process::Command;

use diagnostics::{Problem, Result};
use repository::command::{self, is_there};
use repository::say;

use super::browser;
use super::steps::{CiStep, Need};

/// The facts about this machine that decide what can be installed.
#[derive(Clone, Debug, Default)]
struct Machine {
    missing: Vec<Need>,
    rustup: bool,
    debian: bool,
    root: bool,
}

/// An action for a missing tool.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Action {
    /// Run a command that installs it.
    Run(Vec<&'static str>),
    /// Print that it is missing, and why it cannot be installed here.
    Tell(&'static str),
}

/// Checks that the tools of these steps are installed. With `install`, installs missing ones first, and reports those that
/// cannot be installed here.
///
/// # Errors
///
/// Fails if a component of the toolchain is missing: cargo's own message does not say what to do.
pub(super) fn provide(steps: &[&CiStep], install: bool, out: &mut dyn Write) -> Result<()> {
    if install {
        for action in plan(&Machine::look(missing(steps))) {
            match action {
                Action::Run(words) => {
                    say(out, &format!("install: {}", words.join(" ")))?;
                    // No package may ask a question.
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
    /// The commands of cargo, and the toolchain component of each.
    fn component(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Rustfmt => Some(("fmt", "rustfmt")),
            Self::Clippy => Some(("clippy", "clippy")),
            Self::Browser | Self::Redis => None,
        }
    }

    /// The package of Debian with the tool.
    fn package(self) -> Option<&'static str> {
        match self {
            Self::Browser => Some("chromium"),
            Self::Redis => Some("redis-server"),
            Self::Rustfmt | Self::Clippy => None,
        }
    }

    fn is_met(self) -> bool {
        match (self, self.component()) {
            (_, Some((subcommand, _))) => command::answers(command::this_cargo().args([subcommand, "--version"])),
            (Self::Redis, None) => is_there("redis-server") && is_there("redis-cli"),
            (_, None) => browser::find().is_some(),
        }
    }
}

/// The tools that these steps need and this machine lacks.
fn missing(steps: &[&CiStep]) -> Vec<Need> {
    let is_needed = |need: &Need| steps.iter().any(|step| step.needs.contains(need));
    let all = [Need::Rustfmt, Need::Clippy, Need::Browser, Need::Redis];
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
                "rustfmt or clippy is missing, and rustup, which would install it, is missing too: install it from the source of this Rust",
            )
        });
    }
    let packages: Vec<&str> = machine.missing.iter().filter_map(|need| need.package()).collect();
    if packages.is_empty() {
        return actions;
    }
    if machine.debian && machine.root {
        actions.push(Action::Run(vec!["apt-get", "update"]));
        actions
            .push(Action::Run([&["apt-get", "install", "--yes", "--no-install-recommends"], &packages[..]].concat()));
    } else {
        actions.extend(
            machine
                .missing
                .iter()
                .filter_map(|need| match need {
                    Need::Browser => {
                        Some("chromium is missing, and only root can install it, on Debian: install it yourself")
                    }
                    Need::Redis => {
                        Some("redis-server is missing, and only root can install it, on Debian: install it yourself")
                    }
                    Need::Rustfmt | Need::Clippy => None,
                })
                .map(Action::Tell),
        );
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

/// Returns true for Debian itself; other distributions may use the package name for something else.
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
    fn a_step_without_needs_lacks_nothing() {
        assert_eq!(missing(&select(&["codegen".to_owned()])), []);
    }

    #[test]
    fn rustup_installs_components_and_apt_get_installs_packages() {
        let lines: Vec<String> = plan(&lacking(&[Need::Rustfmt, Need::Clippy, Need::Browser, Need::Redis]))
            .into_iter()
            .map(|action| if let Action::Run(words) = action { words.join(" ") } else { panic!("{action:?}") })
            .collect();
        assert_eq!(
            lines,
            [
                "rustup component add rustfmt clippy",
                "apt-get update",
                "apt-get install --yes --no-install-recommends chromium redis-server",
            ]
        );
    }

    #[test]
    fn a_tool_that_cannot_be_installed_is_reported() {
        for (machine, word) in [
            (Machine { rustup: false, ..lacking(&[Need::Clippy]) }, "clippy"),
            (Machine { root: false, ..lacking(&[Need::Browser]) }, "chromium"),
            (Machine { debian: false, ..lacking(&[Need::Browser]) }, "chromium"),
            (Machine { root: false, ..lacking(&[Need::Redis]) }, "redis-server"),
        ] {
            match &plan(&machine)[..] {
                [Action::Tell(reason)] => assert!(reason.contains(word), "{reason}"),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn debian_is_distinguished_from_its_derivatives() {
        assert!(is_debian("PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\n"));
        assert!(!is_debian("ID=ubuntu\nID_LIKE=debian\n"));
    }
}
