//! The floor of `serve`: a hyper server in a process of its own that answers every request with the same bytes.

use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, PRAGMA};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::UnixListener;
use tokio::runtime::Builder;

use super::connection::is_open;

/// Marks a process that was started by another one: the socket, and the file with the body.
const CHILD: &str = "AUTH_CLI_BENCH_CHILD";

/// A server, which ends when this is dropped.
pub(crate) struct Bare {
    process: Child,
    pub(crate) socket: PathBuf,
}

impl Bare {
    /// Starts a server whose responses have this body.
    pub(crate) fn start(folder: &Path, body: &[u8]) -> Self {
        let (socket, file) = (folder.join("bare"), folder.join("body"));
        fs::write(&file, body).unwrap();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.env(CHILD, format!("{} {}", socket.display(), file.display())).stdin(Stdio::null());
        let bare = Self { process: command.spawn().unwrap(), socket };
        let deadline = Instant::now() + Duration::from_secs(30);
        while !is_open(&bare.socket) {
            assert!(Instant::now() < deadline, "the server does not listen");
            thread::sleep(Duration::from_millis(5));
        }
        bare
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs this process as the server, if it was started as such.
pub(crate) fn is_child() -> bool {
    let Ok(task) = std::env::var(CHILD) else { return false };
    let (socket, file) = task.split_once(' ').unwrap();
    let body = Bytes::from(fs::read(file).unwrap());
    // As many threads as the sidecar has.
    let runtime = Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = UnixListener::bind(socket).unwrap();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let body = body.clone();
            let service = service_fn(move |_: Request<Incoming>| {
                let answer = answer(body.clone());
                async move { Ok::<_, Infallible>(answer) }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    })
}

/// A response with the headers of the sidecar.
fn answer(body: Bytes) -> Response<Full<Bytes>> {
    let answer = Response::builder().header(CONTENT_TYPE, "application/json");
    answer.header(CACHE_CONTROL, "no-store").header(PRAGMA, "no-cache").body(Full::new(body)).unwrap()
}
