//! An HTTP client with settings for requests that carry credentials.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http::header::ACCEPT_ENCODING;
use http::{HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{ClientBuilder, Proxy};
use url::Url;

use crate::classify::classify;
use crate::limits::{self, Limits, Server};
use crate::proxy::Proxies;
use crate::tls::{self, Roots};
use crate::{BaseUrl, BuildError, Certificate, Identity, ProxyProblem, TransportError, TransportErrorKind};

/// An HTTP client for requests that carry credentials.
///
/// It does not follow redirects, keeps no cookies and accepts no compressed responses (`Accept-Encoding: identity`). It
/// requires TLS 1.2 or newer and a valid certificate. One timeout covers connecting, sending and reading, and one limit
/// the size of a body:
///
/// | | token endpoints | APIs | set by |
/// |---|---|---|---|
/// | timeout of an exchange | 30 seconds | 60 seconds | [`TransportBuilder::timeout`], [`Transport::with_timeout`] |
/// | size of a body | 256 KiB | 16 MiB | [`TransportBuilder::body_limit`], [`Transport::with_body_limit`] |
/// | time between two reads of a stream | | 60 seconds | [`TransportBuilder::idle_timeout`],
/// [`Transport::with_idle_timeout`] |
///
/// Generated methods select the defaults for their kind of server, so one transport serves both. A limit that is set
/// applies to both. Streaming bodies have no size limit, and the timeout covers only the head of a streaming response.
///
/// Plain `http` is used for loopback addresses only, and never through a proxy. For `https`, the proxies of the
/// environment (`HTTPS_PROXY` and related variables) are used as in `reqwest`. Idle connections are closed unless
/// [`TransportBuilder::keep_connections`] is called: token requests are rare, and an open connection would tie a client
/// to the runtime that opened it. Cloning is cheap.
///
/// TLS uses the provider that the program installed for its process (`rustls::crypto::CryptoProvider::install_default`);
/// otherwise `aws-lc-rs`, with the feature `aws-lc-rs`, which is enabled by default; otherwise `ring`, with the feature `ring`.
/// Without any of them, the transport cannot be built. The transport never installs a provider for the process.
#[derive(Clone, Debug)]
pub struct Transport {
    /// For `https`; `None` if the transport was built for a loopback address without TLS.
    secure: Option<reqwest::Client>,
    plain: reqwest::Client,
    connect_timeout: Duration,
    limits: Limits,
    proxies: Arc<Proxies>,
}

impl Transport {
    /// The timeout of an exchange with an API, unless another is set: 60 seconds.
    pub const API_TIMEOUT: Duration = limits::API_TIMEOUT;

    /// The size in bytes at which reading the body of an API stops with an error, unless another is set: 16 MiB.
    pub const API_BODY_LIMIT: usize = limits::API_BODY_LIMIT;

    /// A transport with the defaults of [`TransportBuilder`].
    ///
    /// # Errors
    /// [`BuildError::NoCryptoProvider`] without a TLS provider, [`BuildError::NoRootCertificates`] if the system has no root
    /// certificates, [`BuildError::TooManyOpenFiles`] if they cannot be read, [`BuildError::Tls`] if TLS cannot be set up for
    /// another reason.
    pub fn new() -> Result<Self, BuildError> {
        Self::builder().build()
    }

    /// A transport with the defaults for this base URL only; if it is a loopback address without TLS, the transport cannot use
    /// `https`.
    ///
    /// # Errors
    /// As with [`Transport::new`].
    pub fn to(base_url: &BaseUrl) -> Result<Self, BuildError> {
        Self::builder().build_to(base_url)
    }

    /// Settings for a transport.
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

    /// The `reqwest` client for this base URL, for programs that build requests and read responses themselves.
    ///
    /// It has the transport's settings except the limits of an API: its default timeout is that of a token endpoint, and bodies are
    /// not limited. Set the timeout of each request to [`api_timeout`](Self::api_timeout), and stop reading a body at
    /// [`api_body_limit`](Self::api_body_limit).
    #[must_use]
    pub fn client_to(&self, base_url: &BaseUrl) -> &reqwest::Client {
        // Without a TLS client, this one trusts no certificate, so an exchange over `https` fails.
        self.secure.as_ref().filter(|_| base_url.is_https()).unwrap_or(&self.plain)
    }

    /// Size in bytes above which reading the body of an API's response is an error.
    #[must_use]
    pub fn api_body_limit(&self) -> usize {
        self.limits.body(Server::Api)
    }

    /// Timeout of an exchange with an API.
    #[must_use]
    pub fn api_timeout(&self) -> Duration {
        self.limits.timeout(Server::Api)
    }

    /// Converts the error of the client from [`Transport::client_to`] for an exchange with `url`.
    #[must_use]
    pub fn error(&self, url: &Url, error: &reqwest::Error) -> TransportError {
        TransportError::at(url, self.classify(url, error))
    }

    /// Any of the clients, for building requests.
    pub(crate) fn client(&self) -> &reqwest::Client {
        &self.plain
    }

    /// The client that may send to `url`.
    pub(crate) fn client_for(&self, url: &Url) -> Option<&reqwest::Client> {
        if url.scheme() == "https" { self.secure.as_ref() } else { Some(&self.plain) }
    }

    /// Classifies the failure of an exchange with `url`.
    pub(crate) fn classify(&self, url: &Url, error: &reqwest::Error) -> TransportErrorKind {
        match classify(error) {
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

    /// A copy of the transport with another timeout of an exchange; it shares everything else.
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

    /// A copy of the transport with another size limit of bodies, in bytes; it shares everything else.
    #[must_use]
    pub fn with_body_limit(mut self, bytes: usize) -> Self {
        self.limits.body = Some(bytes);
        self
    }

    /// A copy of the transport with another time between two reads of a stream; it shares everything else.
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

/// Settings of a [`Transport`]; [`Transport::builder`] starts one.
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

impl fmt::Debug for TransportBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the proxy, whose URL may hold a password.
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
    /// Sets the time to establish a connection, TLS included. Default: 10 seconds.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets the timeout of an exchange, from connecting to the last byte of the body, or to the end of the head of a streaming
    /// response. Default: 30 seconds for token endpoints, 60 seconds for APIs.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.limits.timeout = Some(timeout);
        self
    }

    /// Sets the size in bytes of the largest body that is read; a larger one is an error. Streams are not limited. Default:
    /// 256 KiB for token endpoints, 16 MiB for APIs.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.limits.body = Some(bytes);
        self
    }

    /// Sets the time without a byte after which a stream ends with an error. Default: 60 seconds.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.limits.idle = Some(timeout);
        self
    }

    /// Sets the `User-Agent` header. Default: name and version of this crate.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// Sets a client certificate with its key, for servers that require mutual TLS. Default: none.
    ///
    /// ```no_run
    /// use auth_transport::{Identity, Transport};
    ///
    /// let identity = Identity::from_pem(&std::fs::read("client.pem")?)?;
    /// let transport = Transport::builder().identity(identity).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identity = Some(identity);
        self
    }

    /// Sets a proxy for `https`, instead of those of the environment.
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.proxy = Some(proxy);
        self
    }

    /// Adds a root certificate to those of the system, or to those of
    /// [`only_root_certificates`](Self::only_root_certificates) if that was called before. Default: none.
    ///
    /// ```no_run
    /// use auth_transport::{BuildError, Certificate, Transport};
    ///
    /// fn transport(pem: &[u8]) -> Result<Transport, BuildError> {
    ///     Transport::builder().add_root_certificate(Certificate::from_pem(pem)?).build()
    /// }
    /// ```
    pub fn add_root_certificate(mut self, certificate: Certificate) -> Self {
        match &mut self.roots {
            Roots::System(roots) | Roots::Only(roots) => roots.push(certificate),
        }
        self
    }

    /// Trusts only these root certificates and not those of the system. Default: those of the system.
    pub fn only_root_certificates(mut self, certificates: impl IntoIterator<Item = Certificate>) -> Self {
        self.roots = Roots::Only(certificates.into_iter().collect());
        self
    }

    /// Keeps idle connections open for the next request, for APIs that are called often. A connection is closed with the runtime that
    /// opened it. Default: each request opens a new connection.
    pub fn keep_connections(mut self) -> Self {
        self.keeps_connections = true;
        self
    }

    /// Builds the transport for this base URL only; if it is a loopback address without TLS, the transport cannot use `https`.
    ///
    /// # Errors
    /// As with [`TransportBuilder::build`].
    pub fn build_to(self, base_url: &BaseUrl) -> Result<Transport, BuildError> {
        if base_url.is_https() { self.build() } else { self.build_plain() }
    }

    /// Builds the transport.
    ///
    /// # Errors
    /// [`BuildError::NoCryptoProvider`] without a TLS provider. [`BuildError::NoRootCertificates`] if those of the system are
    /// used and there are none, and [`BuildError::TooManyOpenFiles`] if they cannot be read. [`BuildError::Certificate`] if the
    /// private key is not that of the client certificate. [`BuildError::Tls`] if TLS cannot be set up for another reason.
    /// [`BuildError::Client`] if the proxy or the user agent is invalid.
    pub fn build(mut self) -> Result<Transport, BuildError> {
        let roots = std::mem::replace(&mut self.roots, Roots::Only(Vec::new()));
        let mut client = self.common().tls_backend_preconfigured(tls::config(roots, self.identity.take())?);
        let mut proxies = Proxies::of_environment();
        if let Some(proxy) = self.proxy.take() {
            proxies = Proxies::set(&proxy);
            client = client.proxy(proxy);
        }
        let secure = client.https_only(true).build().map_err(BuildError::Client)?;
        Ok(Transport { secure: Some(secure), proxies: Arc::new(proxies), ..self.build_plain()? })
    }

    fn build_plain(self) -> Result<Transport, BuildError> {
        // Loading the root certificates of the system takes time, and this client needs none.
        let tls = tls::config(Roots::Only(Vec::new()), None)?;
        let plain = self.common().tls_backend_preconfigured(tls).no_proxy().build().map_err(BuildError::Client)?;
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
            // `localhost` always resolves to this machine, even if a resolver returns another address.
            .resolve_to_addrs(
                "localhost",
                &[SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))],
            )
            .pool_max_idle_per_host(if self.keeps_connections { usize::MAX } else { 0 })
            .connect_timeout(self.connect_timeout)
            // The timeout of requests that do not set one.
            .timeout(self.limits.timeout(Server::TokenEndpoint))
    }
}
