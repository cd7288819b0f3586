//! The HTTP client with the settings that credentials need.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http::header::ACCEPT_ENCODING;
use http::{HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::tls::Version;
use reqwest::{Certificate, ClientBuilder, Identity, Proxy};
use url::Url;

use crate::failure::{self, TransportErrorKind};
use crate::limits::{Limits, Server};
use crate::proxy::Proxies;
use crate::{BaseUrl, BuildError, ProxyProblem, TransportError};

/// An HTTP client for requests that carry credentials.
///
/// It follows no redirect, keeps no cookies, accepts no compressed answers (`Accept-Encoding: identity`), speaks TLS 1.2 or
/// newer with a verified certificate, and has one deadline for connecting, sending and reading together, and one limit for the
/// size of a body:
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
/// used as `reqwest` uses them. No idle connection is kept unless the builder says so: token requests lie far apart, and a
/// kept connection would tie a client to the runtime that opened it. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Transport {
    /// For `https`; absent if the transport was made for a loopback address without TLS.
    secure: Option<reqwest::Client>,
    plain: reqwest::Client,
    connect_timeout: Duration,
    limits: Limits,
    proxies: Arc<Proxies>,
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
        Self::builder().build_to(base_url)
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
            keeps_connections: false,
        }
    }

    /// The `reqwest` client that sends to this address, for programs that build requests and read answers themselves. It keeps
    /// to all rules of the transport but the limit of bodies, which is up to whoever reads them.
    #[must_use]
    pub fn client_to(&self, base_url: &BaseUrl) -> &reqwest::Client {
        // Without a client for TLS there is none that trusts any certificate, so an exchange fails.
        self.secure.as_ref().filter(|_| base_url.is_https()).unwrap_or(&self.plain)
    }

    /// Size in bytes at which reading a body of an API stops with an error.
    #[must_use]
    pub fn api_body_limit(&self) -> usize {
        self.limits.body(Server::Api)
    }

    /// Time for an exchange with an API.
    #[must_use]
    pub fn api_timeout(&self) -> Duration {
        self.limits.timeout(Server::Api)
    }

    /// What it means that an exchange of [`Transport::client_to`] with `url` failed like this.
    #[must_use]
    pub fn error(&self, url: &Url, error: &reqwest::Error) -> TransportError {
        TransportError::at(url, self.classify(url, error))
    }

    /// Any of its clients, to build requests with.
    pub(crate) fn client(&self) -> &reqwest::Client {
        &self.plain
    }

    /// The client that may send to `url`.
    pub(crate) fn client_for(&self, url: &Url) -> Option<&reqwest::Client> {
        if url.scheme() == "https" { self.secure.as_ref() } else { Some(&self.plain) }
    }

    /// What it means that the exchange with `url` failed like this.
    pub(crate) fn classify(&self, url: &Url, error: &reqwest::Error) -> TransportErrorKind {
        match failure::classify(error) {
            TransportErrorKind::Proxy { problem, .. } => {
                TransportErrorKind::Proxy { proxy: self.proxies.to(url), problem }
            }
            TransportErrorKind::Timeout if error.is_connect() => match self.proxies.certainly_to(url) {
                proxy @ Some(_) => TransportErrorKind::Proxy { proxy, problem: ProxyProblem::Timeout },
                None => TransportErrorKind::Timeout,
            },
            kind => kind,
        }
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
    keeps_connections: bool,
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
            .field("keeps_connections", &self.keeps_connections)
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

    /// Keeps idle connections for the next request, as suits an API that is called often. A kept connection ends with the
    /// runtime that opened it. Default: each request has a connection of its own.
    pub fn keep_connections(mut self) -> Self {
        self.keeps_connections = true;
        self
    }

    /// The transport, for this address alone: without TLS if the address needs none.
    ///
    /// # Errors
    /// As with [`TransportBuilder::build`].
    pub fn build_to(self, base_url: &BaseUrl) -> Result<Transport, BuildError> {
        if base_url.is_https() { self.build() } else { self.build_plain() }
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
        let mut proxies = Proxies::of_environment();
        if let Some(proxy) = self.proxy.take() {
            proxies = Proxies::set(&proxy);
            client = client.proxy(proxy);
        }
        client = match std::mem::replace(&mut self.roots, Roots::Only(Vec::new())) {
            Roots::System(roots) if roots.is_empty() => client,
            Roots::System(roots) => client.tls_certs_merge(roots),
            Roots::Only(roots) => client.tls_certs_only(roots),
        };
        let secure = client.https_only(true).build().map_err(BuildError::Client)?;
        Ok(Transport { secure: Some(secure), proxies: Arc::new(proxies), ..self.build_plain()? })
    }

    fn build_plain(self) -> Result<Transport, BuildError> {
        // It needs no root certificates, and finding those of the system takes time.
        let client = self.common().tls_certs_only([]).no_proxy();
        let plain = client.build().map_err(BuildError::Client)?;
        let (connect_timeout, limits) = (self.connect_timeout, self.limits);
        Ok(Transport { secure: None, plain, connect_timeout, limits, proxies: Arc::new(Proxies::none()) })
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
            .default_headers(HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static("identity"))]))
            .tls_version_min(Version::TLS_1_2)
            // Whatever a resolver says, `localhost` is this machine.
            .resolve_to_addrs(
                "localhost",
                &[SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))],
            )
            .pool_max_idle_per_host(if self.keeps_connections { usize::MAX } else { 0 })
            .connect_timeout(self.connect_timeout)
            // Each call says its own; this one is for a request that says none.
            .timeout(self.limits.timeout(Server::TokenEndpoint))
    }
}
