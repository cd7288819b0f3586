use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::task::spawn_blocking;
use tokio_rustls::TlsAcceptor;

use crate::{
    Certificate, Exchange, Sandbox, StartError,
    control::Control,
    credentials::Wanted,
    jwt::SigningKey,
    oauth2::certificate::{AnyClient, Secure},
    observe::Observer,
    server,
    state::Shared,
    timeouts::Timeouts,
};

/// The lifetime that SAP LeanIX documents and that public code assumes for Lean.
const DEFAULT_LIFETIME: Duration = Duration::from_secs(3599);

/// Settings of a sandbox; [`Sandbox::builder`] starts one.
pub struct Builder {
    address: SocketAddr,
    beyond_loopback: bool,
    known_customers_only: bool,
    /// The hosts of the interface, if there is one.
    control_hosts: Option<Vec<String>>,
    timeouts: Timeouts,
    lifetime: Duration,
    records: bool,
    observer: Option<Observer>,
    wanted: Wanted,
    tls: bool,
}

impl Sandbox {
    /// Starts a sandbox on a free port of 127.0.0.1, with random credentials.
    ///
    /// # Errors
    ///
    /// See [`Builder::start`].
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// Settings for a sandbox.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::new()
    }
}

impl Builder {
    fn new() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            beyond_loopback: false,
            known_customers_only: false,
            control_hosts: None,
            timeouts: Timeouts::default(),
            lifetime: DEFAULT_LIFETIME,
            records: false,
            observer: None,
            wanted: Wanted::default(),
            tls: false,
        }
    }

    /// Listens on this address. Default: a free port of 127.0.0.1.
    ///
    /// [`start`](Self::start) refuses an address that is not loopback unless [`beyond_loopback`](Self::beyond_loopback) is called.
    #[must_use]
    pub fn bind(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Allows addresses that other machines can reach, for a sandbox in a container.
    ///
    /// The sandbox uses plain HTTP: anyone on the network path can read its credentials and tokens. Do not use real
    /// ones.
    #[must_use]
    pub fn beyond_loopback(mut self) -> Self {
        self.beyond_loopback = true;
        self
    }

    /// Issues tokens for the scope `customer.<id>` only if the customer exists; other ids get `invalid_scope`.
    ///
    /// Default: any UUID is accepted as the id of a customer. A sandbox starts with two customers; the Customers API lists
    /// them and creates others.
    #[must_use]
    pub fn known_customers_only(mut self) -> Self {
        self.known_customers_only = true;
        self
    }

    /// Serves a page at `/` and an interface below `/_sandbox/v1`, with which tests in any language read the state and set
    /// faults; the README describes both. Default: both paths are unknown.
    ///
    /// Anyone who can reach the sandbox can use them. They refuse requests that name another host than this machine, and
    /// requests of other sites' pages. They show no credential and no token. Their requests are not counted or observed,
    /// except by [`Sandbox::connections`].
    #[must_use]
    pub fn control_over_http(mut self) -> Self {
        self.control_hosts.get_or_insert_default();
        self
    }

    /// Permits this host name or IP address for the page and the interface, besides `localhost` and addresses of loopback: a
    /// container has a name. Can be called more than once; implies [`control_over_http`](Self::control_over_http).
    #[must_use]
    pub fn control_host(mut self, host: impl Into<String>) -> Self {
        self.control_hosts.get_or_insert_default().push(host.into());
        self
    }

    /// Sets the time that a client has for the head of a request, from its first byte. Default: 10 s.
    ///
    /// A head that takes longer is answered with status 408, and the connection is closed.
    #[must_use]
    pub fn head_timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.head = timeout;
        self
    }

    /// Sets the time that a client has for the body of a request, from the end of its head. Default: 10 s.
    ///
    /// A body that takes longer is answered with status 408, and the connection is closed.
    #[must_use]
    pub fn body_timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.body = timeout;
        self
    }

    /// Sets the time after which an idle connection is closed. Default: 60 s.
    #[must_use]
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.idle = timeout;
        self
    }

    /// Accepts this Lean client id. Default: a random UUID.
    #[must_use]
    pub fn lean_client_id(mut self, id: impl Into<String>) -> Self {
        self.wanted.lean_client_id = Some(id.into());
        self
    }

    /// Accepts this Lean client secret. Default: random.
    #[must_use]
    pub fn lean_client_secret(mut self, secret: impl Into<String>) -> Self {
        self.wanted.lean_client_secret = Some(secret.into());
        self
    }

    /// Accepts this LeanIX API token. Default: `LXT_` and 40 random letters and digits.
    #[must_use]
    pub fn leanix_api_token(mut self, token: impl Into<String>) -> Self {
        self.wanted.leanix_api_token = Some(token.into());
        self
    }

    /// Accepts this client id at the server for RFC 6749. Default: a random UUID.
    #[must_use]
    pub fn oauth2_client_id(mut self, id: impl Into<String>) -> Self {
        self.wanted.oauth2_client_id = Some(id.into());
        self
    }

    /// Accepts this client secret at the server for RFC 6749. Default: random.
    #[must_use]
    pub fn oauth2_client_secret(mut self, secret: impl Into<String>) -> Self {
        self.wanted.oauth2_client_secret = Some(secret.into());
        self
    }

    /// Listens with TLS as well, on a free port of the same address, with an authority of its own. Client certificates are
    /// requested, and not required. Default: without TLS only.
    #[must_use]
    pub fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// Sets the lifetime of the tokens of both providers, in whole seconds. Default: 3599 s.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Records every request, credentials included, for [`Provider::recorded`](crate::Provider::recorded).
    #[must_use]
    pub fn record_requests(mut self) -> Self {
        self.records = true;
        self
    }

    /// Calls this with every exchange, just before the response is sent.
    #[must_use]
    pub fn observer(mut self, observer: impl Fn(&Exchange) + Send + Sync + 'static) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Starts the sandbox on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// [`StartError`] if the address is not loopback and [`beyond_loopback`](Self::beyond_loopback) was not called, if
    /// the sandbox cannot listen on it, if a credential is empty, or if the operating system provides no randomness.
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime whose I/O and time drivers are enabled.
    pub async fn start(self) -> Result<Sandbox, StartError> {
        let address = self.address;
        if !self.beyond_loopback && !address.ip().is_loopback() {
            return Err(StartError::NotLoopback(address));
        }
        let (credentials, oauth2) = self.wanted.resolve()?;
        let bind_error = |source| StartError::Bind { address, source };
        let listener = server::listen(address).map_err(bind_error)?;
        let base_url = format!("http://{}", reachable(listener.local_addr().map_err(bind_error)?));
        let key = spawn_blocking(SigningKey::of_this_process).await.map_err(|_| StartError::Crypto)??;
        let mut shared = Shared::new(base_url, credentials, oauth2, key, self.lifetime.as_secs());
        shared.records = self.records;
        shared.observer = self.observer;
        shared.timeouts = self.timeouts;
        shared.known_customers_only = self.known_customers_only;
        shared.control = self.control_hosts.map(Control::for_hosts);
        let mut secure = None;
        if self.tls {
            let address = SocketAddr::new(address.ip(), 0);
            let bind_error = |source| StartError::Bind { address, source };
            let listener = server::listen(address).map_err(bind_error)?;
            let reachable = reachable(listener.local_addr().map_err(bind_error)?);
            let part = Secure::new(format!("https://{reachable}"))?;
            let identity = part.authority.issue(Certificate::for_host(&reachable.ip().to_string()))?;
            secure = Some((listener, TlsAcceptor::from(identity.config(AnyClient::verifier())?)));
            shared.secure = Some(part);
        }
        Ok(Sandbox::new(Arc::new(shared), listener, secure))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("address", &self.address)
            .field("beyond_loopback", &self.beyond_loopback)
            .field("known_customers_only", &self.known_customers_only)
            .field("control_hosts", &self.control_hosts)
            .field("timeouts", &self.timeouts)
            .field("lifetime", &self.lifetime)
            .field("records", &self.records)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

/// The address at which clients on this machine reach a listener: loopback if it listens on all addresses.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}
