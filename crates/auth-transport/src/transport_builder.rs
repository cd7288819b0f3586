//! Settings of a transport.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http::header::ACCEPT_ENCODING;
use http::{HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{ClientBuilder, Proxy};

use crate::drift_observer::DriftObservers;
use crate::limits::{Limits, Server};
use crate::proxy::Proxies;
use crate::tls::{self, Presented, Roots};
use crate::transport::Transport;
use crate::{BaseUrl, BuildError, Certificate, DriftObserver, Identity, SharedIdentity};

/// Settings of a [`Transport`]; [`Transport::builder`] starts one.
#[must_use]
pub struct TransportBuilder {
    connect_timeout: Duration,
    limits: Limits,
    user_agent: String,
    presented: Presented,
    proxy: Option<Proxy>,
    roots: Roots,
    keeps_connections: bool,
    drift: DriftObservers,
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

impl Transport {
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
        TransportBuilder::new()
    }
}

impl TransportBuilder {
    pub(crate) fn new() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            limits: Limits::default(),
            user_agent: concat!("auth-transport/", env!("CARGO_PKG_VERSION")).to_owned(),
            presented: Presented::None,
            proxy: None,
            roots: Roots::System(Vec::new()),
            keeps_connections: false,
            drift: DriftObservers::default(),
        }
    }

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
        self.presented = Presented::Always(identity);
        self
    }

    /// Sets a client certificate that can be replaced while the transport is in use, instead of that of
    /// [`identity`](Self::identity). Until it is set, no certificate is presented. TLS sessions are not resumed.
    pub fn shared_identity(mut self, identity: &SharedIdentity) -> Self {
        self.presented = Presented::Current(identity.clone());
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

    /// Adds an observer of what answers say other than their document, as
    /// [`Transport::with_drift_observer`] does. Default: none.
    pub fn drift_observer(mut self, observer: impl DriftObserver) -> Self {
        self.drift = self.drift.with(observer);
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
    /// [`BuildError::NoCryptoProvider`] without a TLS provider. [`BuildError::NoRootCertificates`] if the transport
    /// uses the root certificates of the system and there are none, and [`BuildError::TooManyOpenFiles`] if they cannot
    /// be read. [`BuildError::Certificate`] if the private key does not belong to the client certificate.
    /// [`BuildError::Tls`] if TLS cannot be set up for another reason. [`BuildError::Client`] if the proxy or the user
    /// agent is invalid.
    pub fn build(mut self) -> Result<Transport, BuildError> {
        let roots = std::mem::replace(&mut self.roots, Roots::Only(Vec::new()));
        let presented = std::mem::replace(&mut self.presented, Presented::None);
        let identity = match &presented {
            Presented::Current(identity) => Some(identity.clone()),
            Presented::None | Presented::Always(_) => None,
        };
        let mut client = self.common().tls_backend_preconfigured(tls::config(roots, presented)?);
        let mut proxies = Proxies::of_environment();
        if let Some(proxy) = self.proxy.take() {
            proxies = Proxies::set(&proxy);
            client = client.proxy(proxy);
        }
        let secure = client.https_only(true).build().map_err(BuildError::Client)?;
        Ok(Transport { secure: Some(secure), proxies: Arc::new(proxies), identity, ..self.build_plain()? })
    }

    fn build_plain(self) -> Result<Transport, BuildError> {
        // Loading the root certificates of the system takes time, and this client needs none.
        let tls = tls::config(Roots::Only(Vec::new()), Presented::None)?;
        let plain = self.common().tls_backend_preconfigured(tls).no_proxy().build().map_err(BuildError::Client)?;
        let (connect_timeout, limits) = (self.connect_timeout, self.limits);
        Ok(Transport {
            secure: None,
            plain,
            connect_timeout,
            limits,
            proxies: Arc::new(Proxies::none()),
            drift: self.drift,
            identity: None,
        })
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
