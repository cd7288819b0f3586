//! The authorization servers of both vendors for the tests.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use auth_core::{
    AccessToken, ApiToken, ClientCredentials, LeanTokenEndpoint, LeanixTokenEndpoint, Scope, TokenCache,
    TokenCacheBuilder, TokenError, lean, leanix,
};
use auth_sandbox::{Provider, Sandbox};
use tokio::task::JoinSet;

use crate::within;

/// One vendor's authorization server, with credentials that it accepts.
#[derive(Clone, Debug)]
pub struct Issuer {
    /// The vendor's part of the sandbox.
    pub provider: Provider,
    /// A scope that it grants.
    pub scope: Scope,
    endpoint: Endpoint,
}

#[derive(Clone, Debug)]
enum Endpoint {
    Lean(LeanTokenEndpoint),
    Leanix(LeanixTokenEndpoint),
}

impl Issuer {
    /// Lean's server.
    #[must_use]
    pub fn lean(sandbox: &Sandbox) -> Self {
        Self::lean_at(sandbox.base_url(), sandbox)
    }

    /// SAP LeanIX's server.
    #[must_use]
    pub fn leanix(sandbox: &Sandbox) -> Self {
        Self::leanix_at(sandbox.base_url(), sandbox)
    }

    /// Both servers.
    #[must_use]
    pub fn both(sandbox: &Sandbox) -> [Self; 2] {
        [Self::lean(sandbox), Self::leanix(sandbox)]
    }

    /// Both servers, but requests are sent to another address.
    #[must_use]
    pub fn both_at(base_url: &str, sandbox: &Sandbox) -> [Self; 2] {
        [Self::lean_at(base_url, sandbox), Self::leanix_at(base_url, sandbox)]
    }

    fn lean_at(base_url: &str, sandbox: &Sandbox) -> Self {
        let credentials = ClientCredentials::new(sandbox.lean_client_id(), sandbox.lean_client_secret()).unwrap();
        let endpoint = LeanTokenEndpoint::new(lean::Client::new(base_url).unwrap(), credentials);
        Self { provider: sandbox.lean(), scope: api(), endpoint: Endpoint::Lean(endpoint) }
    }

    fn leanix_at(base_url: &str, sandbox: &Sandbox) -> Self {
        let api_token = ApiToken::new(sandbox.leanix_api_token()).unwrap();
        let endpoint = LeanixTokenEndpoint::new(leanix::Client::new(base_url).unwrap(), api_token);
        Self { provider: sandbox.leanix(), scope: Scope::empty(), endpoint: Endpoint::Leanix(endpoint) }
    }

    /// A cache over this server with default settings.
    #[must_use]
    pub fn cache(&self) -> TokenCache {
        self.builder().build()
    }

    /// A builder for a cache over this server.
    pub fn builder(&self) -> TokenCacheBuilder {
        match &self.endpoint {
            Endpoint::Lean(endpoint) => TokenCache::builder(endpoint.clone()),
            Endpoint::Leanix(endpoint) => TokenCache::builder(endpoint.clone()),
        }
    }
}

/// Lean's scope for its APIs.
#[must_use]
pub fn api() -> Scope {
    lean::Scope::Api.into()
}

/// Lean's scope for the customer with this number.
#[must_use]
pub fn customer(number: usize) -> Scope {
    lean::Scope::Customer(format!("00000000-0000-4000-8000-{number:012}").parse().unwrap()).into()
}

/// Lets this many callers request `scope` at the same time. A caller without a result after a minute panics.
#[must_use]
pub fn callers(count: usize, tokens: &TokenCache, scope: &Scope) -> JoinSet<Result<AccessToken, TokenError>> {
    let mut callers = JoinSet::new();
    for _ in 0..count {
        let (tokens, scope) = (tokens.clone(), scope.clone());
        callers.spawn(async move { within("a caller has an answer", tokens.access_token(&scope)).await });
    }
    callers
}
