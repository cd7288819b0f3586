//! What a token endpoint learns of the tokens that a cache has, and tokens that an endpoint had before.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth_core::{
    ClientCredentials, EndpointIdentity, ExpiresIn, LeanTokenEndpoint, LeanixTokenEndpoint, OAuth2TokenEndpoint,
    Refused, Rejection, Replaced, Scope, SharedCredentials, TokenCache, TokenEndpoint, TokenError, TokenResponse,
};
use chrono::TimeDelta;
use integration_tests::{ManualClock, ended};

const LIFE: i64 = 100;
const WHEN_DUE: Duration = Duration::from_secs(75);

/// Answers as it is told, otherwise with a new token, and notes what each call replaces.
#[derive(Clone, Default)]
struct Noting(Arc<Mutex<Notes>>);

#[derive(Default)]
struct Notes {
    calls: Vec<Option<(String, bool)>>,
    /// How long the next call takes.
    takes: Option<(Duration, ManualClock)>,
    answers: VecDeque<Result<TokenResponse, TokenError>>,
}

impl Noting {
    fn answer(&self, replaced: Option<&Replaced<'_>>) -> Result<TokenResponse, TokenError> {
        let mut notes = self.0.lock().unwrap();
        notes.calls.push(replaced.map(|replaced| (replaced.token.expose().to_owned(), replaced.is_rejected)));
        let number = notes.calls.len();
        if let Some((length, clock)) = notes.takes.take() {
            clock.pass(length);
        }
        notes.answers.pop_front().unwrap_or_else(|| Ok(response(&format!("token-{number}"))))
    }

    fn answers_with(&self, answer: Result<TokenResponse, TokenError>) {
        self.0.lock().unwrap().answers.push_back(answer);
    }

    fn answers_after(&self, length: Duration, clock: &ManualClock) {
        self.0.lock().unwrap().takes = Some((length, clock.clone()));
    }

    /// What the calls so far replaced.
    fn calls(&self) -> Vec<Option<(String, bool)>> {
        std::mem::take(&mut self.0.lock().unwrap().calls)
    }
}

impl TokenEndpoint for Noting {
    async fn request_token(&self, _scope: &Scope) -> Result<TokenResponse, TokenError> {
        self.answer(None)
    }

    async fn replace_token(&self, _scope: &Scope, replaced: &Replaced<'_>) -> Result<TokenResponse, TokenError> {
        self.answer(Some(replaced))
    }
}

fn response(token: &str) -> TokenResponse {
    let mut response = TokenResponse::new(token);
    response.expires_in = Some(ExpiresIn::from_secs(LIFE));
    response
}

fn cache() -> (TokenCache, Noting, ManualClock) {
    let (endpoint, clock) = (Noting::default(), ManualClock::new());
    let tokens = TokenCache::builder(endpoint.clone()).clock(clock.clone()).retries(0).build();
    (tokens, endpoint, clock)
}

/// The text of the cached token, once it is no longer `old`.
async fn renewed(tokens: &TokenCache, old: &str) -> String {
    let renewed = async {
        loop {
            let token = tokens.access_token(&Scope::empty()).await.unwrap();
            if token.expose() != old {
                return token.expose().to_owned();
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), renewed).await.unwrap()
}

#[tokio::test]
async fn a_request_names_the_token_that_it_replaces() {
    let (tokens, endpoint, clock) = cache();
    let scope = Scope::empty();
    assert_eq!(tokens.access_token(&scope).await.unwrap().expose(), "token-1");
    assert_eq!(endpoint.calls(), [None], "there was none");

    clock.pass(WHEN_DUE);
    endpoint.answers_with(Ok(response("second")));
    let token = renewed(&tokens, "token-1").await;
    assert_eq!((token.as_str(), endpoint.calls()), ("second", vec![Some(("token-1".to_owned(), false))]));

    let error = tokens.access_token_for(&scope, Duration::from_secs(1_000)).await;
    assert!(matches!(error, Err(TokenError::ValidityTooShort { .. })), "a new token would not be valid for longer");
    clock.pass(Duration::from_secs(2));
    endpoint.answers_with(Ok(response("third")));
    tokens.access_token_for(&scope, Duration::from_secs(99)).await.unwrap();
    assert_eq!(endpoint.calls(), [Some(("second".to_owned(), false))], "it is not valid for long enough");
}

#[tokio::test]
async fn a_rejected_token_is_named_until_there_is_another() {
    let (tokens, endpoint, clock) = cache();
    let scope = Scope::empty();
    let token = tokens.access_token(&scope).await.unwrap();
    assert_eq!(tokens.reject(&token), Rejection::Dropped);
    endpoint.answers_with(Err(TokenError::Refused(Refused::new(500, None))));
    tokens.access_token(&scope).await.unwrap_err();
    clock.pass(Duration::from_secs(1));
    tokens.access_token(&scope).await.unwrap();
    let rejected = Some(("token-1".to_owned(), true));
    assert_eq!(endpoint.calls(), [None, rejected.clone(), rejected]);

    clock.pass(WHEN_DUE);
    renewed(&tokens, "token-3").await;
    assert_eq!(endpoint.calls(), [Some(("token-3".to_owned(), false))]);
}

#[tokio::test]
async fn a_token_of_an_earlier_request_expires_earlier() {
    let (tokens, endpoint, clock) = cache();
    let mut earlier = response("earlier");
    earlier.sent_after = TimeDelta::seconds(-60);
    endpoint.answers_with(Ok(earlier));
    let token = tokens.access_token(&Scope::empty()).await.unwrap();
    assert_eq!(clock.until_end_of(&token), Duration::from_secs(40));
    clock.pass(Duration::from_secs(39));
    assert_eq!(renewed(&tokens, "earlier").await, "token-2");
}

#[tokio::test]
async fn a_token_of_an_earlier_request_is_served_in_its_margin() {
    for (age, is_served) in [(89, true), (95, true), (99, true), (100, false), (200, false)] {
        let (tokens, endpoint, _clock) = cache();
        let mut earlier = response("earlier");
        earlier.sent_after = TimeDelta::seconds(-age);
        endpoint.answers_with(Ok(earlier));
        let answer = tokens.access_token(&Scope::empty()).await;
        match answer {
            Ok(token) => {
                assert!(is_served && token.expose() == "earlier", "{age}");
                // Others get it too, for as long as it lives.
                for _ in 0..3 {
                    assert_eq!(tokens.access_token(&Scope::empty()).await.unwrap().expose(), "earlier", "{age}");
                }
            }
            Err(error) => assert!(!is_served && matches!(error, TokenError::ExpiredOnArrival), "{age}: {error}"),
        }
    }
}

#[tokio::test]
async fn an_endpoint_may_wait_for_a_token_until_it_is_in_its_margin() {
    let (tokens, endpoint, clock) = cache();
    let mut late = response("late");
    late.sent_after = TimeDelta::seconds(10);
    endpoint.answers_after(Duration::from_secs(109), &clock);
    endpoint.answers_with(Ok(late));
    let scope = Scope::empty();
    let token = tokens.access_token(&scope).await.unwrap();
    assert_eq!((token.expose(), clock.until_end_of(&token)), ("late", Duration::from_secs(1)));
    clock.pass(Duration::from_millis(400));
    assert_eq!(tokens.access_token(&scope).await.unwrap().expose(), "late");
    clock.pass(Duration::from_millis(100));
    assert_eq!(renewed(&tokens, "late").await, "token-2", "the next request is sent in its lifetime");
}

#[tokio::test]
async fn a_token_that_lives_longer_is_kept() {
    let (tokens, endpoint, clock) = cache();
    let scope = Scope::empty();
    tokens.access_token(&scope).await.unwrap();
    clock.pass(WHEN_DUE);
    let mut earlier = response("earlier");
    earlier.sent_after = TimeDelta::seconds(-95);
    endpoint.answers_with(Ok(earlier));
    for _ in 0..10 {
        assert_eq!(tokens.access_token(&scope).await.unwrap().expose(), "token-1");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(endpoint.calls().len(), 2, "the first request and the renewal");
}

#[tokio::test]
async fn a_request_is_repeated_if_the_old_token_is_about_to_expire() {
    for (left, calls) in [(Duration::from_secs(5), 2), (Duration::from_millis(20), 3)] {
        let (endpoint, clock, scope) = (Noting::default(), ManualClock::new(), Scope::empty());
        let tokens = TokenCache::builder(endpoint.clone()).clock(clock.clone()).build();
        tokens.access_token(&scope).await.unwrap();
        clock.pass(Duration::from_secs(100) - left);
        endpoint.answers_with(Err(TokenError::Refused(Refused::new(500, None))));
        tokens.access_token(&scope).await.unwrap();
        ended(calls, &tokens).await;
        assert_eq!(endpoint.calls().len() as u64, calls, "{left:?}");
    }
}

#[tokio::test]
async fn a_token_of_an_earlier_request_that_is_not_valid_for_long_enough_is_replaced() {
    let (tokens, endpoint, _clock) = cache();
    let mut earlier = response("earlier");
    earlier.sent_after = TimeDelta::seconds(-60);
    endpoint.answers_with(Ok(earlier.clone()));
    let token = tokens.access_token_for(&Scope::empty(), Duration::from_secs(90)).await.unwrap();
    assert_eq!((token.expose(), endpoint.calls()), ("token-2", vec![None, Some(("earlier".to_owned(), false))]));

    let (tokens, endpoint, _clock) = cache();
    for _ in 0..10 {
        endpoint.answers_with(Ok(earlier.clone()));
    }
    let error = tokens.access_token_for(&Scope::empty(), Duration::from_secs(90)).await.unwrap_err();
    assert!(matches!(error, TokenError::ValidityTooShort { .. }), "{error}");
    assert!(endpoint.calls().len() <= 4, "if there is no other, the call fails");
}

fn bytes(identity: &EndpointIdentity) -> Vec<u8> {
    let mut bytes = vec![];
    identity.feed(|part| bytes.extend_from_slice(part));
    bytes
}

#[tokio::test]
async fn server_client_parameters_and_credential_make_the_identity() {
    let credentials = |id, secret: &str| ClientCredentials::new(id, secret).unwrap();
    let oauth2 = |url, id, secret: &str| OAuth2TokenEndpoint::new(url, credentials(id, secret)).unwrap();
    let lean = |url, id, secret: &str| {
        let client = auth_core::lean::Client::new(url).unwrap();
        LeanTokenEndpoint::new(client, credentials(id, secret))
    };
    let leanix = |url, secret: &str| {
        let client = auth_core::leanix::Client::new(url).unwrap();
        LeanixTokenEndpoint::new(client, auth_core::ApiToken::new(secret).unwrap())
    };
    let one = "https://a.example/token";
    let audience = |value: &str| oauth2(one, "id", "secret").with_parameter("audience", value).unwrap();
    let identities = [
        oauth2(one, "id", "secret").identity().await,
        oauth2("https://a.example/token?tenant=a", "id", "secret").identity().await,
        oauth2("https://b.example/token", "id", "secret").identity().await,
        oauth2(one, "id2", "secret").identity().await,
        oauth2(one, "id", "secret2").identity().await,
        audience("a").identity().await,
        audience("b").identity().await,
        lean("https://lean.example", "id", "secret").identity().await,
        lean("https://lean.example", "id", "secret2").identity().await,
        lean("https://lean.example", "id2", "secret").identity().await,
        lean("https://lean2.example", "id", "secret").identity().await,
        leanix("https://leanix.example", "secret").identity().await,
        leanix("https://leanix.example", "secret2").identity().await,
        leanix("https://leanix2.example", "secret").identity().await,
    ]
    .map(|identity| bytes(&identity.unwrap()));
    for (index, one) in identities.iter().enumerate() {
        assert!(!identities[..index].contains(one), "number {index}");
    }
    assert_eq!(bytes(&audience("a").identity().await.unwrap()), identities[5]);
    assert_eq!(bytes(&oauth2(one, "id", "secret").identity().await.unwrap()), identities[0]);
}

#[tokio::test]
async fn replaced_credentials_give_another_identity() {
    let credentials = |secret: &str| ClientCredentials::new("id", secret).unwrap();
    let source = SharedCredentials::new(credentials("one"));
    let endpoint = OAuth2TokenEndpoint::new("https://a.example/token", source.clone()).unwrap();
    let before = bytes(&endpoint.identity().await.unwrap());
    source.replace(credentials("two"));
    assert_ne!(bytes(&endpoint.identity().await.unwrap()), before);
}
