//! The token endpoint of an authorization server, and its response.

use std::future::Future;
use std::pin::Pin;

use auth_transport::{ExpiresIn, Secret};

use crate::clock::Moment;
use crate::token::access_token::AccessToken;
#[cfg(any(feature = "lean", feature = "leanix", feature = "oauth2"))]
use crate::token::error::code::ErrorCode;
use crate::token::error::not_a_token::NotAToken;
use crate::token::error::token_error::TokenError;
use crate::token::jwt::announced_lifetime;
use crate::token::lifetime::Lifetime;
use crate::token::scope::Scope;

/// The token endpoint of one authorization server (RFC 6749 section 3.2), for one set of credentials.
///
/// An implementation sends one request and returns the response. [`TokenCache`](crate::TokenCache) validates the
/// response, decides how long the token is used, shares requests between callers and retries them.
///
/// ```
/// use auth_core::{Scope, TokenEndpoint, TokenError, TokenResponse};
///
/// struct Fixed;
///
/// impl TokenEndpoint for Fixed {
///     async fn request_token(&self, _scope: &Scope) -> Result<TokenResponse, TokenError> {
///         Ok(TokenResponse::new("2YotnFZFEjr1zCsicMWpAA"))
///     }
/// }
/// ```
pub trait TokenEndpoint: Send + Sync + 'static {
    /// Requests a new token for `scope` from the server.
    ///
    /// # Errors
    /// [`TokenError`] if the server does not respond, or responds with an error.
    fn request_token(&self, scope: &Scope) -> impl Future<Output = Result<TokenResponse, TokenError>> + Send;

    /// The name of the authorization server in logs and metrics, usually its host. Default: empty.
    ///
    /// [`TokenCacheBuilder::issuer_name`](crate::TokenCacheBuilder::issuer_name) takes precedence.
    fn issuer_name(&self) -> &str {
        ""
    }
}

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
}

impl TokenResponse {
    /// A response with an access token and nothing else.
    #[must_use]
    pub fn new(access_token: impl Into<Secret>) -> Self {
        Self { access_token: access_token.into(), token_type: None, expires_in: None, scope: None }
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

    /// Turns the response to a request for `requested`, sent at `started`, into a token; `jitter` is from 0 to 1. If
    /// `narrower` is set, a part of the requested scope is sufficient.
    pub(crate) fn accept(
        self,
        requested: &Scope,
        narrower: bool,
        started: Moment,
        jitter: f64,
    ) -> Result<AccessToken, TokenError> {
        if self.token_type.is_some_and(|token_type| !token_type.eq_ignore_ascii_case("bearer")) {
            return Err(TokenError::NotAToken(NotAToken::TokenType));
        }
        let granted: Scope = match &self.scope {
            None => requested.clone(),
            Some(scope) => scope.parse().map_err(|_| TokenError::NotAToken(NotAToken::Scope))?,
        };
        let is_enough = granted.is_empty() || granted.contains(requested) || narrower && requested.contains(&granted);
        if !is_enough {
            return Err(TokenError::ScopeNotGranted {
                requested: requested.clone(),
                missing: requested.without(&granted),
            });
        }
        let in_token = announced_lifetime(self.access_token.expose(), self.expires_in);
        let lifetime = Lifetime::plan(self.expires_in, in_token, jitter);
        AccessToken::new(&self.access_token, requested.clone(), started, lifetime)
            .ok_or(TokenError::NotAToken(NotAToken::Characters))
    }
}

/// A [`TokenEndpoint`] as a trait object, for the cache.
pub(crate) trait AnyTokenEndpoint: Send + Sync {
    fn request<'call>(&'call self, scope: &'call Scope) -> BoxedAnswer<'call>;
    fn issuer(&self) -> &str;
}

pub(crate) type BoxedAnswer<'call> = Pin<Box<dyn Future<Output = Result<TokenResponse, TokenError>> + Send + 'call>>;

impl<E: TokenEndpoint> AnyTokenEndpoint for E {
    fn request<'call>(&'call self, scope: &'call Scope) -> BoxedAnswer<'call> {
        Box::pin(self.request_token(scope))
    }

    fn issuer(&self) -> &str {
        self.issuer_name()
    }
}

/// The host of a URL, with the port if it names one.
#[cfg(any(feature = "lean", feature = "leanix", feature = "oauth2"))]
pub(crate) fn host(url: &str) -> &str {
    let (_, rest) = url.split_once("://").unwrap_or_default();
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::AnyClock;

    #[cfg(any(feature = "lean", feature = "leanix", feature = "oauth2"))]
    #[test]
    fn the_issuer_name_is_the_host() {
        for (url, wanted) in [
            ("https://auth.leantech.me", "auth.leantech.me"),
            ("https://app.leanix.net/services/mtm/v1", "app.leanix.net"),
            ("http://127.0.0.1:8080", "127.0.0.1:8080"),
            ("http://[::1]:8080/?a=b", "[::1]:8080"),
        ] {
            assert_eq!(host(url), wanted);
        }
    }

    #[test]
    fn a_response_is_a_token_or_a_typed_error() {
        let requested: Scope = "customer.1".parse().unwrap();
        let accept = |token: &str, token_type: Option<&str>, scope: Option<&str>| {
            let mut response = TokenResponse::new(token);
            response.token_type = token_type.map(str::to_owned);
            response.scope = scope.map(str::to_owned);
            response.accept(&requested, false, AnyClock::default().now(), 0.0)
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
                response.accept(&requested, narrower, AnyClock::default().now(), 0.0).is_ok()
            };
            assert_eq!((accept(false), accept(true)), (exact, narrower), "{granted}");
        }
    }
}
