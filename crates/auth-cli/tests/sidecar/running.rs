//! A sidecar that runs: the program with a configuration, and what it has written so far.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use auth_sandbox::Sandbox;
use integration_tests::{Markers, until, within};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::http::{Reply, Target, get};

/// The program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_access-token");

/// A token of a caller.
pub(crate) const CALLER_TOKEN: &str = "caller-7Qm2vXc9TzR4kLpW8sYdBnH3jGfA6e";

/// A folder with a configuration, and the program that uses it.
pub(crate) struct Host {
    folder: TempDir,
    sandbox_settings: String,
    secrets: Vec<(&'static str, String)>,
}

/// A process of the program.
pub(crate) struct Running {
    pub(crate) child: Child,
    log: PathBuf,
    /// Its socket.
    pub(crate) socket: PathBuf,
}

impl Host {
    /// A configuration with the profiles `lean` and `leanix` of a sandbox, and these lines.
    pub(crate) fn of(sandbox: &Sandbox, more: &str) -> Self {
        let secrets = vec![
            ("client secret", sandbox.lean_client_secret()),
            ("API token", sandbox.leanix_api_token()),
            ("caller token", CALLER_TOKEN.to_owned()),
        ];
        let url = sandbox.base_url();
        let sandbox_settings = format!(
            "[profiles.lean]\nprovider = 'lean'\nbase_url = '{url}'\nclient_id = '{}'\nclient_secret = {{ file = 'lean' }}\n\
             [profiles.leanix]\nprovider = 'leanix'\nbase_url = '{url}'\napi_token = {{ file = 'leanix' }}\n",
            sandbox.lean_client_id(),
        );
        let host = Self { folder: TempDir::new().unwrap(), sandbox_settings, secrets };
        host.write("lean", &sandbox.lean_client_secret());
        host.write("leanix", &sandbox.leanix_api_token());
        host.configure(more);
        host
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Replaces a file that only the user may read.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let (path, new) = (self.path(name), self.path(&format!("{name}.new")));
        fs::write(&new, text).unwrap();
        fs::set_permissions(&new, fs::Permissions::from_mode(0o600)).unwrap();
        fs::rename(new, &path).unwrap();
        path
    }

    /// Replaces the configuration.
    pub(crate) fn configure(&self, more: &str) {
        self.write("config.toml", &format!("{}{more}\n", self.sandbox_settings));
    }

    /// The program with the configuration, without any other setting of the environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.arg("--config").arg(self.path("config.toml")).args(arguments).env_clear();
        command.env("HOME", self.folder.path()).env("XDG_RUNTIME_DIR", self.path("run"));
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// Starts `serve`, and waits until it answers.
    pub(crate) async fn serve(&self) -> Running {
        self.start(&["serve"], self.path("run/access-token/socket")).await
    }

    /// Starts a command that listens on this socket, and waits until it answers.
    pub(crate) async fn start(&self, arguments: &[&str], socket: PathBuf) -> Running {
        let running = self.spawn(self.command(arguments), socket);
        running.ready().await;
        running
    }

    /// Starts a command. What it writes is kept in a file of its own.
    pub(crate) fn spawn(&self, mut command: Command, socket: PathBuf) -> Running {
        let log = tempfile::Builder::new().prefix("log").tempfile_in(self.folder.path()).unwrap();
        let (file, log) = log.keep().unwrap();
        let stdout: File = file.try_clone().unwrap();
        command.env("ACCESS_TOKEN_LOG", "trace").stdout(stdout).stderr(file);
        Running { child: command.spawn().unwrap(), log, socket }
    }

    /// Checks that nothing that a process has written shows a secret or one of these tokens.
    pub(crate) fn check_for_leaks(&self, running: &Running, tokens: &[&str]) {
        let known = self.secrets.iter().map(|(name, secret)| (*name, secret.as_str()));
        let markers = Markers::new(known.chain(tokens.iter().map(|token| ("access token", *token))));
        assert_eq!(markers.find_in(&running.log()), None);
    }
}

impl Running {
    /// Waits until the socket accepts connections.
    async fn ready(&self) {
        let ready = async || tokio::net::UnixStream::connect(&self.socket).await.is_ok();
        let what = format!("the sidecar listens; it has written:\n{}", self.log());
        within(&what, async {
            while !ready().await {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        })
        .await;
    }

    /// What the process has written so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Waits until the process has written this.
    pub(crate) async fn logged(&self, text: &str) {
        until(&format!("the log has `{text}`"), || self.log().contains(text)).await;
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let id = rustix::process::Pid::from_raw(self.child.id().unwrap().try_into().unwrap()).unwrap();
        rustix::process::kill_process(id, signal).unwrap();
    }

    /// Waits until the process has ended.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        within("the sidecar has ended", self.child.wait()).await.unwrap()
    }

    pub(crate) fn target(&self) -> Target {
        Target::Socket(self.socket.clone())
    }

    /// Gets a path over the socket.
    pub(crate) async fn get(&self, path: &str) -> Reply {
        get(&self.target(), path, &[]).await
    }
}

/// The address in the log of a process that listens on a free port.
pub(crate) fn port(running: &Running) -> Target {
    let log = running.log();
    let line = log.lines().find(|line| line.contains("listening")).unwrap_or_default();
    let address = line.split('"').find(|part| part.starts_with("127.0.0.1:")).unwrap_or_else(|| panic!("{log}"));
    Target::Port(address.parse().unwrap())
}

/// The mode of a file.
pub(crate) fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}
