//! What a cache does with an endpoint that needs no network.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use auth_core::{
    Clock, Event, ExpiresIn, Moment, Observer, Refused, Scope, TokenCache, TokenEndpoint, TokenError, TokenResponse,
};

/// Counts its requests; the tokens live for so many seconds. Refuses for the scope `refused`, and panics for `panic`.
#[derive(Clone, Default)]
struct Endpoint {
    requests: Arc<AtomicU32>,
    lifetime: i64,
}

impl TokenEndpoint for Endpoint {
    async fn request_token(&self, scope: &Scope) -> Result<TokenResponse, TokenError> {
        let number = self.requests.fetch_add(1, SeqCst);
        assert_ne!(scope.to_string(), "panic", "as asked for");
        if scope.to_string() == "refused" {
            return Err(TokenError::Refused(Refused::new(401, None)));
        }
        let mut response = TokenResponse::new(format!("token-{number}"));
        response.expires_in = Some(ExpiresIn::from_secs(self.lifetime));
        Ok(response)
    }
}

fn endpoint(lifetime: i64) -> Endpoint {
    Endpoint { lifetime, ..Endpoint::default() }
}

fn scope(name: &str) -> Scope {
    name.parse().unwrap()
}

/// Seconds on both clocks.
#[derive(Clone, Default)]
struct Seconds(Arc<AtomicU64>);

impl Clock for Seconds {
    fn now(&self) -> Moment {
        let seconds = Duration::from_secs(self.0.load(SeqCst));
        Moment::new(seconds, UNIX_EPOCH + seconds)
    }
}

#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<String>>>);

impl Observer for Recorder {
    fn on_event(&self, scope: &Scope, event: &Event<'_>) {
        let event = format!("{event:?}");
        let name = event.split([' ', '{']).next().unwrap();
        self.0.lock().unwrap().push(format!("{scope}: {name}"));
    }
}

#[tokio::test]
async fn observers_are_told_what_happens() {
    let (clock, recorder) = (Seconds::default(), Recorder::default());
    let tokens =
        TokenCache::builder(endpoint(100)).clock(clock.clone()).max_scopes(1).retries(0).observer(recorder.clone());
    #[cfg(feature = "tracing")]
    let tokens = tokens.observer(auth_core::TracingObserver::default());
    #[cfg(feature = "metrics")]
    let tokens = tokens.observer(auth_core::MetricsObserver::default());
    let tokens = tokens.build();

    let token = tokens.access_token(&scope("a")).await.unwrap();
    tokens.reject(&token);
    tokens.access_token(&scope("refused")).await.unwrap_err();
    clock.0.store(10, SeqCst);
    tokens.access_token(&scope("b")).await.unwrap();
    clock.0.store(82, SeqCst);
    tokens.access_token(&scope("b")).await.unwrap();
    let seen = recorder.0.lock().unwrap().join(", ");
    assert_eq!(
        seen,
        "a: Requested, a: Issued, a: Rejected, a: Evicted, refused: Requested, refused: Failed, refused: GateClosed, \
         refused: CooledDown, refused: Evicted, b: Requested, b: Issued, b: ServedStale",
    );
    let stats = tokens.stats();
    assert_eq!((stats.requests, stats.issued, stats.failed, stats.served_stale), (3, 2, 1, 1));
    assert_eq!((stats.rejected, stats.cooled_down, stats.gate_closed, stats.evicted, stats.scopes), (1, 1, 1, 2, 1));
}

#[tokio::test]
async fn beyond_the_limit_nothing_is_sent_and_the_error_says_for_how_long() {
    let endpoint = endpoint(100);
    let one = NonZeroU32::MIN;
    let tokens = TokenCache::builder(endpoint.clone()).issuance_limit(one, one).build();
    tokens.access_token(&scope("a")).await.unwrap();
    // The second call finds the scope resting.
    for _ in 0..2 {
        let error = tokens.access_token(&scope("b")).await.unwrap_err();
        let TokenError::RateLimited { retry_after } = error else { panic!("{error:?}") };
        assert!(retry_after > Duration::from_secs(45) && retry_after <= Duration::from_secs(60), "{retry_after:?}");
    }
    tokens.access_token(&scope("a")).await.unwrap();
    assert_eq!(endpoint.requests.load(SeqCst), 1);
}

#[tokio::test]
async fn requests_that_keep_getting_lost_make_the_scope_rest() {
    let endpoint = endpoint(100);
    let tokens = TokenCache::new(endpoint.clone());
    for _ in 0..5 {
        let error = tokens.access_token(&scope("panic")).await.unwrap_err();
        assert!(matches!(error, TokenError::Interrupted), "{error:?}");
    }
    assert_eq!(endpoint.requests.load(SeqCst), 3);
    tokens.access_token(&scope("a")).await.unwrap();
}

#[tokio::test]
async fn a_scope_that_is_kept_warm_is_renewed_unasked_until_that_ends() {
    let endpoint = endpoint(1);
    let tokens = TokenCache::new(endpoint.clone());
    let handle = tokens.handle(&scope("a"));
    let warm = handle.keep_warm().unwrap();
    while endpoint.requests.load(SeqCst) < 3 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    drop(warm);
    tokio::task::yield_now().await;
    let requests = endpoint.requests.load(SeqCst);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(endpoint.requests.load(SeqCst), requests);
}

#[test]
fn outside_of_a_runtime_what_is_at_hand_can_be_had_and_nothing_else() {
    let (clock, endpoint) = (Seconds::default(), endpoint(100));
    let tokens = TokenCache::builder(endpoint.clone()).clock(clock.clone()).build();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let token = runtime.block_on(tokens.access_token(&scope("a"))).unwrap();
    // Due, and nobody to renew it.
    clock.0.store(80, SeqCst);
    let cached = tokens.cached(&scope("a")).unwrap();
    assert_eq!(cached.authorization(), token.authorization());
    assert_eq!(cached.to_access_token().expose(), token.expose());
    assert!(tokens.handle(&scope("a")).keep_warm().is_err());
    clock.0.store(100, SeqCst);
    assert!(tokens.cached(&scope("a")).is_none());
    assert_eq!(endpoint.requests.load(SeqCst), 1);
}

#[cfg(feature = "blocking")]
#[test]
fn a_blocking_call_needs_no_runtime_and_refuses_to_block_one() {
    let endpoint = endpoint(100);
    let tokens = TokenCache::new(endpoint.clone());
    let first = tokens.blocking_access_token(&scope("a")).unwrap();
    assert_eq!(tokens.blocking_access_token(&scope("a")).unwrap().expose(), first.expose());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async move {
        let error = tokens.blocking_access_token(&scope("b")).unwrap_err();
        assert!(matches!(error, TokenError::InsideRuntime), "{error:?}");
        drop(tokens);
    });
    assert_eq!(endpoint.requests.load(SeqCst), 1);
}
