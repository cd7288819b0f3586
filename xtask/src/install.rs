//! `cargo xtask ci --install`: what the steps need and this machine lacks, installed as far as that goes.

use std::fs;
use std::io::Write;
use std::process::Command;

use crate::browser;
use crate::ci::{is_there, missing_components, run_command, say};
use crate::problem::Result;

/// What decides what can be installed, and how.
#[derive(Clone, Debug, Default)]
struct Machine {
    missing_components: Vec<&'static str>,
    rustup: bool,
    browser: bool,
    debian: bool,
    root: bool,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// Run this command.
    Run(Vec<&'static str>),
    /// Say that something is missing, and why nothing is done about it.
    Tell(&'static str),
}

/// Installs what is missing, and says what cannot be installed here.
pub(crate) fn missing(out: &mut dyn Write) -> Result<()> {
    for step in plan(&Machine::look()) {
        match step {
            Step::Run(words) => {
                say(out, &format!("install: {}", words.join(" ")))?;
                // So that no package asks anything.
                run_command(Command::new(words[0]).args(&words[1..]).env("DEBIAN_FRONTEND", "noninteractive"))?;
            }
            Step::Tell(what) => say(out, &format!("install: {what}"))?,
        }
    }
    Ok(())
}

fn plan(machine: &Machine) -> Vec<Step> {
    let mut steps = Vec::new();
    if !machine.missing_components.is_empty() {
        steps.push(if machine.rustup {
            Step::Run([&["rustup", "component", "add"], &machine.missing_components[..]].concat())
        } else {
            Step::Tell(
                "rustfmt or clippy is missing, and there is no rustup to add it: install it from where Rust came from",
            )
        });
    }
    if !machine.browser {
        if machine.debian && machine.root {
            steps.push(Step::Run(vec!["apt-get", "update"]));
            steps.push(Step::Run(vec!["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]));
        } else {
            steps
                .push(Step::Tell("chromium is missing, and is installed on Debian by root alone: install it yourself"));
        }
    }
    steps
}

impl Machine {
    fn look() -> Self {
        Self {
            missing_components: missing_components(),
            rustup: is_there("rustup"),
            browser: browser::find().is_some(),
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
    use super::*;

    fn complete() -> Machine {
        Machine { browser: true, rustup: true, debian: true, root: true, ..Machine::default() }
    }

    #[test]
    fn nothing_is_installed_where_nothing_is_missing() {
        assert_eq!(plan(&complete()), []);
    }

    #[test]
    fn components_come_by_rustup_and_chromium_by_apt_get() {
        let machine = Machine { missing_components: vec!["rustfmt", "clippy"], browser: false, ..complete() };
        let lines: Vec<String> = plan(&machine)
            .into_iter()
            .map(|step| if let Step::Run(words) = step { words.join(" ") } else { panic!("{step:?}") })
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
            (Machine { missing_components: vec!["clippy"], rustup: false, ..complete() }, "clippy"),
            (Machine { browser: false, root: false, ..complete() }, "chromium"),
            (Machine { browser: false, debian: false, ..complete() }, "chromium"),
        ] {
            match &plan(&machine)[..] {
                [Step::Tell(told)] => assert!(told.contains(word), "{told}"),
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
