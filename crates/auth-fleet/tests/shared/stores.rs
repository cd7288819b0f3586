//! Stores that do not work, or hold what nobody can use.

use std::time::Duration;

use auth_fleet::{Health, Shared, StoreErrorKind};
use tokio::time::{Instant, sleep};

use crate::endpoint::TestEndpoint;
use crate::memory::{Faults, KEYS, MemoryStore};
use crate::processes::{Noting, fleet, request, text, texts, together};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_costs_each_process_its_own_request() {
    let kinds = [
        StoreErrorKind::Unreachable,
        StoreErrorKind::Timeout,
        StoreErrorKind::ReadOnly,
        StoreErrorKind::Full,
        StoreErrorKind::Denied,
        StoreErrorKind::Configuration,
        StoreErrorKind::Protocol,
        StoreErrorKind::System,
    ];
    for kind in kinds {
        for faults in [
            Faults { reads: Some(kind), ..Faults::default() },
            Faults { writes: Some(kind), ..Faults::default() },
            Faults { reads: Some(kind), writes: Some(kind), ..Faults::default() },
        ] {
            let (store, endpoint, all) = fleet::<5>();
            store.set_faults(faults);
            let answers = together(all.clone().into_iter().map(|process| async move { request(&process).await })).await;
            assert_eq!(texts(answers).len(), 5);
            assert_eq!(endpoint.requests(), 5, "{faults:?}");
            for process in &all {
                let Health::Alone { error, .. } = process.health() else { panic!("{faults:?}") };
                assert_eq!(error.kind(), kind);
                assert!(process.health().is_ready());
                assert_eq!((process.stats().alone, process.stats().store_down), (1, 1));
            }
            let before = store.operations();
            request(&all[0]).await.unwrap();
            assert_eq!(store.operations(), before, "it is not asked for a while");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_works_again_is_used_again() {
    let (store, endpoint) = (MemoryStore::new(), TestEndpoint::default());
    let noting = Noting::default();
    let process = Shared::builder(endpoint.clone(), store.clone()).observer(noting.clone()).build();
    let unreachable = Some(StoreErrorKind::Unreachable);
    store.set_faults(Faults { reads: unreachable, writes: unreachable, ..Faults::default() });
    request(&process).await.unwrap();
    store.set_faults(Faults::default());
    request(&process).await.unwrap();
    assert_eq!(noting.events(), ["StoreDown", "Alone", "Alone"]);
    sleep(2 * SECOND).await;
    request(&process).await.unwrap();
    assert_eq!(noting.events(), ["StoreUp", "Led"]);
    assert_eq!(process.health(), Health::Sharing);
    request(&process).await.unwrap();
    assert_eq!(noting.events(), ["Hit"]);
    assert_eq!(endpoint.requests(), 3);
    let stats = process.stats();
    let counts = [stats.hits, stats.led, stats.waited, stats.alone, stats.store_down, stats.store_up, stats.not_opened];
    assert_eq!(counts, [1, 1, 0, 2, 1, 1, 0]);
}

#[tokio::test(start_paused = true)]
async fn while_one_call_tries_a_store_again_the_others_wait_for_the_outcome() {
    const OTHERS: [&str; 40] = ["marker-scope"; 40];

    let (millisecond, unreachable) = (Duration::from_millis(1), Some(StoreErrorKind::Unreachable));
    let working = Faults { delay: millisecond, answer_delay: millisecond, ..Faults::default() };
    let failing = Faults { reads: unreachable, writes: unreachable, ..working };
    for (case, faults, is_abandoned, shared, longest) in [
        ("it works", working, false, 41, 100),
        ("it fails", failing, false, 0, 10),
        ("it does not answer", Faults { delay: SECOND, ..working }, false, 0, 50),
        ("the trial is abandoned", working, true, 0, 50),
    ] {
        let (store, endpoint, [process]) = fleet();
        endpoint.set_latency(Duration::ZERO);
        store.set_faults(failing);
        request(&process).await.unwrap();
        // No call has tried the store for an hour.
        sleep(3_600 * SECOND).await;
        store.set_faults(faults);
        let began = Instant::now();
        let trial = tokio::spawn({
            let process = process.clone();
            async move { request(&process).await }
        });
        tokio::task::yield_now().await;
        if is_abandoned {
            trial.abort();
        }
        let others = together(OTHERS.map(|_| {
            let process = process.clone();
            async move { request(&process).await }
        }))
        .await;
        let took = began.elapsed();
        assert_eq!(texts(others).len(), OTHERS.len());
        assert!(took <= longest * millisecond, "{case}: {took:?}");
        assert_eq!(trial.await.is_ok(), !is_abandoned, "{case}");
        let stats = process.stats();
        assert_eq!(stats.hits + stats.led + stats.waited, shared, "{case}");
        assert_eq!(process.health() == Health::Sharing, shared > 0, "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_has_fifty_milliseconds_for_an_operation() {
    for (delay, is_in_time) in [(49, true), (51, false)] {
        let (store, _, [process]) = fleet();
        store.set_faults(Faults { delay: Duration::from_millis(delay), ..Faults::default() });
        let began = Instant::now();
        request(&process).await.unwrap();
        assert_eq!(process.health() == Health::Sharing, is_in_time, "{delay}");
        if !is_in_time {
            assert_eq!(began.elapsed(), Duration::from_millis(250), "the store and the request");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_while_a_call_waits_ends_the_wait() {
    let (store, endpoint, all) = fleet::<5>();
    endpoint.set_latency(5 * SECOND);
    let calls = tokio::spawn(together(all.into_iter().map(|process| async move {
        let began = Instant::now();
        request(&process).await.map(|_| began.elapsed())
    })));
    sleep(2 * SECOND).await;
    endpoint.set_latency(Duration::ZERO);
    let unreachable = Some(StoreErrorKind::Unreachable);
    store.set_faults(Faults { reads: unreachable, writes: unreachable, ..Faults::default() });
    let mut took: Vec<Duration> = calls.await.unwrap().into_iter().map(Result::unwrap).collect();
    took.sort();
    assert!(took[3] < 4 * SECOND && took[4] < 6 * SECOND, "{took:?}");
    assert_eq!(endpoint.requests(), 5);
}

#[tokio::test(start_paused = true)]
async fn an_entry_that_does_not_open_is_counted_and_replaced() {
    let swap = |text: &str| text.lines().rev().collect::<Vec<_>>().join("\n");
    for (case, change) in [
        ("changed", (|value| value[20] ^= 1) as fn(&mut Vec<u8>)),
        ("cut", |value| value.truncate(10)),
        ("empty", |value| value.clear()),
        ("another version", |value| value[0] = 2),
    ] {
        let (store, endpoint, [one, other]) = fleet();
        request(&one).await.unwrap();
        store.tamper(change);
        assert_eq!(text(&request(&other).await.unwrap()), "token-2", "{case}");
        assert_eq!(other.stats().not_opened, 1, "{case}");
        assert_eq!((text(&request(&one).await.unwrap()).as_str(), endpoint.requests()), ("token-2", 2), "{case}");
    }
    assert_ne!(swap(KEYS), KEYS);
}

#[tokio::test(start_paused = true)]
async fn the_key_that_seals_can_be_rotated_while_tokens_live() {
    let third = "KioqKioqKioqKioqKioqKioqKioqKioqKioqKioqKio=";
    let (first, second) = KEYS.split_once('\n').unwrap();
    let (store, endpoint) = (MemoryStore::new(), TestEndpoint::default());
    let with = |keys: &str| Shared::new(endpoint.clone(), store.with_keys(keys));
    let old = with(KEYS);
    request(&old).await.unwrap();
    let appended = with(&format!("{first}\n{second}\n{third}"));
    let moved = with(&format!("{first}\n{third}\n{second}"));
    for process in [&appended, &moved, &old] {
        assert_eq!(text(&request(process).await.unwrap()), "token-1");
    }
    store.evict();
    request(&moved).await.unwrap();
    let removed = with(&format!("{first}\n{third}"));
    for process in [&appended, &moved, &removed] {
        assert_eq!((text(&request(process).await.unwrap()).as_str(), endpoint.requests()), ("token-2", 2));
    }
}

#[tokio::test(start_paused = true)]
async fn keys_that_cannot_be_used_are_an_outage_of_the_store() {
    let (store, endpoint) = (MemoryStore::new(), TestEndpoint::default());
    let process = Shared::new(endpoint, store.with_keys("hunter2"));
    assert_eq!(text(&request(&process).await.unwrap()), "token-1");
    let Health::Alone { error, .. } = process.health() else { panic!("it has no keys") };
    assert_eq!(
        error.to_string(),
        "the store cannot be used as configured: line 1 of the keys is not 32 bytes in Base64; create a key with \
         `openssl rand -base64 32`"
    );
}
