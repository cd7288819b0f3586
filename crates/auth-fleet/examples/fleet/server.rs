//! A `redis-server` of this machine.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A server that keeps nothing. It ends when this is dropped.
pub(crate) struct RedisServer {
    child: Child,
    socket: PathBuf,
}

impl RedisServer {
    /// Starts a server on a Unix socket in this folder; nothing if it is not installed.
    pub(crate) fn start(folder: &Path) -> Result<Option<Self>, Box<dyn Error>> {
        let socket = folder.join("redis");
        let mut command = Command::new("redis-server");
        command.args(["--port", "0", "--save", "", "--unixsocketperm", "700", "--unixsocket"]).arg(&socket);
        let Ok(child) = command.current_dir(folder).stdout(Stdio::null()).spawn() else { return Ok(None) };
        let server = Self { child, socket };
        let start = Instant::now();
        while !server.socket.exists() {
            if start.elapsed() > Duration::from_secs(10) {
                return Err("`redis-server` does not answer".into());
            }
            sleep(Duration::from_millis(10));
        }
        Ok(Some(server))
    }

    pub(crate) fn url(&self) -> String {
        format!("unix://{}", self.socket.display())
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
