//! Processes that have the lease and are killed, stopped, or fail.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::endpoint::access_token;
use crate::memory::Faults;
use crate::processes::{Stop, fleet, replace, request, text, texts, together};

const SECOND: Duration = Duration::from_secs(1);

/// Half of the time that a request takes.
const MIDWAY: Duration = Duration::from_millis(100);

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_releases_its_lease() {
    let (_, endpoint, [one, other]) = fleet();
    let call = tokio::spawn(async move { request(&one).await });
    sleep(MIDWAY).await;
    call.abort();
    let began = Instant::now();
    assert_eq!(text(&request(&other).await.unwrap()), "token-2");
    assert!(began.elapsed() < SECOND, "{:?}", began.elapsed());
    assert_eq!(endpoint.requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_is_killed_costs_one_lease_and_one_request() {
    let (store, endpoint, all) = fleet::<20>();
    store.set_faults(Faults { loses_releases: true, ..Faults::default() });
    let killed = all[0].clone();
    let call = tokio::spawn(async move { request(&killed).await });
    sleep(MIDWAY).await;
    call.abort();
    let began = Instant::now();
    let answers = together(all.into_iter().map(|process| async move { request(&process).await })).await;
    assert_eq!(texts(answers), vec!["token-2"; 20]);
    let took = began.elapsed();
    assert!(took > 9 * SECOND && took < 12 * SECOND, "the rest of the lease: {took:?}");
    assert_eq!(endpoint.requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_anywhere_delays_the_others_by_no_lease() {
    // With an operation of the store taking 2 ms, this drops a call at every step.
    for step in 0..220 {
        let (store, endpoint, [one, other]) = fleet();
        store.set_faults(Faults {
            delay: Duration::from_millis(1),
            answer_delay: Duration::from_millis(1),
            ..Faults::default()
        });
        let call = tokio::spawn(async move { request(&one).await });
        sleep(Duration::from_millis(step)).await;
        call.abort();
        let began = Instant::now();
        request(&other).await.unwrap();
        assert!(began.elapsed() < Duration::from_millis(300), "{step}: {:?}", began.elapsed());
        assert!(endpoint.requests() <= 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_process_that_was_stopped_cannot_overwrite_a_newer_token() {
    // It is stopped after its request was sent, and before it reads the answer.
    let (store, endpoint, [stopped, other]) = fleet();
    let stop = Stop::default();
    let call = tokio::spawn({
        let stop = stop.clone();
        async move { stop.inside(request(&stopped)).await }
    });
    sleep(MIDWAY).await;
    stop.stop();
    sleep(20 * SECOND).await;
    assert_eq!(text(&request(&other).await.unwrap()), "token-2");
    stop.go_on();
    assert_eq!(text(&call.await.unwrap().unwrap()), "token-2", "it takes the newer one");
    assert_eq!(text(&request(&other).await.unwrap()), "token-2");
    assert_eq!((store.published().len(), endpoint.requests()), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn a_process_that_was_stopped_before_it_learned_of_its_lease_sends_no_request() {
    let (store, endpoint, [stopped, other]) = fleet();
    let stop = Stop::default();
    // It reads the entry and the suspension, and has the lease after 20 ms, of which it learns after 30 ms.
    store.set_faults(Faults { answer_delay: Duration::from_millis(10), ..Faults::default() });
    let call = tokio::spawn({
        let stop = stop.clone();
        async move { stop.inside(request(&stopped)).await }
    });
    sleep(Duration::from_millis(25)).await;
    stop.stop();
    sleep(20 * SECOND).await;
    assert_eq!(text(&request(&other).await.unwrap()), "token-1");
    stop.go_on();
    assert_eq!(text(&call.await.unwrap().unwrap()), "token-1");
    assert_eq!(endpoint.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_process_whose_lease_was_lost_cannot_overwrite_a_newer_token() {
    let (store, endpoint, [one, other]) = fleet();
    endpoint.set_latency(9 * SECOND);
    let call = tokio::spawn(async move { request(&one).await });
    sleep(SECOND).await;
    endpoint.set_latency(Duration::from_millis(200));
    // As after a failover.
    store.flush();
    assert_eq!(text(&request(&other).await.unwrap()), "token-2");
    assert_eq!(text(&call.await.unwrap().unwrap()), "token-2", "it takes the newer one");
    assert_eq!(text(&request(&other).await.unwrap()), "token-2");
    assert_eq!(store.published().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_publishes_late_does_not_make_a_token_younger() {
    let (store, endpoint, [one, other]) = fleet();
    endpoint.set_lifetime(5);
    let call = tokio::spawn(async move { request(&one).await });
    sleep(MIDWAY).await;
    // The store is blocked for two seconds, and then does what it was asked for. The call does not wait for it.
    store.set_faults(Faults { delay: 2 * SECOND, ..Faults::default() });
    assert_eq!(text(&call.await.unwrap().unwrap()), "token-1");
    store.set_faults(Faults::default());
    sleep(3 * SECOND).await;
    for (_, _, left) in store.entries() {
        assert!(left <= Duration::from_millis(1_900), "{left:?}");
    }
    request(&other).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn calls_wait_no_longer_than_they_may() {
    let (store, endpoint, [killed, other]) = fleet();
    store.set_faults(Faults { loses_releases: true, ..Faults::default() });
    let patient = auth_fleet::Shared::builder(endpoint.clone(), store.clone()).longest_wait(3 * SECOND).build();
    let call = tokio::spawn(async move { request(&killed).await });
    sleep(MIDWAY).await;
    call.abort();
    let began = Instant::now();
    let error = request(&patient).await.unwrap_err();
    assert!(matches!(error, auth_core::TokenError::Timeout { .. }), "{error}");
    assert!((3 * SECOND..4 * SECOND).contains(&began.elapsed()), "{:?}", began.elapsed());
    assert_eq!(text(&request(&other).await.unwrap()), "token-2");
}

#[tokio::test(start_paused = true)]
async fn a_request_has_a_deadline_that_is_shorter_than_its_lease() {
    let (_, endpoint, [one, other]) = fleet();
    endpoint.set_latency(3_600 * SECOND);
    let began = Instant::now();
    let answers = together([one, other].map(|process| async move { request(&process).await })).await;
    for answer in answers {
        assert!(answer.unwrap_err().is_transient());
    }
    assert!((10 * SECOND..11 * SECOND).contains(&began.elapsed()), "{:?}", began.elapsed());
    assert_eq!(endpoint.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_replaced_after_its_entry_was_lost() {
    let (store, endpoint, [one, other]) = fleet();
    let old = access_token(&text(&request(&one).await.unwrap())).await;
    store.evict();
    assert_eq!(text(&replace(&other, &old).await.unwrap()), "token-2");
    store.flush();
    assert_eq!(text(&request(&one).await.unwrap()), "token-3");
    assert_eq!(endpoint.requests(), 3);
}
