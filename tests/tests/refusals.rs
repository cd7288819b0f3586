//! Refusals of an authorization server, and the cooldowns and suspensions that follow.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use auth_core::{
    AccessToken, ErrorCode, NotAToken, OldTokens, Refused, Scope, TokenCache, TokenEndpoint, TokenError, TokenResponse,
};
use auth_sandbox::{Gate, Reply, Sandbox, Step, TokenReply};
use chrono::{TimeDelta, Utc};
use integration_tests::{
    Issuer, ManualClock, RecordingObserver, all_ended, callers, customer, ended, joined, reached, within,
};
use serde_json::json;
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// With this lifetime, a token is due for renewal after 67.5 to 70 seconds, and after 90 it is used only if no new one
/// is available.
const LIFE: Duration = Duration::from_secs(100);
const WHEN_DUE: Duration = Duration::from_secs(75);

const MILLISECOND: Duration = Duration::from_millis(1);

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// A cache without retries, with a clock that the test sets, and the record of its events.
fn watched(issuer: &Issuer) -> (TokenCache, ManualClock, RecordingObserver) {
    let (clock, observer) = (ManualClock::new(), RecordingObserver::new());
    let tokens = issuer.builder().clock(clock.clone()).observer(observer.clone()).retries(0).build();
    (tokens, clock, observer)
}

fn refused(error: TokenError) -> Refused {
    assert!(error.to_string().chars().all(|character| !character.is_control()), "{error}");
    assert!(error.to_string().len() < 200, "{error}");
    match error {
        TokenError::Refused(refused) => refused,
        other => panic!("{other:?}"),
    }
}

/// The refusals that the caches of both issuers report for this response, and the number of requests.
async fn refusals(reply: impl Into<Step>) -> Vec<(TokenError, u64)> {
    let (sandbox, step) = (Sandbox::start().await.unwrap(), reply.into());
    let mut refusals = vec![];
    for issuer in Issuer::both(&sandbox) {
        issuer.provider.script().always(step.clone());
        let error = issuer.cache().access_token(&issuer.scope).await.unwrap_err();
        refusals.push((error, issuer.provider.requests()));
    }
    refusals
}

/// Responses that refuse the credentials.
fn credential_refusals() -> [Reply; 11] {
    let invalid_client = |status| Reply::oauth_error(status, "invalid_client");
    [
        invalid_client(400),
        invalid_client(401),
        invalid_client(401).header("www-authenticate", "Basic realm=\"a\""),
        invalid_client(401).header("www-authenticate", "Bearer error=\"invalid_token\""),
        invalid_client(401).header("www-authenticate", "Basic realm=\"a\", Bearer"),
        invalid_client(401).header("www-authenticate", "Basic realm=\"a\"").header("www-authenticate", "Bearer"),
        Reply::new(401),
        Reply::new(401).body("<html>no</html>"),
        Reply::oauth_error(401, "unauthorized_client"),
        invalid_client(403),
        invalid_client(200),
    ]
}

#[tokio::test]
async fn refused_credentials_of_lean_may_be_of_the_other_region() {
    let region = "; check the credentials and the region (UAE or KSA)";
    for (reply, hints) in [
        (Reply::oauth_error(401, "invalid_client"), [region, "; check the credentials"]),
        (Reply::oauth_error(400, "invalid_client"), [region, "; check the credentials"]),
        (Reply::new(401), [region, "; check the credentials"]),
        (Reply::oauth_error(400, "invalid_scope"), ["; check the scope"; 2]),
        (Reply::new(404), ["; check the base URL"; 2]),
    ] {
        for ((error, _), hint) in refusals(reply).await.into_iter().zip(hints) {
            assert!(error.to_string().ends_with(hint), "{error}");
        }
    }
}

/// Row: invalid_client as 400, as 401 with or without WWW-Authenticate (Basic, Bearer, two challenges), as 403 with an empty body.
#[tokio::test]
async fn every_refusal_of_credentials_is_of_one_kind_and_final() {
    for reply in credential_refusals() {
        for (error, requests) in refusals(reply.clone()).await {
            assert!(error.refuses_credentials() && !error.is_transient(), "{error:?}");
            assert_eq!(requests, 1, "{error:?}");
        }
    }
}

/// Row: invalid_client as 400, as 401 with or without WWW-Authenticate (Basic, Bearer, two challenges), as 403 with an empty body.
#[tokio::test]
async fn a_thousand_scopes_do_not_each_send_bad_credentials() {
    let sandbox = Sandbox::start().await.unwrap();
    for reply in credential_refusals() {
        let issuer = Issuer::lean(&sandbox);
        let before = issuer.provider.requests();
        issuer.provider.script().push(reply);
        let (tokens, _, observer) = watched(&issuer);
        assert!(tokens.access_token(&customer(0)).await.unwrap_err().refuses_credentials());
        for answer in joined(cold_scopes(&tokens, 0..1_000)).await {
            assert!(answer.unwrap_err().refuses_credentials());
        }
        assert_eq!(issuer.provider.requests() - before, 1);
        assert_eq!(observer.suspensions(), [seconds(1)]);
    }
}

/// One caller for each of these customers.
fn cold_scopes(tokens: &TokenCache, numbers: Range<usize>) -> JoinSet<Result<AccessToken, TokenError>> {
    let mut all = JoinSet::new();
    for number in numbers {
        let tokens = tokens.clone();
        all.spawn(async move { within("a caller has an answer", tokens.access_token(&customer(number))).await });
    }
    all
}

/// Row: credentials that the server has not accepted yet, 1,000 cold scopes.
#[tokio::test]
async fn at_most_sixteen_requests_carry_credentials_that_are_then_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let issuer = Issuer::lean(&sandbox);
    let (tokens, _, observer) = watched(&issuer);
    for round in 1..=2 {
        let gate = Gate::new();
        issuer.provider.script().always(Step::from(Reply::oauth_error(401, "invalid_client")).held_by(&gate));
        let all = cold_scopes(&tokens, 0..1_000);
        reached(&gate, 16).await;
        gate.release();
        for answer in joined(all).await {
            assert!(answer.unwrap_err().refuses_credentials());
        }
        assert_eq!((issuer.provider.requests(), observer.suspensions().len()), (17 * round - 1, round as usize));
        // The server accepts these credentials; the next ones are new again.
        tokens.rotate(OldTokens::Keep);
        issuer.provider.script().reset();
        tokens.access_token(&customer(1_000)).await.unwrap();
        tokens.rotate(OldTokens::Drop);
    }
}

/// Row: credentials that the server has not accepted yet, 1,000 cold scopes.
#[tokio::test]
async fn all_scopes_continue_once_the_credentials_are_accepted_for_one() {
    let sandbox = Sandbox::start().await.unwrap();
    let issuer = Issuer::lean(&sandbox);
    // The first fifteen requests are held until all the others wait together.
    let (first, others) = (Gate::new(), Gate::opening_at(184));
    issuer.provider.script().push_times(15, Step::token().held_by(&others)).push(Step::token().held_by(&first));
    issuer.provider.script().always(Step::token().held_by(&others));
    let all = cold_scopes(&issuer.cache(), 0..185);
    reached(&first, 1).await;
    reached(&others, 15).await;
    first.release();
    for answer in joined(all).await {
        answer.unwrap();
    }
    assert_eq!(issuer.provider.requests(), 185);
}

/// Row: credentials that the server has not accepted yet, 1,000 cold scopes.
#[tokio::test]
async fn hanging_requests_delay_the_others_until_their_deadline_only() {
    let sandbox = Sandbox::start().await.unwrap();
    let issuer = Issuer::lean(&sandbox);
    issuer.provider.script().push_times(16, Step::token().held_by(&Gate::new()));
    let tokens = issuer.builder().retries(0).request_deadline(Duration::from_millis(500)).build();
    let mut timeouts = 0;
    for answer in joined(cold_scopes(&tokens, 0..100)).await {
        // Requests that began slightly later than the hanging ones may have been completed.
        if let Err(error) = answer {
            assert!(matches!(error, TokenError::Timeout { .. }), "{error:?}");
            timeouts += 1;
        }
    }
    assert!(timeouts >= 16, "{timeouts}");
    for answer in joined(cold_scopes(&tokens, 100..200)).await {
        answer.unwrap();
    }
}

/// Row: credentials that the server has not accepted yet, 1,000 cold scopes.
#[tokio::test]
async fn a_panicking_endpoint_releases_its_permit() {
    struct PanicsAtFirst(AtomicUsize);
    impl TokenEndpoint for PanicsAtFirst {
        async fn request_token(&self, _scope: &Scope) -> Result<TokenResponse, TokenError> {
            tokio::task::yield_now().await;
            assert!(self.0.fetch_add(1, Ordering::SeqCst) >= 40, "on purpose");
            Ok(TokenResponse::new("abc"))
        }
    }
    let tokens = TokenCache::new(PanicsAtFirst(AtomicUsize::new(0)));
    for answer in joined(cold_scopes(&tokens, 0..100)).await {
        answer.unwrap();
    }
}

/// Row: credentials that the server has not accepted yet, 1,000 cold scopes.
#[test]
fn a_runtime_that_ends_releases_its_permits() {
    let runtime = || Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (lasting, passing) = (runtime(), runtime());
    let sandbox = lasting.block_on(Sandbox::start()).unwrap();
    let (issuer, gate) = (Issuer::lean(&sandbox), Gate::new());
    issuer.provider.script().push_times(16, Step::token().held_by(&gate));
    let tokens = issuer.cache();
    let lost = passing.block_on(async { cold_scopes(&tokens, 0..16) });
    lasting.block_on(reached(&gate, 16));
    let waiting = lasting.block_on(async { cold_scopes(&tokens, 16..32) });
    passing.shutdown_background();
    drop(lost);
    for answer in lasting.block_on(joined(waiting)) {
        answer.unwrap();
    }
    lasting.block_on(sandbox.shutdown());
}

/// Row: credentials that the server has not accepted yet, 1,000 cold scopes.
#[test]
fn a_runtime_that_is_not_driven_delays_others_until_its_deadline_only() {
    struct HangsAtFirst(AtomicUsize);
    impl TokenEndpoint for HangsAtFirst {
        async fn request_token(&self, _scope: &Scope) -> Result<TokenResponse, TokenError> {
            if self.0.fetch_add(1, Ordering::SeqCst) < 16 {
                std::future::pending::<()>().await;
            }
            Ok(TokenResponse::new("abc"))
        }
    }
    let deadline = Duration::from_millis(200);
    let endpoint = HangsAtFirst(AtomicUsize::new(0));
    let tokens = TokenCache::builder(endpoint).request_deadline(deadline).build();
    let runtime = || Builder::new_current_thread().enable_time().build().unwrap();
    let (driven, standing_still) = (runtime(), runtime());
    for number in 0..16 {
        let abandoned = standing_still.block_on(async {
            tokio::time::timeout(Duration::from_millis(1), tokens.access_token(&customer(number))).await
        });
        assert!(abandoned.is_err());
    }
    // Longer than one call may wait: a second call gets a token.
    let asked = driven.block_on(async {
        for _ in 0..50 {
            if tokens.access_token(&customer(16)).await.is_ok() {
                return true;
            }
        }
        false
    });
    assert!(asked, "hanging requests are given up");
}

/// Row: invalid_client as 400, as 401 with or without WWW-Authenticate (Basic, Bearer, two challenges), as 403 with an empty body.
#[tokio::test]
async fn after_the_pause_of_a_refusal_one_scope_of_a_thousand_tries_the_credentials() {
    let sandbox = Sandbox::start().await.unwrap();
    let issuer = Issuer::lean(&sandbox);
    issuer.provider.script().always(Step::from(Reply::oauth_error(401, "invalid_client")).after(30 * MILLISECOND));
    let (tokens, clock, observer) = watched(&issuer);
    tokens.access_token(&customer(0)).await.unwrap_err();
    for round in 1..=3 {
        clock.pass(seconds(60));
        for answer in joined(cold_scopes(&tokens, round * 1_000..(round + 1) * 1_000)).await {
            assert!(answer.unwrap_err().refuses_credentials());
        }
        assert_eq!(issuer.provider.requests(), 1 + round as u64);
    }
    assert_eq!(observer.suspensions(), [1, 2, 4, 8].map(seconds), "and each cooldown is longer");

    issuer.provider.script().reset();
    clock.pass(seconds(60));
    tokens.access_token(&customer(1)).await.unwrap();
    for number in 0..100 {
        tokens.access_token(&customer(number)).await.unwrap();
    }
}

/// Row: invalid_client as 400, as 401 with or without WWW-Authenticate (Basic, Bearer, two challenges), as 403 with an empty body.
#[tokio::test]
async fn a_trial_of_refused_credentials_that_gets_no_answer_is_not_the_last() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        let clock = ManualClock::new();
        let tokens = issuer.builder().clock(clock.clone()).build();
        issuer.provider.script().push(Reply::oauth_error(401, "invalid_client"));
        tokens.access_token(&issuer.scope).await.unwrap_err();
        clock.pass(seconds(60));
        // Refused, then no response, then accepted: all in one request with retries.
        issuer.provider.script().push(Step::close());
        tokens.access_token(&issuer.scope).await.unwrap();
        assert_eq!(issuer.provider.requests(), 3);
    }
}

/// Row: invalid_client as 400, as 401 with or without WWW-Authenticate (Basic, Bearer, two challenges), as 403 with an empty body.
#[tokio::test]
async fn the_pause_after_refused_credentials_ends_and_grows_up_to_a_minute() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        issuer.provider.script().always(Reply::oauth_error(401, "invalid_client"));
        let (tokens, clock, observer) = watched(&issuer);
        let suspensions = [1, 2, 4, 8, 16, 32, 60, 60, 60].map(seconds);
        for (requests, suspension) in (1..).zip(suspensions) {
            tokens.access_token(&issuer.scope).await.unwrap_err();
            assert_eq!(issuer.provider.requests(), requests);
            clock.pass(suspension - MILLISECOND);
            tokens.access_token(&issuer.scope).await.unwrap_err();
            assert_eq!(issuer.provider.requests(), requests, "not before {suspension:?} are over");
            // In addition to the suspension of all scopes, this one has a cooldown, of up to a minute and a quarter.
            clock.pass(MILLISECOND + seconds(16));
        }
        assert_eq!(observer.suspensions(), suspensions);
        issuer.provider.script().reset();
        clock.pass(seconds(60));
        tokens.access_token(&issuer.scope).await.unwrap();
    }
}

/// Row: invalid_client as 400, as 401 with or without WWW-Authenticate (Basic, Bearer, two challenges), as 403 with an empty body.
#[tokio::test]
async fn refused_credentials_do_not_affect_cached_tokens() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        issuer.provider.script().push(TokenReply::new().lifetime(LIFE));
        issuer.provider.script().always(Reply::oauth_error(401, "invalid_client"));
        let (tokens, clock, _) = watched(&issuer);
        let token = tokens.access_token(&issuer.scope).await.unwrap();
        clock.pass(WHEN_DUE);
        for _ in 0..24 {
            assert_eq!(tokens.access_token(&issuer.scope).await.unwrap().expose(), token.expose());
            tokio::task::yield_now().await;
            all_ended(&tokens).await;
            clock.pass(seconds(1));
        }
        assert!(issuer.provider.requests() <= 7, "{}", issuer.provider.requests());
    }
}

/// Row: 200 with `error` and no token, `invalid_client`.
#[tokio::test]
async fn an_error_with_status_200_that_refuses_the_credentials_opens_the_breaker() {
    for (error, requests) in refusals(Reply::oauth_error(200, "invalid_client")).await {
        assert!(matches!(error, TokenError::NotAToken(NotAToken::Error(ErrorCode::InvalidClient))), "{error:?}");
        assert_eq!(requests, 1);
    }
    let sandbox = Sandbox::start().await.unwrap();
    let issuer = Issuer::lean(&sandbox);
    issuer.provider.script().always(Reply::oauth_error(200, "invalid_client"));
    let (tokens, _, observer) = watched(&issuer);
    for number in 0..100 {
        assert!(tokens.access_token(&customer(number)).await.unwrap_err().refuses_credentials());
    }
    assert_eq!((issuer.provider.requests(), observer.suspensions()), (1, vec![seconds(1)]));
}

/// Row: 403 with an RFC 6749 code for one scope.
#[tokio::test]
async fn a_403_with_a_code_concerns_its_scope_only() {
    let sandbox = Sandbox::start().await.unwrap();
    for code in ["invalid_scope", "unauthorized_client", "access_denied", "insufficient_scope", "invalid_target"] {
        for (error, requests) in refusals(Reply::oauth_error(403, code)).await {
            assert!(!error.is_transient() && !error.refuses_credentials(), "{error:?}");
            assert_eq!((refused(error).code.unwrap().as_str(), requests), (code, 1));
        }
        let issuer = Issuer::lean(&sandbox);
        // Two scopes, so that only the code makes the difference.
        issuer.provider.script().push_times(2, Reply::oauth_error(403, code));
        let (tokens, _, observer) = watched(&issuer);
        for number in 0..2 {
            tokens.access_token(&customer(number)).await.unwrap_err();
            tokens.access_token(&customer(number)).await.unwrap_err();
        }
        for number in 2..20 {
            tokens.access_token(&customer(number)).await.unwrap();
        }
        assert_eq!((observer.cooldowns().len(), observer.suspensions()), (2, vec![]), "{code}");
    }
}

/// Row: 403 without a code.
#[tokio::test]
async fn a_403_without_a_code_concerns_its_scope_until_another_gets_one() {
    let sandbox = Sandbox::start().await.unwrap();
    for reply in [Reply::new(403), Reply::json(403, &json!({ "status": 403, "error": "Forbidden" }))] {
        let issuer = Issuer::lean(&sandbox);
        let before = issuer.provider.requests();
        issuer.provider.script().push_times(2, reply);
        let (tokens, clock, observer) = watched(&issuer);
        for _ in 0..2 {
            assert!(!tokens.access_token(&customer(0)).await.unwrap_err().refuses_credentials());
        }
        clock.pass(seconds(1));
        assert!(!tokens.access_token(&customer(0)).await.unwrap_err().refuses_credentials(), "the same once more");
        assert_eq!((observer.cooldowns().len(), observer.suspensions()), (2, vec![]));
        for number in 1..20 {
            tokens.access_token(&customer(number)).await.unwrap();
        }

        issuer.provider.script().push_times(2, Reply::new(403));
        tokens.access_token(&customer(20)).await.unwrap_err();
        for number in 21..1_000 {
            assert!(tokens.access_token(&customer(number)).await.unwrap_err().refuses_credentials());
        }
        assert_eq!((issuer.provider.requests() - before, observer.suspensions()), (23, vec![seconds(1)]));
    }
}

/// Row: 403 without a code.
#[tokio::test]
async fn the_only_scope_of_a_server_cools_down_alone_after_a_403_without_a_code() {
    let sandbox = Sandbox::start().await.unwrap();
    let issuer = Issuer::leanix(&sandbox);
    issuer.provider.script().always(Reply::new(403));
    let (tokens, clock, observer) = watched(&issuer);
    for _ in 0..4 {
        for _ in 0..10 {
            assert_eq!(refused(tokens.access_token(&issuer.scope).await.unwrap_err()).status, 403);
        }
        clock.pass(seconds(60));
    }
    assert_eq!((issuer.provider.requests(), observer.cooldowns().len(), observer.suspensions()), (4, 4, vec![]));
    issuer.provider.script().reset();
    clock.pass(seconds(60));
    tokens.access_token(&issuer.scope).await.unwrap();
}

/// Row: 403 without a code.
#[tokio::test]
async fn a_trial_of_refused_credentials_that_gets_a_bare_403_passes_to_another_scope() {
    let sandbox = Sandbox::start().await.unwrap();
    let issuer = Issuer::lean(&sandbox);
    issuer.provider.script().push(Reply::oauth_error(401, "invalid_client")).push_times(2, Reply::new(403));
    let (tokens, clock, observer) = watched(&issuer);
    tokens.access_token(&customer(0)).await.unwrap_err();
    clock.pass(seconds(60));
    assert!(!tokens.access_token(&customer(1)).await.unwrap_err().refuses_credentials());
    assert!(tokens.access_token(&customer(2)).await.unwrap_err().refuses_credentials(), "the second scope");
    clock.pass(seconds(60));
    for number in 3..20 {
        tokens.access_token(&customer(number)).await.unwrap();
    }
    assert_eq!(observer.suspensions(), [1, 2].map(seconds));
}

/// Row: 403 without a code.
#[tokio::test]
async fn scopes_that_get_a_403_while_others_get_tokens_never_suspend_the_others_again() {
    let sandbox = Sandbox::start().await.unwrap();
    let issuer = Issuer::lean(&sandbox);
    let (tokens, clock, observer) = watched(&issuer);
    for round in 0..4 {
        for number in 0..3 {
            issuer.provider.script().push(Reply::new(403));
            assert!(!tokens.access_token(&customer(number)).await.unwrap_err().refuses_credentials(), "{round}");
            if round == 0 {
                tokens.access_token(&customer(100 + number)).await.unwrap();
            }
        }
        clock.pass(seconds(120));
    }
    tokens.access_token(&customer(200)).await.unwrap();
    assert!(observer.suspensions().is_empty());
}

/// Row: 403 without a code.
#[tokio::test]
async fn two_scopes_that_get_a_403_again_and_again_do_not_keep_the_others_suspended() {
    struct Forbids(Scope);
    impl TokenEndpoint for Forbids {
        async fn request_token(&self, scope: &Scope) -> Result<TokenResponse, TokenError> {
            let is_forbidden = *scope != self.0;
            if is_forbidden { Err(TokenError::Refused(Refused::new(403, None))) } else { Ok(TokenResponse::new("abc")) }
        }
    }
    let (clock, observer) = (ManualClock::new(), RecordingObserver::new());
    let endpoint = Forbids(customer(0));
    let tokens = TokenCache::builder(endpoint).clock(clock.clone()).observer(observer.clone()).build();
    for is_first in [true, false] {
        // These two always send their requests before the other one.
        for number in [1, 2] {
            let error = tokens.access_token(&customer(number)).await.unwrap_err();
            assert_eq!(error.refuses_credentials(), !is_first || number == 2);
        }
        assert_eq!(tokens.access_token(&customer(0)).await.is_err(), is_first);
        clock.pass(seconds(1));
    }
    assert_eq!(observer.suspensions(), [seconds(1)]);
}

/// Row: invalid_scope.
#[tokio::test]
async fn an_unknown_scope_is_final_and_concerns_no_other() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        issuer.provider.script().push(Reply::oauth_error(400, "invalid_scope"));
        let tokens = issuer.cache();
        let error = tokens.access_token(&issuer.scope).await.unwrap_err();
        assert!(!error.is_transient() && !error.refuses_credentials(), "{error:?}");
        assert_eq!(refused(error).code, Some(ErrorCode::InvalidScope));
        assert_eq!((issuer.provider.requests(), tokens.stats().circuit_breaker_opened), (1, 0));
    }
    let issuer = Issuer::lean(&sandbox);
    issuer.provider.script().push(Reply::oauth_error(400, "invalid_scope"));
    let tokens = issuer.cache();
    tokens.access_token(&customer(1)).await.unwrap_err();
    tokens.access_token(&customer(2)).await.unwrap();
    assert!(tokens.access_token(&customer(1)).await.is_err(), "this scope is in a cooldown");
}

/// Row: invalid_scope.
#[tokio::test]
async fn the_pause_of_one_scope_ends_and_grows_up_to_a_minute_and_a_quarter() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        issuer.provider.script().always(Reply::oauth_error(400, "invalid_scope"));
        let (tokens, clock, observer) = watched(&issuer);
        for (requests, least) in (1..).zip([500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) {
            tokens.access_token(&issuer.scope).await.unwrap_err();
            assert_eq!(issuer.provider.requests(), requests);
            let (least, cooldown) = (Duration::from_millis(least), *observer.cooldowns().last().unwrap());
            assert!((least..=least.mul_f64(1.25)).contains(&cooldown), "{cooldown:?}");
            clock.pass(least - MILLISECOND);
            tokens.access_token(&issuer.scope).await.unwrap_err();
            assert_eq!(issuer.provider.requests(), requests);
            clock.pass(cooldown - least + 2 * MILLISECOND);
        }
        issuer.provider.script().reset();
        tokens.access_token(&issuer.scope).await.unwrap();
        // Reset: the next failure counts as the first again.
        assert_eq!(tokens.reject(&tokens.access_token(&issuer.scope).await.unwrap()), auth_core::Rejection::Dropped);
        issuer.provider.script().push(Reply::oauth_error(400, "invalid_scope"));
        tokens.access_token(&issuer.scope).await.unwrap_err();
        assert!(*observer.cooldowns().last().unwrap() <= Duration::from_millis(625));
    }
}

/// Row: unauthorized_client, unsupported_grant_type, invalid_request, codes that no RFC defines.
#[tokio::test]
async fn other_codes_are_final_and_kept_if_they_are_plain_words() {
    let other = |code: &str| ErrorCode::Other(code.into());
    for (sent, kept) in [
        ("unauthorized_client", ErrorCode::UnauthorizedClient),
        ("unsupported_grant_type", ErrorCode::UnsupportedGrantType),
        ("invalid_request", ErrorCode::InvalidRequest),
        ("invalid_grant", ErrorCode::InvalidGrant),
        ("TENANT_IS_SUSPENDED", other("TENANT_IS_SUSPENDED")),
        ("temporarily_unavailable", other("temporarily_unavailable")),
        (&"x".repeat(1_000), other(&"x".repeat(64))),
        ("f\u{fc}nf", other("unknown")),
        ("\u{1b}[31mred\r\n", other("unknown")),
    ] {
        for (error, requests) in refusals(Reply::oauth_error(400, sent)).await {
            assert!(!error.is_transient() && !error.refuses_credentials(), "{error:?}");
            assert_eq!((refused(error).code, requests), (Some(kept.clone()), 1), "{sent}");
        }
    }
}

/// Row: body empty, HTML, problem+json, the vendor's envelope, `error` not a string, 1 MB of text.
#[tokio::test]
async fn whatever_the_body_of_a_refusal_is_its_status_decides() {
    let problem = json!({ "type": "about:blank", "title": "\u{1b}[31mno", "status": 418, "detail": "no\r\nno" });
    let envelope = json!({ "status": "ERROR", "type": "a", "message": "no", "errors": [{ "value": "no" }] });
    let long = json!({ "error": "invalid_client", "error_description": "x".repeat(1_000_000) });
    for (case, body) in [
        ("empty", Reply::new(400)),
        ("HTML", Reply::new(400).header("content-type", "text/html").body("<html>\u{7}</html>")),
        ("problem", Reply::json(400, &problem).header("content-type", "application/problem+json")),
        ("envelope", Reply::json(400, &envelope)),
        ("error is an object", Reply::json(400, &json!({ "error": { "code": 7 } }))),
        ("error is a list", Reply::json(400, &json!({ "error": ["invalid_client"] }))),
        ("error is a number", Reply::json(400, &json!({ "error": 7 }))),
        ("error is null", Reply::json(400, &json!({ "error": null }))),
        ("a list", Reply::json(400, &json!(["invalid_client"]))),
        ("1 MB of text", Reply::new(400).body("x".repeat(1_000_000))),
        ("1 MB of JSON", Reply::json(400, &long)),
    ] {
        for (error, requests) in refusals(body).await {
            assert!(!error.is_transient() && !error.refuses_credentials(), "{case}: {error:?}");
            let refused = refused(error);
            assert_eq!((refused.status, refused.code, requests), (400, None, 1), "{case}");
        }
    }
    for (error, _) in refusals(Reply::json(401, &long)).await {
        assert!(error.refuses_credentials(), "{error:?}");
    }
}

/// Row: 404, 405, 413, 415.
#[tokio::test]
async fn an_address_without_a_token_endpoint_is_final_with_a_hint() {
    for status in [404, 405, 413, 415] {
        for (error, requests) in refusals(Reply::new(status).body("<html>no</html>")).await {
            assert!(error.to_string().contains("check the base URL"), "{error}");
            assert_eq!((error.is_transient(), requests), (false, 1), "{error}");
        }
    }
}

/// Row: 408, 500, 502, 503, 504, 520 with HTML.
#[tokio::test]
async fn an_outage_of_the_server_is_transient() {
    let mut all = JoinSet::new();
    for status in [408, 500, 502, 503, 504, 520] {
        all.spawn(async move {
            let sandbox = Sandbox::start().await.unwrap();
            for issuer in Issuer::both(&sandbox) {
                let reply = Reply::new(status).header("content-type", "text/html").body("<html>no</html>");
                issuer.provider.script().push_times(2, reply);
                let (tokens, clock, _) = watched(&issuer);
                let error = tokens.access_token(&issuer.scope).await.unwrap_err();
                assert!(error.is_transient() && !error.refuses_credentials(), "{error:?}");
                assert_eq!((refused(error).status, issuer.provider.requests()), (status, 1));
                clock.pass(seconds(1));
                issuer.cache().access_token(&issuer.scope).await.unwrap();
                assert_eq!(issuer.provider.requests(), 3, "the second was repeated");
            }
        });
    }
    within("every status has been tried", all.join_all()).await;
}

/// A time this many seconds from now in the three date formats of HTTP.
fn dates(away: i64) -> [String; 3] {
    let date = Utc::now() + TimeDelta::seconds(away);
    ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
        .map(|form| date.format(form).to_string())
}

/// The suspensions in the caches of both issuers for this `Retry-After`.
async fn suspensions_for(status: u16, retry_after: &str) -> Vec<Option<Duration>> {
    let sandbox = Sandbox::start().await.unwrap();
    let mut suspensions = vec![];
    for issuer in Issuer::both(&sandbox) {
        issuer.provider.script().push(Reply::new(status).header("retry-after", retry_after));
        let (tokens, clock, observer) = watched(&issuer);
        tokens.access_token(&issuer.scope).await.unwrap_err();
        suspensions.push(observer.suspensions().last().copied());
        // The scope's own cooldown is over by then, however long the suspension is.
        clock.pass(seconds(1));
        let is_closed = tokens.access_token(&issuer.scope).await.is_err();
        assert_eq!(
            is_closed,
            suspensions.last().unwrap().is_some_and(|suspension| suspension > seconds(1)),
            "{retry_after}"
        );
    }
    suspensions
}

/// Row: 429 or 503 with Retry-After: seconds, HTTP-date in all three date forms, past date.
#[tokio::test]
async fn retry_after_is_obeyed_in_every_form() {
    for status in [429, 503] {
        assert_eq!(suspensions_for(status, "120").await, [Some(seconds(120)); 2]);
        for date in dates(100) {
            for suspension in suspensions_for(status, &date).await {
                let suspension = suspension.unwrap();
                assert!(suspension > seconds(80) && suspension <= seconds(100), "{date}: {suspension:?}");
            }
        }
        for past in dates(-100) {
            assert_eq!(suspensions_for(status, &past).await, [None; 2], "{past}");
        }
        assert_eq!(suspensions_for(status, "0").await, [None; 2]);
    }
    assert_eq!(suspensions_for(500, "120").await, [None; 2], "other statuses ignore it");
}

/// Row: Retry-After garbage, negative, float, huge, a day.
#[tokio::test]
async fn an_invalid_retry_after_is_ignored_and_a_long_one_is_capped() {
    for garbage in ["soon", "-1", "1.5", "1e3", "120 s", "", "2099-01-01T00:00:00Z", "Sun, 06 Nov 2094"] {
        assert_eq!(suspensions_for(429, garbage).await, [None; 2], "{garbage}");
    }
    for long in ["86400", "301", "99999999999999999999999999", "Tue, 31 Dec 2199 23:59:59 GMT"] {
        assert_eq!(suspensions_for(503, long).await, [Some(seconds(300)); 2], "{long}");
    }
}

/// Row: 429 or 503 with Retry-After: seconds, HTTP-date in all three date forms, past date.
#[tokio::test]
async fn retry_after_suspends_all_scopes() {
    let sandbox = Sandbox::start().await.unwrap();
    let issuer = Issuer::lean(&sandbox);
    for status in [429, 503] {
        let before = issuer.provider.requests();
        issuer.provider.script().push(Reply::new(status).header("retry-after", "120"));
        let (tokens, clock, _) = watched(&issuer);
        tokens.access_token(&customer(0)).await.unwrap_err();
        for wait in [Duration::ZERO, seconds(60)] {
            clock.pass(wait);
            for number in 0..1_000 {
                let refused = refused(tokens.access_token(&customer(number)).await.unwrap_err());
                assert_eq!(
                    (refused.status, refused.retry_after),
                    (status, Some(seconds(120))),
                    "the suspension that the server requested"
                );
            }
        }
        assert_eq!(issuer.provider.requests() - before, 1);
        // New credentials do not end the suspension that the server requested.
        tokens.rotate(OldTokens::Keep);
        tokens.access_token(&customer(1)).await.unwrap_err();
        clock.pass(seconds(60));
        tokens.access_token(&customer(1)).await.unwrap();
        tokens.access_token(&customer(2)).await.unwrap();
        assert_eq!(issuer.provider.requests() - before, 3);
    }
}

/// Row: 429 or 503 with Retry-After: seconds, HTTP-date in all three date forms, past date.
#[tokio::test]
async fn a_cached_token_is_not_affected_by_retry_after() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        issuer.provider.script().push(TokenReply::new().lifetime(LIFE));
        issuer.provider.script().push(Reply::new(503).header("retry-after", "20"));
        let (tokens, clock, _) = watched(&issuer);
        let token = tokens.access_token(&issuer.scope).await.unwrap();
        clock.pass(WHEN_DUE);
        tokens.access_token(&issuer.scope).await.unwrap();
        ended(2, &tokens).await;
        for _ in 0..19 {
            clock.pass(seconds(1));
            assert_eq!(tokens.access_token(&issuer.scope).await.unwrap().expose(), token.expose());
        }
        assert_eq!(issuer.provider.requests(), 2);
        clock.pass(seconds(1));
        assert_eq!(tokens.access_token(&issuer.scope).await.unwrap().expose(), token.expose());
        ended(3, &tokens).await;
        assert_ne!(tokens.access_token(&issuer.scope).await.unwrap().expose(), token.expose());
    }
}

/// Row: 429 or 503 with Retry-After: seconds, HTTP-date in all three date forms, past date.
#[tokio::test]
async fn callers_that_fail_during_a_pause_do_not_extend_it() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        issuer.provider.script().push(TokenReply::new().lifetime(LIFE));
        issuer.provider.script().push(Reply::new(429).header("retry-after", "40"));
        let (tokens, clock, _) = watched(&issuer);
        tokens.access_token(&issuer.scope).await.unwrap();
        clock.pass(seconds(1));
        for _ in 0..40 {
            // The cached token is not valid for that long, and no other is available.
            tokens.access_token_for(&issuer.scope, seconds(600)).await.unwrap_err();
            clock.pass(seconds(1));
        }
        tokens.access_token_for(&issuer.scope, seconds(600)).await.unwrap();
        assert_eq!(issuer.provider.requests(), 3);
    }
}

/// Row: 429 or 503 with Retry-After: seconds, HTTP-date in all three date forms, past date.
#[tokio::test]
async fn a_request_waits_for_retry_after_within_its_deadline() {
    let sandbox = Sandbox::start().await.unwrap();
    let issuer = Issuer::lean(&sandbox);
    issuer.provider.script().push(Reply::new(429).header("retry-after", "1"));
    let tokens = issuer.cache();
    let (one, another) = (callers(10, &tokens, &customer(1)), callers(10, &tokens, &customer(2)));
    for answer in joined(one).await.into_iter().chain(joined(another).await) {
        answer.unwrap();
    }
    assert!(issuer.provider.requests() <= 3 && tokens.stats().issued == 2, "{:?}", tokens.stats());
}

/// Row: 429 or 503 with Retry-After: seconds, HTTP-date in all three date forms, past date.
#[tokio::test]
async fn a_request_fails_immediately_if_retry_after_exceeds_its_deadline() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        issuer.provider.script().always(Reply::new(503).header("retry-after", "86400"));
        let tokens = issuer.cache();
        for _ in 0..10 {
            let refused = refused(tokens.access_token(&issuer.scope).await.unwrap_err());
            assert_eq!((refused.status, refused.retry_after), (503, Some(seconds(86_400))));
        }
        assert_eq!(issuer.provider.requests(), 1);
    }
}

/// Row: 429 or 503 with Retry-After: seconds, HTTP-date in all three date forms, past date.
#[tokio::test]
async fn no_caller_waits_beyond_its_own_deadline() {
    async fn give_up(issuer: Issuer) {
        issuer.provider.script().push(Reply::new(503).header("retry-after", "1"));
        let tokens = issuer.cache();
        let asked = timeout(Duration::from_millis(100), tokens.access_token(&issuer.scope)).await;
        assert!(asked.is_err(), "the request was given up: {asked:?}");
        ended(2, &tokens).await;
        assert!(tokens.cached(&issuer.scope).is_some(), "and the request went on when the server was ready");
    }
    let sandbox = Sandbox::start().await.unwrap();
    let [lean, leanix] = Issuer::both(&sandbox);
    tokio::join!(give_up(lean), give_up(leanix));
}

/// Row: 429 without Retry-After.
#[tokio::test]
async fn a_429_without_retry_after_is_retried_with_backoff() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        issuer.provider.script().push(Reply::oauth_error(429, "slow_down")).push(Step::status(429));
        let tokens = issuer.cache();
        tokens.access_token(&issuer.scope).await.unwrap();
        assert_eq!((issuer.provider.requests(), tokens.stats().circuit_breaker_opened), (3, 0));
    }
}

/// Row: status 599 or 999.
#[tokio::test]
async fn an_unknown_status_is_an_error_like_any_other() {
    for (status, is_transient) in [(418, false), (599, true), (999, false)] {
        for (error, requests) in refusals(Step::status(status)).await {
            assert_eq!((error.is_transient(), requests), (is_transient, if is_transient { 3 } else { 1 }));
            assert_eq!(refused(error).status, status);
        }
    }
}
