//! A recorder between a client and a server: what goes over the client's socket, in clear text.
//!
//! For `https` it is the client's proxy. It shows the certificate of an authority that the client is told to trust for
//! this run alone, so it sees what the client encrypts, and asks the real server over TLS of its own, verified as always.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use auth_core::Transport;
use auth_sandbox::{Authority, Certificate};
use auth_transport::BaseUrl;
use reqwest::Proxy;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::upstream::{self, Upstream};
use crate::{Exchange, RunError};

/// The most of each direction that is kept: many times what any token needs.
const MOST_KEPT: usize = 1024 * 1024;

/// The most that a client may send before its wish for a tunnel is complete.
const MOST_CONNECT: usize = 8 * 1024;

type Records = Arc<Mutex<Vec<Arc<Mutex<Record>>>>>;

#[derive(Default)]
struct Record {
    sent: Vec<u8>,
    received: Vec<u8>,
    trouble: Option<String>,
}

/// A running recorder; dropping it ends it.
pub(crate) struct Recorder {
    address: SocketAddr,
    authority: Authority,
    records: Records,
    task: JoinHandle<()>,
}

impl Recorder {
    /// A recorder in front of a server.
    pub(crate) async fn start(upstream: Upstream) -> Result<Self, RunError> {
        let failed = |error: io::Error| RunError::Recorder(error.to_string());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let authority = Authority::new()?;
        let records = Records::default();
        let (authority_there, records_there, upstream) = (authority.clone(), Arc::clone(&records), Arc::new(upstream));
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                // Small pieces must not wait for one another. Without the option they would be slow, not wrong.
                let _ = stream.set_nodelay(true);
                let record = Arc::default();
                lock(&records_there).push(Arc::clone(&record));
                let (authority, upstream) = (authority_there.clone(), Arc::clone(&upstream));
                tokio::spawn(async move {
                    // Whoever notices that the connection has ended finds out why: it ends after that was noted.
                    if let Err(error) = serve(&mut stream, &authority, &upstream, &record).await {
                        note(&record, &error);
                    }
                    drop(stream);
                });
            }
        });
        Ok(Self { address, authority, records, task })
    }

    /// The address and the transport for a client that is to ask the server at `base_url` through this recorder.
    pub(crate) fn route(&self, base_url: &str) -> Result<(String, Transport), RunError> {
        let Some(rest) = base_url.strip_prefix("http://") else {
            let failed = |error: reqwest::Error| RunError::Recorder(error.to_string());
            let proxy = Proxy::https(format!("http://{}", self.address)).map_err(failed)?;
            let root = reqwest::Certificate::from_pem(self.authority.root_pem().as_bytes()).map_err(failed)?;
            let transport = Transport::builder().proxy(proxy).only_root_certificates([root]).build()?;
            return Ok((base_url.to_owned(), transport));
        };
        let path = rest.find('/').map_or("", |slash| &rest[slash..]);
        let address = format!("http://{}{path}", self.address);
        let transport = Transport::to(&BaseUrl::parse(&address)?)?;
        Ok((address, transport))
    }

    /// What was recorded since the last time, as exchanges with the server at `base_url`, and what went wrong on the way.
    pub(crate) fn take(&self, base_url: &str) -> Vec<(Exchange, Option<String>)> {
        let records = std::mem::take(&mut *lock(&self.records));
        let exchange = |record: Arc<Mutex<Record>>| {
            let record = lock(&record);
            let (sent, received) = (record.sent.clone(), record.received.clone());
            (Exchange { base_url: base_url.to_owned(), sent, received }, record.trouble.clone())
        };
        records.into_iter().map(exchange).collect()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(
    client: &mut TcpStream,
    authority: &Authority,
    upstream: &Upstream,
    record: &Mutex<Record>,
) -> io::Result<()> {
    let mut start = Vec::new();
    while start.len() < b"CONNECT ".len() && client.read_buf(&mut start).await? > 0 {}
    if !start.starts_with(b"CONNECT ") {
        let mut server = upstream.plain().await?;
        keep(&mut lock(record).sent, &start);
        server.write_all(&start).await?;
        return relay(client, server, record).await;
    }
    while !start.ends_with(b"\r\n\r\n") {
        if start.len() > MOST_CONNECT || client.read_buf(&mut start).await? == 0 {
            return Err(io::Error::other("the client's wish for a tunnel is not complete"));
        }
    }
    let host = wanted(&start).ok_or_else(|| io::Error::other("the client's wish for a tunnel names no host"))?;
    let server = match upstream.to(&host).await {
        Ok(server) => server,
        Err(error) => {
            note(record, &error);
            client.write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n").await?;
            return Err(error);
        }
    };
    client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await?;
    let name = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name);
    let identity = authority.issue(Certificate::for_host(name)).map_err(io::Error::other)?;
    let config = identity.server_config().map_err(io::Error::other)?;
    let client = TlsAcceptor::from(config).accept(client).await?;
    match server {
        upstream::Connection::Plain(server) => relay(client, server, record).await,
        upstream::Connection::Tls(server) => relay(client, *server, record).await,
    }
}

fn note(record: &Mutex<Record>, trouble: &io::Error) {
    lock(record).trouble.get_or_insert(trouble.to_string());
}

/// Host and port of `CONNECT host:port HTTP/1.1`.
fn wanted(head: &[u8]) -> Option<String> {
    let line = head.split(|byte| *byte == b'\r').next()?;
    std::str::from_utf8(line).ok()?.split(' ').nth(1).map(str::to_owned)
}

/// Passes on both directions until both have ended; what goes over the client's socket is kept before it goes on.
async fn relay<C, S>(client: C, server: S, record: &Mutex<Record>) -> io::Result<()>
where
    C: AsyncRead + AsyncWrite,
    S: AsyncRead + AsyncWrite,
{
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) = (split(client), split(server));
    let up = pass(&mut from_client, &mut to_server, |bytes| keep(&mut lock(record).sent, bytes));
    let down = pass(&mut from_server, &mut to_client, |bytes| keep(&mut lock(record).received, bytes));
    // A server that ends its answer ends the exchange; a client that hangs up is done.
    tokio::select! {
        ended = down => ended,
        ended = async {
            up.await?;
            std::future::pending::<io::Result<()>>().await
        } => ended,
    }
}

async fn pass(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    mut seen: impl FnMut(&[u8]),
) -> io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        match from.read(&mut buffer).await? {
            0 => return to.shutdown().await,
            length => {
                seen(&buffer[..length]);
                to.write_all(&buffer[..length]).await?;
                to.flush().await?;
            }
        }
    }
}

fn keep(kept: &mut Vec<u8>, bytes: &[u8]) {
    let room = MOST_KEPT.saturating_sub(kept.len());
    kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
}
