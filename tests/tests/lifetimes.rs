//! How long a token is used, for any response of its server and any change of the clocks.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::time::Duration;

use auth_core::{ExpiresIn, Scope, TokenCache, TokenEndpoint, TokenError, TokenResponse, UnverifiedClaims};
use auth_sandbox::{Gate, Sandbox, Step, TokenReply};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use integration_tests::{
    Issuer, ManualClock, RecordingObserver, all_ended, callers, ended, joined, reached, responding,
};
use serde_json::{Value, json};

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const TWO_DAYS: Duration = Duration::from_secs(2 * 24 * 60 * 60);

/// With this lifetime, a token is due for renewal after 67.5 to 70 seconds, and after 90 it is used only if no new one
/// is available.
const LIFE: Duration = Duration::from_secs(100);
const WHEN_DUE: Duration = Duration::from_secs(75);
const IN_MARGIN: Duration = Duration::from_secs(91);

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// The lifetimes of the tokens of both issuers if they send this response.
async fn lifetimes(reply: &TokenReply) -> [Duration; 2] {
    let sandbox = Sandbox::start().await.unwrap();
    let mut lifetimes = [Duration::MAX; 2];
    for (issuer, lifetime) in Issuer::both(&sandbox).into_iter().zip(&mut lifetimes) {
        issuer.provider.script().push(reply.clone());
        let clock = ManualClock::new();
        let tokens = issuer.builder().clock(clock.clone()).build();
        let token = tokens.access_token(&issuer.scope).await.unwrap();
        *lifetime = clock.until_end_of(&token);
        assert_eq!(tokens.access_token(&issuer.scope).await.unwrap().expose(), token.expose());
        assert_eq!(issuer.provider.requests(), 1);
    }
    lifetimes
}

/// A response with this `expires_in`, whose token states no shorter lifetime.
fn expires_in(value: impl Into<Value>) -> TokenReply {
    TokenReply::new().lifetime(TWO_DAYS).member("expires_in", value)
}

/// A cache with a clock that the test sets and a token with the lifetime [`LIFE`].
async fn with_token(issuer: &Issuer, clock: &ManualClock) -> (TokenCache, auth_core::AccessToken) {
    issuer.provider.script().push(TokenReply::new().lifetime(LIFE));
    let tokens = issuer.builder().clock(clock.clone()).retries(0).build();
    let token = tokens.access_token(&issuer.scope).await.unwrap();
    (tokens, token)
}

/// Row: expires_in as `"3599"` or `3599.0`.
#[tokio::test]
async fn a_lifetime_may_be_text_or_have_a_fraction() {
    for value in [json!("3599"), json!(3599.0), json!(3599), json!("3599.9")] {
        assert_eq!(lifetimes(&expires_in(value.clone())).await, [seconds(3_599); 2], "{value}");
    }
}

/// Row: expires_in missing or null.
#[tokio::test]
async fn a_lifetime_that_is_not_stated_is_five_minutes_or_what_the_token_says_if_less() {
    for (in_token, wanted) in [(HOUR, 300), (seconds(301), 300), (seconds(60), 60)] {
        let reply = TokenReply::new().lifetime(in_token);
        for reply in [reply.clone().without("expires_in"), reply.member("expires_in", json!(null))] {
            assert_eq!(lifetimes(&reply).await, [seconds(wanted); 2], "{in_token:?} in the token");
        }
    }
}

/// Row: expires_in missing or null.
#[tokio::test]
async fn the_claims_of_a_token_shorten_a_lifetime_and_never_extend_it() {
    for (named, in_token, wanted) in [(3_600, 60, 60), (60, 3_600, 60)] {
        let reply = TokenReply::new().lifetime(seconds(in_token)).member("expires_in", named);
        assert_eq!(lifetimes(&reply).await, [seconds(wanted); 2], "{named} named, {in_token} in the token");
    }
}

/// Row: `exp` of a token in whole seconds.
#[tokio::test]
async fn a_token_is_not_returned_past_its_exp_in_whole_seconds() {
    let clock = ManualClock::new();
    let issuer = Rounding { clock: ManualClock::new(), names_iat: true };
    // Tokens of SAP LeanIX have no `iat`.
    let without_iat = Rounding { names_iat: false, ..issuer.clone() };
    for (lifetime, issuer) in
        [100, 5, 2].into_iter().flat_map(|lifetime| [(lifetime, &issuer), (lifetime, &without_iat)])
    {
        // Its issuer's clock shows the same time, without this fraction.
        for clock in [&clock, &issuer.clock] {
            clock.pass(Duration::from_millis(940));
        }
        let scope: Scope = lifetime.to_string().parse().unwrap();
        let tokens = TokenCache::builder(issuer.clone()).clock(clock.clone()).retries(0).build();
        let token = tokens.access_token(&scope).await.unwrap();
        let exp = UnverifiedClaims::read(&token).unwrap().expires_at().unwrap();
        let begin = clock.wall();
        while clock.wall() < exp {
            let is_near_its_end = clock.wall() >= exp - TimeDelta::seconds(lifetime) / 5;
            assert!(tokens.cached(&scope).is_some() || is_near_its_end, "{lifetime} s, at {} of {exp}", clock.wall());
            clock.pass(Duration::from_millis(10));
        }
        assert!(tokens.cached(&scope).is_none(), "{lifetime} s: served at {}, from {begin} to {exp}", clock.wall());
        // Its issuer has the same time again.
        issuer.clock.pass((clock.wall() - begin).to_std().unwrap());
    }
}

/// An issuer whose tokens have as many seconds of lifetime as their scope states. Each scope gets one token.
#[derive(Clone)]
struct Rounding {
    clock: ManualClock,
    names_iat: bool,
}

impl TokenEndpoint for Rounding {
    async fn request_token(&self, scope: &Scope) -> Result<TokenResponse, TokenError> {
        let (now, lifetime) = (self.clock.wall().timestamp(), scope.as_str().parse::<i64>().unwrap());
        let iat = if self.names_iat { json!(now) } else { json!(null) };
        let claims = json!({ "iat": iat, "exp": now + lifetime }).to_string();
        let mut response = TokenResponse::new(format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims)));
        response.expires_in = Some(ExpiresIn::from_secs(lifetime));
        Ok(response)
    }
}

/// Row: expires_in missing or null.
#[tokio::test]
async fn type_and_scope_may_be_missing_too_where_the_document_does_not_require_them() {
    let sandbox = Sandbox::start().await.unwrap();
    let issuer = Issuer::leanix(&sandbox);
    let reply = TokenReply::new().without("expires_in").without("token_type").without("scope");
    issuer.provider.script().push(reply);
    let clock = ManualClock::new();
    let token = issuer.builder().clock(clock.clone()).build().access_token(&issuer.scope).await.unwrap();
    assert_eq!(clock.until_end_of(&token), seconds(300));
}

/// Row: expires_in 0 or negative.
#[tokio::test]
async fn a_token_without_lifetime_is_not_cached_and_requests_are_a_second_apart() {
    for value in [json!(0), json!(-1), json!("-5"), json!(i64::MIN), json!(0.9), json!("-1e400")] {
        let sandbox = Sandbox::start().await.unwrap();
        for issuer in Issuer::both(&sandbox) {
            let gate = Gate::new();
            issuer.provider.script().push(Step::from(expires_in(value.clone())).held_by(&gate));
            let clock = ManualClock::new();
            let tokens = issuer.builder().clock(clock.clone()).build();
            let asked = callers(10, &tokens, &issuer.scope);
            reached(&gate, 1).await;
            gate.release();
            for answer in joined(asked).await {
                assert_eq!(answer.unwrap().remaining(), Duration::ZERO, "{value}");
            }
            assert!(tokens.cached(&issuer.scope).is_none(), "{value} is not kept");
            for wait in [0, 999] {
                clock.pass(Duration::from_millis(wait));
                let error = tokens.access_token(&issuer.scope).await.unwrap_err();
                assert!(matches!(error, TokenError::ExpiredOnArrival), "{value}: {error:?}");
            }
            assert_eq!(issuer.provider.requests(), 1, "{value}");
            clock.pass(Duration::from_millis(1));
            tokens.access_token(&issuer.scope).await.unwrap();
            assert_eq!(issuer.provider.requests(), 2, "{value}");
        }
    }
}

/// Row: expires_in 0 or negative.
#[tokio::test]
async fn tokens_without_lifetime_in_a_row_are_requested_less_and_less_often() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        let (clock, observer) = (ManualClock::new(), RecordingObserver::new());
        let tokens = issuer.builder().clock(clock.clone()).observer(observer.clone()).build();
        issuer.provider.script().always(expires_in(json!(0)));
        for cooldown in [1, 2, 4, 8, 16, 32, 60, 60] {
            tokens.access_token(&issuer.scope).await.unwrap();
            assert_eq!(observer.cooldowns().last(), Some(&seconds(cooldown)));
            clock.pass(seconds(cooldown) - Duration::from_millis(1));
            tokens.access_token(&issuer.scope).await.unwrap_err();
            clock.pass(Duration::from_millis(1));
        }
        assert_eq!(issuer.provider.requests(), 8);
        issuer.provider.script().reset();
        tokens.reject(&tokens.access_token(&issuer.scope).await.unwrap());
        issuer.provider.script().always(expires_in(json!(0)));
        tokens.access_token(&issuer.scope).await.unwrap();
        assert_eq!(observer.cooldowns().last(), Some(&seconds(1)), "a usable token ends the row");
    }
}

/// Row: expires_in above 24 h, beyond i64, 1e400.
#[tokio::test]
async fn no_lifetime_is_longer_than_a_day() {
    for value in [json!(86_400), json!(86_401), json!(i64::MAX), json!(u64::MAX), json!(1e300), json!("1e400")] {
        assert_eq!(lifetimes(&expires_in(value.clone())).await, [DAY; 2], "{value}");
    }
    let sandbox = Sandbox::start().await.unwrap();
    for number in ["1e400", "99999999999999999999999999999999", "1E+99999"] {
        let body = format!(r#"{{"access_token":"abc","token_type":"bearer","expires_in":{number}}}"#);
        let server = responding("200 OK", &["content-type: application/json"], &body);
        for issuer in Issuer::both_at(&server.base_url(), &sandbox) {
            let clock = ManualClock::new();
            let tokens = issuer.builder().clock(clock.clone()).build();
            let token = tokens.access_token(&issuer.scope).await.unwrap();
            assert_eq!(clock.until_end_of(&token), DAY, "{number}");
        }
    }
}

/// Row: expires_in 2 s, 5 s.
#[tokio::test]
async fn short_lifetimes_are_used_and_renewed_early_with_few_requests() {
    // Due after 65 % of its lifetime at the earliest, after 70 % at the latest.
    for (life, most, least) in [(2, 16, 13), (5, 7, 5)] {
        let sandbox = Sandbox::start().await.unwrap();
        for issuer in Issuer::both(&sandbox) {
            issuer.provider.set_lifetime(seconds(life));
            let clock = ManualClock::new();
            let tokens = issuer.builder().clock(clock.clone()).build();
            tokens.access_token(&issuer.scope).await.unwrap();
            for _ in 0..200 {
                clock.pass(Duration::from_millis(100));
                for _ in 0..10 {
                    assert!(tokens.cached(&issuer.scope).is_some(), "no caller waits after the first");
                }
                tokio::task::yield_now().await;
                all_ended(&tokens).await;
            }
            let requests = issuer.provider.requests();
            assert!((least..=most).contains(&requests), "{requests} requests in 20 s for tokens of {life} s");
        }
    }
}

/// Row: reply took longer than the lifetime.
#[tokio::test]
async fn a_token_that_expired_on_arrival_is_a_transient_error() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        for (retries, requests) in [(0, 1), (1, 2)] {
            let (clock, gate, before) = (ManualClock::new(), Gate::new(), issuer.provider.requests());
            issuer.provider.script().push(Step::from(TokenReply::new().lifetime(seconds(60))).held_by(&gate));
            let tokens = issuer.builder().clock(clock.clone()).retries(retries).build();
            let asked = callers(10, &tokens, &issuer.scope);
            reached(&gate, 1).await;
            clock.pass(seconds(60));
            gate.release();
            for answer in joined(asked).await {
                match answer {
                    Ok(token) => assert!(retries == 1 && clock.until_end_of(&token) > seconds(3_500)),
                    Err(error) => assert!(
                        retries == 0 && matches!(error, TokenError::ExpiredOnArrival) && error.is_transient(),
                        "{error:?}"
                    ),
                }
            }
            assert_eq!(issuer.provider.requests() - before, requests);
        }
    }
}

/// Row: reply took longer than the lifetime.
#[tokio::test]
async fn the_old_token_is_returned_if_the_new_one_expired_on_arrival() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        // In the first round no caller waits for the request, in the second all do.
        for later in [WHEN_DUE, IN_MARGIN] {
            let (clock, gate, before) = (ManualClock::new(), Gate::new(), issuer.provider.requests());
            let (tokens, old) = with_token(&issuer, &clock).await;
            clock.pass(later);
            issuer.provider.script().push(Step::from(TokenReply::new().lifetime(seconds(5))).held_by(&gate));
            let asked = callers(20, &tokens, &issuer.scope);
            reached(&gate, 1).await;
            clock.pass(seconds(5));
            gate.release();
            for answer in joined(asked).await {
                assert_eq!(answer.unwrap().expose(), old.expose());
            }
            ended(2, &tokens).await;
            for answer in joined(callers(20, &tokens, &issuer.scope)).await {
                assert_eq!(answer.unwrap().expose(), old.expose());
            }
            assert_eq!(issuer.provider.requests() - before, 2, "few requests");
        }
    }
}

/// Row: reply took longer than the lifetime.
#[tokio::test]
async fn a_token_that_arrives_in_its_margin_is_served_until_it_expires() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        let (clock, gate, before) = (ManualClock::new(), Gate::new(), issuer.provider.requests());
        issuer.provider.script().push(Step::from(TokenReply::new().lifetime(seconds(60))).held_by(&gate));
        let tokens = issuer.builder().clock(clock.clone()).build();
        let asked = callers(10, &tokens, &issuer.scope);
        reached(&gate, 1).await;
        clock.pass(seconds(58));
        gate.release();
        let late = joined(asked).await.remove(0).unwrap();
        assert_eq!(clock.until_end_of(&late), seconds(2));
        for answer in joined(callers(10, &tokens, &issuer.scope)).await {
            assert_eq!(answer.unwrap().expose(), late.expose());
        }
        assert_eq!(issuer.provider.requests() - before, 1, "the next request is not sent at once");
        clock.pass(seconds(2));
        for answer in joined(callers(10, &tokens, &issuer.scope)).await {
            assert!(clock.until_end_of(&answer.unwrap()) > seconds(3_500));
        }
        assert_eq!(issuer.provider.requests() - before, 2);
    }
}

/// Row: reply took longer than the lifetime.
#[tokio::test]
async fn a_lifetime_counts_from_the_start_of_its_request() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        let (clock, gate) = (ManualClock::new(), Gate::new());
        issuer.provider.script().push(Step::from(TokenReply::new().lifetime(seconds(60))).held_by(&gate));
        let tokens = issuer.builder().clock(clock.clone()).build();
        let asked = callers(1, &tokens, &issuer.scope);
        reached(&gate, 1).await;
        clock.pass(seconds(20));
        gate.release();
        let token = joined(asked).await.remove(0).unwrap();
        assert_eq!(clock.until_end_of(&token), seconds(40));
    }
}

/// Row: wall clock jumps forward or back; machine suspended.
#[tokio::test]
async fn a_token_expires_by_the_clock_that_is_ahead_and_is_replaced_once() {
    type Move = fn(&ManualClock);
    let ends: [(&str, Move); 5] = [
        ("time passed", |clock| clock.pass(LIFE)),
        ("wall clock set ahead, or machine suspended", |clock| clock.ahead(LIFE)),
        ("wall clock set ahead by a day", |clock| clock.ahead(DAY)),
        ("wall clock set back, then time passed", |clock| {
            clock.back(HOUR);
            clock.pass(LIFE);
        }),
        ("wall clock stopped", |clock| clock.awake(LIFE)),
    ];
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        for (case, jump) in ends {
            let (clock, before) = (ManualClock::new(), issuer.provider.requests());
            let (tokens, old) = with_token(&issuer, &clock).await;
            jump(&clock);
            assert!(tokens.cached(&issuer.scope).is_none(), "{case}");
            for answer in joined(callers(200, &tokens, &issuer.scope)).await {
                assert_ne!(answer.unwrap().expose(), old.expose(), "{case}");
            }
            assert_eq!(issuer.provider.requests() - before, 2, "{case}");
        }
    }
}

/// Row: wall clock jumps forward or back; machine suspended.
#[tokio::test]
async fn a_jumping_clock_costs_only_the_necessary_requests() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        let clock = ManualClock::new();
        let (tokens, old) = with_token(&issuer, &clock).await;
        clock.back(DAY);
        let answers = joined(callers(200, &tokens, &issuer.scope)).await;
        assert!(answers.into_iter().all(|answer| answer.unwrap().expose() == old.expose()), "it has not expired");
        assert_eq!(issuer.provider.requests(), 1);
        // A token that is requested while the clock is ahead remains valid after the clock is corrected.
        clock.ahead(TWO_DAYS);
        let new = tokens.access_token(&issuer.scope).await.unwrap();
        clock.back(DAY);
        let answers = joined(callers(200, &tokens, &issuer.scope)).await;
        assert!(answers.into_iter().all(|answer| answer.unwrap().expose() == new.expose()));
        assert_eq!(issuer.provider.requests(), 2);
    }
}

/// Row: wall clock jumps forward or back; machine suspended.
#[tokio::test]
async fn a_machine_that_slept_until_its_token_is_due_renews_it_in_the_background() {
    let sandbox = Sandbox::start().await.unwrap();
    for issuer in Issuer::both(&sandbox) {
        let clock = ManualClock::new();
        let (tokens, old) = with_token(&issuer, &clock).await;
        clock.ahead(WHEN_DUE);
        for answer in joined(callers(200, &tokens, &issuer.scope)).await {
            assert!(answer.is_ok());
        }
        ended(2, &tokens).await;
        assert_ne!(tokens.cached(&issuer.scope).unwrap().expose(), old.expose());
        assert_eq!(issuer.provider.requests(), 2);
    }
}

#[tokio::test]
async fn many_tokens_of_one_age_are_not_renewed_at_one_moment() {
    let sandbox = Sandbox::start().await.unwrap();
    let issuer = Issuer::lean(&sandbox);
    issuer.provider.set_lifetime(seconds(1_000));
    let clock = ManualClock::new();
    let tokens = issuer.builder().clock(clock.clone()).build();
    let scopes: Vec<_> = (0..50).map(integration_tests::customer).collect();
    for scope in &scopes {
        tokens.access_token(scope).await.unwrap();
    }
    // Due between 740 and 790 seconds: 1,000 less the margin of ten, less a fifth and up to a quarter of that.
    clock.pass(Duration::from_millis(739_999));
    let mut renewed = vec![0];
    for step in [Duration::ZERO, seconds(25), Duration::from_millis(25_001)] {
        clock.pass(step);
        assert!(scopes.iter().all(|scope| tokens.cached(scope).is_some()));
        tokio::task::yield_now().await;
        all_ended(&tokens).await;
        renewed.push(issuer.provider.requests() - 50);
    }
    assert_eq!((renewed[1], renewed[3]), (0, 50));
    assert!((1..50).contains(&renewed[2]), "spread: {renewed:?}");
}
