use std::{
    fmt,
    sync::{Arc, atomic::Ordering::SeqCst},
};

use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::{OAuth2Client, Provider, Vendor, server::Server, state::Shared};

/// The running authorization servers of both vendors and an API of each, and a server that follows RFC 6749. Dropping it closes every connection.
pub struct Sandbox {
    shared: Arc<Shared>,
    server: Server,
    secure: Option<Server>,
}

impl Sandbox {
    pub(crate) fn new(shared: Arc<Shared>, listener: TcpListener, secure: Option<(TcpListener, TlsAcceptor)>) -> Self {
        let secure = secure.map(|(listener, tls)| Server::with_routes_over_tls(listener, tls, Arc::clone(&shared)));
        Self { server: Server::with_routes(listener, Arc::clone(&shared)), secure, shared }
    }

    /// The base URL of both providers, for example `http://127.0.0.1:49152`, without a trailing slash.
    ///
    /// If the sandbox listens on all addresses (`0.0.0.0` or `::`), this is its loopback address.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.shared.base_url
    }

    /// Lean's servers.
    #[must_use]
    pub fn lean(&self) -> Provider {
        self.provider(Vendor::Lean)
    }

    /// SAP LeanIX's servers.
    #[must_use]
    pub fn leanix(&self) -> Provider {
        self.provider(Vendor::LeanIx)
    }

    /// The server that follows RFC 6749 and no vendor.
    #[must_use]
    pub fn oauth2(&self) -> Provider {
        self.provider(Vendor::OAuth2)
    }

    /// The client of [`oauth2`](Self::oauth2), and what that server knows of it.
    #[must_use]
    pub fn oauth2_client(&self) -> OAuth2Client {
        OAuth2Client::new(&self.shared)
    }

    /// The base URL with TLS, if [`Builder::tls`](crate::Builder::tls) was called. It has the same paths as
    /// [`base_url`](Self::base_url).
    #[must_use]
    pub fn secure_base_url(&self) -> Option<&str> {
        self.shared.secure.as_ref().map(|secure| secure.base_url.as_str())
    }

    /// The root certificate in PEM format that clients must trust for [`secure_base_url`](Self::secure_base_url).
    #[must_use]
    pub fn root_pem(&self) -> Option<&str> {
        self.shared.secure.as_ref().map(|secure| secure.authority.root_pem())
    }

    /// The servers of one vendor.
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

    /// Replaces the Lean client secret; requests that arrive from now on need the new one. Issued tokens stay valid.
    pub fn set_lean_client_secret(&self, secret: impl Into<String>) {
        self.shared.credentials_mut().lean_client_secret = secret.into();
    }

    /// Replaces the LeanIX API token; requests that arrive from now on need the new one. Issued tokens stay valid.
    pub fn set_leanix_api_token(&self, token: impl Into<String>) {
        self.shared.credentials_mut().leanix_api_token = token.into();
    }

    /// Revokes an access token, so that the resources refuse it; false if it was revoked already or is unknown.
    pub fn revoke(&self, access_token: &str) -> bool {
        Vendor::ALL.into_iter().any(|vendor| {
            let provider = self.shared.provider(vendor);
            let claims = self.shared.key.verify_ever_issued(access_token, &provider.issuer);
            claims.is_some_and(|claims| provider.revoke(&claims.jti))
        })
    }

    /// Revokes all access tokens that were issued so far.
    pub fn revoke_all(&self) {
        for vendor in Vendor::ALL {
            self.shared.provider(vendor).revoke_all();
        }
    }

    /// Number of connections accepted so far, for any path; zero proves that no byte was sent to this server.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.shared.connections.load(SeqCst)
    }

    /// Closes the listener and every connection, and waits for completion.
    pub async fn shutdown(self) {
        self.server.shutdown().await;
        if let Some(secure) = self.secure {
            secure.shutdown().await;
        }
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}
