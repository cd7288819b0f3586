//! Asks the user.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use auth_core::Secret;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use crate::failure::Failure;

/// True if there is a user to ask.
pub(super) fn is_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Tells the user something.
pub(super) fn say(text: &str) -> Result<(), Failure> {
    prompt(&format!("{text}\n"))
}

/// Asks for a line. An empty one is the default, if there is one.
pub(super) fn ask(question: &str, default: Option<&str>) -> Result<String, Failure> {
    let hint = default.map_or_else(String::new, |default| format!(" [{default}]"));
    loop {
        prompt(&format!("{question}{hint}: "))?;
        let mut line = String::new();
        if io::stdin().lock().read_line(&mut line).map_err(failed)? == 0 {
            return Err(ended());
        }
        match (line.trim(), default) {
            ("", None) => {}
            ("", Some(default)) => return Ok(default.to_owned()),
            (line, _) => return Ok(line.to_owned()),
        }
    }
}

/// Asks for one of these words.
pub(super) fn choose(question: &str, words: &[&str]) -> Result<String, Failure> {
    loop {
        let answer = ask(&format!("{question} ({})", words.join(", ")), None)?;
        if words.contains(&answer.as_str()) {
            return Ok(answer);
        }
        prompt(&format!("please answer one of {}\n", words.join(", ")))?;
    }
}

/// Asks for a secret, which the terminal does not show.
pub(super) fn ask_secretly(question: &str) -> Result<Secret, Failure> {
    // First, since it drops what was typed before the question.
    let hidden = Hidden::new()?;
    prompt(&format!("{question} (not shown): "))?;
    // The full capacity is reserved, since growing would leave an unwiped copy behind.
    let mut line = Zeroizing::new(String::with_capacity(64 * 1024));
    let read = io::stdin().lock().read_line(&mut line);
    drop(hidden);
    prompt("\n")?;
    if read.map_err(failed)? == 0 || line.contains('\u{3}') {
        return Err(ended());
    }
    let secret = line.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        Err(Failure::usage("the secret is empty; nothing was written"))
    } else {
        Ok(Secret::from(secret))
    }
}

/// A terminal that shows nothing of what is typed. Ctrl-C does not end the program, which would leave the terminal like that.
struct Hidden(Termios);

impl Hidden {
    fn new() -> Result<Self, Failure> {
        let before = tcgetattr(io::stdin()).map_err(|error| failed(error.into()))?;
        let mut hidden = before.clone();
        hidden.local_modes.remove(LocalModes::ECHO | LocalModes::ISIG);
        tcsetattr(io::stdin(), OptionalActions::Flush, &hidden).map_err(|error| failed(error.into()))?;
        Ok(Self(before))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}

fn prompt(text: &str) -> Result<(), Failure> {
    let mut out = io::stderr().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(failed)
}

fn failed(error: io::Error) -> Failure {
    Failure::other(format!("the terminal cannot be used: {error}"))
}

fn ended() -> Failure {
    Failure::usage("there was no answer; nothing was written")
}
