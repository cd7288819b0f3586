//! Where requests get their bearer tokens from, and what happens to a token that a server does not accept.

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue, StatusCode};

use crate::{Challenge, Secret, TokenUnavailable};

/// Where bearer tokens come from (RFC 6750).
///
/// Implemented by [`Secret`], a token that never changes, and by the handles of `auth-core`, whose tokens are cached and
/// renewed. What an implementation of one's own hands out is sent as it is.
pub trait TokenSource: Send + Sync + 'static {
    /// A token.
    type Token: Send + Sync + 'static;

    /// Why there is none. Its `Display` becomes a part of the errors of calls, so it repeats no secret.
    type Error: StdError + Send + Sync + 'static;

    /// A token that is good now.
    ///
    /// # Errors
    /// Says why there is none. Then nothing is sent.
    fn token(&self) -> impl Future<Output = Result<Self::Token, Self::Error>> + Send;

    /// The value of the `Authorization` header for a token, marked sensitive.
    ///
    /// # Errors
    /// If no header can carry the token.
    fn authorization(&self, token: &Self::Token) -> Result<HeaderValue, Self::Error>;

    /// True only if both are one token, so that the header of one is that of the other. Default: false, which costs a header
    /// for each request.
    fn is_same(_one: &Self::Token, _other: &Self::Token) -> bool {
        false
    }

    /// Takes note that a server did not accept a token, so that it is not handed out again.
    fn reject(&self, token: &Self::Token);
}

/// A request's token: the first, or the one after a rejection.
///
/// This is the one place that says what is done when a server does not accept a token; clients, middleware and layers
/// only send:
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
    token: S::Token,
    authorization: HeaderValue,
}

impl<'source, S: TokenSource> Attempt<'source, S> {
    /// Gets a token for a request.
    ///
    /// # Errors
    /// The source's own: there is no token, and nothing must be sent.
    pub async fn first(source: &'source S) -> Result<Self, S::Error> {
        let token = source.token().await?;
        let authorization = source.authorization(&token)?;
        Ok(Self { source, token, authorization })
    }

    /// The value of the request's `Authorization` header, marked sensitive.
    #[must_use]
    pub fn authorization(&self) -> HeaderValue {
        self.authorization.clone()
    }

    /// What to do after an answer with this status and these headers: nothing, or send `spare`, which is the same request if
    /// it can be sent again, with another token, once.
    ///
    /// A token is rejected only by a 401 that is about the token ([`Challenge::rejects_token`]), and by no 403. If the next
    /// token is the very same, the request is not repeated.
    ///
    /// # Errors
    /// The source's own: the token was rejected, and there is no other one.
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
        let next = self.source.token().await?;
        let authorization = self.source.authorization(&next)?;
        Ok((authorization != self.authorization).then_some((authorization, spare)))
    }
}

impl<S: TokenSource> fmt::Debug for Attempt<'_, S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Attempt").finish_non_exhaustive()
    }
}

/// A token that never changes, for programs that get theirs elsewhere.
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

/// Any [`TokenSource`], as the clients of generated crates hold it. Cloning is cheap.
#[derive(Clone)]
pub struct Tokens(Arc<dyn AnySource>);

impl Tokens {
    /// Tokens of this source.
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
        self.0.token().await
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

/// [`TokenSource`] without its types.
trait AnySource: Send + Sync {
    fn token(&self) -> Pin<Box<dyn Future<Output = Result<AnyToken, TokenUnavailable>> + Send + '_>>;
    fn reject(&self, token: &AnyToken);
}

impl<S: TokenSource> AnySource for S {
    fn token(&self) -> Pin<Box<dyn Future<Output = Result<AnyToken, TokenUnavailable>> + Send + '_>> {
        Box::pin(async move {
            let token = TokenSource::token(self).await.map_err(TokenUnavailable::new)?;
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

/// A token that no header can carry.
#[derive(Debug)]
struct Uncarriable;

impl fmt::Display for Uncarriable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("access token: holds a character that no header can carry")
    }
}

impl StdError for Uncarriable {}
