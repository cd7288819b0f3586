//! A program that prints a secret.

use std::fs;
use std::io;
use std::process::Stdio;
use std::time::Duration;

use auth_core::{CredentialError, Secret};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncReadExt as _;
use tokio::process::{ChildStdout, Command};
use tokio::time::timeout;
use zeroize::Zeroizing;

/// How long a program may take, unless the configuration says otherwise.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);

/// How long the output of a program that has ended is read. All of it is there already; what the program has started may keep it open.
const DRAIN: Duration = Duration::from_millis(250);

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
        let after = self.timeout;
        match timeout(after, self.run()).await {
            Ok(output) => output.map_err(|problem| self.unavailable(&problem)),
            Err(_) => {
                Err(self.unavailable(&format!("did not end within {} seconds, and was stopped", after.as_secs())))
            }
        }
    }

    /// The error of a program that gave no secret.
    pub(super) fn unavailable(&self, problem: &str) -> CredentialError {
        // The arguments are not shown: they may hold what nobody should see.
        CredentialError::unavailable(format!("the program {:?} {problem}", self.program))
    }

    async fn run(&self) -> Result<Secret, String> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let has_group = !has_terminal();
        if has_group {
            command.process_group(0);
        }
        let mut child = command.spawn().map_err(|error| format!("cannot be started: {error}"))?;
        let mut group = Group(child.id().filter(|_| has_group).and_then(|id| Pid::from_raw(id.try_into().ok()?)));
        // The full capacity is reserved, since growing would leave an unwiped copy behind. The additional byte detects output
        // that is too long.
        let mut output = Zeroizing::new(Vec::with_capacity(LONGEST + 1));
        let unread = |error: io::Error| format!("cannot be read: {error}");
        let too_long = || Err("printed more than 64 KiB".to_owned());
        let mut stdout = child.stdout.take().ok_or_else(|| "has no standard output".to_owned())?;
        let early = tokio::select! {
            read = read(&mut stdout, &mut output) => {
                read.map_err(unread)?;
                if output.len() > LONGEST {
                    return too_long();
                }
                None
            }
            status = child.wait() => Some(status),
        };
        let status = match early {
            Some(status) => status,
            None => child.wait().await,
        };
        let status = status.map_err(|error| format!("cannot be waited for: {error}"))?;
        // What it has started may stay, such as `gpg-agent`, which may keep the output open.
        group.0 = None;
        if status.success()
            && let Ok(rest) = timeout(DRAIN, read(&mut stdout, &mut output)).await
        {
            rest.map_err(unread)?;
        }
        if output.len() > LONGEST {
            return too_long();
        }
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

/// Reads to the end, or one byte more than is permitted. Nothing is lost if it is dropped.
async fn read(stdout: &mut ChildStdout, output: &mut Vec<u8>) -> io::Result<()> {
    let mut part = Zeroizing::new([0; 4096]);
    while output.len() <= LONGEST {
        let count = stdout.read(&mut part[..]).await?;
        if count == 0 {
            break;
        }
        let room = LONGEST + 1 - output.len();
        output.extend_from_slice(&part[..count.min(room)]);
    }
    Ok(())
}

/// True if there is a terminal at which a program may ask its user, which only the group in the foreground may do.
fn has_terminal() -> bool {
    fs::File::open("/dev/tty").is_ok()
}

/// The process group of a program that runs. Ends with all that it has started if it is dropped before.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // The program has not been waited for, so the number is still that of its group.
            let _ = kill_process_group(group, Signal::KILL);
        }
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
