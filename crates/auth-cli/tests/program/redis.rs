//! Tokens in Redis, where it is installed.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use auth_sandbox::Sandbox;
use tempfile::TempDir;

use crate::home::{Home, profiles};

/// A store that ends with the test.
struct Redis {
    server: Child,
    folder: TempDir,
}

impl Redis {
    /// `None` if it is not installed.
    fn start() -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let socket = folder.path().join("socket");
        let mut command = Command::new("redis-server");
        command
            .args([
                "--port",
                "0",
                "--save",
                "",
                "--appendonly",
                "no",
                "--requirepass",
                "marked-password",
                "--unixsocket",
            ])
            .arg(&socket);
        command.current_dir(folder.path()).stdin(Stdio::null()).stdout(Stdio::null());
        let Ok(server) = command.spawn() else {
            assert!(std::env::var_os("CI").is_none(), "redis-server is not installed");
            eprintln!("skipped: redis-server is not installed");
            return None;
        };
        let deadline = Instant::now() + Duration::from_secs(30);
        while !socket.exists() {
            assert!(Instant::now() < deadline, "redis-server does not start");
            std::thread::sleep(Duration::from_millis(10));
        }
        Some(Self { server, folder })
    }

    fn url(&self) -> String {
        format!("unix://{}", self.folder.path().join("socket").display())
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_with_the_same_keys_share_a_token_and_go_on_without_the_store() {
    let Some(redis) = Redis::start() else { return };
    let sandbox = Sandbox::start().await.unwrap();
    let keys = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=\nQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI=";
    let hosts = [(); 2].map(|()| {
        let mut home = Home::of(&sandbox);
        home.secret("keys", keys);
        home.secret("password", "marked-password");
        let cache = format!(
            "cache = {{ redis = \"{}\", keys = {{ file = \"keys\" }}, password = {{ file = \"password\" }} }}",
            redis.url()
        );
        home.config(&profiles(&sandbox).replacen("provider", &format!("{cache}\nprovider"), 1));
        home
    });
    let first = hosts[0].run(&["get", "lean"]).await;
    assert_eq!(first.success(), hosts[1].run(&["get", "lean"]).await.success());
    assert_eq!(sandbox.lean().issued(), 1);
    assert!(!hosts[0].cache_folder().exists());
    let output = hosts[0].run(&["logout", "lean"]).await;
    assert!(output.failure(2).contains("the tokens are in Redis"), "{output:?}");
    hosts[0].run(&["doctor", "lean"]).await.success();
    drop(redis);
    let output = hosts[1].run(&["get", "lean"]).await;
    assert!(output.code == Some(0) && output.stdout.starts_with("eyJ"), "{output:?}");
    assert!(
        output.stderr.starts_with("access-token: warning: tokens are not cached for other processes: "),
        "{output:?}"
    );
}
