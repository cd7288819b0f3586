//! The HTTP client with the settings that credentials need.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::tls::Version;

use crate::BuildError;

/// An HTTP client for requests that carry credentials.
///
/// It follows no redirect, keeps no cookies, asks for no compressed answers, speaks TLS 1.2 or newer with a verified
/// certificate, resolves `localhost` to loopback addresses only, and has one deadline for connecting, sending and
/// reading together. Proxies of the environment (`HTTPS_PROXY` and its kin) are used as `reqwest` uses them. Cloning is
/// cheap and shares the connections.
#[derive(Clone, Debug)]
pub struct Transport {
    client: reqwest::Client,
    body_limit: usize,
}

impl Transport {
    /// A transport with the defaults of [`TransportBuilder`].
    ///
    /// # Errors
    /// [`BuildError::Client`] if the TLS machinery cannot be set up.
    pub fn new() -> Result<Self, BuildError> {
        Self::builder().build()
    }

    /// A transport with settings of your own.
    pub fn builder() -> TransportBuilder {
        TransportBuilder {
            connect_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(30),
            body_limit: 256 * 1024,
            configure: None,
        }
    }

    pub(crate) fn client(&self) -> &reqwest::Client {
        &self.client
    }

    pub(crate) fn body_limit(&self) -> usize {
        self.body_limit
    }
}

/// Settings of a [`Transport`].
#[must_use]
pub struct TransportBuilder {
    connect_timeout: Duration,
    timeout: Duration,
    body_limit: usize,
    configure: Option<Configure>,
}

type Configure = Box<dyn FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send>;

impl TransportBuilder {
    /// Time to establish a connection, TLS included. Default: 10 seconds.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Time for a whole exchange, from connecting to the last byte of the body. Default: 30 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Size in bytes at which reading a body stops with an error. Default: 256 KiB.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Settings of `reqwest` beyond these: a client certificate, a root certificate, a proxy, a user agent.
    ///
    /// Whatever `configure` sets, redirects stay unfollowed, certificates stay verified and the timeouts above apply.
    ///
    /// ```no_run
    /// use auth_transport::Transport;
    /// use reqwest::Identity;
    ///
    /// let identity = Identity::from_pem(&std::fs::read("client.pem")?)?;
    /// let transport = Transport::builder().configure(move |client| client.identity(identity)).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn configure(
        mut self,
        configure: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + 'static,
    ) -> Self {
        self.configure = Some(Box::new(configure));
        self
    }

    /// The transport.
    ///
    /// # Errors
    /// [`BuildError::Client`] if a certificate, a proxy or the TLS machinery cannot be used.
    pub fn build(self) -> Result<Transport, BuildError> {
        let client = reqwest::Client::builder().user_agent(concat!("auth-transport/", env!("CARGO_PKG_VERSION")));
        let client = match self.configure {
            Some(configure) => configure(client),
            None => client,
        };
        // After the caller's settings, so that these win.
        let client = client
            .redirect(Policy::none())
            .referer(false)
            .connection_verbose(false)
            .http1_only()
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .tls_danger_accept_invalid_certs(false)
            .tls_danger_accept_invalid_hostnames(false)
            .tls_version_min(Version::TLS_1_2)
            .resolve_to_addrs(
                "localhost",
                &[
                    SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
                    SocketAddr::from((Ipv6Addr::LOCALHOST, 0)),
                ],
            )
            .connect_timeout(self.connect_timeout)
            .timeout(self.timeout)
            .build()
            .map_err(BuildError::Client)?;
        Ok(Transport {
            client,
            body_limit: self.body_limit,
        })
    }
}

impl fmt::Debug for TransportBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TransportBuilder")
            .field("connect_timeout", &self.connect_timeout)
            .field("timeout", &self.timeout)
            .field("body_limit", &self.body_limit)
            .finish_non_exhaustive()
    }
}
