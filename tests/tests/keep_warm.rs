//! Scopes that are never cold.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::time::Duration;

use auth_core::{Scope, TokenCache, TokenEndpoint, TokenError, TokenResponse};
use auth_sandbox::{Sandbox, Step, TokenReply};
use contract_tests::{Issuer, Told, all_ended, api};
use tokio::runtime::{Builder, Handle};
use tokio::time::{sleep, timeout};

const MOMENT: Duration = Duration::from_millis(5);

/// Keeps a scope warm that nobody asks for, with tokens of a second, and then no more.
async fn keep_and_stop(issuer: Issuer) {
    issuer.provider.set_lifetime(Duration::from_secs(1));
    let tokens = issuer.cache();
    let kept = tokens.handle(&issuer.scope).keep_warm().unwrap();
    while tokens.stats().issued < 2 {
        sleep(MOMENT).await;
    }
    assert!(tokens.cached(&issuer.scope).is_some());
    drop(kept);
    all_ended(&tokens).await;
    let requests = issuer.provider.requests();
    // Longer than until it would have been renewed.
    sleep(Duration::from_millis(750)).await;
    assert_eq!(issuer.provider.requests(), requests);
}

#[tokio::test]
async fn a_scope_is_renewed_unused_until_what_keeps_it_warm_is_dropped() {
    let sandbox = Sandbox::start().await.unwrap();
    let [lean, leanix] = Issuer::both(&sandbox);
    tokio::join!(keep_and_stop(lean), keep_and_stop(leanix));
}

#[tokio::test]
async fn a_failure_does_not_end_it() {
    async fn fail_once(issuer: Issuer) {
        issuer.provider.script().push(Step::status(500));
        let tokens = issuer.builder().retries(0).build();
        let _kept = tokens.handle(&issuer.scope).keep_warm().unwrap();
        while tokens.cached(&issuer.scope).is_none() {
            sleep(MOMENT).await;
        }
        assert_eq!(issuer.provider.requests(), 2);
    }
    let sandbox = Sandbox::start().await.unwrap();
    let [lean, leanix] = Issuer::both(&sandbox);
    tokio::join!(fail_once(lean), fail_once(leanix));
}

/// The first `count` pauses of a scope that is kept warm, in seconds.
async fn pauses_while_kept_warm(tokens: &TokenCache, scope: &Scope, told: &Told, count: usize) -> Vec<f64> {
    let _kept = tokens.handle(scope).keep_warm().unwrap();
    let pauses = async {
        while told.rests().len() < count {
            sleep(MOMENT).await;
        }
    };
    timeout(Duration::from_secs(60), pauses).await.unwrap();
    told.rests().iter().map(Duration::as_secs_f64).collect()
}

/// Row: expires_in 0 or negative.
#[tokio::test]
async fn a_scope_whose_tokens_are_for_once_is_kept_warm_less_and_less_often() {
    async fn grow(issuer: Issuer) {
        let told = Told::new();
        issuer.provider.script().always(TokenReply::new().member("expires_in", 0));
        let tokens = issuer.builder().observer(told.clone()).build();
        assert_eq!(pauses_while_kept_warm(&tokens, &issuer.scope, &told, 3).await, [1.0, 2.0, 4.0]);
    }
    let sandbox = Sandbox::start().await.unwrap();
    let [lean, leanix] = Issuer::both(&sandbox);
    tokio::join!(grow(lean), grow(leanix));
}

struct Panics;

impl TokenEndpoint for Panics {
    async fn request_token(&self, _scope: &Scope) -> Result<TokenResponse, TokenError> {
        panic!("on purpose");
    }
}

/// Row: the runtime of the request in flight goes away; the endpoint panics.
#[tokio::test]
async fn a_scope_whose_endpoint_panics_is_kept_warm_less_and_less_often() {
    let told = Told::new();
    let tokens = TokenCache::builder(Panics).observer(told.clone()).build();
    assert_eq!(pauses_while_kept_warm(&tokens, &api(), &told, 3).await, [0.5, 1.0, 2.0]);
    assert!(tokens.stats().requests <= 9, "{:?}", tokens.stats());
}

#[test]
fn it_needs_a_runtime() {
    let tokens = TokenCache::new(Fixed);
    assert!(matches!(tokens.handle(&api()).keep_warm(), Err(TokenError::NoRuntime)));
}

struct Fixed;

impl TokenEndpoint for Fixed {
    async fn request_token(&self, _scope: &Scope) -> Result<TokenResponse, TokenError> {
        Ok(TokenResponse::new("abc"))
    }
}

#[test]
fn nothing_runs_for_a_cache_that_nobody_asks() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let tokens = TokenCache::new(Fixed);
        let running = || Handle::current().metrics().num_alive_tasks();
        assert_eq!(running(), 0);
        tokens.access_token(&api()).await.unwrap();
        tokio::task::yield_now().await;
        assert_eq!(running(), 0, "the task of a request ends with it");
        let kept = tokens.handle(&api()).keep_warm().unwrap();
        assert_eq!(running(), 1);
        drop(kept);
        tokio::task::yield_now().await;
        assert_eq!(running(), 0);
    });
}
