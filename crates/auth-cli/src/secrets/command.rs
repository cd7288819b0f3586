//! A program that prints a secret.

use std::process::Stdio;
use std::time::Duration;

use auth_core::{CredentialError, Secret};
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;
use tokio::time::timeout;
use zeroize::Zeroizing;

/// How long a program may take, unless the configuration says otherwise.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);

/// Size in bytes of the largest secret that is read.
const LONGEST: usize = 64 * 1024;

/// A program that prints a secret to its standard output. It is started without a shell and has no standard input.
#[derive(Clone, Debug)]
pub(crate) struct SecretCommand {
    program: String,
    arguments: Vec<String>,
    timeout: Duration,
}

impl SecretCommand {
    pub(crate) fn new(program: String, arguments: Vec<String>, timeout: Duration) -> Self {
        Self { program, arguments, timeout }
    }

    /// The program and its arguments.
    pub(crate) fn words(&self) -> Vec<&str> {
        [&self.program].into_iter().chain(&self.arguments).map(String::as_str).collect()
    }

    /// Runs the program and returns what it prints, without one line break at the end.
    pub(crate) async fn output(&self) -> Result<Secret, CredentialError> {
        let Self { program, timeout: after, .. } = self;
        // The arguments are not shown: they may hold what nobody should see.
        let failed = |problem: String| CredentialError::unavailable(format!("the program {program:?} {problem}"));
        match timeout(*after, self.run()).await {
            Ok(output) => output.map_err(failed),
            Err(_) => Err(failed(format!("did not end within {} seconds, and was stopped", after.as_secs()))),
        }
    }

    async fn run(&self) -> Result<Secret, String> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| format!("cannot be started: {error}"))?;
        // The full capacity is reserved, since growing would leave an unwiped copy behind. The additional byte detects output
        // that is too long.
        let mut output = Zeroizing::new(Vec::with_capacity(LONGEST + 1));
        if let Some(stdout) = child.stdout.take() {
            let read = stdout.take(LONGEST as u64 + 1).read_to_end(&mut output).await;
            read.map_err(|error| format!("cannot be read: {error}"))?;
        }
        if output.len() > LONGEST {
            return Err("printed more than 64 KiB".to_owned());
        }
        let status = child.wait().await.map_err(|error| format!("cannot be waited for: {error}"))?;
        if !status.success() {
            return Err(format!("failed ({status})"));
        }
        let text = std::str::from_utf8(&output).map_err(|_| "printed something that is not UTF-8".to_owned())?;
        let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
        if text.trim().is_empty() {
            return Err("printed nothing".to_owned());
        }
        Ok(Secret::from(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(words: &[&str], timeout: Duration) -> SecretCommand {
        let arguments = words[1..].iter().map(|word| (*word).to_owned()).collect();
        SecretCommand::new(words[0].to_owned(), arguments, timeout)
    }

    #[tokio::test]
    async fn the_output_is_the_secret_without_one_line_break() {
        for (format, secret) in
            [("marker", "marker"), ("marker\\n", "marker"), (" a b\\r\\n", " a b"), ("a\\n\\n", "a\n")]
        {
            let output = command(&["printf", format], TIMEOUT).output().await.unwrap();
            assert_eq!(output.expose(), secret);
        }
        // No shell: the word stays as it is.
        let output = command(&["printf", "%s", "$(id)*"], TIMEOUT).output().await.unwrap();
        assert_eq!(output.expose(), "$(id)*");
    }

    #[tokio::test]
    async fn a_program_that_fails_is_named_without_its_arguments() {
        for (words, problem) in [
            (&["/nonexistent/marked", "marker"][..], "cannot be started: No such file or directory (os error 2)"),
            (&["false", "marker"], "failed (exit status: 1)"),
            (&["true", "marker"], "printed nothing"),
            (&["printf", "\\377"], "printed something that is not UTF-8"),
            (&["head", "-c", "70000", "/dev/zero"], "printed more than 64 KiB"),
        ] {
            let error = command(words, TIMEOUT).output().await.unwrap_err().to_string();
            assert_eq!(error, format!("no credentials: the program {:?} {problem}", words[0]));
        }
    }

    #[tokio::test]
    async fn a_program_that_hangs_is_stopped() {
        let error = command(&["sleep", "600"], Duration::from_secs(1)).output().await.unwrap_err().to_string();
        assert_eq!(error, "no credentials: the program \"sleep\" did not end within 1 seconds, and was stopped");
    }
}
