//! Processes of a test: it starts itself again with a task.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

const FOLDER: &str = "AUTH_FLEET_TEST_FOLDER";
const MARK: &str = ">> ";

/// No test waits longer for anything.
pub(crate) const LONGEST: Duration = Duration::from_secs(60);

/// The folder of this process, if a test has started it.
pub(crate) fn task() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

/// Says something to the test.
pub(crate) fn say(line: &str) {
    println!("\n{MARK}{line}");
}

/// Waits until the test says something.
pub(crate) fn listen() -> String {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

/// A second process of a test. It is killed when it is dropped.
pub(crate) struct Process {
    child: Child,
    stdin: ChildStdin,
    speech: Option<Speech>,
}

/// What a process says.
pub(crate) struct Speech(BufReader<ChildStdout>);

impl Speech {
    /// Waits for what the process says; nothing if it ends before.
    pub(crate) fn hear(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            if let Some(said) = line.strip_prefix(MARK) {
                return Some(said.trim_end().to_owned());
            }
        }
    }
}

impl Process {
    /// Starts this test again.
    pub(crate) fn start(test: &str, folder: &Path) -> Self {
        Self::start_with(Command::new(std::env::current_exe().unwrap()), test, folder)
    }

    /// Starts this test again, by another program that is given the test as its last arguments.
    pub(crate) fn start_with(mut command: Command, test: &str, folder: &Path) -> Self {
        command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(FOLDER, folder);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, stdin, speech: Some(Speech(stdout)) }
    }

    /// Waits for what the process says; nothing if it ends before.
    pub(crate) fn hear(&mut self) -> Option<String> {
        self.speech.as_mut().expect("another thread listens").hear()
    }

    /// What the process says, for another thread.
    pub(crate) fn take_speech(&mut self) -> Speech {
        self.speech.take().expect("another thread listens")
    }

    pub(crate) fn tell(&mut self, line: &str) {
        writeln!(self.stdin, "{line}").unwrap();
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Kills the process with -9. It must not have ended before.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        assert_eq!(
            std::os::unix::process::ExitStatusExt::signal(&status),
            Some(9),
            "the process ended before: {status}"
        );
    }

    /// Waits for the end of the process, which must be a success.
    pub(crate) fn end(mut self) {
        while self.speech.as_mut().is_some_and(|speech| speech.hear().is_some()) {}
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
