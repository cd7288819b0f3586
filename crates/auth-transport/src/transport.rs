//! The HTTP client with the settings that credentials need.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::tls::Version;
use reqwest::{Certificate, ClientBuilder, Identity, Proxy};
use url::Url;

use crate::limits::{Limits, Server};
use crate::{BaseUrl, BuildError};

/// An HTTP client for requests that carry credentials.
///
/// It follows no redirect, keeps no cookies, asks for no compressed answers, speaks TLS 1.2 or newer with a verified
/// certificate, and has one deadline for connecting, sending and reading together, and one limit for the size of a body:
///
/// | | token endpoints | APIs | set by |
/// |---|---|---|---|
/// | time for an exchange | 30 seconds | 60 seconds | [`TransportBuilder::timeout`], [`Transport::with_timeout`] |
/// | size of a body | 256 KiB | 16 MiB | [`TransportBuilder::body_limit`], [`Transport::with_body_limit`] |
/// | time between two reads of a stream | | 60 seconds | [`TransportBuilder::idle_timeout`], [`Transport::with_idle_timeout`] |
///
/// The methods of generated clients know which of the two they call, so one transport serves both; a limit that is set
/// holds for both. The body of a stream has no limit of size, and the time for its exchange ends with the head of the
/// answer.
///
/// Plain `http` goes to loopback
/// addresses only, and never through a proxy; for `https` the proxies of the environment (`HTTPS_PROXY` and its kin) are
/// used as `reqwest` uses them. No idle connection is kept: token requests lie far apart, and a kept connection would
/// tie a client to the runtime that opened it. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Transport {
    /// For `https`; absent if the transport was made for a loopback address without TLS.
    secure: Option<reqwest::Client>,
    plain: reqwest::Client,
    connect_timeout: Duration,
    limits: Limits,
}

impl Transport {
    /// A transport with the defaults of [`TransportBuilder`].
    ///
    /// # Errors
    /// [`BuildError::Client`] if the TLS machinery cannot be set up, for example because the system has no root
    /// certificates.
    pub fn new() -> Result<Self, BuildError> {
        Self::builder().build()
    }

    /// A transport with the defaults, for this address alone: without TLS if the address needs none.
    ///
    /// # Errors
    /// As with [`Transport::new`].
    pub fn to(base_url: &BaseUrl) -> Result<Self, BuildError> {
        if base_url.is_https() { Self::new() } else { Self::builder().build_plain() }
    }

    /// A transport with settings of your own.
    pub fn builder() -> TransportBuilder {
        TransportBuilder {
            connect_timeout: Duration::from_secs(10),
            limits: Limits::default(),
            user_agent: concat!("auth-transport/", env!("CARGO_PKG_VERSION")).to_owned(),
            identity: None,
            proxy: None,
            roots: Roots::System(Vec::new()),
        }
    }

    /// Any of its clients, to build requests with.
    pub(crate) fn client(&self) -> &reqwest::Client {
        &self.plain
    }

    /// The client that may send to `url`.
    pub(crate) fn client_for(&self, url: &Url) -> Option<&reqwest::Client> {
        if url.scheme() == "https" { self.secure.as_ref() } else { Some(&self.plain) }
    }

    /// The same transport with another time for a whole exchange. It shares everything else.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use auth_transport::Transport;
    ///
    /// let transport = Transport::new()?;
    /// let patient = transport.clone().with_timeout(Duration::from_secs(300));
    /// # Ok::<(), auth_transport::BuildError>(())
    /// ```
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.limits.timeout = Some(timeout);
        self
    }

    /// The same transport with another limit for the size of a body, in bytes. It shares everything else.
    #[must_use]
    pub fn with_body_limit(mut self, bytes: usize) -> Self {
        self.limits.body = Some(bytes);
        self
    }

    /// The same transport with another time between two reads of a stream. It shares everything else.
    #[must_use]
    pub fn with_idle_timeout(mut self, timeout: Duration) -> Self {
        self.limits.idle = Some(timeout);
        self
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) fn connect_timeout(&self) -> Duration {
        self.connect_timeout
    }
}

/// Settings of a [`Transport`].
#[must_use]
pub struct TransportBuilder {
    connect_timeout: Duration,
    limits: Limits,
    user_agent: String,
    identity: Option<Identity>,
    proxy: Option<Proxy>,
    roots: Roots,
}

/// The certificates that a server's certificate must lead to.
#[derive(Debug)]
enum Roots {
    /// Those of the system, and these.
    System(Vec<Certificate>),
    /// These alone.
    Only(Vec<Certificate>),
}

impl fmt::Debug for TransportBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the proxy, whose address may hold a password.
        formatter
            .debug_struct("TransportBuilder")
            .field("connect_timeout", &self.connect_timeout)
            .field("limits", &self.limits)
            .field("user_agent", &self.user_agent)
            .field("roots", &self.roots)
            .finish_non_exhaustive()
    }
}

impl TransportBuilder {
    /// Time to establish a connection, TLS included. Default: 10 seconds.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Time for a whole exchange, from connecting to the last byte of the body; of a stream, to the end of the head.
    /// Default: 30 seconds for token endpoints, 60 seconds for APIs.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.limits.timeout = Some(timeout);
        self
    }

    /// Size in bytes of the largest body that is read; a larger one is an error. Streams have no such limit. Default: 256 KiB
    /// for token endpoints, 16 MiB for APIs.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.limits.body = Some(bytes);
        self
    }

    /// Time between two reads of a stream, after which it ends with an error. Default: 60 seconds.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.limits.idle = Some(timeout);
        self
    }

    /// The `User-Agent` header. Default: name and version of this crate.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// A client certificate with its key, for servers that want mutual TLS. Default: none.
    ///
    /// ```no_run
    /// use auth_transport::Transport;
    /// use reqwest::Identity;
    ///
    /// let identity = Identity::from_pem(&std::fs::read("client.pem")?)?;
    /// let transport = Transport::builder().identity(identity).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identity = Some(identity);
        self
    }

    /// A proxy for `https`, instead of those of the environment.
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.proxy = Some(proxy);
        self
    }

    /// A root certificate to trust besides those of the system. Default: none.
    pub fn add_root_certificate(mut self, certificate: Certificate) -> Self {
        match &mut self.roots {
            Roots::System(roots) | Roots::Only(roots) => roots.push(certificate),
        }
        self
    }

    /// Trusts these root certificates and not those of the system. Default: those of the system.
    pub fn only_root_certificates(mut self, certificates: impl IntoIterator<Item = Certificate>) -> Self {
        self.roots = Roots::Only(certificates.into_iter().collect());
        self
    }

    /// The transport.
    ///
    /// # Errors
    /// [`BuildError::Client`] if a certificate, a proxy, the user agent or the TLS machinery cannot be used.
    pub fn build(mut self) -> Result<Transport, BuildError> {
        let mut client = self.common();
        if let Some(identity) = self.identity.take() {
            client = client.identity(identity);
        }
        if let Some(proxy) = self.proxy.take() {
            client = client.proxy(proxy);
        }
        client = match std::mem::replace(&mut self.roots, Roots::Only(Vec::new())) {
            Roots::System(roots) if roots.is_empty() => client,
            Roots::System(roots) => client.tls_certs_merge(roots),
            Roots::Only(roots) => client.tls_certs_only(roots),
        };
        let secure = client.https_only(true).build().map_err(BuildError::Client)?;
        Ok(Transport { secure: Some(secure), ..self.build_plain()? })
    }

    fn build_plain(self) -> Result<Transport, BuildError> {
        // It needs no root certificates, and finding those of the system takes time.
        let client = self.common().tls_certs_only([]).no_proxy();
        let plain = client.build().map_err(BuildError::Client)?;
        Ok(Transport { secure: None, plain, connect_timeout: self.connect_timeout, limits: self.limits })
    }

    fn common(&self) -> ClientBuilder {
        reqwest::Client::builder()
            .user_agent(&self.user_agent)
            .redirect(Policy::none())
            .referer(false)
            .http1_only()
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .tls_version_min(Version::TLS_1_2)
            // Whatever a resolver says, `localhost` is this machine.
            .resolve_to_addrs(
                "localhost",
                &[SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))],
            )
            .pool_max_idle_per_host(0)
            .connect_timeout(self.connect_timeout)
            // Each call says its own; this one is for a request that says none.
            .timeout(self.limits.timeout(Server::TokenEndpoint))
    }
}
