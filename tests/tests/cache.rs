//! The cache against the sandbox's authorization servers.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::cell::RefCell;
use std::panic;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use auth_core::{AccessToken, Challenge, OldTokens, Scope, TokenCache, TokenEndpoint, TokenError, TokenResponse};
use auth_sandbox::{Gate, Reply, Sandbox, Step, TokenReply};
use integration_tests::{Fixed, Issuer, ManualClock, api, callers, customer, ended, joined, reached};
use tokio::runtime::Builder;

fn lean_cache(sandbox: &Sandbox) -> TokenCache {
    Issuer::lean(sandbox).cache()
}

fn leanix_cache(sandbox: &Sandbox) -> TokenCache {
    Issuer::leanix(sandbox).cache()
}

#[tokio::test]
async fn a_token_is_used_again_while_it_lives() {
    let sandbox = Sandbox::start().await.unwrap();
    let (lean, leanix) = (lean_cache(&sandbox), leanix_cache(&sandbox));
    for _ in 0..3 {
        assert!(!lean.access_token(&api()).await.unwrap().expose().is_empty());
        assert!(!leanix.access_token(&Scope::empty()).await.unwrap().expose().is_empty());
    }
    let spelled_otherwise: Scope = "api  api".parse().unwrap();
    let token = lean.access_token(&spelled_otherwise).await.unwrap();
    assert_eq!(token.scope(), &api());
    assert!(token.remaining() > Duration::from_secs(3_500));
    assert_eq!((sandbox.lean().requests(), sandbox.leanix().requests()), (1, 1));
}

#[test]
fn a_caller_outside_a_runtime_gets_an_error_with_or_without_a_request_in_flight() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sandbox = runtime.block_on(Sandbox::start()).unwrap();
    let gate = Gate::new();
    sandbox.lean().script().push(Step::token().held_by(&gate));
    let tokens = lean_cache(&sandbox);
    let ask_outside = || {
        let scope = api();
        let mut asked = pin!(tokens.access_token(&scope));
        asked.as_mut().poll(&mut Context::from_waker(Waker::noop()))
    };
    assert!(matches!(ask_outside(), Poll::Ready(Err(TokenError::NoRuntime))));
    let waiting = runtime.block_on(async { callers(1, &tokens, &api()) });
    runtime.block_on(reached(&gate, 1));
    assert!(matches!(ask_outside(), Poll::Ready(Err(TokenError::NoRuntime))));
    gate.release();
    assert!(runtime.block_on(joined(waiting))[0].is_ok());
    assert!(matches!(ask_outside(), Poll::Ready(Ok(_))), "cached tokens need no runtime");
    runtime.block_on(sandbox.shutdown());
}

#[tokio::test]
async fn extreme_durations_are_handled() {
    let sandbox = Sandbox::start().await.unwrap();
    let tokens = Issuer::lean(&sandbox).builder().request_deadline(Duration::MAX).build();
    tokens.access_token(&api()).await.unwrap();
    let error = tokens.access_token_for(&api(), Duration::MAX).await.unwrap_err();
    assert!(matches!(error, TokenError::ValidityTooShort { .. }), "{error:?}");
}

struct Never;

impl TokenEndpoint for Never {
    async fn request_token(&self, _scope: &Scope) -> Result<TokenResponse, TokenError> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_request_that_never_ends_is_given_up_at_the_deadline() {
    let deadline = Duration::from_millis(50);
    let tokens = TokenCache::builder(Never).request_deadline(deadline).build();
    for answer in joined(callers(10, &tokens, &api())).await {
        assert!(matches!(answer, Err(TokenError::Timeout { after }) if after == deadline), "{answer:?}");
    }
}

#[tokio::test]
async fn a_minimum_validity_costs_one_request_and_the_error_states_what_is_left() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        let (ten_minutes, clock) = (Duration::from_secs(600), ManualClock::new());
        issuer.provider.script().push(TokenReply::new().lifetime(Duration::from_secs(300)));
        let tokens = issuer.builder().clock(clock.clone()).build();
        for _ in 0..10 {
            let error = tokens.access_token_for(&issuer.scope, ten_minutes).await.unwrap_err();
            let TokenError::ValidityTooShort { available } = error else { panic!("{error:?}") };
            assert_eq!(available, Duration::from_secs(300));
        }
        assert_eq!(issuer.provider.requests(), 1, "a token that has just come is not followed by another of its kind");
        clock.pass(Duration::from_secs(1));
        let token = tokens.access_token_for(&issuer.scope, ten_minutes).await.unwrap();
        assert!(clock.until_end_of(&token) >= ten_minutes);
        tokens.access_token_for(&issuer.scope, ten_minutes).await.unwrap();
        assert_eq!(issuer.provider.requests(), 2);
    }
}

#[tokio::test]
async fn a_scope_that_the_vendor_does_not_have_is_refused_before_anything_is_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    assert!(matches!(lean_cache(&sandbox).access_token(&Scope::empty()).await, Err(TokenError::Request(_))));
    assert!(matches!(leanix_cache(&sandbox).access_token(&api()).await, Err(TokenError::Request(_))));
    assert_eq!((sandbox.lean().requests(), sandbox.leanix().requests()), (0, 0));
}

#[test]
fn the_cached_token_is_there_for_programs_outside_a_runtime() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sandbox = runtime.block_on(Sandbox::start()).unwrap();
    let tokens = leanix_cache(&sandbox);
    assert!(tokens.cached(&Scope::empty()).is_none());
    runtime.block_on(tokens.access_token(&Scope::empty())).unwrap();
    let handle = tokens.handle(&Scope::empty());
    assert_eq!(tokens.cached(&Scope::empty()).unwrap().expose(), handle.cached().unwrap().expose());
    assert!(std::thread::spawn(move || handle.cached().is_some()).join().unwrap());
    runtime.block_on(sandbox.shutdown());
}

#[tokio::test]
async fn the_token_opens_the_vendors_apis() {
    let sandbox = Sandbox::start().await.unwrap();
    let http = reqwest::Client::new();
    let call = async |path: &str, token: &AccessToken| {
        let url = format!("{}{path}", sandbox.base_url());
        http.get(url).header("Authorization", token.authorization()).send().await.unwrap().status().as_u16()
    };
    let (lean, leanix) = (lean_cache(&sandbox), leanix_cache(&sandbox));
    let backend = lean.access_token(&api()).await.unwrap();
    let customer = lean.access_token(&customer(1)).await.unwrap();
    let technical_user = leanix.access_token(&Scope::empty()).await.unwrap();
    assert_eq!(call("/customers/v1", &backend).await, 200);
    assert_eq!(call("/customers/v1", &customer).await, 403);
    assert_eq!(call("/services/poll/v2/pollRuns", &technical_user).await, 200);
    assert_eq!(call("/services/poll/v2/pollRuns", &backend).await, 401);
}

#[tokio::test]
async fn a_rejected_token_is_replaced_once_and_one_without_the_scope_is_not() {
    let sandbox = Sandbox::start().await.unwrap();
    let http = reqwest::Client::new();
    let call = async |url: String, token: &AccessToken| {
        let answer = http.get(url).header("Authorization", token.authorization()).send().await.unwrap();
        (answer.status().as_u16(), Challenge::rejects_token(answer.status(), answer.headers()))
    };
    let (lean, leanix) = (lean_cache(&sandbox), leanix_cache(&sandbox));
    let token = lean.access_token(&api()).await.unwrap();
    let customer = lean.access_token(&customer(1)).await.unwrap();
    assert_eq!(call(sandbox.lean().resource_url(), &token).await, (200, false));
    assert_eq!(call(sandbox.lean().resource_url(), &customer).await, (403, false), "another token would be no better");
    assert_eq!(call(sandbox.leanix().resource_url(), &token).await, (401, true), "invalid_token");

    let basic = Reply::new(401).header("www-authenticate", "Basic realm=\"a proxy\"");
    sandbox.leanix().resource_script().push(basic);
    let token = leanix.access_token(&Scope::empty()).await.unwrap();
    assert_eq!(call(sandbox.leanix().resource_url(), &token).await, (401, false), "not about the token");
    sandbox.leanix().resource_script().push(Reply::new(401));
    let (status, rejected) = call(sandbox.leanix().resource_url(), &token).await;
    assert_eq!((status, rejected), (401, true), "without a challenge");
    leanix.reject(&token);
    let next = leanix.access_token(&Scope::empty()).await.unwrap();
    assert_eq!(call(sandbox.leanix().resource_url(), &next).await, (200, false));
    assert_eq!(sandbox.leanix().requests(), 2);
}

#[tokio::test]
async fn a_scope_may_be_given_as_text_in_any_spelling() {
    struct Any;
    impl TokenEndpoint for Any {
        async fn request_token(&self, scope: &Scope) -> Result<TokenResponse, TokenError> {
            Ok(TokenResponse::new(format!("token-of-{}", scope.tokens().collect::<Vec<_>>().join("-"))))
        }
    }
    let tokens = TokenCache::new(Any);
    assert!(tokens.cached_str("read write").is_none());
    for text in ["read write", "write read", " write  read write "] {
        assert_eq!(tokens.access_token_str(text).await.unwrap().expose(), "token-of-read-write", "{text:?}");
        assert_eq!(tokens.cached_str(text).unwrap().expose(), "token-of-read-write", "{text:?}");
    }
    assert_eq!(tokens.access_token_str("").await.unwrap().expose(), "token-of-");
    assert_eq!((tokens.stats().requests, tokens.stats().scopes), (2, 2));

    let error = tokens.access_token_str("re\"ad").await.unwrap_err();
    assert!(matches!(error, TokenError::Scope(error) if error.position() == 2), "{error:?}");
    assert!(!error.is_transient() && error.to_string().contains("byte 2"), "{error}");
    assert!(tokens.cached_str("re\"ad").is_none());
    assert_eq!(tokens.stats().scopes, 2);
}

#[test]
fn a_runtime_without_timers_is_an_error_and_not_a_panic() {
    for mut runtime in [Builder::new_current_thread(), Builder::new_multi_thread()] {
        runtime.worker_threads(1).build().unwrap().block_on(async {
            let tokens = TokenCache::new(Never);
            for _ in 0..5 {
                let error = tokens.access_token(&api()).await.unwrap_err();
                assert!(matches!(error, TokenError::NoRuntime | TokenError::Interrupted), "{error:?}");
            }
            let warm = tokens.handle(&api()).keep_warm().map(drop);
            assert!(matches!(warm, Err(TokenError::NoRuntime)), "{warm:?}");
        });
    }
}

#[test]
fn a_caller_without_timers_affects_no_other_caller() {
    let clock = ManualClock::new();
    let tokens = TokenCache::builder(Fixed).clock(clock.clone()).build();
    let panics = count_panics_of_this_thread();
    let without_timers = Builder::new_current_thread().build().unwrap();
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    for _ in 0..5 {
        let error = without_timers.block_on(tokens.access_token(&api())).unwrap_err();
        assert!(matches!(error, TokenError::NoRuntime), "{error:?}");
    }
    let old = runtime.block_on(tokens.access_token(&api())).unwrap();
    // Due for renewal.
    clock.pass(Duration::from_secs(270));
    for _ in 0..5 {
        assert!(without_timers.block_on(async { tokens.cached(&api()).is_some() }));
    }
    runtime.block_on(async {
        assert!(tokens.cached(&api()).is_some());
        ended(2, &tokens).await;
        assert_ne!(tokens.access_token(&api()).await.unwrap().expires_at(), old.expires_at());
    });
    // Tokio reports missing timers with a panic, which happens once.
    assert_eq!(panics.load(Ordering::SeqCst), 1);
}

/// Counts the panics of this thread instead of reporting them.
fn count_panics_of_this_thread() -> Arc<AtomicUsize> {
    let (count, own, report) = (Arc::new(AtomicUsize::new(0)), thread::current().id(), panic::take_hook());
    let counted = Arc::clone(&count);
    panic::set_hook(Box::new(move |panic| {
        if thread::current().id() == own {
            counted.fetch_add(1, Ordering::SeqCst);
        } else {
            report(panic);
        }
    }));
    count
}

/// Uses a cache when it is dropped.
struct AtTheEnd(TokenCache);

impl Drop for AtTheEnd {
    fn drop(&mut self) {
        let Self(tokens) = self;
        let found = tokens.cached(&api()).map(|token| token.expose().to_owned());
        assert!(found.as_deref().is_none_or(|token| token == Fixed::TOKEN), "{found:?}");
        drop(tokens.cached_str("api"));
        drop(tokens.handle(&api()).cached());
        drop(tokens.handle(&"other".parse().unwrap()).cached());
        drop(tokens.blocking_access_token(&"blocking".parse().unwrap()));
        tokens.rotate(OldTokens::Keep);
        assert!(tokens.stats().scopes >= 1);
    }
}

#[test]
fn a_cache_can_be_used_while_a_thread_ends() {
    thread_local!(static LAST: RefCell<Option<AtTheEnd>> = const { RefCell::new(None) });
    let tokens = TokenCache::new(Fixed);
    Builder::new_current_thread().enable_all().build().unwrap().block_on(tokens.access_token(&api())).unwrap();
    // Thread-local values are destroyed in the reverse order of their first use.
    for is_used_first in [true, false] {
        let tokens = tokens.clone();
        let thread = std::thread::spawn(move || {
            if is_used_first {
                assert!(tokens.cached(&api()).is_some());
            }
            LAST.with(|last| *last.borrow_mut() = Some(AtTheEnd(tokens.clone())));
            assert!(tokens.cached(&api()).is_some());
            // Tokio's thread-local storage is destroyed before the cache is dropped.
            Builder::new_current_thread().build().unwrap().block_on(async {});
        });
        thread.join().unwrap();
    }
    // The last owner may also be a thread that ends.
    std::thread::spawn(move || LAST.with(|last| *last.borrow_mut() = Some(AtTheEnd(tokens)))).join().unwrap();
}
