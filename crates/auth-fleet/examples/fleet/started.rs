//! A program that was started.

use std::error::Error;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use auth_sandbox::Sandbox;

use crate::program::{CLIENT_ID, CLIENT_SECRET, FOLDER, ISSUER, KEYS, REDIS_URL};

/// What the programs share.
pub(crate) enum Place {
    Folder(PathBuf),
    Redis(String),
}

impl Place {
    pub(crate) fn description(&self) -> String {
        match self {
            Self::Folder(path) => format!("the folder {}", path.display()),
            Self::Redis(_) => "a Redis server".to_owned(),
        }
    }
}

/// A program. It ends when this is dropped.
pub(crate) struct Started {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Started {
    pub(crate) fn start(sandbox: &Sandbox, keys: &str, place: &Place) -> Result<Self, Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .env(ISSUER, sandbox.base_url())
            .env(CLIENT_ID, sandbox.lean_client_id())
            .env(CLIENT_SECRET, sandbox.lean_client_secret())
            .env(KEYS, keys);
        match place {
            Place::Folder(path) => command.env(FOLDER, path).env_remove(REDIS_URL),
            Place::Redis(url) => command.env(REDIS_URL, url),
        };
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("a program has no pipes".into());
        };
        Ok(Self { child, stdin, stdout: BufReader::new(stdout) })
    }

    /// Tells the program to get a token.
    pub(crate) fn tell(&mut self) -> io::Result<()> {
        self.stdin.write_all(b"\n")
    }

    /// Waits for a line of the program.
    pub(crate) fn hear(&mut self) -> Result<String, Box<dyn Error>> {
        let mut line = String::new();
        if self.stdout.read_line(&mut line)? == 0 {
            return Err("a program has failed".into());
        }
        Ok(line.trim_end().to_owned())
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
