//! Runs git in the repository of the workspace.

use std::path::Path;
use std::process::Command;

use diagnostics::Problem;

use crate::command;

/// Why git gave no answer.
#[derive(Debug)]
pub enum Failure {
    /// git is missing or cannot be started.
    NotStarted(Problem),
    /// git failed with this message.
    Refused(String),
    /// The output of git is not UTF-8.
    NoText,
}

/// Runs git in a folder; returns its output.
///
/// # Errors
///
/// Fails if git cannot be started, if it fails, or if its output is not UTF-8.
pub fn run(folder: &Path, arguments: &[&str]) -> Result<String, Failure> {
    let output = Command::new("git").arg("-C").arg(folder).args(arguments).env("LC_ALL", "C").output();
    let output = output.map_err(|error| Failure::NotStarted(command::cannot_start("git", &error)))?;
    if !output.status.success() {
        return Err(Failure::Refused(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    String::from_utf8(output.stdout).map_err(|_| Failure::NoText)
}

impl Failure {
    /// The problem; `task` is what failed, `instead` is the remedy that needs no git.
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

    /// Whether the message of git contains these words.
    pub fn says(&self, words: &str) -> bool {
        matches!(self, Self::Refused(said) if said.contains(words))
    }

    /// Whether git failed without a message, as `--quiet` does for an unknown name.
    pub fn is_silent(&self) -> bool {
        matches!(self, Self::Refused(said) if said.trim().is_empty())
    }
}

/// Creates a problem with the message of git; a command in that message becomes the remedy.
fn refused(task: &str, instead: &str, said: &str) -> Problem {
    let lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    let (commands, lines): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.starts_with("git "));
    let mut lines: Vec<&str> = lines.into_iter().map(|line| line.strip_prefix("fatal: ").unwrap_or(line)).collect();
    // The sentence before the command.
    lines.pop_if(|line| !commands.is_empty() && line.ends_with(':'));
    let lines = if lines.is_empty() { "git failed without a message".to_owned() } else { lines.join("\n") };
    let problem = Problem::new(format!("{task}: {lines}"));
    match commands.first() {
        Some(command) => problem.remedy(format!("run `{command}` if you trust the repository; or {instead}")),
        None => problem.remedy(format!("correct what git reports; or {instead}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_in_the_message_of_git_is_the_remedy() {
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
                "remedy: correct what git reports; or name a file",
            ),
            ("", "error: cannot ask: git failed without a message\n", "remedy: correct what git reports"),
        ] {
            let text = Failure::Refused(said.to_owned()).problem("cannot ask", "name a file").to_string();
            assert!(text.starts_with(message) && text.contains(remedy), "{text}");
        }
    }
}
