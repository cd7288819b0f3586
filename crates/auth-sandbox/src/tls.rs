use std::{fmt, io, sync::Arc};

use rustls::{ServerConfig, ServerConnection};
use tokio::{io::AsyncReadExt as _, net::TcpStream};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use crate::Raw;

/// The TLS settings of a [`FaultServer`](crate::FaultServer), from the configuration of a [`ServerIdentity`](crate::ServerIdentity).
#[derive(Clone)]
pub struct Tls {
    config: Arc<ServerConfig>,
    broken: Option<(usize, Raw)>,
}

impl Tls {
    /// Correct TLS.
    #[must_use]
    pub fn new(config: Arc<ServerConfig>) -> Self {
        Self { config, broken: None }
    }

    /// Aborts the handshake: the server sends only this many bytes of its first message, then plays `then`.
    #[must_use]
    pub fn broken_after(mut self, bytes: usize, then: Raw) -> Self {
        self.broken = Some((bytes, then));
        self
    }

    /// Performs the handshake. `None` if either side does not complete it.
    pub(crate) async fn accept(self, mut stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        let Some((bytes, then)) = self.broken else {
            return TlsAcceptor::from(self.config).accept(stream).await.ok();
        };
        let mut answer = first_answer(self.config, &mut stream).await.ok()?;
        answer.truncate(bytes);
        // These bytes precede those of `then`.
        if Raw::new(answer).followed_by(then).play(&mut stream).await {
            // If this fails, the connection is closed and not reset.
            let _ = stream.set_zero_linger();
        }
        None
    }
}

/// The server's response to the client's first message.
async fn first_answer(config: Arc<ServerConfig>, stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut connection = ServerConnection::new(config).map_err(io::Error::other)?;
    let (mut buffer, mut answer) = (Vec::new(), Vec::new());
    while !connection.wants_write() {
        buffer.clear();
        if stream.read_buf(&mut buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut unread = &buffer[..];
        while !unread.is_empty() {
            connection.read_tls(&mut unread)?;
            connection.process_new_packets().map_err(io::Error::other)?;
        }
    }
    while connection.wants_write() {
        connection.write_tls(&mut answer)?;
    }
    Ok(answer)
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the configuration, which holds the key.
        f.debug_struct("Tls").field("broken", &self.broken).finish_non_exhaustive()
    }
}
