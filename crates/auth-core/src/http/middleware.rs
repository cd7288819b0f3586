//! Middleware that adds a token to every request.

use std::fmt;

use async_trait::async_trait;
use auth_transport::{Attempt, Origins, TokenSource};
use http::Extensions;
use http::header::AUTHORIZATION;
use reqwest::{Request, Response};
use reqwest_middleware::{Error, Middleware, Next, Result};

use crate::cache::handle::TokenHandle;
use crate::http::answered;
use crate::http::call_error::CallError;
use crate::http::prepared::Prepared;

/// Middleware for `reqwest-middleware` that sends a bearer token with every request. Like
/// [`BearerClient`](crate::BearerClient), it repeats a request once with another token if the server answers 401
/// because of the token. The HTTP settings are those of the client.
///
/// Build the client without redirects, as shown below. By default `reqwest` 0.13 follows up to 10. It sends the first
/// request to another origin without the token, but **sends the token when that origin redirects to itself**. A 401
/// after a redirect does not reject the token, since `reqwest` does not report whether it was sent.
///
/// Errors of this middleware are [`CallError`]s inside `reqwest_middleware::Error::Middleware`.
///
/// ```
/// use auth_core::reqwest::{Client, redirect::Policy};
/// use auth_core::{BearerMiddleware, Origins, TokenHandle};
/// use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
///
/// fn client(tokens: TokenHandle) -> Result<ClientWithMiddleware, Box<dyn std::error::Error>> {
///     let bearer = BearerMiddleware::new(tokens, Origins::of("https://app.leanix.net")?);
///     let client = Client::builder().redirect(Policy::none()).build()?;
///     Ok(ClientBuilder::new(client).with(bearer).build())
/// }
/// ```
pub struct BearerMiddleware<S: TokenSource = TokenHandle> {
    tokens: Prepared<S>,
    origins: Origins,
}

impl<S: TokenSource> BearerMiddleware<S> {
    /// Middleware that sends `tokens` to `origins` and refuses requests to any other origin.
    #[must_use]
    pub fn new(tokens: S, origins: Origins) -> Self {
        Self { tokens: Prepared::new(tokens), origins }
    }
}

#[async_trait]
impl<S: TokenSource> Middleware for BearerMiddleware<S> {
    async fn handle(&self, mut request: Request, extensions: &mut Extensions, next: Next<'_>) -> Result<Response> {
        if !self.origins.permit(request.url()) {
            return Err(failed::<S>(CallError::OtherOrigin));
        }
        let no_token = |error| failed::<S>(CallError::Token(error));
        let attempt = Attempt::first(&self.tokens).await.map_err(no_token)?;
        let spare = request.try_clone();
        let address = spare.is_none().then(|| request.url().clone());
        request.headers_mut().insert(AUTHORIZATION, attempt.authorization());
        let answer = next.clone().run(request, extensions).await?;
        let asked = spare.as_ref().map(Request::url).or(address.as_ref());
        if !asked.is_some_and(|asked| answered::is_to(asked, answer.url())) {
            // A redirect was followed, and `reqwest` does not report whether the token was sent.
            return Ok(answer);
        }
        let again = attempt.after(answer.status(), answer.headers(), spare).await.map_err(no_token)?;
        let Some((authorization, mut request)) = again else { return Ok(answer) };
        request.headers_mut().insert(AUTHORIZATION, authorization);
        next.run(request, extensions).await
    }
}

fn failed<S: TokenSource>(error: CallError<reqwest::Error, S::Error>) -> Error {
    Error::middleware(error)
}

impl<S: TokenSource> fmt::Debug for BearerMiddleware<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("BearerMiddleware").field("origins", &self.origins).finish_non_exhaustive()
    }
}
