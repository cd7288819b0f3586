use std::{
    fmt,
    sync::{Arc, atomic::Ordering::SeqCst},
};

use tokio::net::TcpListener;

use crate::{Builder, Provider, StartError, Vendor, server::Server, state::Shared};

/// A running pair of authorization servers with an API each; dropping it closes every connection.
pub struct Sandbox {
    shared: Arc<Shared>,
    server: Server,
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

    pub(crate) fn new(shared: Arc<Shared>, listener: TcpListener) -> Self {
        Self { server: Server::with_routes(listener, Arc::clone(&shared)), shared }
    }

    /// The address of both providers, for example `http://127.0.0.1:49152`, without a slash at the end.
    ///
    /// For a sandbox that listens on all addresses (`0.0.0.0` or `::`) it is the loopback address.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.shared.base_url
    }

    /// Lean's part.
    #[must_use]
    pub fn lean(&self) -> Provider {
        self.provider(Vendor::Lean)
    }

    /// SAP LeanIX's part.
    #[must_use]
    pub fn leanix(&self) -> Provider {
        self.provider(Vendor::LeanIx)
    }

    /// The part of one vendor.
    #[must_use]
    pub fn provider(&self, vendor: Vendor) -> Provider {
        Provider::new(&self.shared, vendor)
    }

    /// The Lean client id that is accepted.
    #[must_use]
    pub fn lean_client_id(&self) -> String {
        self.shared.credentials().lean_client_id.clone()
    }

    /// The Lean client secret that is accepted.
    #[must_use]
    pub fn lean_client_secret(&self) -> String {
        self.shared.credentials().lean_client_secret.clone()
    }

    /// The LeanIX API token that is accepted.
    #[must_use]
    pub fn leanix_api_token(&self) -> String {
        self.shared.credentials().leanix_api_token.clone()
    }

    /// Replaces the Lean client secret; requests that arrive from now on need the new one. Issued tokens stay good.
    pub fn set_lean_client_secret(&self, secret: impl Into<String>) {
        self.shared.credentials_mut().lean_client_secret = secret.into();
    }

    /// Replaces the LeanIX API token; requests that arrive from now on need the new one. Issued tokens stay good.
    pub fn set_leanix_api_token(&self, token: impl Into<String>) {
        self.shared.credentials_mut().leanix_api_token = token.into();
    }

    /// Makes an access token useless at the resources; false if it was so already.
    pub fn revoke(&self, access_token: &str) -> bool {
        [Vendor::Lean, Vendor::LeanIx].into_iter().any(|vendor| {
            let provider = self.shared.provider(vendor);
            let claims = self.shared.key.verify_ever_issued(access_token, &provider.issuer);
            claims.is_some_and(|claims| provider.revoke(&claims.jti))
        })
    }

    /// Makes all access tokens that were issued so far useless at the resources.
    pub fn revoke_all(&self) {
        self.shared.provider(Vendor::Lean).revoke_all();
        self.shared.provider(Vendor::LeanIx).revoke_all();
    }

    /// Number of connections accepted so far, on any path: zero proves that not one byte was sent here.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.shared.connections.load(SeqCst)
    }

    /// Closes the listener and every connection, and waits until that is done.
    pub async fn shutdown(self) {
        self.server.shutdown().await;
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}
