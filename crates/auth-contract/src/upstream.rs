//! The connection from a recorder to the server.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Matcher;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::ServerName;
use rustls::{CertificateError, ClientConfig};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tower::ServiceExt as _;

use crate::RunError;

/// Time to reach a server; less than the timeout of the clients here.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(8);

/// The server or servers of a recorder.
pub(crate) enum Upstream {
    /// This server on this machine, for any requested host, without TLS. The first of its addresses that accepts a
    /// connection is used.
    Loopback(Vec<SocketAddr>),
    /// The requested host, over TLS that is verified as in reqwest, through the proxies of the environment.
    Asked(Arc<ClientConfig>),
}

/// A connection to a server.
pub(crate) enum Connection {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Upstream {
    /// An upstream that connects to the requested host.
    pub(crate) fn asked() -> Result<Self, RunError> {
        let failed = |error: rustls::Error| RunError::Recorder(error.to_string());
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(failed)?;
        let mut config = builder.with_platform_verifier().map_err(failed)?.with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self::Asked(Arc::new(config)))
    }

    /// Connects to `host`, a name with a port. An error states that it cannot be reached, and why.
    pub(crate) async fn to(&self, host: &str) -> io::Result<Connection> {
        let reaching = async {
            match self {
                Self::Loopback(addresses) => {
                    let stream = TcpStream::connect(&addresses[..]).await?;
                    stream.set_nodelay(true)?;
                    Ok(Connection::Plain(stream))
                }
                Self::Asked(config) => secured(config, host).await,
            }
        };
        let reached = match timeout(CONNECT_TIMEOUT, reaching).await {
            Ok(reached) => reached,
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        };
        reached.map_err(|error| io::Error::other(format!("{host} cannot be reached: {}", describe(&error))))
    }
}

/// Why a connection failed. The text of a certificate is chosen by the server, so it is not repeated.
fn describe(error: &io::Error) -> String {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
    match cause {
        Some(rustls::Error::InvalidCertificate(CertificateError::NotValidForNameContext { .. })) => {
            "its certificate is for another name".to_owned()
        }
        _ => error.to_string(),
    }
}

async fn secured(config: &Arc<ClientConfig>, host: &str) -> io::Result<Connection> {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name).trim_matches(['[', ']']);
    let name = ServerName::try_from(name.to_owned()).map_err(io::Error::other)?;
    let stream = TlsConnector::from(Arc::clone(config)).connect(name, reach(host).await?).await?;
    Ok(Connection::Tls(Box::new(stream)))
}

/// Connects through the proxy that the environment names for this host, or directly.
async fn reach(host: &str) -> io::Result<TcpStream> {
    let address: Uri = format!("https://{host}/").parse().map_err(io::Error::other)?;
    let Some(proxy) = Matcher::from_env().intercept(&address) else {
        return TcpStream::connect(host).await;
    };
    let mut tunnel = Tunnel::new(proxy.uri().clone(), HttpConnector::new());
    if let Some(credentials) = proxy.basic_auth() {
        tunnel = tunnel.with_auth(credentials.clone());
    }
    let stream =
        tunnel.oneshot(address).await.map_err(|error| io::Error::other(format!("the proxy failed: {error}")))?;
    Ok(stream.into_inner())
}
