//! Real servers: `redis-server` of the machine, on a free port of loopback, with a folder of its own.

use std::env;
use std::fmt;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long a server may take to start.
const START: Duration = Duration::from_secs(10);

/// A server that ends with this value.
pub(crate) struct Server {
    process: Option<Child>,
    folder: TempDir,
    pub(crate) port: u16,
    options: Vec<String>,
    arguments: Vec<String>,
}

/// True if this machine has the program. Without it, tests are skipped with a word; where `CI` is set, they fail.
pub(crate) fn is_installed(program: &str) -> bool {
    let answers = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if answers.is_ok_and(|status| status.success()) {
        return true;
    }
    assert!(env::var_os("CI").is_none(), "{program} is not installed; run `cargo xtask ci --install`");
    // The harness shows what `eprintln!` writes only for failed tests.
    let _ = writeln!(std::io::stderr(), "skipped: {program} is not installed; run `cargo xtask ci --install`");
    false
}

/// A port of loopback that is free now.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Server {
    /// Starts a server that keeps nothing; `None` if it is not installed.
    pub(crate) fn start() -> Option<Self> {
        Self::with(&[])
    }

    /// Starts a server with further options, such as `--maxmemory 10mb`. `FOLDER` in them is the folder of the server.
    pub(crate) fn with(options: &[&str]) -> Option<Self> {
        Self::run(&[], options)
    }

    /// Starts a server with a file of settings, as Sentinel needs it. `PORT` and `FOLDER` in the text are replaced.
    pub(crate) fn with_file(text: &str, arguments: &[&str]) -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let port = free_port();
        let file = folder.path().join("settings");
        let text = text.replace("PORT", &port.to_string()).replace("FOLDER", folder.path().to_str().unwrap());
        std::fs::write(&file, text).unwrap();
        let first = file.to_str().unwrap();
        let arguments: Vec<_> = [&[first], arguments].concat();
        Self::launch(folder, port, &arguments, &[])
    }

    fn run(arguments: &[&str], options: &[&str]) -> Option<Self> {
        Self::launch(TempDir::new().unwrap(), free_port(), arguments, options)
    }

    fn launch(folder: TempDir, port: u16, arguments: &[&str], options: &[&str]) -> Option<Self> {
        if !is_installed("redis-server") {
            return None;
        }
        let place = folder.path().to_str().unwrap().to_owned();
        let owned = |texts: &[&str]| texts.iter().map(|text| text.replace("FOLDER", &place)).collect();
        let mut server = Self { process: None, folder, port, options: owned(options), arguments: owned(arguments) };
        server.restart();
        Some(server)
    }

    /// Kills the server and starts it again on the same port; without persistence, it is empty then.
    pub(crate) fn restart(&mut self) {
        self.kill();
        let started = Instant::now();
        loop {
            self.process = Some(self.spawn());
            if self.accepts_soon(started) {
                return;
            }
            // Another process has taken the port, or the old one is not free yet.
            assert!(started.elapsed() < START, "redis-server does not start; its log: {}", self.log());
            self.kill();
            sleep(Duration::from_millis(100));
        }
    }

    fn spawn(&self) -> Child {
        let log = self.folder.path().join("log");
        let mut command = Command::new("redis-server");
        command.args(&self.arguments);
        if self.arguments.is_empty() {
            command.args(["--port", &self.port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        }
        command.arg("--dir").arg(self.folder.path()).arg("--logfile").arg(log).args(&self.options);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    fn accepts_soon(&mut self, started: Instant) -> bool {
        while started.elapsed() < START {
            if self.process.as_mut().unwrap().try_wait().unwrap().is_some() {
                return false;
            }
            // Its log says when it accepts connections, whatever it listens to.
            if self
                .log()
                .lines()
                .any(|line| line.contains("Ready to accept connections") || line.contains("Sentinel ID is"))
            {
                return true;
            }
            sleep(Duration::from_millis(5));
        }
        false
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Kills the server, as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
            let _ = std::fs::remove_file(self.folder.path().join("log"));
        }
    }

    /// The URL without TLS.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// A file in the folder of the server.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        Path::new(self.folder.path()).join(name)
    }

    /// Runs a command and returns the answer.
    pub(crate) fn command(&self, words: &[&str]) -> redis::Value {
        self.try_command(words).unwrap_or_else(|error| panic!("{words:?}: {error}"))
    }

    /// Runs a command, which may fail.
    pub(crate) fn try_command(&self, words: &[&str]) -> redis::RedisResult<redis::Value> {
        let mut connection = redis::Client::open(self.url())?.get_connection_with_timeout(START)?;
        let mut command = redis::Cmd::new();
        command.arg(words);
        command.query(&mut connection)
    }

    /// A number of `INFO`, such as `used_memory`.
    pub(crate) fn info(&self, field: &str) -> u64 {
        let text: String = redis::from_redis_value(self.command(&["INFO", "everything"])).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
        line.unwrap_or_else(|| panic!("INFO has no {field}")).trim().parse().unwrap()
    }

    /// The keys.
    pub(crate) fn keys(&self) -> Vec<String> {
        redis::from_redis_value(self.command(&["KEYS", "*"])).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Server({})", self.port)
    }
}
