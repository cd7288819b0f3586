//! The contract suite itself: a store that keeps the contract passes, and each sentence finds the stores that break it.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

#[path = "support/flawed.rs"]
mod flawed;

use std::collections::BTreeSet;
use std::sync::Arc;

use auth_fleet::contract::{StoreContract, Violations};
use flawed::{Flaw, Memory, State};

async fn check(flaw: Flaw) -> Result<(), Violations> {
    let state = Arc::new(State::default());
    let lost = Arc::clone(&state);
    StoreContract::new(move || {
        let state = Arc::clone(&state);
        async move { Memory::open(flaw, state) }
    })
    .losing_everything(move || {
        let lost = Arc::clone(&lost);
        async move { lost.lose_everything(flaw) }
    })
    .check()
    .await
}

#[tokio::test(start_paused = true)]
async fn a_store_that_keeps_the_contract_passes() {
    check(Flaw::None).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn each_sentence_finds_the_stores_that_break_it() {
    let mut found = BTreeSet::new();
    for (flaw, sentence) in [
        (Flaw::Torn, 1),
        (Flaw::OwnClock, 2),
        (Flaw::FullRemaining, 3),
        (Flaw::NeverExpires, 3),
        (Flaw::OneForAll, 3),
        (Flaw::TwoOwners, 4),
        (Flaw::AnotherGrantAgain, 4),
        (Flaw::IgnoresSeen, 4),
        (Flaw::NeedsSeen, 4),
        (Flaw::KeepsRejected, 4),
        (Flaw::KeepsRejectedWhileHeld, 4),
        (Flaw::RemovesOther, 4),
        (Flaw::EndlessLease, 5),
        (Flaw::ShortLease, 5),
        (Flaw::PublishKeepsLease, 5),
        (Flaw::ReleaseKeepsLease, 5),
        (Flaw::AnyPublicationEndsLease, 5),
        (Flaw::SameGeneration, 6),
        (Flaw::ForgetsGenerations, 6),
        (Flaw::ForgetsGenerationsWhenLost, 6),
        (Flaw::Unfenced, 7),
        (Flaw::NeedsLease, 7),
        (Flaw::OnlyNewer, 7),
        (Flaw::DeadStays, 7),
        (Flaw::FromPublication, 7),
        (Flaw::AnyoneReleases, 8),
        (Flaw::Deaf, 9),
        (Flaw::DeafToReleases, 9),
        (Flaw::Misses, 9),
        (Flaw::Endless, 9),
        (Flaw::Lossy, 10),
    ] {
        let violations = check(flaw).await.expect_err(&format!("{flaw:?} breaks sentence {sentence}"));
        let broken: BTreeSet<u8> = violations.iter().map(|violation| violation.sentence()).collect();
        assert!(broken.contains(&sentence), "{flaw:?} breaks sentence {sentence}\n{violations}");
        found.extend(violations.iter().map(|violation| violation.case()));
    }
    // A case that no flaw fails would be a test that cannot fail.
    let listed = include_str!("../src/contract/mod.rs").lines().map(str::trim);
    let cases: BTreeSet<&str> = listed
        .filter_map(|line| line.strip_suffix(';')?.split_once(": ")?.1.split_once("::"))
        .filter_map(|(_, case)| case.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_').then_some(case))
        .collect();
    assert!(cases.len() > 20, "{cases:?}");
    assert_eq!(cases.difference(&found).collect::<Vec<_>>(), [&""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_violation_names_the_sentence_and_the_case() {
    let violations = check(Flaw::AnyoneReleases).await.unwrap_err();
    let shown = violations.to_string();
    let expected = "sentence 8 (`release` ends the lease only of its own owner): a_lease_is_not_released_by_another: ";
    assert!(shown.contains(expected), "{shown}");
    assert_eq!(format!("{violations:?}"), shown);
}
