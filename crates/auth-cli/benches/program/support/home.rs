//! A user with a configuration for the sandbox.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use auth_sandbox::Sandbox;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use super::connection::is_open;

/// The program in the profile `bench`, which is that of a release.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_access-token");

/// How long the sidecar may take to listen.
const LONGEST_START: Duration = Duration::from_secs(30);

/// A user, and the sandbox that the profile `lean` names. The sandbox has a thread of its own.
pub(crate) struct Home {
    folder: TempDir,
    pub(crate) sandbox: Sandbox,
    pub(crate) runtime: Runtime,
}

/// A sidecar, which ends when this is dropped.
pub(crate) struct Sidecar {
    pub(crate) process: Child,
    pub(crate) socket: PathBuf,
}

impl Home {
    pub(crate) fn new() -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let sandbox = runtime.block_on(Sandbox::start()).unwrap();
        // In memory, if there is such a folder, so that no disk is measured.
        let folder = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap();
        let (base_url, id) = (sandbox.base_url(), sandbox.lean_client_id());
        let config = format!(
            "[profiles.lean]\nprovider = \"lean\"\nbase_url = \"{base_url}\"\nclient_id = \"{id}\"\n\
             client_secret = {{ file = \"secret\" }}\nscope = \"api\"\n"
        );
        let home = Self { folder, sandbox, runtime };
        home.write("secret", &home.sandbox.lean_client_secret());
        home.write("config.toml", &config);
        home
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// A command with the environment of this user.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("HOME", self.folder.path());
        command.env("ACCESS_TOKEN_CONFIG", self.folder.path().join("config.toml"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// The program with these arguments.
    pub(crate) fn program(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(PROGRAM);
        command.args(arguments);
        command
    }

    /// A path in the folder of this user.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts a sidecar, and waits until it listens.
    pub(crate) fn serve(&self) -> Sidecar {
        let socket = self.path("socket");
        let mut command = self.program(&["serve", "--socket"]);
        command.arg(&socket).stdout(Stdio::null()).stderr(Stdio::null());
        let sidecar = Sidecar { process: command.spawn().unwrap(), socket };
        let deadline = Instant::now() + LONGEST_START;
        while !is_open(&sidecar.socket) {
            assert!(Instant::now() < deadline, "the sidecar does not listen");
            thread::sleep(Duration::from_millis(5));
        }
        sidecar
    }
}

impl Drop for Sidecar {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_file(&self.socket);
    }
}
