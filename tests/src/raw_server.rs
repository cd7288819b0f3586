//! A server that answers with given bytes.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A server on loopback that reads one request per connection, answers with the bytes it was given, whatever they are,
/// and closes. It stops when dropped.
#[derive(Debug)]
pub struct RawServer {
    address: SocketAddr,
    received: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl RawServer {
    /// A server that answers every request with `reply`.
    ///
    /// # Errors
    /// [`io::Error`] if no port can be had.
    pub async fn answering(reply: impl Into<Vec<u8>>) -> io::Result<Self> {
        let reply: Arc<[u8]> = reply.into().into();
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let received = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&received);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (record, reply) = (Arc::clone(&record), Arc::clone(&reply));
                // A client that hangs up is part of many tests.
                tokio::spawn(async move { serve(stream, &record, &reply).await.ok() });
            }
        });
        Ok(Self { address, received, task })
    }

    /// A server that answers with this status line, these header lines and this body, and says how long it is.
    ///
    /// # Errors
    /// [`io::Error`] if no port can be had.
    pub async fn responding(status: &str, headers: &[&str], body: &str) -> io::Result<Self> {
        let mut reply = format!("HTTP/1.1 {status}\r\n");
        for header in headers {
            reply.push_str(header);
            reply.push_str("\r\n");
        }
        reply.push_str(&format!("content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len()));
        Self::answering(reply).await
    }

    /// Scheme, address and port.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far, head and body.
    #[must_use]
    pub fn received(&self) -> Vec<String> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, record: &Mutex<Vec<String>>, reply: &[u8]) -> io::Result<()> {
    let mut request = Vec::new();
    while !is_complete(&request) {
        if stream.read_buf(&mut request).await? == 0 {
            break;
        }
    }
    let text = String::from_utf8_lossy(&request).into_owned();
    record.lock().unwrap_or_else(PoisonError::into_inner).push(text);
    stream.write_all(reply).await?;
    stream.shutdown().await
}

/// True if the head is there and as much of a body as it announces, or if this is no HTTP but the start of TLS.
fn is_complete(request: &[u8]) -> bool {
    const TLS_HANDSHAKE: u8 = 22;
    if request.first() == Some(&TLS_HANDSHAKE) {
        return true;
    }
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let announced = head.lines().filter_map(|line| line.split_once(':')).find_map(|(name, value)| {
        if name.eq_ignore_ascii_case("content-length") { value.trim().parse().ok() } else { None }
    });
    body.len() >= announced.unwrap_or(0)
}
