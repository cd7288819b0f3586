//! What all tests use, and processes of a test: it starts itself again with a task.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use auth_core::{Secret, SharedCredentials};
use auth_fleet::{FileStore, Grant, Keys, Lease, Name, Owner, Seen, Store};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

const FOLDER: &str = "AUTH_FLEET_TEST_FOLDER";
const MARK: &str = ">> ";

/// No test waits longer for anything.
pub(crate) const LONGEST: Duration = Duration::from_secs(60);
pub(crate) const HOUR: Duration = Duration::from_secs(3_600);

pub(crate) fn keys() -> Keys {
    let keys = [1, 2].map(|number| STANDARD.encode([number; 32]));
    Keys::new(SharedCredentials::new(Secret::from(keys.join("\n"))))
}

pub(crate) fn open(folder: &Path) -> FileStore {
    FileStore::open(folder, keys()).unwrap()
}

/// A folder that does not exist yet, in a temporary one: in memory if possible, so that no test waits for a disk.
pub(crate) fn new_folder() -> (TempDir, PathBuf) {
    let temporary = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap();
    let folder = temporary.path().join("store");
    (temporary, folder)
}

pub(crate) fn name(number: u32) -> Name {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&number.to_le_bytes());
    Name::new(bytes)
}

pub(crate) fn owner() -> Owner {
    Owner(std::array::from_fn(|_| fastrand::u8(..)))
}

pub(crate) async fn granted(store: &FileStore, name: &Name, seen: Seen, duration: Duration) -> Grant {
    match store.lease(name, owner(), seen, duration).await.unwrap() {
        Lease::Granted(grant) => grant,
        other => panic!("{other:?}"),
    }
}

/// Checks again and again, until it is so.
pub(crate) async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !is_so().await {
        assert!(start.elapsed() < LONGEST, "{what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// All files and folders below one.
pub(crate) fn tree(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    for entry in entries.flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            found.extend(tree(&path));
        }
        found.push(path);
    }
    found
}

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
    stdout: BufReader<ChildStdout>,
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
        Self { child, stdin, stdout }
    }

    /// Waits for what the process says; nothing if it ends before.
    pub(crate) fn hear(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            if self.stdout.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            if let Some(said) = line.strip_prefix(MARK) {
                return Some(said.trim_end().to_owned());
            }
        }
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
        while self.hear().is_some() {}
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
