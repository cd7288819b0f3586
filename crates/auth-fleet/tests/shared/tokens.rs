//! Who requests a token, and who takes it.

use std::num::NonZeroU32;
use std::time::Duration;

use auth_core::{IssuanceLimit, Scope, TokenCache, TokenEndpoint, TokenError};
use auth_fleet::Shared;
use tokio::time::{Instant, sleep};

use crate::endpoint::{TestEndpoint, access_token, response};
use crate::memory::{Faults, MemoryStore};
use crate::processes::{fleet, processes, reject, remaining, replace, request, scope, text, texts, together};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_hundred_processes_at_once_cost_one_request() {
    let (_, endpoint, all) = fleet::<100>();
    let answers = together(all.into_iter().map(|process| async move { request(&process).await })).await;
    assert_eq!(texts(answers), vec!["token-1"; 100]);
    assert_eq!(endpoint.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_of_the_store_is_as_old_as_it_is() {
    let (_, endpoint, [one, other]) = fleet();
    let began = Instant::now();
    let first = request(&one).await.unwrap();
    assert_eq!(remaining(&first, began.elapsed()), Duration::from_millis(99_800), "its request took 200 ms");
    sleep(30 * SECOND).await;
    let second = request(&other).await.unwrap();
    assert_eq!(remaining(&second, Duration::ZERO), Duration::from_millis(69_800));
    assert_eq!((text(&second).as_str(), endpoint.requests()), ("token-1", 1));
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_get_a_token_that_is_as_old_as_it_is() {
    let (_, _, all) = fleet::<10>();
    let calls = all.into_iter().map(|process| async move {
        let began = Instant::now();
        let response = request(&process).await.unwrap();
        remaining(&response, began.elapsed())
    });
    for remaining in together(calls).await {
        assert!(remaining <= Duration::from_millis(99_800) && remaining > 99 * SECOND, "{remaining:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_due_is_replaced_once_for_all() {
    let (_, endpoint, all) = fleet::<50>();
    let old = access_token(&text(&request(&all[0]).await.unwrap())).await;
    sleep(70 * SECOND).await;
    let calls = all.clone().into_iter().map(|process| (process, old.clone()));
    let answers = together(calls.map(|(process, old)| async move { replace(&process, &old).await })).await;
    assert_eq!(texts(answers), vec!["token-2"; 50]);
    let late = replace(&all[49], &old).await.unwrap();
    assert_eq!((text(&late).as_str(), endpoint.requests()), ("token-2", 2), "it has been replaced already");
}

#[tokio::test(start_paused = true)]
async fn a_rejected_token_is_replaced_once_for_all() {
    let (store, endpoint, all) = fleet::<100>();
    let old = access_token(&text(&request(&all[0]).await.unwrap())).await;
    let calls = all.clone().into_iter().map(|process| (process, old.clone()));
    let answers = together(calls.map(|(process, old)| async move { reject(&process, &old).await })).await;
    assert_eq!(texts(answers), vec!["token-2"; 100]);
    let late = reject(&all[99], &old).await.unwrap();
    assert_eq!((text(&late).as_str(), endpoint.requests()), ("token-2", 2));
    assert_eq!(text(&request(&all[5]).await.unwrap()), "token-2");
    assert_eq!(store.published().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn nobody_gets_a_rejected_token_while_it_is_replaced() {
    let (_, endpoint, [one, other]) = fleet();
    let old = access_token(&text(&request(&one).await.unwrap())).await;
    let rejecting = tokio::spawn(async move { reject(&one, &old).await });
    sleep(Duration::from_millis(100)).await;
    assert_eq!(text(&request(&other).await.unwrap()), "token-2");
    assert_eq!(text(&rejecting.await.unwrap().unwrap()), "token-2");
    assert_eq!(endpoint.requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_issues_the_same_token_again_is_asked_once() {
    for is_rejected in [false, true] {
        let (_, endpoint, all) = fleet::<20>();
        for _ in 0..10 {
            endpoint.answer(Ok(response("same", 100)));
        }
        let old = access_token(&text(&request(&all[0]).await.unwrap())).await;
        let calls = all.into_iter().map(|process| (process, old.clone()));
        let answers = together(calls.map(|(process, old)| async move {
            if is_rejected { reject(&process, &old).await } else { replace(&process, &old).await }
        }));
        assert_eq!(texts(answers.await), vec!["same"; 20]);
        assert_eq!(endpoint.requests(), 2, "rejected: {is_rejected}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_in_its_margin_is_replaced_and_used_if_that_fails() {
    let (_, endpoint, [one, other]) = fleet();
    request(&one).await.unwrap();
    sleep(95 * SECOND).await;
    endpoint.answer(Err(TokenError::ExpiredOnArrival));
    let served = request(&other).await.unwrap();
    assert_eq!((text(&served).as_str(), endpoint.requests()), ("token-1", 2));
    let left = remaining(&served, Duration::from_millis(200));
    assert_eq!(left, Duration::from_millis(4_600));
    assert_eq!(text(&request(&other).await.unwrap()), "token-3");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_reaches_its_margin_on_its_way_from_the_store_is_replaced() {
    let (store, endpoint, [one, other]) = fleet();
    request(&one).await.unwrap();
    store.set_faults(Faults { answer_delay: Duration::from_millis(40), ..Faults::default() });
    // The request took 200 ms, so 20 ms are left until the margin of ten seconds.
    sleep(Duration::from_millis(89_780)).await;
    assert_eq!(text(&request(&other).await.unwrap()), "token-2");
    assert_eq!(endpoint.requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_ends_during_the_request_is_not_used() {
    let (_, endpoint, [one, other]) = fleet();
    request(&one).await.unwrap();
    sleep(95 * SECOND).await;
    endpoint.set_latency(5 * SECOND);
    endpoint.answer(Err(TokenError::Interrupted));
    assert!(matches!(request(&other).await, Err(TokenError::Interrupted)));
}

#[tokio::test(start_paused = true)]
async fn tenants_scopes_and_credentials_do_not_meet() {
    let (store, endpoint, [one]) = fleet();
    request(&one).await.unwrap();
    endpoint.set_credential("another");
    assert_eq!(text(&request(&one).await.unwrap()), "token-2", "another credential");
    let other: Scope = "other".parse().unwrap();
    assert_eq!(text(&one.request_token(&other).await.unwrap()), "token-3", "another scope");
    endpoint.set_credential("s3cret");
    assert_eq!(text(&request(&one).await.unwrap()), "token-1");
    let other_keys = crate::memory::KEYS.replacen("AAEC", "AAED", 1);
    let other = Shared::new(endpoint.clone(), store.with_keys(&other_keys));
    assert_eq!(text(&request(&other).await.unwrap()), "token-4", "another key for names");
}

#[tokio::test(start_paused = true)]
async fn a_token_is_not_shared_if_the_credentials_were_replaced_meanwhile() {
    let (store, endpoint, [one]) = fleet();
    endpoint.replace_credential_in_flight("another");
    assert_eq!(text(&request(&one).await.unwrap()), "token-1");
    assert!(store.published().is_empty());
    endpoint.set_credential("s3cret");
    assert_eq!(text(&request(&one).await.unwrap()), "token-2", "and the lease was released");
}

#[tokio::test(start_paused = true)]
async fn what_others_cannot_use_is_not_shared() {
    let narrower = || {
        let mut narrower = response("narrower", 100);
        narrower.scope = Some("other".to_owned());
        narrower
    };
    for (case, answer, is_error) in [
        ("no lifetime", response("once", 0), false),
        ("another scope", narrower(), true),
        ("no bearer token", response("a b", 100), true),
    ] {
        let (store, endpoint, [one, other]) = fleet();
        endpoint.answer(Ok(answer));
        assert_eq!(request(&one).await.is_err(), is_error, "{case}");
        sleep(2 * SECOND).await;
        assert!(store.entries().is_empty(), "{case}");
        assert_eq!(text(&request(&other).await.unwrap()), "token-2", "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_narrower_scope_is_shared_only_on_request() {
    for accept in [false, true] {
        let (store, endpoint) = (MemoryStore::new(), TestEndpoint::default());
        let mut narrower = response("narrower", 100);
        narrower.scope = Some("a".to_owned());
        endpoint.answer(Ok(narrower));
        let both = || Shared::builder(endpoint.clone(), store.clone()).accept_narrower_scope(accept).build();
        let scope: Scope = "a b".parse().unwrap();
        let first = both().request_token(&scope).await;
        assert_eq!(first.is_ok(), accept);
        sleep(2 * SECOND).await;
        let second = both().request_token(&scope).await.unwrap();
        assert_eq!(text(&second) == "narrower", accept);
    }
}

#[tokio::test(start_paused = true)]
async fn only_requests_to_the_server_count_towards_the_limit() {
    let (store, endpoint) = (MemoryStore::new(), TestEndpoint::default());
    let limit = || IssuanceLimit::new(NonZeroU32::MIN, NonZeroU32::MIN);
    let limited = Shared::builder(endpoint.clone(), store.clone()).issuance_limit(limit()).build();
    for _ in 0..10 {
        assert_eq!(text(&request(&limited).await.unwrap()), "token-1");
    }
    let old = access_token("token-1").await;
    let error = replace(&limited, &old).await.unwrap_err();
    assert!(matches!(error, TokenError::RateLimited { .. }), "{error}");
    let [other] = processes(&store, &endpoint);
    let began = Instant::now();
    assert_eq!(text(&replace(&other, &old).await.unwrap()), "token-2");
    assert!(began.elapsed() < SECOND, "the lease is free");
    assert_eq!(text(&replace(&limited, &old).await.unwrap()), "token-2");
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_does_not_say_whose_tokens_it_has_cannot_be_shared() {
    struct Anonymous;

    impl TokenEndpoint for Anonymous {
        async fn request_token(&self, _scope: &Scope) -> Result<auth_core::TokenResponse, TokenError> {
            Ok(response("token", 100))
        }
    }

    let error = Shared::new(Anonymous, MemoryStore::new()).request_token(&scope()).await.unwrap_err();
    assert!(error.to_string().contains("implement `TokenEndpoint::identity`"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn caches_of_two_processes_have_the_same_token() {
    let (_, endpoint, all) = fleet::<2>();
    let caches = all.map(TokenCache::new);
    for cache in &caches {
        assert_eq!(cache.access_token(&scope()).await.unwrap().expose(), "token-1");
    }
    for cache in &caches {
        cache.reject(&cache.access_token(&scope()).await.unwrap());
        assert_eq!(cache.access_token(&scope()).await.unwrap().expose(), "token-2");
    }
    assert_eq!(endpoint.requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn nothing_shows_in_debug_or_in_the_store() {
    let (store, _, [one]) = fleet();
    let response = request(&one).await.unwrap();
    let shown = format!("{one:?} {:?}", Shared::builder(TestEndpoint::default(), store.clone()));
    let dumped = format!("{:?}", store.entries()) + &String::from_utf8_lossy(&store.entries()[0].1);
    for secret in ["marker-scope", TestEndpoint::CLIENT_ID, "s3cret", "example.com/token", &text(&response), "AAEC"] {
        assert!(!shown.contains(secret) && !dumped.contains(secret), "{secret}: {shown}");
    }
}
