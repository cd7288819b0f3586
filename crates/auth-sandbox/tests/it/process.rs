//! The program as a process.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::common::within_blocking;

/// Number of lines that the program prints for the shell.
const LINES: usize = 9;

/// A running program. Dropping it stops it.
pub(crate) struct Program(pub(crate) Child);

impl Program {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_auth-sandbox"));
        Self(command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// The lines for the shell.
    pub(crate) fn settings(&mut self) -> HashMap<String, String> {
        self.try_settings().unwrap()
    }

    /// The lines for the shell; `None` if it ends before that.
    pub(crate) fn try_settings(&mut self) -> Option<HashMap<String, String>> {
        let lines = BufReader::new(self.0.stdout.take().unwrap()).lines().take(LINES);
        let lines: Vec<_> = within_blocking("the settings are printed", || lines.collect());
        let pair = |line: String| {
            let (name, value) = line.strip_prefix("export ").unwrap().split_once('=').unwrap();
            (name.to_owned(), value.trim_matches('\'').to_owned())
        };
        (lines.len() == LINES).then(|| lines.into_iter().map(|line| pair(line.unwrap())).collect())
    }

    /// Its status, after it has ended on its own.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "after a minute, the program has not ended");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Its log so far. The program is killed unless it has ended.
    pub(crate) fn log(mut self) -> String {
        self.0.kill().unwrap();
        let mut log = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        log
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
