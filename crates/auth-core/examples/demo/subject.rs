//! The scopes of both vendors, and the API calls that their tokens are for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use auth_core::{
    ApiToken, BearerClient, ClientCredentials, LeanTokenEndpoint, LeanixTokenEndpoint, Scope, TokenCache, TokenHandle,
    lean, leanix,
};
use lean_customers::types::NewCustomer;

use crate::counted::Counted;
use crate::failure::Failure;
use crate::report::CallRow;
use crate::settings::{self, Lean, Leanix};

pub(crate) const LEAN: &str = "Lean";
pub(crate) const LEANIX: &str = "SAP LeanIX";

/// The path of the Lean API that is called.
const CUSTOMERS: &str = "/customers/v1";

/// One scope of one provider, and an API that accepts its token.
pub(crate) struct Subject {
    pub provider: &'static str,
    pub tokens: TokenHandle,
    /// Method and URL of the token request.
    pub token_call: String,
    /// Requests of the provider's endpoint for all scopes.
    requests: Arc<AtomicU64>,
    api: Option<Api>,
}

/// The API that is called with a token.
enum Api {
    /// Lean's customers, with plain reqwest.
    Customers(BearerClient),
    /// The poll API, with its generated client, which takes its tokens from the cache.
    Polls(leanix_poll::Client),
}

/// The cache that all scopes of Lean share.
pub(crate) struct LeanScopes {
    cache: TokenCache,
    token_call: String,
    requests: Arc<AtomicU64>,
}

impl LeanScopes {
    pub(crate) fn new(target: &Lean) -> Result<Self, Failure> {
        let credentials = ClientCredentials::new(target.client_id.clone(), target.client_secret.clone())
            .map_err(Failure::at(LEAN, settings::LEAN_CREDENTIALS))?;
        let client = lean::Client::new(&target.auth_url).map_err(Failure::at(LEAN, settings::LEAN_AUTH_URL))?;
        let token_call = call_of(&lean_auth::OPERATIONS[0], client.base_url());
        let (endpoint, requests) = Counted::new(LeanTokenEndpoint::new(client, credentials));
        Ok(Self { cache: TokenCache::new(endpoint), token_call, requests })
    }

    /// The scope of the backend, and its API, if there is one.
    pub(crate) fn backend(&self, api: Option<&str>) -> Result<Subject, Failure> {
        let mut subject = self.subject(&lean::Scope::Api.into());
        if let Some(base_url) = api {
            let client = BearerClient::new(subject.tokens.clone(), base_url).map_err(Failure::at(LEAN, base_url))?;
            subject.api = Some(Api::Customers(client));
        }
        Ok(subject)
    }

    /// The scope of a customer.
    pub(crate) fn customer(&self, id: &str) -> Result<Subject, Failure> {
        let id = id.parse().map_err(Failure::at(LEAN, settings::LEAN_CUSTOMER_ID))?;
        Ok(self.subject(&lean::Scope::Customer(id).into()))
    }

    fn subject(&self, scope: &Scope) -> Subject {
        Subject {
            provider: LEAN,
            tokens: self.cache.handle(scope),
            token_call: self.token_call.clone(),
            requests: Arc::clone(&self.requests),
            api: None,
        }
    }
}

pub(crate) fn leanix_subject(target: &Leanix) -> Result<Subject, Failure> {
    let failed = || Failure::at(LEANIX, settings::LEANIX_URL);
    let api_token = ApiToken::new(target.api_token.clone()).map_err(Failure::at(LEANIX, settings::LEANIX_API_TOKEN))?;
    let client = leanix::Client::new(&target.url).map_err(failed())?;
    let token_call = call_of(&leanix_auth::OPERATIONS[0], client.base_url());
    let (endpoint, requests) = Counted::new(LeanixTokenEndpoint::new(client, api_token));
    let tokens = TokenCache::new(endpoint).handle(&Scope::empty());
    let polls = leanix_poll::Client::new(&target.url, tokens.clone()).map_err(failed())?;
    Ok(Subject { provider: LEANIX, tokens, token_call, requests, api: Some(Api::Polls(polls)) })
}

impl Subject {
    pub(crate) fn scope(&self) -> &str {
        if self.tokens.scope().is_empty() { "(none)" } else { self.tokens.scope().as_str() }
    }

    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// The failure of a token request.
    pub(crate) fn no_token(&self, error: auth_core::TokenError) -> Failure {
        Failure::new(self.provider, self.token_call.as_str(), error)
    }

    /// Calls the API of the scope, if it has one.
    pub(crate) async fn call(&self) -> Result<Option<CallRow>, Failure> {
        match &self.api {
            None => Ok(None),
            Some(Api::Customers(client)) => list_customers(client).await.map(Some),
            Some(Api::Polls(client)) => list_poll_runs(client).await.map(Some),
        }
    }
}

/// Creates a customer, reads it, and returns its id.
pub(crate) async fn new_customer(
    base_url: &str,
    tokens: &TokenHandle,
    calls: &mut Vec<CallRow>,
) -> Result<String, Failure> {
    let client = lean_customers::Client::new(base_url, tokens.clone()).map_err(Failure::at(LEAN, base_url))?;
    let call = format!("POST {}{CUSTOMERS}", client.base_url());
    let new = NewCustomer::new("user-of-the-demo");
    let created = client.create_customer(&new).await.map_err(Failure::at(LEAN, &call))?;
    calls.push(CallRow { provider: LEAN, call: call.clone(), outcome: created.status().to_string() });

    let id = created.customer_id.required().map_err(Failure::at(LEAN, &call))?;
    let call = format!("GET {}{CUSTOMERS}/{id}", client.base_url());
    let id = id.parse().map_err(Failure::at::<lean_customers::auth_transport::InvalidText>(LEAN, &call))?;
    let found = client.get_customer(&id).await.map_err(Failure::at(LEAN, &call))?;
    let outcome = found.status().to_string();
    let id = found.customer_id.required().map_err(Failure::at(LEAN, &call))?.clone();
    calls.push(CallRow { provider: LEAN, call, outcome });
    Ok(id)
}

async fn list_customers(api: &BearerClient) -> Result<CallRow, Failure> {
    let call = format!("GET {}{CUSTOMERS}", api.base_url());
    let request = api.get(CUSTOMERS).with(|request| request.timeout(Duration::from_secs(30)));
    let answer = request.send().await.map_err(Failure::at(LEAN, &call))?;
    let status = answer.status();
    let bytes = answer.bytes().await.map_err(Failure::at(LEAN, &call))?.len();
    if !status.is_success() {
        return Err(Failure::new(LEAN, call, format!("the server answered with status {status}")));
    }
    Ok(CallRow { provider: LEAN, call, outcome: format!("{status}, {bytes} bytes") })
}

async fn list_poll_runs(client: &leanix_poll::Client) -> Result<CallRow, Failure> {
    let call = call_of(&leanix_poll::OPERATIONS[0], client.base_url());
    let answer = client.list_poll_runs().await.map_err(Failure::at(LEANIX, &call))?;
    let outcome = format!("{}, poll runs: {}", answer.status(), answer.data.as_ref().map_or(0, Vec::len));
    Ok(CallRow { provider: LEANIX, call, outcome })
}

/// Method and URL of an operation.
fn call_of(operation: &leanix_poll::Operation, base_url: &leanix_poll::BaseUrl) -> String {
    format!("{} {base_url}{}", operation.method, operation.path)
}
