//! Calls in programs that are not async.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::collections::HashSet;
use std::thread;
use std::time::Duration;

use auth_core::TokenError;
use auth_sandbox::{Gate, Reply, Sandbox, Step, TokenReply};
use integration_tests::{Issuer, ManualClock, all_ended, reached, until, within_blocking};
use tokio::runtime::Runtime;

/// With this lifetime, a token is due for renewal after 67.5 to 70 seconds, and after 90 it is used only if no new one
/// is available.
const LIFE: Duration = Duration::from_secs(100);
const WHEN_DUE: Duration = Duration::from_secs(75);
const IN_MARGIN: Duration = Duration::from_millis(99_900);

/// A sandbox on a separate runtime, which the tested threads do not use.
fn sandbox() -> (Runtime, Sandbox) {
    let runtime = Runtime::new().unwrap();
    let sandbox = runtime.block_on(Sandbox::start()).unwrap();
    (runtime, sandbox)
}

#[test]
fn a_hundred_threads_on_a_cold_scope_cost_one_request() {
    let (runtime, sandbox) = sandbox();
    for issuer in Issuer::both(&sandbox) {
        let (tokens, gate) = (issuer.cache(), Gate::new());
        issuer.provider.script().push(Step::token().held_by(&gate));
        let ask = || {
            let (tokens, scope) = (tokens.clone(), issuer.scope.clone());
            thread::spawn(move || tokens.blocking_access_token(&scope).unwrap().expose().to_owned())
        };
        let all: Vec<_> = (0..100).map(|_| ask()).collect();
        runtime.block_on(reached(&gate, 1));
        gate.release();
        let joined = || all.into_iter().map(|asked| asked.join().unwrap()).collect();
        let distinct: HashSet<String> = within_blocking("every thread has a token", joined);
        assert_eq!(distinct.len(), 1);
        assert_eq!(
            tokens.handle(&issuer.scope).blocking_access_token().unwrap().expose(),
            *distinct.iter().next().unwrap()
        );
        assert_eq!(issuer.provider.requests(), 1);
    }
    runtime.block_on(sandbox.shutdown());
}

#[test]
fn a_failure_is_returned_to_the_calling_thread() {
    let (runtime, sandbox) = sandbox();
    for issuer in Issuer::both(&sandbox) {
        issuer.provider.script().push(Reply::oauth_error(401, "invalid_client"));
        assert!(issuer.cache().blocking_access_token(&issuer.scope).unwrap_err().refuses_credentials());
    }
    runtime.block_on(sandbox.shutdown());
}

#[test]
fn a_request_goes_on_when_the_call_that_began_it_has_returned() {
    let (runtime, sandbox) = sandbox();
    for issuer in Issuer::both(&sandbox) {
        // When due, the call returns the old token immediately. In the margin, it waits, and returns the old token
        // before it expires.
        for later in [WHEN_DUE, IN_MARGIN] {
            let (clock, gate) = (ManualClock::new(), Gate::new());
            issuer.provider.script().push(TokenReply::new().lifetime(LIFE)).push(Step::token().held_by(&gate));
            let tokens = issuer.builder().clock(clock.clone()).build();
            let old = tokens.blocking_access_token(&issuer.scope).unwrap();
            clock.pass(later);
            assert_eq!(tokens.blocking_access_token(&issuer.scope).unwrap().expose(), old.expose());
            runtime.block_on(reached(&gate, 1));
            gate.release();
            let is_renewed = || tokens.cached(&issuer.scope).is_some_and(|token| token.expose() != old.expose());
            runtime.block_on(until("the token has been renewed", is_renewed));
            assert_eq!(tokens.stats().requests, 2);
        }
    }
    runtime.block_on(sandbox.shutdown());
}

#[tokio::test]
async fn inside_a_runtime_blocking_calls_return_cached_tokens_only() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        issuer.provider.script().push(TokenReply::new().lifetime(LIFE));
        let clock = ManualClock::new();
        let tokens = issuer.builder().clock(clock.clone()).build();
        let error = tokens.blocking_access_token(&issuer.scope).unwrap_err();
        assert!(matches!(error, TokenError::InsideRuntime), "{error:?}");
        assert_eq!(issuer.provider.requests(), 0);
        let token = tokens.access_token(&issuer.scope).await.unwrap();
        assert_eq!(tokens.blocking_access_token(&issuer.scope).unwrap().expose(), token.expose());
        // A token that is due is still returned, and no caller waits for its renewal.
        clock.pass(WHEN_DUE);
        assert_eq!(tokens.blocking_access_token(&issuer.scope).unwrap().expose(), token.expose());
        tokio::task::yield_now().await;
        all_ended(&tokens).await;
        assert_eq!(issuer.provider.requests(), 2);
        assert_ne!(tokens.blocking_access_token(&issuer.scope).unwrap().expose(), token.expose());
    }
}

#[test]
fn a_cache_with_its_own_thread_may_be_dropped_inside_a_runtime() {
    let (runtime, sandbox) = sandbox();
    for issuer in Issuer::both(&sandbox) {
        let tokens = issuer.cache();
        tokens.blocking_access_token(&issuer.scope).unwrap();
        runtime.block_on(async move { drop(tokens) });
    }
    runtime.block_on(sandbox.shutdown());
}
