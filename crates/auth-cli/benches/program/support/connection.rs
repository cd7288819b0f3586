//! A minimal client of HTTP/1.1 over a Unix socket, so that little of what is measured is the client.

use std::path::Path;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

/// A connection that is kept open between requests.
pub(crate) struct Connection {
    stream: UnixStream,
    received: Vec<u8>,
}

/// A response: its head, and its body.
pub(crate) struct Answer {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(socket: &Path) -> Self {
        Self { stream: UnixStream::connect(socket).await.unwrap(), received: Vec::with_capacity(16 * 1024) }
    }

    /// Sends a request, and reads the response, which must have a `Content-Length`.
    pub(crate) async fn send(&mut self, request: &[u8]) -> Answer {
        self.stream.write_all(request).await.unwrap();
        let (mut end, mut length) = (None, 0);
        loop {
            if end.is_none()
                && let Some(at) = self.received.windows(4).position(|window| window == b"\r\n\r\n")
            {
                end = Some(at + 4);
                length = content_length(&self.received[..at]);
            }
            if let Some(end) = end
                && self.received.len() >= end + length
            {
                let head = String::from_utf8_lossy(&self.received[..end]).into_owned();
                let body = self.received[end..end + length].to_vec();
                self.received.drain(..end + length);
                return Answer { head, body };
            }
            assert!(self.stream.read_buf(&mut self.received).await.unwrap() > 0, "the connection has ended");
        }
    }
}

impl Answer {
    pub(crate) fn is_success(&self) -> bool {
        self.head.starts_with("HTTP/1.1 200 ")
    }
}

/// A request for a token.
pub(crate) fn request(query: &str) -> Vec<u8> {
    format!("GET /v1/token?{query} HTTP/1.1\r\nhost: localhost\r\n\r\n").into_bytes()
}

/// Whether someone listens on a socket.
pub(crate) fn is_open(socket: &Path) -> bool {
    std::os::unix::net::UnixStream::connect(socket).is_ok()
}

fn content_length(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head);
    let fields = head.lines().filter_map(|line| line.split_once(':'));
    let mut lengths = fields.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    lengths.next().unwrap().1.trim().parse().unwrap()
}
