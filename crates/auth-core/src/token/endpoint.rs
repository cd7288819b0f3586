//! The token endpoint of an authorization server.

use std::future::Future;
use std::pin::Pin;

use crate::token::access_token::AccessToken;
use crate::token::error::token_error::TokenError;
use crate::token::identity::EndpointIdentity;
use crate::token::response::TokenResponse;
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

    /// Requests a token for `scope` that replaces another one. Default: [`request_token`](Self::request_token).
    ///
    /// A [`TokenCache`](crate::TokenCache) calls it if it has, or had, a token for the scope. An endpoint that shares
    /// tokens with other programs must not return the replaced one again. An endpoint that wraps another one should
    /// pass the call on.
    ///
    /// # Errors
    /// As with [`request_token`](Self::request_token).
    fn replace_token(
        &self,
        scope: &Scope,
        replaced: &Replaced<'_>,
    ) -> impl Future<Output = Result<TokenResponse, TokenError>> + Send {
        let _ = replaced;
        self.request_token(scope)
    }

    /// Whose tokens these are, with the credentials that the next request will use. Endpoints with the same identity
    /// may share tokens. Default: an error.
    ///
    /// # Errors
    /// [`TokenError`] if there are no credentials, or if the endpoint does not implement this.
    fn identity(&self) -> impl Future<Output = Result<EndpointIdentity, TokenError>> + Send {
        let unknown = "the token endpoint does not say whose tokens it requests, so they cannot be shared; implement \
                       `TokenEndpoint::identity`";
        std::future::ready(Err(TokenError::Request(unknown)))
    }

    /// The name of the authorization server in logs and metrics, usually its host. Default: empty.
    ///
    /// [`TokenCacheBuilder::issuer_name`](crate::TokenCacheBuilder::issuer_name) takes precedence.
    fn issuer_name(&self) -> &str {
        ""
    }
}

/// The token that a new one replaces.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Replaced<'token> {
    /// The token: the cached one, which is due for renewal or not valid for as long as a caller needs it, or one that a
    /// resource server rejected.
    pub token: &'token AccessToken,
    /// Whether a resource server rejected it.
    pub is_rejected: bool,
}

impl<'token> Replaced<'token> {
    /// A token to replace, and whether a resource server rejected it.
    #[must_use]
    pub fn new(token: &'token AccessToken, is_rejected: bool) -> Self {
        Self { token, is_rejected }
    }
}

/// A [`TokenEndpoint`] as a trait object, for the cache.
pub(crate) trait AnyTokenEndpoint: Send + Sync {
    /// Requests a token for `scope`, which replaces another one if there is one.
    fn request<'call>(&'call self, scope: &'call Scope, replaced: Option<&'call Replaced<'call>>)
    -> BoxedAnswer<'call>;
    fn issuer(&self) -> &str;
}

pub(crate) type BoxedAnswer<'call> = Pin<Box<dyn Future<Output = Result<TokenResponse, TokenError>> + Send + 'call>>;

impl<E: TokenEndpoint> AnyTokenEndpoint for E {
    fn request<'call>(
        &'call self,
        scope: &'call Scope,
        replaced: Option<&'call Replaced<'call>>,
    ) -> BoxedAnswer<'call> {
        match replaced {
            Some(replaced) => Box::pin(self.replace_token(scope, replaced)),
            None => Box::pin(self.request_token(scope)),
        }
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

    #[tokio::test]
    async fn an_endpoint_without_an_identity_says_what_to_implement() {
        struct Fixed;

        impl TokenEndpoint for Fixed {
            async fn request_token(&self, _scope: &Scope) -> Result<TokenResponse, TokenError> {
                Ok(TokenResponse::new("abc"))
            }
        }

        let error = Fixed.identity().await.unwrap_err();
        assert!(error.to_string().ends_with("implement `TokenEndpoint::identity`"), "{error}");
        assert!(!error.is_transient());
    }
}
