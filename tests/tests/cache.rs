//! The cache against the sandbox's authorization servers.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::collections::HashSet;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use auth_core::{
    AccessToken, ApiToken, ClientCredentials, CredentialError, ErrorCode, LeanTokenEndpoint, LeanixTokenEndpoint,
    NotAToken, OldTokens, Rejection, Scope, TokenCache, TokenEndpoint, TokenError, TokenResponse, lean, leanix,
};
use auth_sandbox::{Gate, Reply, Sandbox, Step, TokenReply};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// A lifetime in which a token falls due while a test waits.
const SHORT_LIFE: Duration = Duration::from_secs(10);

/// With that lifetime a token is due after seven seconds at the latest, and usable until nine.
const UNTIL_DUE: Duration = Duration::from_millis(7_050);

fn lean_endpoint(sandbox: &Sandbox) -> LeanTokenEndpoint {
    let credentials = ClientCredentials::new(sandbox.lean_client_id(), sandbox.lean_client_secret()).unwrap();
    LeanTokenEndpoint::new(lean::Client::new(sandbox.base_url()).unwrap(), credentials)
}

fn lean_cache(sandbox: &Sandbox) -> TokenCache {
    TokenCache::new(lean_endpoint(sandbox))
}

fn leanix_cache(sandbox: &Sandbox) -> TokenCache {
    let api_token = ApiToken::new(sandbox.leanix_api_token()).unwrap();
    TokenCache::new(LeanixTokenEndpoint::new(leanix::Client::new(sandbox.base_url()).unwrap(), api_token))
}

fn api() -> Scope {
    lean::Scope::Api.into()
}

/// The scope of the customer with this number.
fn customer(number: usize) -> Scope {
    lean::Scope::Customer(format!("00000000-0000-4000-8000-{number:012}").parse().unwrap()).into()
}

/// Lets this many callers ask for `scope` at once.
fn callers(count: usize, tokens: &TokenCache, scope: &Scope) -> JoinSet<Result<AccessToken, TokenError>> {
    let mut callers = JoinSet::new();
    for _ in 0..count {
        let (tokens, scope) = (tokens.clone(), scope.clone());
        callers.spawn(async move { tokens.access_token(&scope).await });
    }
    callers
}

/// Each connection takes a file descriptor at either end, and both ends are in this process.
fn allow_many_connections() {
    let limit = rlimit::increase_nofile_limit(u64::MAX).unwrap();
    assert!(limit >= 4_096, "this test opens 2,000 sockets; raise the limit of open files (now {limit})");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_tasks_on_a_cold_scope_cost_one_request() {
    let sandbox = Sandbox::start().await.unwrap();
    let gate = Gate::new();
    sandbox.lean().script().always(Step::token().held_by(&gate));
    let tokens = lean_cache(&sandbox);
    let callers = callers(10_000, &tokens, &api());
    gate.reached(1).await;
    gate.release();
    let answers = callers.join_all().await;
    let distinct: HashSet<&str> = answers.iter().map(|answer| answer.as_ref().unwrap().expose()).collect();
    assert_eq!((answers.len(), distinct.len()), (10_000, 1));
    assert_eq!(sandbox.lean().requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_cold_scopes_cost_a_thousand_requests_side_by_side() {
    allow_many_connections();
    let sandbox = Sandbox::start().await.unwrap();
    // Opens when all of them wait: were any two requests made one after the other, this test would not end.
    let gate = Gate::opening_at(1_000);
    sandbox.lean().script().always(Step::token().held_by(&gate));
    let tokens = lean_cache(&sandbox);
    let mut all = JoinSet::new();
    for number in 0..1_000 {
        for _ in 0..10 {
            let tokens = tokens.clone();
            all.spawn(async move { tokens.access_token(&customer(number)).await });
        }
    }
    let answers = all.join_all().await;
    let distinct: HashSet<&str> = answers.iter().map(|answer| answer.as_ref().unwrap().expose()).collect();
    assert_eq!((answers.len(), distinct.len()), (10_000, 1_000));
    assert_eq!(sandbox.lean().requests(), 1_000);
}

#[tokio::test]
async fn a_scope_does_not_wait_for_another() {
    let sandbox = Sandbox::start().await.unwrap();
    let gate = Gate::new();
    sandbox.lean().script().push(Step::token().held_by(&gate));
    let tokens = lean_cache(&sandbox);
    let held = callers(1, &tokens, &customer(1));
    gate.reached(1).await;
    tokens.access_token(&customer(2)).await.unwrap();
    tokens.access_token(&customer(2)).await.unwrap();
    gate.release();
    assert!(held.join_all().await[0].is_ok());
    assert_eq!(sandbox.lean().requests(), 2);
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

#[tokio::test]
async fn the_lifetime_counts_from_the_start_of_the_request() {
    let sandbox = Sandbox::start().await.unwrap();
    // Sixty seconds, of which the answer takes one: 59 are left at most, whenever this line runs.
    let slow = Step::from(TokenReply::new().lifetime(Duration::from_secs(60))).after(Duration::from_secs(1));
    sandbox.lean().script().push(slow);
    let token = lean_cache(&sandbox).access_token(&api()).await.unwrap();
    assert!(token.remaining() <= Duration::from_secs(59), "{:?}", token.remaining());
    // Two seconds, of which the answer takes all: no use to anybody.
    let late = Step::from(TokenReply::new().lifetime(Duration::from_secs(2))).after(Duration::from_secs(2));
    sandbox.lean().script().push(late);
    let tokens = TokenCache::builder(lean_endpoint(&sandbox)).retries(0).build();
    let error = tokens.access_token(&api()).await.unwrap_err();
    assert!(matches!(error, TokenError::ExpiredOnArrival) && error.is_transient(), "{error:?}");
}

#[tokio::test]
async fn an_expired_token_is_replaced() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.lean().script().push(TokenReply::new().lifetime(Duration::from_secs(1)));
    let tokens = lean_cache(&sandbox);
    let first = tokens.access_token(&api()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert!(tokens.cached(&api()).is_none());
    assert_eq!(first.remaining(), Duration::ZERO);
    let second = tokens.access_token(&api()).await.unwrap();
    assert_ne!(first.expose(), second.expose());
    assert_eq!(sandbox.lean().requests(), 2);
}

#[tokio::test]
async fn a_token_near_its_end_is_renewed_in_the_background_and_nobody_waits() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.lean().script().push(TokenReply::new().lifetime(SHORT_LIFE));
    let tokens = lean_cache(&sandbox);
    let first = tokens.access_token(&api()).await.unwrap();
    tokio::time::sleep(UNTIL_DUE).await;
    let gate = Gate::new();
    sandbox.lean().script().push(Step::token().held_by(&gate));
    for _ in 0..100 {
        // The server holds its answer until the end of this loop: had anybody to wait, this test would not end.
        assert_eq!(tokens.access_token(&api()).await.unwrap().expose(), first.expose());
    }
    gate.reached(1).await;
    gate.release();
    let renewed = loop {
        let token = tokens.access_token(&api()).await.unwrap();
        if token.expose() != first.expose() {
            break token;
        }
        tokio::task::yield_now().await;
    };
    assert!(renewed.remaining() > first.remaining());
    assert_eq!(sandbox.lean().requests(), 2);
}

#[tokio::test]
async fn a_failed_renewal_hurts_nobody_while_the_token_lives() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.lean().script().push(TokenReply::new().lifetime(SHORT_LIFE)).always(Step::status(503));
    let tokens = lean_cache(&sandbox);
    let first = tokens.access_token(&api()).await.unwrap();
    tokio::time::sleep(UNTIL_DUE).await;
    for _ in 0..100 {
        assert_eq!(tokens.access_token(&api()).await.unwrap().expose(), first.expose());
        tokio::task::yield_now().await;
    }
    assert!(sandbox.lean().requests() <= 3, "no storm: {}", sandbox.lean().requests());
}

#[tokio::test]
async fn callers_of_a_failing_request_share_one_request_and_one_error() {
    let sandbox = Sandbox::start().await.unwrap();
    let gate = Gate::new();
    sandbox.lean().script().always(Step::from(Reply::oauth_error(401, "invalid_client")).held_by(&gate));
    let tokens = lean_cache(&sandbox);
    let callers = callers(200, &tokens, &api());
    gate.reached(1).await;
    gate.release();
    for answer in callers.join_all().await {
        let Err(TokenError::Refused(refused)) = answer else { panic!("{answer:?}") };
        assert_eq!((refused.status, &refused.code), (401, &Some(ErrorCode::InvalidClient)));
    }
    assert!(tokens.access_token(&api()).await.is_err(), "the scope rests for a moment");
    assert_eq!(sandbox.lean().requests(), 1);
}

#[tokio::test]
async fn a_failure_does_not_last() {
    let sandbox = Sandbox::start().await.unwrap();
    // Asked three times at first: once, and twice more because that is promising.
    sandbox.leanix().script().push_times(3, Step::close());
    let tokens = leanix_cache(&sandbox);
    let error = tokens.access_token(&Scope::empty()).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    assert_eq!(sandbox.leanix().requests(), 3);
    tokio::time::sleep(Duration::from_millis(700)).await;
    tokens.access_token(&Scope::empty()).await.unwrap();
}

#[tokio::test]
async fn a_request_goes_on_when_its_caller_gives_up() {
    let sandbox = Sandbox::start().await.unwrap();
    let gate = Gate::new();
    sandbox.lean().script().push(Step::token().held_by(&gate));
    let tokens = lean_cache(&sandbox);
    let mut impatient = callers(20, &tokens, &api());
    gate.reached(1).await;
    impatient.shutdown().await;
    gate.release();
    tokens.access_token(&api()).await.unwrap();
    assert_eq!(sandbox.lean().requests(), 1, "the request of those who left served the one who came");
}

#[test]
fn waiters_elect_another_leader_when_the_leaders_runtime_goes_away() {
    let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (of_leader, of_waiter) = (runtime(), runtime());
    let sandbox = of_waiter.block_on(Sandbox::start()).unwrap();
    let gate = Gate::new();
    sandbox.lean().script().push(Step::token().held_by(&gate));
    let tokens = lean_cache(&sandbox);
    let leader = tokens.clone();
    of_leader.spawn(async move { leader.access_token(&api()).await });
    of_waiter.block_on(gate.reached(1));
    let waiting = of_waiter.block_on(async { callers(10, &tokens, &api()) });
    of_leader.shutdown_background();
    for answer in of_waiter.block_on(waiting.join_all()) {
        answer.unwrap();
    }
    assert_eq!(sandbox.lean().requests(), 2);
    of_waiter.block_on(sandbox.shutdown());
}

#[tokio::test]
async fn a_panicking_endpoint_poisons_nothing() {
    struct Panics(std::sync::atomic::AtomicBool);
    impl TokenEndpoint for Panics {
        async fn request_token(&self, _scope: &Scope) -> Result<TokenResponse, TokenError> {
            assert!(self.0.swap(true, std::sync::atomic::Ordering::SeqCst), "on purpose");
            Ok(TokenResponse::new("second"))
        }
    }
    let tokens = TokenCache::new(Panics(false.into()));
    for answer in callers(10, &tokens, &api()).join_all().await {
        assert_eq!(answer.unwrap().expose(), "second");
    }
}

#[tokio::test]
async fn an_endpoint_that_always_panics_is_left_alone_for_a_moment() {
    struct Panics(Arc<AtomicUsize>);
    impl TokenEndpoint for Panics {
        async fn request_token(&self, _scope: &Scope) -> Result<TokenResponse, TokenError> {
            self.0.fetch_add(1, Ordering::SeqCst);
            panic!("on purpose");
        }
    }
    let requests = Arc::new(AtomicUsize::new(0));
    let tokens = TokenCache::new(Panics(Arc::clone(&requests)));
    for answer in callers(100, &tokens, &api()).join_all().await {
        assert!(matches!(answer, Err(TokenError::Interrupted)), "{answer:?}");
    }
    assert_eq!(requests.load(Ordering::SeqCst), 3);
}

#[test]
fn a_caller_outside_a_runtime_gets_an_error_whether_or_not_a_request_is_under_way() {
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
    runtime.block_on(gate.reached(1));
    assert!(matches!(ask_outside(), Poll::Ready(Err(TokenError::NoRuntime))));
    gate.release();
    assert!(runtime.block_on(waiting.join_all())[0].is_ok());
    assert!(matches!(ask_outside(), Poll::Ready(Ok(_))), "what is in the cache needs no runtime");
    runtime.block_on(sandbox.shutdown());
}

#[tokio::test]
async fn durations_beyond_all_measure_do_no_harm() {
    let sandbox = Sandbox::start().await.unwrap();
    let tokens = TokenCache::builder(lean_endpoint(&sandbox)).request_deadline(Duration::MAX).build();
    tokens.access_token(&api()).await.unwrap();
    let error = tokens.access_token_for(&api(), Duration::MAX).await.unwrap_err();
    assert!(matches!(error, TokenError::ValidityTooShort { .. }), "{error:?}");
}

#[tokio::test]
async fn a_request_that_never_ends_is_given_up_at_the_deadline() {
    struct Never;
    impl TokenEndpoint for Never {
        async fn request_token(&self, _scope: &Scope) -> Result<TokenResponse, TokenError> {
            std::future::pending().await
        }
    }
    let deadline = Duration::from_millis(50);
    let tokens = TokenCache::builder(Never).request_deadline(deadline).build();
    for answer in callers(10, &tokens, &api()).join_all().await {
        assert!(matches!(answer, Err(TokenError::Timeout { after }) if after == deadline), "{answer:?}");
    }
}

#[tokio::test]
async fn a_rejected_token_is_replaced_once_and_a_late_rejection_changes_nothing() {
    let sandbox = Sandbox::start().await.unwrap();
    let tokens = lean_cache(&sandbox);
    let first = tokens.access_token(&api()).await.unwrap();
    let rejections = (0..100).filter(|_| tokens.reject(&first) == Rejection::Dropped).count();
    assert_eq!(rejections, 1);
    assert!(tokens.cached(&api()).is_none());
    let second = tokens.access_token(&api()).await.unwrap();
    assert_ne!(first.expose(), second.expose());
    assert_eq!(tokens.reject(&first), Rejection::Outdated);
    assert_eq!(tokens.access_token(&api()).await.unwrap().expose(), second.expose());
    assert_eq!(sandbox.lean().requests(), 2);
}

#[tokio::test]
async fn a_token_of_another_cache_cannot_be_rejected() {
    let sandbox = Sandbox::start().await.unwrap();
    let (one, other) = (lean_cache(&sandbox), lean_cache(&sandbox));
    let token = one.access_token(&api()).await.unwrap();
    other.access_token(&api()).await.unwrap();
    assert_eq!(other.reject(&token), Rejection::Outdated);
    assert!(other.cached(&api()).is_some());
}

#[tokio::test]
async fn a_minimum_validity_costs_one_request_and_says_what_there_is() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.lean().script().push_times(1, TokenReply::new().lifetime(Duration::from_secs(300)));
    let tokens = lean_cache(&sandbox);
    let ten_minutes = Duration::from_secs(600);
    let error = tokens.access_token_for(&customer(1), ten_minutes).await.unwrap_err();
    let TokenError::ValidityTooShort { available } = error else { panic!("{error:?}") };
    assert!(available <= Duration::from_secs(300) && available > Duration::from_secs(290), "{available:?}");
    for _ in 0..10 {
        let error = tokens.access_token_for(&customer(1), ten_minutes).await.unwrap_err();
        assert!(matches!(error, TokenError::ValidityTooShort { .. }), "{error:?}");
    }
    assert_eq!(sandbox.lean().requests(), 1, "a token that has just come is not followed by another of its kind");
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert!(tokens.access_token_for(&customer(1), ten_minutes).await.unwrap().remaining() >= ten_minutes);
    tokens.access_token_for(&customer(1), ten_minutes).await.unwrap();
    assert_eq!(sandbox.lean().requests(), 2);
}

#[tokio::test]
async fn a_dead_token_is_for_those_who_asked_and_is_not_kept() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.lean().script().push(TokenReply::new().member("expires_in", 0));
    let tokens = lean_cache(&sandbox);
    assert_eq!(tokens.access_token(&api()).await.unwrap().remaining(), Duration::ZERO);
    let error = tokens.access_token(&api()).await.unwrap_err();
    assert!(matches!(error, TokenError::ExpiredOnArrival), "{error:?}");
    assert_eq!(sandbox.lean().requests(), 1, "the next request comes a second later at the earliest");
}

#[tokio::test]
async fn answers_of_every_lifetime_are_used_as_far_as_they_go() {
    let sandbox = Sandbox::start().await.unwrap();
    let day = 24 * 60 * 60;
    for (number, (expires_in, seconds)) in [
        (serde_json::json!("3599"), 3_599),
        (serde_json::json!(3599.0), 3_599),
        (serde_json::json!(null), 300),
        (serde_json::json!(86_401), day),
        (serde_json::json!(u64::MAX), day),
    ]
    .into_iter()
    .enumerate()
    {
        // What the token says of itself is longer, so that it changes nothing.
        let reply = TokenReply::new().lifetime(Duration::from_secs(2 * day));
        sandbox.lean().script().push(reply.member("expires_in", expires_in.clone()));
        let token = lean_cache(&sandbox).access_token(&customer(number)).await.unwrap();
        let range = Duration::from_secs(seconds - 10)..=Duration::from_secs(seconds);
        assert!(range.contains(&token.remaining()), "{expires_in}: {:?}", token.remaining());
    }
    sandbox.leanix().script().push(TokenReply::new().without("expires_in").without("token_type").without("scope"));
    let token = leanix_cache(&sandbox).access_token(&Scope::empty()).await.unwrap();
    assert!(token.remaining() <= Duration::from_secs(300));
}

#[tokio::test]
async fn an_answer_for_somebody_else_or_without_use_is_an_error() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.lean().script().push(TokenReply::new().member("scope", customer(2).as_str()));
    let error = lean_cache(&sandbox).access_token(&customer(1)).await.unwrap_err();
    assert!(matches!(&error, TokenError::ScopeNotGranted { missing, .. } if missing == &customer(1)), "{error:?}");

    sandbox.leanix().script().push(TokenReply::new().member("expired", true));
    let error = leanix_cache(&sandbox).access_token(&Scope::empty()).await.unwrap_err();
    assert!(matches!(error, TokenError::NotAToken(NotAToken::Expired)), "{error:?}");

    sandbox.lean().script().push(TokenReply::new().member("error", "invalid_scope"));
    let error = lean_cache(&sandbox).access_token(&api()).await.unwrap_err();
    assert!(matches!(error, TokenError::NotAToken(NotAToken::Error(ErrorCode::InvalidScope))), "{error:?}");
}

#[tokio::test]
async fn credentials_are_asked_for_before_each_request() {
    let sandbox = Sandbox::start().await.unwrap();
    let secret = Arc::new(std::sync::Mutex::new(String::from("outdated")));
    let (id, current) = (sandbox.lean_client_id(), Arc::clone(&secret));
    let source = move || {
        let credentials = ClientCredentials::new(id.clone(), current.lock().unwrap().clone());
        async move { credentials }
    };
    let client = lean::Client::new(sandbox.base_url()).unwrap();
    let tokens = TokenCache::new(LeanTokenEndpoint::new(client.clone(), source));
    let error = tokens.access_token(&customer(1)).await.unwrap_err();
    assert!(
        matches!(&error, TokenError::Refused(refused) if refused.code == Some(ErrorCode::InvalidClient)),
        "{error:?}"
    );
    let error = tokens.access_token(&customer(2)).await.unwrap_err();
    assert!(error.refuses_credentials(), "no other scope tries them either: {error:?}");
    assert_eq!(sandbox.lean().requests(), 1);
    *secret.lock().unwrap() = sandbox.lean_client_secret();
    tokens.rotate(OldTokens::Keep);
    tokens.access_token(&customer(2)).await.unwrap();

    let sealed = || async { Err(CredentialError::unavailable("the vault is sealed")) };
    let error = TokenCache::new(LeanTokenEndpoint::new(client, sealed)).access_token(&api()).await.unwrap_err();
    assert_eq!(error.to_string(), "no credentials: the vault is sealed");
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
    let (sender, receiver) = oneshot::channel();
    std::thread::spawn(move || sender.send(handle.cached().is_some()));
    assert!(receiver.blocking_recv().unwrap());
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
    assert_eq!(call("/customers/v1/", &backend).await, 200);
    assert_eq!(call("/customers/v1/", &customer).await, 403);
    assert_eq!(call("/services/poll/v2/pollRuns", &technical_user).await, 200);
    assert_eq!(call("/services/poll/v2/pollRuns", &backend).await, 401);
}
