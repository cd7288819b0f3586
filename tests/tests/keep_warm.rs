//! Scopes that are kept warm.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::time::Duration;

use auth_core::{Scope, TokenCache, TokenEndpoint, TokenError, TokenResponse};
use auth_sandbox::{Sandbox, Step, TokenReply};
use integration_tests::{Fixed, Issuer, ManualClock, RecordingObserver, all_ended, api, until};
use tokio::runtime::{Builder, Handle};
use tokio::time::sleep;

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn a_scope_without_callers_is_renewed() {
    async fn keep(issuer: Issuer) {
        issuer.provider.set_lifetime(Duration::from_secs(1));
        let tokens = issuer.cache();
        let _kept = tokens.handle(&issuer.scope).keep_warm().unwrap();
        until("the token has been renewed", || tokens.stats().issued >= 2).await;
        assert!(tokens.cached(&issuer.scope).is_some());
    }
    let sandbox = Sandbox::start().await.unwrap();
    let [lean, leanix] = Issuer::both(&sandbox);
    tokio::join!(keep(lean), keep(leanix));
}

#[tokio::test(start_paused = true)]
async fn dropping_the_guard_ends_the_renewal() {
    let clock = ManualClock::new();
    let tokens = TokenCache::builder(Fixed).clock(clock.clone()).build();
    // Longer than the lifetime of a token, and than the interval until the next check.
    let pass = async || {
        clock.pass(HOUR);
        sleep(HOUR).await;
        all_ended(&tokens).await;
        tokens.stats().requests
    };
    let kept = tokens.handle(&api()).keep_warm().unwrap();
    assert_eq!(pass().await, 1);
    assert_eq!(pass().await, 2);
    drop(kept);
    assert_eq!(pass().await, 2);
}

#[tokio::test]
async fn a_failure_does_not_end_it() {
    async fn fail_once(issuer: Issuer) {
        issuer.provider.script().push(Step::status(500));
        let tokens = issuer.builder().retries(0).build();
        let _kept = tokens.handle(&issuer.scope).keep_warm().unwrap();
        until("there is a token", || tokens.cached(&issuer.scope).is_some()).await;
        assert_eq!(issuer.provider.requests(), 2);
    }
    let sandbox = Sandbox::start().await.unwrap();
    let [lean, leanix] = Issuer::both(&sandbox);
    tokio::join!(fail_once(lean), fail_once(leanix));
}

/// The first `count` cooldowns of a scope that is kept warm, in seconds.
async fn cooldowns_while_kept_warm(
    tokens: &TokenCache,
    scope: &Scope,
    observer: &RecordingObserver,
    count: usize,
) -> Vec<f64> {
    let _kept = tokens.handle(scope).keep_warm().unwrap();
    until("there have been enough cooldowns", || observer.cooldowns().len() >= count).await;
    observer.cooldowns().iter().map(Duration::as_secs_f64).collect()
}

/// Row: expires_in 0 or negative.
#[tokio::test]
async fn a_scope_whose_tokens_are_for_once_is_kept_warm_less_and_less_often() {
    async fn grow(issuer: Issuer) {
        let observer = RecordingObserver::new();
        issuer.provider.script().always(TokenReply::new().member("expires_in", 0));
        let tokens = issuer.builder().observer(observer.clone()).build();
        assert_eq!(cooldowns_while_kept_warm(&tokens, &issuer.scope, &observer, 3).await, [1.0, 2.0, 4.0]);
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

/// Row: the runtime of the in-flight request ends; the endpoint panics.
#[tokio::test]
async fn a_scope_whose_endpoint_panics_is_kept_warm_less_and_less_often() {
    let observer = RecordingObserver::new();
    let tokens = TokenCache::builder(Panics).observer(observer.clone()).build();
    assert_eq!(cooldowns_while_kept_warm(&tokens, &api(), &observer, 3).await, [0.5, 1.0, 2.0]);
    assert!(tokens.stats().requests <= 9, "{:?}", tokens.stats());
}

#[test]
fn it_needs_a_runtime() {
    let tokens = TokenCache::new(Fixed);
    assert!(matches!(tokens.handle(&api()).keep_warm(), Err(TokenError::NoRuntime)));
}

#[test]
fn no_task_runs_for_an_unused_cache() {
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
