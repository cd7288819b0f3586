//! A user with a home folder and a configuration, who runs the program.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use auth_sandbox::Sandbox;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// The program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_access-token");

/// How long the program may take in a test.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// A user with a home folder.
pub(crate) struct Home {
    folder: TempDir,
    /// What must not be in the output of the program.
    markers: Vec<String>,
}

/// What the program did.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().expect("a folder"), markers: Vec::new() }
    }

    /// A home with a configuration of the profiles `lean`, `leanix` and `other` for the sandbox; the secrets are in files.
    pub(crate) fn of(sandbox: &Sandbox) -> Self {
        let mut home = Self::new();
        home.secret("lean-secret", &sandbox.lean_client_secret());
        home.secret("leanix-token", &sandbox.leanix_api_token());
        home.config(&profiles(sandbox));
        home
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The folder of the configuration.
    pub(crate) fn config_folder(&self) -> PathBuf {
        self.path().join(".config/access-token")
    }

    pub(crate) fn cache_folder(&self) -> PathBuf {
        self.path().join(".cache/access-token")
    }

    /// Writes the configuration.
    pub(crate) fn config(&self, text: &str) -> PathBuf {
        self.write("config.toml", text, 0o600)
    }

    /// Writes a file with a secret, which the program must never show.
    pub(crate) fn secret(&mut self, name: &str, secret: &str) -> PathBuf {
        self.markers.push(secret.to_owned());
        self.write(name, &format!("{secret}\n"), 0o600)
    }

    /// The program must never show this.
    pub(crate) fn hide(&mut self, marker: &str) {
        self.markers.push(marker.to_owned());
    }

    /// Writes a file to the folder of the configuration.
    pub(crate) fn write(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let folder = self.config_folder();
        fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join(name);
        fs::write(&path, text).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("permissions");
        path
    }

    /// The program with the environment of this user, and nothing else.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).env_clear().env("HOME", self.path()).env("PATH", "/usr/local/bin:/usr/bin:/bin");
        command.current_dir(self.path()).kill_on_drop(true);
        command
    }

    /// Runs the program.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Output {
        self.finish(self.command(arguments), "").await
    }

    /// Runs the program with this input.
    pub(crate) async fn run_with(&self, arguments: &[&str], input: &str) -> Output {
        self.finish(self.command(arguments), input).await
    }

    /// Runs a command, and checks that it shows no secret.
    pub(crate) async fn finish(&self, mut command: Command, input: &str) -> Output {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut stdin = child.stdin.take().expect("standard input");
        // A program that does not read it may have ended.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        self.output(child).await
    }

    /// Waits for the program, and checks that it shows no secret.
    pub(crate) async fn output(&self, child: Child) -> Output {
        let output = timeout(PATIENCE, child.wait_with_output()).await.expect("the program ends").expect("its output");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        let output = Output { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) };
        for marker in &self.markers {
            for (name, shown) in [("output", &output.stdout), ("errors", &output.stderr)] {
                assert!(!shown.contains(marker.as_str()), "the {name} shows a secret: {shown}");
            }
        }
        output
    }
}

impl Output {
    /// The standard output of a program that succeeded and had nothing to say.
    #[track_caller]
    pub(crate) fn success(&self) -> &str {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "{self:?}");
        &self.stdout
    }

    /// The message of a program that failed with this exit code and printed nothing.
    #[track_caller]
    pub(crate) fn failure(&self, code: i32) -> &str {
        assert_eq!((self.code, self.stdout.as_str()), (Some(code), ""), "{self:?}");
        self.stderr.strip_prefix("access-token: ").and_then(|text| text.strip_suffix('\n')).expect("a message")
    }
}

/// Profiles for the sandbox, with their secrets in files next to the configuration.
pub(crate) fn profiles(sandbox: &Sandbox) -> String {
    let (base_url, id, token_url) = (sandbox.base_url(), sandbox.lean_client_id(), sandbox.lean().token_url());
    format!(
        "[profiles.lean]\nprovider = \"lean\"\nbase_url = \"{base_url}\"\nclient_id = \"{id}\"\n\
         client_secret = {{ file = \"lean-secret\" }}\n\
         [profiles.leanix]\nprovider = \"leanix\"\nbase_url = \"{base_url}\"\napi_token = {{ file = \"leanix-token\" }}\n\
         [profiles.other]\nprovider = \"oauth2\"\ntoken_url = \"{token_url}\"\nauthentication = \"form\"\n\
         client_id = \"{id}\"\nclient_secret = {{ file = \"lean-secret\" }}\nscope = \"api\"\n"
    )
}
