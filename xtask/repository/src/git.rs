//! What the workspace's repository says.

use std::path::Path;
use std::process::Command;

use diagnostics::Problem;

use crate::command;

/// Why git gave no answer.
#[derive(Debug)]
pub enum Failure {
    /// There is no git, or it cannot be started.
    NotStarted(Problem),
    /// It refused, with these words.
    Refused(String),
    /// Its answer is no text.
    NoText,
}

/// Runs git in a folder; returns what it says.
///
/// # Errors
///
/// Fails if git cannot be started, if it refuses, or if what it says is not UTF-8.
pub fn run(folder: &Path, arguments: &[&str]) -> Result<String, Failure> {
    let output = Command::new("git").arg("-C").arg(folder).args(arguments).env("LC_ALL", "C").output();
    let output = output.map_err(|error| Failure::NotStarted(command::cannot_start("git", &error)))?;
    if !output.status.success() {
        return Err(Failure::Refused(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    String::from_utf8(output.stdout).map_err(|_| Failure::NoText)
}

impl Failure {
    /// What is wrong; `task` is what git was asked for, and `instead` what to do without it.
    pub fn problem(self, task: &str, instead: &str) -> Problem {
        match self {
            Self::NotStarted(problem) => {
                let remedy = problem.advice().unwrap_or_default().to_owned();
                problem.remedy(format!("{remedy}; or {instead}"))
            }
            Self::Refused(said) => refused(task, instead, &said),
            Self::NoText => Problem::new(format!("{task}: it is not UTF-8 text")).remedy(instead),
        }
    }

    /// Whether git found no repository.
    pub fn is_outside(&self) -> bool {
        self.says("not a git repository")
    }

    /// Whether git refused with these words.
    pub fn says(&self, words: &str) -> bool {
        matches!(self, Self::Refused(said) if said.contains(words))
    }

    /// Whether git refused without a word, as it does with `--quiet` where there is nothing of the name.
    pub fn is_silent(&self) -> bool {
        matches!(self, Self::Refused(said) if said.trim().is_empty())
    }
}

/// Git's own words; a command that they name is the remedy.
fn refused(task: &str, instead: &str, said: &str) -> Problem {
    let lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    let (commands, lines): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.starts_with("git "));
    let mut lines: Vec<&str> = lines.into_iter().map(|line| line.strip_prefix("fatal: ").unwrap_or(line)).collect();
    // What introduces the command.
    lines.pop_if(|line| !commands.is_empty() && line.ends_with(':'));
    let lines = if lines.is_empty() { "git failed, and did not say why".to_owned() } else { lines.join("\n") };
    let problem = Problem::new(format!("{task}: {lines}"));
    match commands.first() {
        Some(command) => problem.remedy(format!("run `{command}` if you trust the repository; or {instead}")),
        None => problem.remedy(format!("put right what git says; or {instead}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_git_are_shown_and_its_command_is_the_remedy() {
        let dubious = "fatal: detected dubious ownership in repository at '/w'\nTo add an exception for this directory, \
                       call:\n\n\tgit config --global --add safe.directory /w\n";
        for (said, message, remedy) in [
            (
                dubious,
                "error: cannot ask: detected dubious ownership in repository at '/w'\n",
                "remedy: run `git config --global --add safe.directory /w` if you trust the repository; or name a file",
            ),
            (
                "fatal: bad object\n",
                "error: cannot ask: bad object\n",
                "remedy: put right what git says; or name a file",
            ),
            ("", "error: cannot ask: git failed, and did not say why\n", "remedy: put right"),
        ] {
            let text = Failure::Refused(said.to_owned()).problem("cannot ask", "name a file").to_string();
            assert!(text.starts_with(message) && text.contains(remedy), "{text}");
        }
    }
}
