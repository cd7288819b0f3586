//! The response of a token endpoint.

use std::time::Duration;

use auth_transport::{ExpiresIn, Secret};
use chrono::TimeDelta;

use crate::clock::{Moment, floor_millis};
use crate::token::access_token::{AccessToken, is_bearer_token};
#[cfg(any(feature = "lean", feature = "leanix", feature = "oauth2"))]
use crate::token::error::code::ErrorCode;
use crate::token::error::not_a_token::NotAToken;
use crate::token::error::token_error::TokenError;
use crate::token::jwt::announced_lifetime;
use crate::token::lifetime::{Lifetime, margin};
use crate::token::scope::Scope;

/// The successful response of a token endpoint, as sent (RFC 6749 section 5.1).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TokenResponse {
    /// `access_token`.
    pub access_token: Secret,
    /// `token_type`; if absent, `bearer` is assumed.
    pub token_type: Option<String>,
    /// `expires_in`; if absent, 300 seconds are assumed.
    pub expires_in: Option<ExpiresIn>,
    /// `scope`; if absent or empty, the requested scope is assumed.
    pub scope: Option<String>,
    /// When the request for this token was sent, counted from the start of the call of the endpoint. Default: zero.
    ///
    /// An endpoint that returns a token of an earlier request, for example from a store, sets a negative duration; one
    /// that waits before it sends the request may set a positive one. The lifetime of the token is counted from there.
    pub sent_after: TimeDelta,
}

impl TokenResponse {
    /// A response with an access token and nothing else.
    #[must_use]
    pub fn new(access_token: impl Into<Secret>) -> Self {
        let access_token = access_token.into();
        Self { access_token, token_type: None, expires_in: None, scope: None, sent_after: TimeDelta::zero() }
    }

    /// The response of a success that has this token, unless it has an `error` as well, as some servers send. A code that
    /// repeats the token or one of `secrets` becomes `unknown`.
    #[cfg(any(feature = "lean", feature = "leanix", feature = "oauth2"))]
    pub(crate) fn of_success(
        access_token: Secret,
        error: Option<&str>,
        secrets: &[&Secret],
    ) -> Result<Self, TokenError> {
        match error {
            Some(code) => {
                let secrets: Vec<&Secret> = secrets.iter().copied().chain([&access_token]).collect();
                Err(TokenError::NotAToken(NotAToken::Error(ErrorCode::read(code, &secrets))))
            }
            None => Ok(Self::new(access_token)),
        }
    }

    /// How long a [`TokenCache`](crate::TokenCache) uses the token, counted from when its request was sent: `expires_in`
    /// (300 seconds if it is absent), at most 24 hours, and less if the token is a JWT that states less. `None` if it
    /// can be used only once, because its lifetime is zero or negative.
    #[must_use]
    pub fn lifetime(&self) -> Option<Duration> {
        self.plan(0.0).map(|lifetime| Duration::from_millis(lifetime.expires.into()))
    }

    /// The last part of the [`lifetime`](Self::lifetime), in which the token is used only if no new one is available:
    /// 10 seconds, or a tenth of the lifetime if that is less.
    #[must_use]
    pub fn margin(&self) -> Duration {
        self.plan(0.0).map_or(Duration::ZERO, |lifetime| Duration::from_millis(margin(lifetime.expires).into()))
    }

    /// Checks that this is a bearer token for `requested`. If `accept_narrower_scope` is set, a part of the requested
    /// scope is sufficient, see
    /// [`TokenCacheBuilder::accept_narrower_scope`](crate::TokenCacheBuilder::accept_narrower_scope).
    ///
    /// # Errors
    /// [`TokenError::NotAToken`] or [`TokenError::ScopeNotGranted`], with which a [`TokenCache`](crate::TokenCache)
    /// fails for this response.
    pub fn check(&self, requested: &Scope, accept_narrower_scope: bool) -> Result<(), TokenError> {
        if self.token_type.as_ref().is_some_and(|token_type| !token_type.eq_ignore_ascii_case("bearer")) {
            return Err(TokenError::NotAToken(NotAToken::TokenType));
        }
        let granted: Scope = match &self.scope {
            None => requested.clone(),
            Some(scope) => scope.parse().map_err(|_| TokenError::NotAToken(NotAToken::Scope))?,
        };
        let is_enough =
            granted.is_empty() || granted.contains(requested) || accept_narrower_scope && requested.contains(&granted);
        if !is_enough {
            return Err(TokenError::ScopeNotGranted {
                requested: requested.clone(),
                missing: requested.without(&granted),
            });
        }
        if is_bearer_token(self.access_token.expose()) {
            Ok(())
        } else {
            Err(TokenError::NotAToken(NotAToken::Characters))
        }
    }

    /// Turns the response to a call for `requested`, which began at `began` and ended at `ended`, into a token; `jitter`
    /// is from 0 to 1. If `narrower` is set, a part of the requested scope is sufficient.
    pub(crate) fn accept(
        self,
        requested: &Scope,
        narrower: bool,
        [began, ended]: [Moment; 2],
        jitter: f64,
    ) -> Result<AccessToken, TokenError> {
        self.check(requested, narrower)?;
        let (sent, missing) = began.shifted(floor_millis(self.sent_after), ended);
        let lifetime = self.plan(jitter).and_then(|lifetime| lifetime.less(missing));
        AccessToken::new(&self.access_token, requested.clone(), sent, lifetime)
            .ok_or(TokenError::NotAToken(NotAToken::Characters))
    }

    fn plan(&self, jitter: f64) -> Option<Lifetime> {
        let in_token = announced_lifetime(self.access_token.expose(), self.expires_in);
        Lifetime::plan(self.expires_in, in_token, jitter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::AnyClock;

    #[test]
    fn a_response_is_a_token_or_a_typed_error() {
        let requested: Scope = "customer.1".parse().unwrap();
        let accept = |token: &str, token_type: Option<&str>, scope: Option<&str>| {
            let mut response = TokenResponse::new(token);
            response.token_type = token_type.map(str::to_owned);
            response.scope = scope.map(str::to_owned);
            response.accept(&requested, false, [AnyClock::default().now(); 2], 0.0)
        };
        for (token_type, scope) in [
            (None, None),
            (Some("Bearer"), Some("")),
            (Some("bEARER"), Some("customer.1")),
            (Some("bearer"), Some("api customer.1")),
        ] {
            let token = accept("abc", token_type, scope).unwrap();
            assert_eq!(token.scope(), &requested, "cached under the requested scope");
            assert_eq!(token.expose(), "abc");
        }
        for (token, token_type, scope, wanted) in [
            ("abc", Some("mac"), None, NotAToken::TokenType),
            ("abc", Some(""), None, NotAToken::TokenType),
            ("", None, None, NotAToken::Characters),
            ("a c", None, None, NotAToken::Characters),
            ("abc\n", None, None, NotAToken::Characters),
            ("abc", None, Some("\u{e9}"), NotAToken::Scope),
        ] {
            match accept(token, token_type, scope) {
                Err(TokenError::NotAToken(found)) => assert_eq!(found, wanted),
                other => panic!("{wanted:?}: {other:?}"),
            }
        }
        for granted in ["customer.2", "api", "CUSTOMER.1", "customer.11"] {
            let error = accept("abc", None, Some(granted)).unwrap_err();
            assert!(matches!(error, TokenError::ScopeNotGranted { .. }), "{granted}: {error:?}");
        }
    }

    #[test]
    fn a_narrower_scope_is_accepted_only_on_request() {
        let requested: Scope = "read write".parse().unwrap();
        for (granted, exact, narrower) in [
            ("write read", true, true),
            ("read write admin", true, true),
            ("read", false, true),
            ("read admin", false, false),
            ("admin", false, false),
        ] {
            let accept = |narrower| {
                let mut response = TokenResponse::new("abc");
                response.scope = Some(granted.to_owned());
                response.accept(&requested, narrower, [AnyClock::default().now(); 2], 0.0).is_ok()
            };
            assert_eq!((accept(false), accept(true)), (exact, narrower), "{granted}");
        }
    }

    fn at(monotonic: u64, wall: i64) -> Moment {
        Moment::new_const(monotonic, wall)
    }

    #[test]
    fn a_lifetime_is_counted_from_when_the_request_was_sent() {
        const LIFE: u64 = 300_000;
        // A call that began at 1,000 s and ended at 1,010 s on both clocks.
        let [began, ended] = [1_000_000, 1_010_000].map(|millis: u32| at(millis.into(), millis.into()));
        for (case, sent_after, remaining) in [
            ("at once", TimeDelta::zero(), LIFE - 10_000),
            ("earlier", TimeDelta::seconds(-100), LIFE - 110_000),
            ("later", TimeDelta::seconds(9), LIFE - 1_000),
            ("after the call, which is impossible", TimeDelta::seconds(60), LIFE),
            ("a moment earlier", TimeDelta::microseconds(-1), LIFE - 10_001),
            ("before its lifetime began", TimeDelta::seconds(-400), 0),
            ("longer ago than can be", TimeDelta::MIN, 0),
        ] {
            let mut response = TokenResponse::new("abc");
            response.sent_after = sent_after;
            let token = response.accept(&Scope::empty(), false, [began, ended], 0.0).unwrap();
            let found = token.times().map_or(0, |times| times.remaining_millis(ended));
            assert_eq!(found, remaining, "{case}");
        }
    }

    #[test]
    fn a_token_from_before_the_start_of_the_monotonic_clock_is_not_younger() {
        // The machine started 20 seconds ago; the token is 100 seconds old.
        let began = at(20_000, 1_000_000);
        let mut response = TokenResponse::new("abc");
        response.sent_after = TimeDelta::seconds(-100);
        let token = response.accept(&Scope::empty(), false, [began; 2], 0.0).unwrap();
        for (case, now, remaining) in [
            ("now", began, 200_000),
            ("later", at(120_000, 1_100_000), 100_000),
            ("later, wall clock set back", at(120_000, 0), 100_000),
            ("later, monotonic clock stopped", at(20_000, 1_100_000), 100_000),
        ] {
            assert_eq!(token.times().unwrap().remaining_millis(now), remaining, "{case}");
        }
        response = TokenResponse::new("abc");
        response.sent_after = TimeDelta::seconds(-320);
        assert!(response.accept(&Scope::empty(), false, [began; 2], 0.0).unwrap().times().is_none());
    }

    #[test]
    fn the_lifetime_of_a_response_is_the_one_of_its_token() {
        for (expires_in, lifetime, margin) in [
            (None, Some(300), 10_000),
            (Some(3_600), Some(3_600), 10_000),
            (Some(5), Some(5), 500),
            (Some(100_000), Some(86_400), 10_000),
            (Some(0), None, 0),
            (Some(-1), None, 0),
        ] {
            let mut response = TokenResponse::new("abc");
            response.expires_in = expires_in.map(ExpiresIn::from_secs);
            assert_eq!(response.lifetime(), lifetime.map(Duration::from_secs), "{expires_in:?}");
            assert_eq!(response.margin(), Duration::from_millis(margin), "{expires_in:?}");
        }
    }
}
