//! Sources of bearer tokens, and the handling of rejected tokens.

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue, StatusCode};

use crate::{Challenge, Secret, TokenUnavailable};

/// A source of bearer tokens (RFC 6750).
///
/// Implemented by [`Secret`], a token that never changes, and by the handles of `auth-core`, whose tokens are cached and
/// renewed. The header value that an implementation returns is sent unchanged.
pub trait TokenSource: Send + Sync + 'static {
    /// A token.
    type Token: Send + Sync + 'static;

    /// Why there is no token. Its `Display` becomes part of the errors of calls, so it must not show a secret.
    type Error: StdError + Send + Sync + 'static;

    /// Returns a token that is valid now.
    ///
    /// # Errors
    /// Why there is none. No request is sent then.
    fn token(&self) -> impl Future<Output = Result<Self::Token, Self::Error>> + Send;

    /// Returns a token that is valid now, for an operation whose document requires `scopes`. Default: [`token`](Self::token), for
    /// sources with one scope.
    ///
    /// # Errors
    /// Why there is none. No request is sent then.
    fn token_for(
        &self,
        scopes: &'static [&'static str],
    ) -> impl Future<Output = Result<Self::Token, Self::Error>> + Send {
        let _ = scopes;
        self.token()
    }

    /// The value of the `Authorization` header for a token, marked sensitive.
    ///
    /// # Errors
    /// If the token holds a character that is not allowed in a header.
    fn authorization(&self, token: &Self::Token) -> Result<HeaderValue, Self::Error>;

    /// True only if both are the same token, so that a prepared header can be reused. Default: `false`; then the header is built
    /// for each request.
    fn is_same(_one: &Self::Token, _other: &Self::Token) -> bool {
        false
    }

    /// Reports that a server did not accept a token, so that the source does not return it again.
    fn reject(&self, token: &Self::Token);
}

/// The token of a request, and what to do if the server does not accept it.
///
/// All clients, middleware and layers share this logic and only send requests:
///
/// ```
/// use auth_transport::{Attempt, TokenSource};
///
/// # async fn send(request: http::Request<String>) -> http::Response<String> { http::Response::default() }
/// async fn call<S: TokenSource>(tokens: &S, mut request: http::Request<String>) -> Result<http::Response<String>, S::Error> {
///     let attempt = Attempt::first(tokens).await?;
///     let spare = Some(request.clone());
///     request.headers_mut().insert("authorization", attempt.authorization());
///     let answer = send(request).await;
///     match attempt.after(answer.status(), answer.headers(), spare).await? {
///         None => Ok(answer),
///         Some((authorization, mut again)) => {
///             again.headers_mut().insert("authorization", authorization);
///             Ok(send(again).await)
///         }
///     }
/// }
/// ```
pub struct Attempt<'source, S: TokenSource> {
    source: &'source S,
    scopes: &'static [&'static str],
    token: S::Token,
    authorization: HeaderValue,
}

impl<'source, S: TokenSource> Attempt<'source, S> {
    /// Gets a token for a request.
    ///
    /// # Errors
    /// The error of the source: there is no token, and the request must not be sent.
    pub async fn first(source: &'source S) -> Result<Self, S::Error> {
        Self::first_for(source, &[]).await
    }

    /// Gets a token for a request of an operation whose document requires `scopes`; none if it names none.
    ///
    /// # Errors
    /// The error of the source: there is no token, and the request must not be sent.
    pub async fn first_for(source: &'source S, scopes: &'static [&'static str]) -> Result<Self, S::Error> {
        let token = token_for(source, scopes).await?;
        let authorization = source.authorization(&token)?;
        Ok(Self { source, scopes, token, authorization })
    }

    /// The value of the request's `Authorization` header, marked sensitive.
    #[must_use]
    pub fn authorization(&self) -> HeaderValue {
        self.authorization.clone()
    }

    /// Decides what to do after a response with this status and these headers. `None`: use the response. `Some`: send the returned
    /// request with the returned header; do not call this again for its response.
    ///
    /// `spare` is a copy of the request, or `None` if it cannot be repeated. The token is rejected only after a 401 because of
    /// the token ([`Challenge::rejects_token`]), never after a 403. If the source returns the same token again, the request is not
    /// repeated.
    ///
    /// # Errors
    /// The error of the source: the token was rejected, and there is no other one.
    pub async fn after<R>(
        self,
        status: StatusCode,
        headers: &HeaderMap,
        spare: Option<R>,
    ) -> Result<Option<(HeaderValue, R)>, S::Error> {
        if !Challenge::rejects_token(status, headers) {
            return Ok(None);
        }
        self.source.reject(&self.token);
        let Some(spare) = spare else { return Ok(None) };
        let next = token_for(self.source, self.scopes).await?;
        let authorization = self.source.authorization(&next)?;
        Ok((authorization != self.authorization).then_some((authorization, spare)))
    }
}

async fn token_for<S: TokenSource>(source: &S, scopes: &'static [&'static str]) -> Result<S::Token, S::Error> {
    if scopes.is_empty() { source.token().await } else { source.token_for(scopes).await }
}

impl<S: TokenSource> fmt::Debug for Attempt<'_, S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Attempt").finish_non_exhaustive()
    }
}

/// A token that never changes, for programs that obtain tokens elsewhere.
impl TokenSource for Secret {
    type Token = Self;
    type Error = TokenUnavailable;

    async fn token(&self) -> Result<Self, TokenUnavailable> {
        Ok(self.clone())
    }

    fn authorization(&self, token: &Self) -> Result<HeaderValue, TokenUnavailable> {
        token.header_after("Bearer ").map_err(|_| TokenUnavailable::new(Uncarriable))
    }

    fn reject(&self, _: &Self) {}
}

/// A type-erased [`TokenSource`], as generated clients hold it. Cloning is cheap.
#[derive(Clone)]
pub struct Tokens(Arc<dyn AnySource>);

impl Tokens {
    /// Wraps a source.
    pub fn new(source: impl TokenSource) -> Self {
        Self(Arc::new(source))
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tokens").finish_non_exhaustive()
    }
}

impl TokenSource for Tokens {
    type Token = AnyToken;
    type Error = TokenUnavailable;

    async fn token(&self) -> Result<AnyToken, TokenUnavailable> {
        self.0.token(&[]).await
    }

    async fn token_for(&self, scopes: &'static [&'static str]) -> Result<AnyToken, TokenUnavailable> {
        self.0.token(scopes).await
    }

    fn authorization(&self, token: &AnyToken) -> Result<HeaderValue, TokenUnavailable> {
        Ok(token.authorization.clone())
    }

    fn reject(&self, token: &AnyToken) {
        self.0.reject(token);
    }
}

/// A token of [`Tokens`].
pub struct AnyToken {
    token: Box<dyn Any + Send + Sync>,
    authorization: HeaderValue,
}

impl fmt::Debug for AnyToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AnyToken").finish_non_exhaustive()
    }
}

type BoxedToken<'source> = Pin<Box<dyn Future<Output = Result<AnyToken, TokenUnavailable>> + Send + 'source>>;

/// [`TokenSource`] without its types.
trait AnySource: Send + Sync {
    fn token(&self, scopes: &'static [&'static str]) -> BoxedToken<'_>;
    fn reject(&self, token: &AnyToken);
}

impl<S: TokenSource> AnySource for S {
    fn token(&self, scopes: &'static [&'static str]) -> BoxedToken<'_> {
        Box::pin(async move {
            let token = token_for(self, scopes).await.map_err(TokenUnavailable::new)?;
            let authorization = self.authorization(&token).map_err(TokenUnavailable::new)?;
            Ok(AnyToken { token: Box::new(token), authorization })
        })
    }

    fn reject(&self, token: &AnyToken) {
        if let Some(token) = token.token.downcast_ref() {
            TokenSource::reject(self, token);
        }
    }
}

/// The error for a token with a character that is not allowed in a header.
#[derive(Debug, thiserror::Error)]
#[error("access token: holds a character that is not allowed in a header")]
struct Uncarriable;
