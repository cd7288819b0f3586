//! The token endpoints of both vendors at any address, called through a cache and through the generated client alone.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use auth_core::{
    ApiToken, ClientCredentials, LeanTokenEndpoint, LeanixTokenEndpoint, Scope, Secret, TokenCache, TokenCacheBuilder,
    TokenError, Transport,
};
use auth_transport::BasicCredentials;
use lean_auth::types::{TokenRequest, TokenRequestGrantType};
use leanix_auth::types::{AccessTokenRequest, AccessTokenRequestGrantType};

use crate::{TestSecrets, api};

/// One vendor's token endpoint at an address that the test chooses, with any server behind it.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// A scope to request.
    pub scope: Scope,
    client: Client,
    secrets: TestSecrets,
}

#[derive(Clone, Debug)]
enum Client {
    Lean(lean_auth::Client),
    Leanix(leanix_auth::Client),
}

impl Endpoint {
    /// Lean's endpoint.
    #[must_use]
    pub fn lean(base_url: &str, transport: &Transport) -> Self {
        let client = lean_auth::Client::over(base_url, transport.clone()).unwrap();
        Self { scope: api(), client: Client::Lean(client), secrets: TestSecrets::MIXED }
    }

    /// SAP LeanIX's endpoint.
    #[must_use]
    pub fn leanix(base_url: &str, transport: &Transport) -> Self {
        let client = leanix_auth::Client::over(base_url, transport.clone()).unwrap();
        Self { scope: Scope::empty(), client: Client::Leanix(client), secrets: TestSecrets::MIXED }
    }

    /// Both endpoints.
    #[must_use]
    pub fn both(base_url: &str, transport: &Transport) -> [Self; 2] {
        [Self::lean(base_url, transport), Self::leanix(base_url, transport)]
    }

    /// The same endpoint with these credentials.
    #[must_use]
    pub fn with_secrets(mut self, secrets: &TestSecrets) -> Self {
        self.secrets = *secrets;
        self
    }

    /// The vendor, for messages.
    #[must_use]
    pub fn vendor(&self) -> &'static str {
        match self.client {
            Client::Lean(_) => "Lean",
            Client::Leanix(_) => "SAP LeanIX",
        }
    }

    /// Requests a token with the generated client, without a cache, and converts its error.
    ///
    /// # Errors
    /// [`TokenError`] if the client returns an error.
    pub async fn call(&self) -> Result<Secret, TokenError> {
        match &self.client {
            Client::Lean(client) => {
                let secret = Secret::from(self.secrets.client_secret);
                let grant_type = TokenRequestGrantType::ClientCredentials;
                let request = TokenRequest::new("my-application", secret, grant_type, self.scope.as_str());
                let answer = client.generate_access_token(&request).await;
                answer
                    .map(|answer| answer.into_inner().access_token)
                    .map_err(|error| TokenError::from_call(error, |body| Some(&body.error), &[]))
            }
            Client::Leanix(client) => {
                let credentials = BasicCredentials::new("apitoken", self.secrets.api_token);
                let request = AccessTokenRequest::new(AccessTokenRequestGrantType::ClientCredentials);
                let answer = client.create_access_token(&credentials, &request).await;
                answer
                    .map(|answer| answer.into_inner().access_token)
                    .map_err(|error| TokenError::from_call(error, |body| body.error.as_deref(), &[]))
            }
        }
    }

    /// A builder for a cache over this endpoint.
    pub fn builder(&self) -> TokenCacheBuilder {
        match &self.client {
            Client::Lean(client) => {
                let credentials = ClientCredentials::new("my-application", self.secrets.client_secret).unwrap();
                TokenCache::builder(LeanTokenEndpoint::new(client.clone(), credentials))
            }
            Client::Leanix(client) => TokenCache::builder(LeanixTokenEndpoint::new(
                client.clone(),
                ApiToken::new(self.secrets.api_token).unwrap(),
            )),
        }
    }
}
