use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::task::spawn_blocking;

use crate::{
    Exchange, Sandbox, StartError, credentials::Wanted, jwt::SigningKey, observe::Observer, server, state::Shared,
};

/// The lifetime that SAP LeanIX documents, and that public code assumes of Lean.
const DEFAULT_LIFETIME: Duration = Duration::from_secs(3599);

/// Settings of a sandbox; [`Sandbox::builder`] makes one.
pub struct Builder {
    address: SocketAddr,
    lifetime: Duration,
    records: bool,
    observer: Option<Observer>,
    wanted: Wanted,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            lifetime: DEFAULT_LIFETIME,
            records: false,
            observer: None,
            wanted: Wanted::default(),
        }
    }

    /// Listens on this loopback address; any other is refused at the start. Default: a free port of 127.0.0.1.
    #[must_use]
    pub fn bind(mut self, address: SocketAddr) -> Self {
        self.address = address;
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

    /// Lifetime of the tokens of both providers, in whole seconds. Default: 3599 s.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Keeps every request, credentials included, for [`Provider::recorded`](crate::Provider::recorded).
    #[must_use]
    pub fn record_requests(mut self) -> Self {
        self.records = true;
        self
    }

    /// Calls this with every exchange, just before its answer goes out.
    #[must_use]
    pub fn observer(mut self, observer: impl Fn(&Exchange) + Send + Sync + 'static) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Starts the sandbox on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// Fails if the address is not loopback or cannot be listened on, or if a credential is empty.
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime whose I/O and time drivers are on.
    pub async fn start(self) -> Result<Sandbox, StartError> {
        let address = self.address;
        if !address.ip().is_loopback() {
            return Err(StartError::NotLoopback(address));
        }
        let credentials = self.wanted.settle()?;
        let bind_error = |source| StartError::Bind { address, source };
        let listener = server::listen(address).map_err(bind_error)?;
        let base_url = format!("http://{}", listener.local_addr().map_err(bind_error)?);
        let key = spawn_blocking(SigningKey::of_this_process).await.map_err(|_| StartError::Crypto)??;
        let mut shared = Shared::new(base_url, credentials, key, self.lifetime.as_secs());
        shared.records = self.records;
        shared.observer = self.observer;
        Ok(Sandbox::new(Arc::new(shared), listener))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("address", &self.address)
            .field("lifetime", &self.lifetime)
            .field("records", &self.records)
            .finish_non_exhaustive()
    }
}
