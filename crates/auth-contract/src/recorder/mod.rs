//! Records the traffic between a client and a server on the client's socket, in clear text.
//!
//! The client uses the recorder as its proxy and, for this run only, trusts the recorder's certificate authority. The
//! recorder can therefore read what the client encrypts. It forwards each request to the real server over its own
//! connection. Other programs on this machine can connect to it as well, but it serves only clients that know the
//! secret of the run, and connects them only to the servers of the run.

mod admission;
mod record;
mod relay;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth_core::Transport;
use auth_sandbox::{Authority, Certificate};
use reqwest::Proxy;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use url::{Host, Url};

use crate::upstream::{Connection, Upstream};
use crate::{Exchange, RunError};

use admission::{Admission, Answer};
use record::{Record, lock};

pub(crate) use record::Trouble;

/// Time within which a client must request its tunnel.
const CONNECT_REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Pause after a connection could not be accepted, for example because there was no file descriptor.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(50);

type Records = Arc<Mutex<Vec<Arc<Mutex<Record>>>>>;

/// A running recorder. Dropping it stops it.
pub(crate) struct Recorder {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

/// State that all connections share.
struct Shared {
    authority: Authority,
    upstream: Upstream,
    admission: Admission,
    records: Records,
}

impl Recorder {
    /// Starts a recorder in front of a server.
    pub(crate) async fn start(upstream: Upstream) -> Result<Self, RunError> {
        let failed = |error: io::Error| RunError::Recorder(error.to_string());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (authority, admission) = (Authority::new()?, Admission::new()?);
        let shared = Arc::new(Shared { authority, upstream, admission, records: Records::default() });
        let there = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            loop {
                let Ok((mut client, _)) = listener.accept().await else {
                    tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
                    continue;
                };
                // Sends small parts without delay. A failure to set this only makes the exchange slower.
                let _ = client.set_nodelay(true);
                let shared = Arc::clone(&there);
                tokio::spawn(async move { shared.serve(&mut client).await });
            }
        });
        Ok(Self { address, shared, task })
    }

    /// The address and the transport for a client that requests `url` through this recorder.
    ///
    /// The address has the scheme `https`, so the client talks to the recorder as to a real server.
    pub(crate) fn route(&self, url: &str) -> Result<(String, Transport), RunError> {
        let failed = |error: reqwest::Error| RunError::Recorder(error.to_string());
        let (server, address) =
            Self::addresses(url).ok_or_else(|| RunError::Recorder("the server has no address".to_owned()))?;
        self.shared.admission.allow(server);
        let proxy = Proxy::https(format!("http://{}", self.address)).map_err(failed)?;
        let proxy = proxy.basic_auth(Admission::USER, self.shared.admission.password());
        let root = auth_transport::Certificate::from_pem(self.shared.authority.root_pem().as_bytes())?;
        let transport = Transport::builder().proxy(proxy).only_root_certificates([root]).build()?;
        Ok((address, transport))
    }

    /// Host and port of a URL, and the URL with `https` in place of `http`.
    fn addresses(url: &str) -> Option<(String, String)> {
        let mut address = Url::parse(url).ok()?;
        let port = address.port_or_known_default()?;
        if address.scheme() == "http" {
            address.set_scheme("https").ok()?;
            // `http` and `https` have different default ports.
            address.set_port(Some(port)).ok()?;
            // Only loopback addresses are requested without TLS, and reqwest cannot verify a certificate for a literal
            // IPv6 address behind a proxy.
            if matches!(address.host(), Some(Host::Ipv6(_))) {
                address.set_host(Some("localhost")).ok()?;
            }
        }
        let server = format!("{}:{port}", address.host_str()?);
        Some((server, address.into()))
    }

    /// The exchanges with the server at `base_url` that were recorded since the last call, each with the error on the
    /// way, if any.
    pub(crate) fn take(&self, base_url: &str, query: Option<&str>) -> Vec<(Exchange, Option<Trouble>)> {
        let records = std::mem::take(&mut *lock(&self.shared.records));
        let exchange = |record: Arc<Mutex<Record>>| {
            let record = lock(&record);
            let (sent, received) = (record.sent.clone(), record.received.clone());
            let (base_url, query) = (base_url.to_owned(), query.map(str::to_owned));
            (Exchange { base_url, query, sent, received }, record.trouble.clone())
        };
        records.into_iter().map(exchange).collect()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    async fn serve(&self, client: &mut TcpStream) {
        let Ok(Ok(answer)) = timeout(CONNECT_REQUEST_TIMEOUT, self.admission.read(client)).await else { return };
        match answer {
            // Nothing is kept of clients outside the run.
            Answer::Refused(reply) => {
                let _ = client.write_all(reply).await;
            }
            Answer::Admitted { server, is_known } => {
                let record = Arc::default();
                lock(&self.records).push(Arc::clone(&record));
                // The connection is closed after its error was recorded, so a client that sees the end finds the error.
                if let Err(trouble) = self.lead(client, &server, is_known, &record).await {
                    lock(&record).trouble.get_or_insert(trouble);
                }
            }
        }
    }

    /// Connects a client of the run to a server.
    async fn lead(
        &self,
        client: &mut TcpStream,
        server: &str,
        is_known: bool,
        record: &Mutex<Record>,
    ) -> Result<(), Trouble> {
        if !is_known {
            lock(record).trouble = Some(Trouble::Astray);
            client.write_all(admission::FORBIDDEN).await?;
            return Ok(());
        }
        let connection = match self.upstream.to(server).await {
            Ok(connection) => connection,
            Err(error) => {
                let trouble = Trouble::Unreachable(error.to_string());
                lock(record).trouble = Some(trouble.clone());
                client.write_all(admission::BAD_GATEWAY).await?;
                return Err(trouble);
            }
        };
        client.write_all(admission::CONNECTED).await?;
        let name = server.rsplit_once(':').map_or(server, |(name, _)| name).trim_matches(['[', ']']);
        let identity = self.authority.issue(Certificate::for_host(name)).map_err(io::Error::other)?;
        let config = identity.server_config().map_err(io::Error::other)?;
        let client = TlsAcceptor::from(config).accept(client).await?;
        match connection {
            Connection::Plain(server) => relay::run(client, server, record).await?,
            Connection::Tls(server) => relay::run(client, *server, record).await?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
