//! Access control of a recorder: it serves clients that know the secret of its run.

use std::collections::HashSet;
use std::io;
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rustls::crypto::aws_lc_rs;
use subtle::ConstantTimeEq as _;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

use super::record::lock;
use crate::RunError;
use crate::message::Request;

/// The most bytes that a client may send before its request for a tunnel is complete.
const MOST_BYTES: usize = 8 * 1024;

pub(super) const CONNECTED: &[u8] = b"HTTP/1.1 200 Connected\r\n\r\n";
pub(super) const BAD_GATEWAY: &[u8] = b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
pub(super) const FORBIDDEN: &[u8] = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
const BAD_REQUEST: &[u8] = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
const UNKNOWN: &[u8] = b"HTTP/1.1 407 Proxy Authentication Required\r\n\
    proxy-authenticate: Basic realm=\"contract run\"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// The secret of a run, and the servers that clients may connect to.
pub(super) struct Admission {
    password: String,
    servers: Mutex<HashSet<String>>,
}

/// The decision about a connection.
pub(super) enum Answer {
    /// The connection is closed after this reply.
    Refused(&'static [u8]),
    /// The client belongs to the run and requests a tunnel to this server, given as host and port.
    Admitted { server: String, is_known: bool },
}

impl Admission {
    /// The user name of the run's clients.
    pub(super) const USER: &'static str = "run";

    /// A new secret, and no servers yet.
    pub(super) fn new() -> Result<Self, RunError> {
        let mut bytes = [0; 32];
        let failed = |_| RunError::Recorder("the operating system provided no random bytes".to_owned());
        aws_lc_rs::default_provider().secure_random.fill(&mut bytes).map_err(failed)?;
        Ok(Self { password: URL_SAFE_NO_PAD.encode(bytes), servers: Mutex::default() })
    }

    /// The password of a client of the run.
    pub(super) fn password(&self) -> &str {
        &self.password
    }

    /// Permits tunnels to this server.
    pub(super) fn allow(&self, server: String) {
        lock(&self.servers).insert(server);
    }

    /// Reads the request of a client.
    pub(super) async fn read(&self, client: &mut TcpStream) -> io::Result<Answer> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if head.len() > MOST_BYTES || client.read_buf(&mut head).await? == 0 {
                return Ok(Answer::Refused(BAD_REQUEST));
            }
        }
        Ok(self.answer(&head))
    }

    fn answer(&self, head: &[u8]) -> Answer {
        let Ok(request) = Request::read(head) else { return Answer::Refused(BAD_REQUEST) };
        let credentials = STANDARD.encode(format!("{}:{}", Self::USER, self.password));
        let wanted = format!("Basic {credentials}");
        if !request.headers.all("proxy-authorization").any(|sent| sent.ct_eq(wanted.as_bytes()).into()) {
            return Answer::Refused(UNKNOWN);
        }
        if request.method != "CONNECT" {
            return Answer::Refused(BAD_REQUEST);
        }
        let is_known = lock(&self.servers).contains(&request.target);
        Answer::Admitted { server: request.target, is_known }
    }
}
