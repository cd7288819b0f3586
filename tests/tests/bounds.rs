//! How many scopes are kept, and how many requests are sent.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::num::NonZeroU32;
use std::time::Duration;

use auth_core::{Scope, TokenCache, TokenError};
use auth_sandbox::{Gate, Sandbox, Step, TokenReply};
use contract_tests::{HandClock, Issuer, Told, all_ended, callers, customer};

const SECOND: Duration = Duration::from_secs(1);

/// A cache that keeps three scopes, and in it those of the customers 1 to 3, a second apart from each other.
async fn full(issuer: &Issuer) -> (TokenCache, HandClock, Told) {
    let (clock, told) = (HandClock::new(), Told::new());
    let tokens = issuer.builder().max_scopes(3).clock(clock.clone()).observer(told.clone()).build();
    for number in 1..=3 {
        tokens.access_token(&customer(number)).await.unwrap();
        clock.pass(SECOND);
    }
    assert_eq!((tokens.stats().scopes, tokens.stats().evicted), (3, 0));
    (tokens, clock, told)
}

fn evicted(told: &Told) -> Vec<Scope> {
    told.scopes("Evicted")
}

#[tokio::test]
async fn the_scope_that_was_not_used_for_longest_makes_room() {
    let sandbox = Sandbox::start().await.unwrap();
    let (tokens, clock, told) = full(&Issuer::lean(&sandbox)).await;
    assert!(tokens.cached(&customer(1)).is_some(), "used again");
    clock.pass(SECOND);
    tokens.access_token(&customer(4)).await.unwrap();
    assert_eq!(evicted(&told), [customer(2)]);
    tokens.access_token(&customer(1)).await.unwrap();
    clock.pass(SECOND);
    tokens.access_token(&customer(5)).await.unwrap();
    assert_eq!(evicted(&told), [customer(2), customer(3)]);
    assert_eq!((tokens.stats().scopes, tokens.stats().evicted, sandbox.lean().requests()), (3, 2, 5));
    assert!(tokens.cached(&customer(2)).is_none());
    tokens.access_token(&customer(2)).await.unwrap();
    assert_eq!(sandbox.lean().requests_for(customer(2).as_str()), 2, "a scope that was forgotten is asked for again");
}

#[tokio::test]
async fn a_scope_without_a_usable_token_makes_room_first() {
    let sandbox = Sandbox::start().await.unwrap();
    let issuer = Issuer::lean(&sandbox);
    let (tokens, clock, told) = full(&issuer).await;
    let token = tokens.access_token(&customer(3)).await.unwrap();
    tokens.reject(&token);
    clock.pass(SECOND);
    tokens.access_token(&customer(4)).await.unwrap();
    assert_eq!(evicted(&told), [customer(3)], "though it was used last");

    issuer.provider.script().push(TokenReply::new().lifetime(5 * SECOND));
    clock.pass(SECOND);
    tokens.access_token(&customer(5)).await.unwrap();
    assert_eq!(evicted(&told), [customer(3), customer(1)]);
    clock.pass(5 * SECOND);
    tokens.access_token(&customer(6)).await.unwrap();
    assert_eq!(evicted(&told), [customer(3), customer(1), customer(5)], "expired");
}

#[tokio::test]
async fn a_scope_that_is_held_or_asked_for_does_not_make_room() {
    let sandbox = Sandbox::start().await.unwrap();
    let issuer = Issuer::lean(&sandbox);
    let (tokens, clock, told) = full(&issuer).await;
    let handle = tokens.handle(&customer(1));
    let gate = Gate::new();
    issuer.provider.script().push(Step::token().held_by(&gate));
    let token = tokens.access_token(&customer(2)).await.unwrap();
    tokens.reject(&token);
    let mut asked = callers(1, &tokens, &customer(2));
    gate.reached(1).await;
    // Nobody waits for it any more, but it is under way.
    asked.shutdown().await;
    clock.pass(SECOND);
    tokens.access_token(&customer(3)).await.unwrap();
    clock.pass(SECOND);
    tokens.access_token(&customer(4)).await.unwrap();
    assert_eq!(evicted(&told), [customer(3)]);
    gate.release();
    all_ended(&tokens).await;
    assert!(tokens.cached(&customer(2)).is_some());
    assert!(handle.cached().is_some());
    assert_eq!(sandbox.lean().requests(), 5);
}

#[tokio::test]
async fn a_newcomer_among_scopes_that_are_all_held_works_for_its_holder() {
    let sandbox = Sandbox::start().await.unwrap();
    let issuer = Issuer::lean(&sandbox);
    let (tokens, clock, told) = full(&issuer).await;
    let handles: Vec<_> = (1..=3).map(|number| tokens.handle(&customer(number))).collect();
    let newcomer = tokens.handle(&customer(4));
    let token = newcomer.access_token().await.unwrap();
    assert_eq!(newcomer.access_token().await.unwrap().expose(), token.expose(), "it keeps its token");
    assert_eq!((tokens.stats().scopes, evicted(&told)), (3, vec![]));
    assert_eq!(sandbox.lean().requests(), 4);
    newcomer.reject(&token);
    assert_ne!(newcomer.access_token().await.unwrap().expose(), token.expose());

    // Those in the cache are still those of their handles.
    for (number, handle) in (1..=3).zip(&handles) {
        clock.pass(SECOND);
        assert_eq!(tokens.cached(&customer(number)).unwrap().expose(), handle.cached().unwrap().expose());
    }
    drop((handles, newcomer));
    tokens.access_token(&customer(4)).await.unwrap();
    assert_eq!((tokens.stats().scopes, evicted(&told)), (3, vec![customer(1)]), "now there is room");
}

#[tokio::test]
async fn a_sixteenth_of_many_scopes_makes_room_at_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let (clock, told) = (HandClock::new(), Told::new());
    let issuer = Issuer::lean(&sandbox);
    let tokens = issuer.builder().max_scopes(64).clock(clock.clone()).observer(told.clone()).build();
    for number in 0..200 {
        tokens.access_token(&customer(number)).await.unwrap();
        clock.pass(SECOND);
        assert!(tokens.stats().scopes <= 64);
    }
    assert_eq!(evicted(&told).len(), 136 + 64 - tokens.stats().scopes, "{:?}", tokens.stats());
    let oldest: Vec<_> = (0..evicted(&told).len()).map(customer).collect();
    assert!(oldest.iter().all(|scope| evicted(&told).contains(scope)), "in the order of their last use");
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
async fn whoever_would_wait_too_long_for_the_limit_learns_at_once_when_the_next_request_is_due() {
    let sandbox = Sandbox::start().await.unwrap();
    let clock = HandClock::new();
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
        assert_eq!(later, retry_after - SECOND, "the time is told as it is now");
    }
    assert_eq!(sandbox.lean().requests(), 2);
}

#[tokio::test]
async fn whoever_has_a_token_does_not_notice_the_limit() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        issuer.provider.set_lifetime(100 * SECOND);
        let clock = HandClock::new();
        let tokens = issuer.builder().clock(clock.clone()).issuance_limit(limit(1), limit(1)).build();
        let token = tokens.access_token(&issuer.scope).await.unwrap();
        clock.pass(75 * SECOND);
        // Due, then in the margin, to the last second of its life.
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
async fn whoever_has_none_waits_for_the_limit() {
    let sandbox = Sandbox::start().await.unwrap();
    let issuer = Issuer::lean(&sandbox);
    // One every 200 milliseconds after the first.
    let tokens = issuer.builder().issuance_limit(limit(300), limit(1)).build();
    let begin = std::time::Instant::now();
    let all: Vec<_> = (1..=4).map(|number| callers(3, &tokens, &customer(number))).collect();
    for asked in all {
        for answer in asked.join_all().await {
            answer.unwrap();
        }
    }
    assert!(begin.elapsed() >= Duration::from_millis(590), "three of four had to wait: {:?}", begin.elapsed());
    assert_eq!(sandbox.lean().requests(), 4);
}
