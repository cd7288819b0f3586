//! An HTTP client with settings for requests that carry credentials.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::classify::classify;
use crate::drift_observer::DriftObservers;
use crate::limits::{self, Limits, Server};
use crate::proxy::Proxies;
use crate::{BaseUrl, DriftObserver, ProxyProblem, SharedIdentity, TransportError, TransportErrorKind};

/// An HTTP client for requests that carry credentials.
///
/// It does not follow redirects, keeps no cookies and accepts no compressed responses (`Accept-Encoding: identity`). It
/// requires TLS 1.2 or newer and a valid certificate. One timeout covers connecting, sending and reading, and one limit
/// the size of a body:
///
/// | | token endpoints | APIs | set by |
/// |---|---|---|---|
/// | timeout of an exchange | 30 seconds | 60 seconds | [`timeout`], [`with_timeout`](Self::with_timeout) |
/// | size of a body | 256 KiB | 16 MiB | [`body_limit`], [`with_body_limit`](Self::with_body_limit) |
/// | time between two reads of a stream | | 60 seconds | [`idle_timeout`], [`with_idle_timeout`](Self::with_idle_timeout) |
///
/// Generated methods select the defaults for their kind of server, so one transport serves both. A limit that is set
/// applies to both. Streaming bodies have no size limit, and the timeout covers only the head of a streaming response.
///
/// Plain `http` is used for loopback addresses only, and never through a proxy. For `https`, the proxies of the
/// environment (`HTTPS_PROXY` and related variables) are used as in `reqwest`. Idle connections are closed unless
/// [`keep_connections`] is called: token requests are rare, and an open connection would tie a client
/// to the runtime that opened it. Cloning is cheap.
///
/// TLS uses the provider that the program installed for its process (`rustls::crypto::CryptoProvider::install_default`);
/// otherwise `aws-lc-rs`, with the feature `aws-lc-rs`, which is enabled by default; otherwise `ring`, with the feature `ring`.
/// Without any of them, the transport cannot be built. The transport never installs a provider for the process.
///
/// [`timeout`]: crate::TransportBuilder::timeout
/// [`body_limit`]: crate::TransportBuilder::body_limit
/// [`idle_timeout`]: crate::TransportBuilder::idle_timeout
/// [`keep_connections`]: crate::TransportBuilder::keep_connections
#[derive(Clone, Debug)]
pub struct Transport {
    /// For `https`; `None` if the transport was built for a loopback address without TLS.
    pub(super) secure: Option<reqwest::Client>,
    pub(super) plain: reqwest::Client,
    pub(super) connect_timeout: Duration,
    pub(super) limits: Limits,
    pub(super) proxies: Arc<Proxies>,
    pub(crate) drift: DriftObservers,
    pub(super) identity: Option<SharedIdentity>,
}

impl Transport {
    /// The timeout of an exchange with an API, unless another is set: 60 seconds.
    pub const API_TIMEOUT: Duration = limits::API_TIMEOUT;

    /// The size in bytes at which reading the body of an API stops with an error, unless another is set: 16 MiB.
    pub const API_BODY_LIMIT: usize = limits::API_BODY_LIMIT;

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

    /// True if its connections present this client certificate, see
    /// [`TransportBuilder::shared_identity`](crate::TransportBuilder::shared_identity).
    #[must_use]
    pub fn presents(&self, identity: &SharedIdentity) -> bool {
        self.identity.as_ref().is_some_and(|own| own.is_clone_of(identity))
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

    /// A copy of the transport with another observer of what answers say other than their document; it shares everything else.
    ///
    /// The observer gets an event for each kind of difference at each place: an undocumented member or value, `null`, an absent
    /// member, another type or form. It gets no value, and an event at most once a minute for each operation, place and kind. Can
    /// be called more than once.
    #[must_use]
    pub fn with_drift_observer(mut self, observer: impl DriftObserver) -> Self {
        self.drift = self.drift.with(observer);
        self
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) fn connect_timeout(&self) -> Duration {
        self.connect_timeout
    }
}
