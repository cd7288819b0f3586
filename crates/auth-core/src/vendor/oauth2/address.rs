//! Where requests are sent.

use std::sync::Arc;
use std::time::Duration;

use auth_transport::{BaseUrl, BuildError, TokenUrl, Transport};

use crate::token::error::token_error::TokenError;
use crate::token::response::TokenResponse;
use crate::vendor::oauth2::discovery::{Discovery, MAX_AGE};
use crate::vendor::oauth2::metadata::Requirement;
use crate::vendor::oauth2::well_known::Issuer;

/// The address of a server: its token endpoint, or its issuer, whose metadata names the token endpoint.
#[derive(Clone, Debug)]
pub(crate) enum Address {
    Known(TokenUrl),
    Discovered { discovery: Arc<Discovery>, max_age: Duration },
}

impl Address {
    pub(crate) fn known(token_url: &str) -> Result<Self, BuildError> {
        TokenUrl::parse(token_url).map(Self::Known)
    }

    pub(crate) fn discovered(issuer: &str) -> Result<Self, BuildError> {
        let discovery = Discovery::new(Issuer::parse(issuer)?);
        Ok(Self::Discovered { discovery: Arc::new(discovery), max_age: MAX_AGE })
    }

    /// The address as the program named it.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Known(url) => url.as_str(),
            Self::Discovered { discovery, .. } => discovery.issuer().as_str(),
        }
    }

    /// The same without its query.
    pub(crate) fn base_url(&self) -> &BaseUrl {
        match self {
            Self::Known(url) => url.base_url(),
            Self::Discovered { discovery, .. } => discovery.issuer().base_url(),
        }
    }

    /// Calls `send` with the URL of the token endpoint for this client. If there is no longer an endpoint at a discovered URL,
    /// the metadata is read again, and `send` is called again if it names another URL.
    pub(crate) async fn send<A>(
        &self,
        transport: &Transport,
        client: &Requirement,
        send: impl Fn(TokenUrl) -> A,
    ) -> Result<TokenResponse, TokenError>
    where
        A: Future<Output = Result<TokenResponse, TokenError>>,
    {
        let (discovery, max_age) = match self {
            Self::Known(url) => return send(url.clone()).await,
            Self::Discovered { discovery, max_age } => (discovery, *max_age),
        };
        let metadata = discovery.current(transport, max_age).await?;
        let url = discovery.url(&metadata, client)?;
        let gone = match send(url.clone()).await {
            Err(TokenError::Refused(refused)) if matches!(refused.status, 404 | 410) => refused,
            answer => return answer,
        };
        let metadata = discovery.read(transport, max_age).await?;
        match discovery.url(&metadata, client)? {
            same if same == url => Err(TokenError::Refused(gone)),
            moved => send(moved.clone()).await,
        }
    }
}
