//! Limits on the number of scopes and requests.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use auth_core::{Rejection, Scope, TokenCache, TokenEndpoint, TokenError, TokenResponse};
use auth_sandbox::{Gate, Reply, Sandbox, Step, TokenReply};
use integration_tests::{
    Issuer, ManualClock, RecordingObserver, all_ended, api, callers, customer, joined, reached, until, within,
};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

const SECOND: Duration = Duration::from_secs(1);

/// A server that answers as many requests as it has permits.
#[derive(Clone)]
struct Slow {
    answers: Arc<Semaphore>,
    requests: Arc<AtomicUsize>,
}

impl Default for Slow {
    fn default() -> Self {
        Self { answers: Arc::new(Semaphore::new(0)), requests: Arc::default() }
    }
}

impl Slow {
    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

impl TokenEndpoint for Slow {
    async fn request_token(&self, scope: &Scope) -> Result<TokenResponse, TokenError> {
        self.requests.fetch_add(1, Ordering::SeqCst);
        self.answers.acquire().await.unwrap().forget();
        Ok(TokenResponse::new(format!("token-of-{scope}")))
    }
}

/// A cache with at most three scopes, filled with those of the customers 1 to 3, one second apart.
async fn full(issuer: &Issuer) -> (TokenCache, ManualClock, RecordingObserver) {
    let (clock, observer) = (ManualClock::new(), RecordingObserver::new());
    let tokens = issuer.builder().max_scopes(3).clock(clock.clone()).observer(observer.clone()).build();
    for number in 1..=3 {
        tokens.access_token(&customer(number)).await.unwrap();
        clock.pass(SECOND);
    }
    assert_eq!((tokens.stats().scopes, tokens.stats().evicted), (3, 0));
    (tokens, clock, observer)
}

fn evicted(observer: &RecordingObserver) -> Vec<Scope> {
    observer.scopes("Evicted")
}

#[tokio::test]
async fn the_least_recently_used_scope_is_evicted() {
    let sandbox = Sandbox::start().await.unwrap();
    let (tokens, clock, observer) = full(&Issuer::lean(&sandbox)).await;
    assert!(tokens.cached(&customer(1)).is_some(), "used again");
    clock.pass(SECOND);
    tokens.access_token(&customer(4)).await.unwrap();
    assert_eq!(evicted(&observer), [customer(2)]);
    tokens.access_token(&customer(1)).await.unwrap();
    clock.pass(SECOND);
    tokens.access_token(&customer(5)).await.unwrap();
    assert_eq!(evicted(&observer), [customer(2), customer(3)]);
    assert_eq!((tokens.stats().scopes, tokens.stats().evicted, sandbox.lean().requests()), (3, 2, 5));
    assert!(tokens.cached(&customer(2)).is_none());
    tokens.access_token(&customer(2)).await.unwrap();
    assert_eq!(
        sandbox.lean().requests_for(customer(2).as_str()),
        2,
        "the token of an evicted scope is requested again"
    );
}

#[tokio::test]
async fn a_scope_without_a_usable_token_is_evicted_first() {
    let sandbox = Sandbox::start().await.unwrap();
    let issuer = Issuer::lean(&sandbox);
    let (tokens, clock, observer) = full(&issuer).await;
    let token = tokens.access_token(&customer(3)).await.unwrap();
    tokens.reject(&token);
    clock.pass(SECOND);
    tokens.access_token(&customer(4)).await.unwrap();
    assert_eq!(evicted(&observer), [customer(3)], "although it was used last");

    issuer.provider.script().push(TokenReply::new().lifetime(5 * SECOND));
    clock.pass(SECOND);
    tokens.access_token(&customer(5)).await.unwrap();
    assert_eq!(evicted(&observer), [customer(3), customer(1)]);
    clock.pass(5 * SECOND);
    tokens.access_token(&customer(6)).await.unwrap();
    assert_eq!(evicted(&observer), [customer(3), customer(1), customer(5)], "expired");
}

#[tokio::test]
async fn a_scope_that_is_held_or_in_flight_is_not_evicted() {
    let sandbox = Sandbox::start().await.unwrap();
    let issuer = Issuer::lean(&sandbox);
    let (tokens, clock, observer) = full(&issuer).await;
    let handle = tokens.handle(&customer(1));
    let gate = Gate::new();
    issuer.provider.script().push(Step::token().held_by(&gate));
    let token = tokens.access_token(&customer(2)).await.unwrap();
    tokens.reject(&token);
    let mut asked = callers(1, &tokens, &customer(2));
    reached(&gate, 1).await;
    // No caller waits for the request, but it is still in flight.
    asked.shutdown().await;
    clock.pass(SECOND);
    tokens.access_token(&customer(3)).await.unwrap();
    clock.pass(SECOND);
    tokens.access_token(&customer(4)).await.unwrap();
    assert_eq!(evicted(&observer), [customer(3)]);
    gate.release();
    all_ended(&tokens).await;
    assert!(tokens.cached(&customer(2)).is_some());
    assert!(handle.cached().is_some());
    assert_eq!(sandbox.lean().requests(), 5);
}

/// Row: more scopes in use than the bound.
#[tokio::test]
async fn a_scope_beyond_the_limit_is_kept_while_it_is_needed() {
    let sandbox = Sandbox::start().await.unwrap();
    let issuer = Issuer::lean(&sandbox);
    for held in [1, 20] {
        let before = sandbox.lean().requests();
        let (clock, observer) = (ManualClock::new(), RecordingObserver::new());
        let tokens = issuer.builder().max_scopes(held).clock(clock.clone()).observer(observer.clone()).build();
        let handles: Vec<_> = (1..=held).map(|number| tokens.handle(&customer(number))).collect();

        issuer.provider.script().push(Reply::oauth_error(400, "invalid_scope"));
        for _ in 0..5 {
            let error = tokens.access_token(&customer(100)).await.unwrap_err();
            assert!(matches!(error, TokenError::Refused(_)), "{error:?}");
        }
        assert_eq!(sandbox.lean().requests() - before, 1, "the refusal is kept");

        let token = tokens.access_token(&customer(101)).await.unwrap();
        assert_eq!(tokens.reject(&token), Rejection::Dropped, "its token is found");
        assert_eq!(sandbox.lean().requests() - before, 2);

        // The limit applies to scopes without handles; if there are none with handles, to all.
        clock.pass(2 * SECOND);
        for number in 102..150 {
            tokens.access_token(&customer(number)).await.unwrap();
        }
        until("others made room", || tokens.stats().scopes == 2 * held).await;
        assert!(handles.iter().all(|handle| !evicted(&observer).contains(handle.scope())));
        drop(handles);
        until("all are within the bound", || tokens.stats().scopes == held).await;
    }
}

/// Row: more scopes in use than the bound.
#[tokio::test(flavor = "multi_thread")]
async fn eight_thousand_scopes_of_a_slow_server_cost_eight_thousand_requests() {
    let endpoint = Slow::default();
    let tokens = TokenCache::new(endpoint.clone());
    endpoint.answers.add_permits(1);
    tokens.access_token(&api()).await.unwrap();
    let mut all = JoinSet::new();
    for number in 0..8_000 {
        for _ in 0..10 {
            let tokens = tokens.clone();
            all.spawn(async move { tokens.access_token(&customer(number)).await.map(drop) });
        }
    }
    // The server answers after all callers have asked.
    until("all callers have asked", || endpoint.requests() == 8_001).await;
    endpoint.answers.add_permits(8_000);
    for answer in within("every caller has a token", all.join_all()).await {
        answer.unwrap();
    }
    assert_eq!(endpoint.requests(), 8_001);
    until("what can be forgotten is within the bound", || tokens.stats().scopes <= 4_096).await;
}

/// Row: a burst of 20,000 and more distinct scopes.
#[test]
fn a_burst_of_new_scopes_ends_and_blocks_no_caller() {
    for (scopes, threads) in [(20_000, 1), (100_000, 2)] {
        let clock = ManualClock::new();
        let tokens = TokenCache::builder(Slow::default()).clock(clock).build();
        let (ended, end) = std::sync::mpsc::channel();
        for thread in 0..threads {
            let (tokens, ended) = (tokens.clone(), ended.clone());
            std::thread::spawn(move || {
                for number in 0..scopes {
                    drop(tokens.handle(&format!("customer.{thread}.{number}").parse().unwrap()));
                }
                ended.send(()).unwrap();
            });
        }
        for _ in 0..threads {
            end.recv_timeout(60 * SECOND).expect("a scope is added in a bounded number of steps");
        }
        assert_eq!(tokens.stats().scopes, 4_096);
    }
}

#[tokio::test]
async fn a_recently_used_scope_of_many_is_not_evicted() {
    let sandbox = Sandbox::start().await.unwrap();
    let (clock, observer) = (ManualClock::new(), RecordingObserver::new());
    let issuer = Issuer::lean(&sandbox);
    let tokens = issuer.builder().max_scopes(64).clock(clock.clone()).observer(observer.clone()).build();
    for number in 0_usize..200 {
        tokens.access_token(&customer(number)).await.unwrap();
        clock.pass(SECOND);
        // For that, a random sample of eight would have to consist of the youngest two of 64.
        for recent in number.saturating_sub(1)..=number {
            assert!(tokens.cached(&customer(recent)).is_some(), "{recent} after {number}");
        }
    }
    assert_eq!((tokens.stats().scopes, evicted(&observer).len()), (64, 136));
}

#[tokio::test]
async fn one_scope_is_kept_at_least() {
    let sandbox = Sandbox::start().await.unwrap();
    let tokens = Issuer::lean(&sandbox).builder().max_scopes(0).build();
    for _ in 0..3 {
        tokens.access_token(&customer(1)).await.unwrap();
    }
    assert_eq!((tokens.stats().scopes, sandbox.lean().requests()), (1, 1));
}

fn limit(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap()
}

#[tokio::test]
async fn a_caller_that_would_wait_too_long_for_the_limit_fails_with_the_time() {
    let sandbox = Sandbox::start().await.unwrap();
    let clock = ManualClock::new();
    let issuer = Issuer::lean(&sandbox);
    let tokens = issuer.builder().clock(clock.clone()).issuance_limit(limit(1), limit(2)).build();
    for number in 1..=2 {
        tokens.access_token(&customer(number)).await.unwrap();
    }
    for number in 3..=5 {
        // A request is given up after 45 seconds, and the next is due in 60.
        let error = tokens.access_token(&customer(number)).await.unwrap_err();
        let TokenError::RateLimited { retry_after } = error else { panic!("{error:?}") };
        assert!(retry_after > 45 * SECOND && retry_after <= 60 * SECOND, "{retry_after:?}");
        clock.pass(SECOND);
        let error = tokens.access_token(&customer(number)).await.unwrap_err();
        let TokenError::RateLimited { retry_after: later } = error else { panic!("{error:?}") };
        assert_eq!(later, retry_after - SECOND, "the remaining time is current");
    }
    assert_eq!(sandbox.lean().requests(), 2);
}

#[tokio::test]
async fn a_cached_token_is_not_affected_by_the_limit() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        issuer.provider.set_lifetime(100 * SECOND);
        let clock = ManualClock::new();
        let tokens = issuer.builder().clock(clock.clone()).issuance_limit(limit(1), limit(1)).build();
        let token = tokens.access_token(&issuer.scope).await.unwrap();
        clock.pass(75 * SECOND);
        // Due, then in the margin, until the last second of its lifetime.
        for _ in 75..100 {
            assert_eq!(tokens.access_token(&issuer.scope).await.unwrap().expose(), token.expose());
            tokio::task::yield_now().await;
            clock.pass(SECOND);
        }
        let error = tokens.access_token(&issuer.scope).await.unwrap_err();
        assert!(matches!(error, TokenError::RateLimited { .. }), "{error:?}");
        assert_eq!(issuer.provider.requests(), 1);
    }
}

#[tokio::test]
async fn without_a_cached_token_a_caller_waits_for_the_limit() {
    let sandbox = Sandbox::start().await.unwrap();
    let issuer = Issuer::lean(&sandbox);
    // One every 200 milliseconds after the first.
    let tokens = issuer.builder().issuance_limit(limit(300), limit(1)).build();
    let begin = std::time::Instant::now();
    let all: Vec<_> = (1..=4).map(|number| callers(3, &tokens, &customer(number))).collect();
    for asked in all {
        for answer in joined(asked).await {
            answer.unwrap();
        }
    }
    assert!(begin.elapsed() >= Duration::from_millis(590), "three of four had to wait: {:?}", begin.elapsed());
    assert_eq!(sandbox.lean().requests(), 4);
}
