//! A token endpoint for tests, and tokens that it has issued.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use auth_core::{
    AccessToken, EndpointIdentity, ExpiresIn, Scope, Secret, TokenCache, TokenEndpoint, TokenError, TokenResponse,
};
use tokio::time::sleep;

/// Issues numbered tokens with a lifetime of 100 seconds, after 200 milliseconds. Clones share their state.
#[derive(Clone, Default)]
pub(crate) struct TestEndpoint(Arc<Mutex<State>>);

struct State {
    requests: usize,
    answers: VecDeque<Result<TokenResponse, TokenError>>,
    latency: Duration,
    lifetime: i64,
    credential: String,
    /// The credential that replaces the present one during the next request.
    next_credential: Option<String>,
}

impl Default for State {
    fn default() -> Self {
        let latency = Duration::from_millis(200);
        let (credential, next_credential) = ("s3cret".to_owned(), None);
        Self { requests: 0, answers: VecDeque::new(), latency, lifetime: 100, credential, next_credential }
    }
}

impl TestEndpoint {
    /// The client id of the endpoint.
    pub(crate) const CLIENT_ID: &str = "marker-client";

    pub(crate) fn requests(&self) -> usize {
        self.state().requests
    }

    /// Answers one of the next requests with this, after those that were set before.
    pub(crate) fn answer(&self, answer: Result<TokenResponse, TokenError>) {
        self.state().answers.push_back(answer);
    }

    pub(crate) fn set_latency(&self, latency: Duration) {
        self.state().latency = latency;
    }

    pub(crate) fn set_lifetime(&self, seconds: i64) {
        self.state().lifetime = seconds;
    }

    pub(crate) fn set_credential(&self, credential: &str) {
        self.state().credential = credential.to_owned();
    }

    /// Replaces the credential while the next request is in flight.
    pub(crate) fn replace_credential_in_flight(&self, credential: &str) {
        self.state().next_credential = Some(credential.to_owned());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TokenEndpoint for TestEndpoint {
    async fn request_token(&self, _scope: &Scope) -> Result<TokenResponse, TokenError> {
        let latency = self.state().latency;
        let (answer, number, lifetime) = {
            let mut state = self.state();
            state.requests += 1;
            if let Some(credential) = state.next_credential.take() {
                state.credential = credential;
            }
            (state.answers.pop_front(), state.requests, state.lifetime)
        };
        sleep(latency).await;
        answer.unwrap_or_else(|| Ok(response(&format!("token-{number}"), lifetime)))
    }

    async fn identity(&self) -> Result<EndpointIdentity, TokenError> {
        let credential = Secret::from(self.state().credential.as_str());
        Ok(EndpointIdentity::new("https://auth.example.com/token", Self::CLIENT_ID, &credential))
    }

    fn issuer_name(&self) -> &str {
        "auth.example.com"
    }
}

/// A response with this token, which lives for so many seconds.
pub(crate) fn response(token: &str, seconds: i64) -> TokenResponse {
    let mut response = TokenResponse::new(token);
    response.expires_in = Some(ExpiresIn::from_secs(seconds));
    response
}

/// This text as a token of a cache, which a call can replace.
pub(crate) async fn access_token(text: &str) -> AccessToken {
    struct Fixed(String);

    impl TokenEndpoint for Fixed {
        async fn request_token(&self, _scope: &Scope) -> Result<TokenResponse, TokenError> {
            Ok(TokenResponse::new(self.0.as_str()))
        }
    }

    let cache = TokenCache::new(Fixed(text.to_owned()));
    cache.access_token(&Scope::empty()).await.expect("a token")
}
