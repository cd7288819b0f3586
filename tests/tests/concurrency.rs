//! Many callers and scopes, and failures between them.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use auth_core::{ErrorCode, Rejection, Scope, TokenCache, TokenEndpoint, TokenError, TokenResponse};
use auth_sandbox::{Gate, Reply, Sandbox, Step, TokenReply};
use integration_tests::{Issuer, ManualClock, all_ended, api, callers, customer, ended, joined, reached, within};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

/// With this lifetime, a token is due for renewal after 67.5 to 70 seconds, and after 90 it is used only if no new one
/// is available.
const LIFE: Duration = Duration::from_secs(100);
const WHEN_DUE: Duration = Duration::from_secs(75);

/// Each connection needs a file descriptor at both ends, and both ends are in this process.
fn allow_many_connections() {
    let limit = rlimit::increase_nofile_limit(u64::MAX).unwrap();
    assert!(limit >= 4_096, "this test opens 2,000 sockets; raise the limit of open files (now {limit})");
}

/// Row: 10,000 callers on a cold scope.
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_tasks_on_a_cold_scope_cost_one_request() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        let gate = Gate::new();
        issuer.provider.script().always(Step::token().held_by(&gate));
        let callers = callers(10_000, &issuer.cache(), &issuer.scope);
        reached(&gate, 1).await;
        gate.release();
        let answers = joined(callers).await;
        let distinct: HashSet<&str> = answers.iter().map(|answer| answer.as_ref().unwrap().expose()).collect();
        assert_eq!((answers.len(), distinct.len()), (10_000, 1));
        assert_eq!(issuer.provider.requests(), 1);
    }
}

/// Row: 1,000 cold scopes, 10 callers each.
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_cold_scopes_cost_a_thousand_requests_side_by_side() {
    allow_many_connections();
    let sandbox = Sandbox::start().await.unwrap();
    // Opens when all of them wait: if any two requests were sent one after the other, no caller would get a response.
    let gate = Gate::opening_at(1_000);
    let tokens = Issuer::lean(&sandbox).cache();
    // Credentials that the server has not accepted yet are sent with only a few requests at a time.
    tokens.access_token(&api()).await.unwrap();
    sandbox.lean().script().always(Step::token().held_by(&gate));
    let mut all = JoinSet::new();
    for number in 0..1_000 {
        for _ in 0..10 {
            let tokens = tokens.clone();
            all.spawn(async move { within("a caller has an answer", tokens.access_token(&customer(number))).await });
        }
    }
    let answers = joined(all).await;
    let distinct: HashSet<&str> = answers.iter().map(|answer| answer.as_ref().unwrap().expose()).collect();
    assert_eq!((answers.len(), distinct.len()), (10_000, 1_000));
    assert_eq!(sandbox.lean().requests(), 1_001);
}

/// Row: 1,000 cold scopes, 10 callers each.
#[tokio::test]
async fn a_scope_does_not_wait_for_another() {
    let sandbox = Sandbox::start().await.unwrap();
    let gate = Gate::new();
    sandbox.lean().script().push(Step::token().held_by(&gate));
    let tokens = Issuer::lean(&sandbox).cache();
    let held = callers(1, &tokens, &customer(1));
    reached(&gate, 1).await;
    tokens.access_token(&customer(2)).await.unwrap();
    tokens.access_token(&customer(2)).await.unwrap();
    gate.release();
    assert!(joined(held).await[0].is_ok());
    assert_eq!(sandbox.lean().requests(), 2);
}

/// Row: 200 callers, the request fails.
#[tokio::test]
async fn callers_of_a_failing_request_share_one_request_and_one_error() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        let gate = Gate::new();
        issuer.provider.script().always(Step::from(Reply::oauth_error(401, "invalid_client")).held_by(&gate));
        let tokens = issuer.cache();
        let callers = callers(200, &tokens, &issuer.scope);
        reached(&gate, 1).await;
        gate.release();
        for answer in joined(callers).await {
            let Err(TokenError::Refused(refused)) = answer else { panic!("{answer:?}") };
            assert_eq!((refused.status, &refused.code), (401, &Some(ErrorCode::InvalidClient)));
        }
        assert!(tokens.access_token(&issuer.scope).await.is_err(), "the scope is in a cooldown");
        assert_eq!(issuer.provider.requests(), 1);
    }
}

/// Row: 200 callers, the request fails.
#[tokio::test]
async fn callers_of_a_request_that_gets_no_answer_share_its_attempts_and_its_error() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        issuer.provider.script().always(Step::close());
        let tokens = issuer.builder().clock(ManualClock::new()).build();
        for answer in joined(callers(200, &tokens, &issuer.scope)).await {
            assert!(matches!(&answer, Err(TokenError::Transport(error)) if error.is_transient()), "{answer:?}");
        }
        assert_eq!(issuer.provider.requests(), 3, "one request, retried twice");
        for answer in joined(callers(200, &tokens, &issuer.scope)).await {
            assert!(matches!(answer, Err(TokenError::Transport(_))), "{answer:?}");
        }
        assert_eq!(issuer.provider.requests(), 3, "the scope is in a cooldown");
    }
}

/// Row: caller dropped or timed out while its request is in flight.
#[tokio::test]
async fn a_request_goes_on_when_its_caller_gives_up() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        let gate = Gate::new();
        issuer.provider.script().push(Step::token().held_by(&gate));
        let tokens = issuer.cache();
        let mut impatient = callers(20, &tokens, &issuer.scope);
        reached(&gate, 1).await;
        impatient.shutdown().await;
        gate.release();
        tokens.access_token(&issuer.scope).await.unwrap();
        assert_eq!(issuer.provider.requests(), 1, "the request of the former callers served the new one");
    }
}

/// Row: caller dropped or timed out while its request is in flight.
#[tokio::test]
async fn the_second_of_callers_with_short_deadlines_gets_the_token() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        let (gate, patience) = (Gate::new(), Duration::from_millis(100));
        issuer.provider.script().push(Step::token().held_by(&gate));
        let tokens = issuer.cache();
        assert!(timeout(patience, tokens.access_token(&issuer.scope)).await.is_err());
        reached(&gate, 1).await;
        gate.release();
        ended(1, &tokens).await;
        for _ in 0..19 {
            timeout(patience, tokens.access_token(&issuer.scope)).await.unwrap().unwrap();
        }
        assert_eq!(issuer.provider.requests(), 1);
    }
}

/// Row: deadline of a call, with requests lost on the way.
#[tokio::test(start_paused = true)]
async fn a_call_ends_by_its_deadline_however_many_requests_are_lost_on_the_way() {
    /// Panics after this time, for every request.
    struct Dies(Duration);
    impl TokenEndpoint for Dies {
        async fn request_token(&self, _scope: &Scope) -> Result<TokenResponse, TokenError> {
            sleep(self.0).await;
            panic!("on purpose");
        }
    }
    let deadline = Duration::from_secs(5);
    for (lost_after, wanted) in [(4_000, 5_000), (2_600, 5_000), (4_999, 5_000), (1_000, 3_000)] {
        let endpoint = Dies(Duration::from_millis(lost_after));
        let tokens = TokenCache::builder(endpoint).request_deadline(deadline).build();
        let begin = Instant::now();
        for error in joined(callers(10, &tokens, &api())).await {
            match error.unwrap_err() {
                TokenError::Timeout { after } => assert_eq!((after, wanted), (deadline, 5_000)),
                TokenError::Interrupted => assert_eq!(wanted, 3_000),
                error => panic!("{error:?}"),
            }
        }
        let took = begin.elapsed().as_millis();
        assert!((wanted..wanted + 10).contains(&took), "{took} ms with requests that are lost after {lost_after} ms");
    }
}

/// Row: the runtime of the in-flight request ends; the endpoint panics.
#[test]
fn a_waiting_caller_sends_a_new_request_when_the_runtime_ends() {
    let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let of_waiter = runtime();
    let sandbox = of_waiter.block_on(Sandbox::start()).unwrap();
    for issuer in Issuer::both(&sandbox) {
        let (of_leader, gate) = (runtime(), Gate::new());
        issuer.provider.script().push(Step::token().held_by(&gate));
        let tokens = issuer.cache();
        let (leader, scope) = (tokens.clone(), issuer.scope.clone());
        of_leader.spawn(async move { leader.access_token(&scope).await });
        of_waiter.block_on(reached(&gate, 1));
        let waiting = of_waiter.block_on(async { callers(10, &tokens, &issuer.scope) });
        of_leader.shutdown_background();
        for answer in of_waiter.block_on(joined(waiting)) {
            answer.unwrap();
        }
        assert_eq!(issuer.provider.requests(), 2);
    }
    of_waiter.block_on(sandbox.shutdown());
}

/// Row: the runtime of the in-flight request ends; the endpoint panics.
#[tokio::test]
async fn a_panicking_endpoint_corrupts_no_state() {
    struct Panics(AtomicBool);
    impl TokenEndpoint for Panics {
        async fn request_token(&self, _scope: &Scope) -> Result<TokenResponse, TokenError> {
            assert!(self.0.swap(true, Ordering::SeqCst), "on purpose");
            Ok(TokenResponse::new("second"))
        }
    }
    let tokens = TokenCache::new(Panics(false.into()));
    for answer in joined(callers(10, &tokens, &api())).await {
        assert_eq!(answer.unwrap().expose(), "second");
    }
}

/// Row: the runtime of the in-flight request ends; the endpoint panics.
#[tokio::test]
async fn a_scope_whose_endpoint_always_panics_enters_a_cooldown() {
    struct Panics(Arc<AtomicUsize>);
    impl TokenEndpoint for Panics {
        async fn request_token(&self, _scope: &Scope) -> Result<TokenResponse, TokenError> {
            self.0.fetch_add(1, Ordering::SeqCst);
            panic!("on purpose");
        }
    }
    let (requests, clock) = (Arc::new(AtomicUsize::new(0)), ManualClock::new());
    let tokens = TokenCache::builder(Panics(Arc::clone(&requests))).clock(clock.clone()).build();
    for round in 1..=3 {
        for _ in 0..2 {
            for answer in joined(callers(100, &tokens, &api())).await {
                assert!(matches!(answer, Err(TokenError::Interrupted)), "{answer:?}");
            }
            assert_eq!(requests.load(Ordering::SeqCst), 3 * round);
        }
        assert_eq!(tokens.stats().cooldowns, u64::try_from(round).unwrap(), "each cooldown is reported once");
        clock.pass(Duration::from_secs(60));
    }
}

/// Row: refresh fails while the token lives.
#[tokio::test]
async fn a_failed_renewal_affects_no_caller_while_the_token_is_valid() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        issuer.provider.script().push(TokenReply::new().lifetime(LIFE)).always(Step::status(503));
        let clock = ManualClock::new();
        let tokens = issuer.builder().clock(clock.clone()).build();
        let first = tokens.access_token(&issuer.scope).await.unwrap();
        clock.pass(WHEN_DUE);
        // From here to the end of its lifetime, margin included, one second at a time.
        for second in 76..=100 {
            for _ in 0..4 {
                let served = tokens.access_token(&issuer.scope).await.unwrap();
                assert_eq!(served.expose(), first.expose(), "{second}");
                assert!(tokens.cached(&issuer.scope).is_some(), "no caller waits");
                tokio::task::yield_now().await;
                all_ended(&tokens).await;
            }
            clock.pass(Duration::from_secs(1));
        }
        // Cooldowns start at half a second and double each time, up to half of the remaining lifetime of the token: in 25
        // seconds there is room for ten requests, not for 100.
        assert!((4..=12).contains(&issuer.provider.requests()), "few requests: {}", issuer.provider.requests());
        clock.pass(Duration::from_secs(1));
        assert!(tokens.cached(&issuer.scope).is_none(), "no token outlives its end");
    }
}

/// Row: refresh fails while the token lives.
#[tokio::test]
async fn a_request_is_retried_only_while_there_is_no_valid_token() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        let clock = ManualClock::new();
        let tokens = issuer.builder().clock(clock.clone()).build();
        issuer.provider.script().push(Step::status(500)).push(Step::close()).push(TokenReply::new().lifetime(LIFE));
        let first = tokens.access_token(&issuer.scope).await.unwrap();
        assert_eq!(issuer.provider.requests(), 3, "without a token it is retried twice");
        for later in [WHEN_DUE, Duration::from_secs(16)] {
            issuer.provider.script().push(Step::status(500));
            clock.pass(later);
            let before = issuer.provider.requests();
            assert_eq!(tokens.access_token(&issuer.scope).await.unwrap().expose(), first.expose());
            ended(before + 1, &tokens).await;
            assert_eq!(issuer.provider.requests(), before + 1, "with one it is not");
            assert_eq!(tokens.access_token(&issuer.scope).await.unwrap().expose(), first.expose());
        }
    }
}

/// Row: refresh fails while the token lives.
#[tokio::test]
async fn a_token_near_expiry_is_renewed_in_the_background_without_a_wait() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        let (clock, gate) = (ManualClock::new(), Gate::new());
        issuer.provider.script().push(TokenReply::new().lifetime(LIFE)).push(Step::token().held_by(&gate));
        let tokens = issuer.builder().clock(clock.clone()).build();
        let first = tokens.access_token(&issuer.scope).await.unwrap();
        clock.pass(WHEN_DUE);
        for _ in 0..100 {
            // The server holds its response until this loop ends, so the test would not end if any caller had to wait.
            assert_eq!(tokens.access_token(&issuer.scope).await.unwrap().expose(), first.expose());
        }
        reached(&gate, 1).await;
        gate.release();
        ended(2, &tokens).await;
        let renewed = tokens.access_token(&issuer.scope).await.unwrap();
        assert_ne!(renewed.expose(), first.expose());
        assert_eq!(issuer.provider.requests(), 2);
    }
}

/// Row: 100 simultaneous 401s on one token.
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_rejections_of_one_token_cost_one_new_token() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        let tokens = issuer.cache();
        let first = tokens.access_token(&issuer.scope).await.unwrap();
        assert!(sandbox.revoke(first.expose()));
        let (http, url) = (reqwest::Client::new(), issuer.provider.resource_url());
        let mut all = JoinSet::new();
        for _ in 0..100 {
            let (tokens, scope, first) = (tokens.clone(), issuer.scope.clone(), first.clone());
            let (http, url) = (http.clone(), url.clone());
            all.spawn(async move {
                let call = http.get(url).header("Authorization", first.authorization());
                assert_eq!(call.send().await.unwrap().status(), 401);
                let rejection = tokens.reject(&first);
                (rejection, tokens.access_token(&scope).await.unwrap())
            });
        }
        let outcomes = within("every caller has another token", all.join_all()).await;
        let dropped = outcomes.iter().filter(|(rejection, _)| *rejection == Rejection::Dropped).count();
        let distinct: HashSet<&str> = outcomes.iter().map(|(_, token)| token.expose()).collect();
        assert_eq!((dropped, distinct.len(), distinct.contains(first.expose())), (1, 1, false));
        assert_eq!(tokens.reject(&first), Rejection::Outdated, "a late one changes nothing");
        assert!(distinct.contains(tokens.access_token(&issuer.scope).await.unwrap().expose()));
        assert_eq!(issuer.provider.requests(), 2);
    }
}

/// Row: 100 simultaneous 401s on one token.
#[tokio::test]
async fn a_token_of_another_cache_cannot_be_rejected() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        let (one, other) = (issuer.cache(), issuer.cache());
        let token = one.access_token(&issuer.scope).await.unwrap();
        other.access_token(&issuer.scope).await.unwrap();
        assert_eq!(other.reject(&token), Rejection::Outdated);
        assert!(other.cached(&issuer.scope).is_some());
    }
}

/// Row: the issuer returns the token that was just rejected.
#[tokio::test]
async fn a_server_that_repeats_a_rejected_token_causes_no_loop() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        issuer.provider.set_lifetime(Duration::from_secs(24 * 60 * 60));
        issuer.provider.script().always(TokenReply::new().repeat_last());
        let clock = ManualClock::new();
        let tokens = issuer.builder().clock(clock.clone()).build();
        let mut last_request = 0;
        for second in 0..3_600 {
            match tokens.access_token(&issuer.scope).await {
                Ok(token) => {
                    last_request = second;
                    assert_eq!(tokens.reject(&token), Rejection::Dropped);
                }
                Err(TokenError::Rejected { retry_after }) => {
                    assert!(!retry_after.is_zero() && retry_after <= Duration::from_secs(60), "{retry_after:?}");
                }
                Err(error) => panic!("{error:?}"),
            }
            clock.pass(Duration::from_secs(1));
        }
        // Two at once, then after 1, 2, 4, 8, 16, 32 seconds and every minute.
        let requests = issuer.provider.requests();
        assert!((60..=68).contains(&requests), "{requests} requests in an hour");
        assert!(last_request > 3_500, "and it is never given up for good: {last_request}");
    }
}

/// Row: the issuer returns the token that was just rejected.
#[tokio::test]
async fn occasional_rejections_cause_no_cooldown() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        let clock = ManualClock::new();
        let tokens = issuer.builder().clock(clock.clone()).build();
        for _ in 0..10 {
            let token = tokens.access_token(&issuer.scope).await.unwrap();
            assert_eq!(tokens.reject(&token), Rejection::Dropped);
            tokens.access_token(&issuer.scope).await.unwrap();
            clock.pass(Duration::from_secs(121));
        }
        assert_eq!((issuer.provider.requests(), tokens.stats().cooldowns), (11, 0));
    }
}
