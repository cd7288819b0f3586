//! Plain `reqwest`, with a token in every request.

use std::fmt;
use std::sync::Arc;

use auth_transport::{Attempt, BaseUrl, BuildError, Origins, TokenSource};
use http::Method;
use http::header::AUTHORIZATION;
use reqwest::{Client, IntoUrl, Request, RequestBuilder, Response, Url};

use crate::prepared::Prepared;
use crate::{CallError, TokenHandle};

/// A `reqwest` client for one API, whose requests carry a token.
///
/// Each request gets a token that is good now (RFC 6750 section 2.1). If the API does not accept it, it is rejected, and the
/// request is repeated once with another one; but not if its body is a stream, which is sent once. Requests to any other origin
/// are refused, and redirects to one are followed without the token. Cloning is cheap.
///
/// ```no_run
/// use auth_core::{BearerClient, TokenHandle};
///
/// async fn customers(tokens: TokenHandle) -> Result<String, Box<dyn std::error::Error>> {
///     let api = BearerClient::new(tokens, "https://sandbox.ae.leantech.me")?;
///     let answer = api.get("/customers/v1").send().await?.error_for_status()?;
///     Ok(answer.text().await?)
/// }
/// ```
pub struct BearerClient<S: TokenSource = TokenHandle>(Arc<Inner<S>>);

struct Inner<S: TokenSource> {
    client: Client,
    tokens: Prepared<S>,
    base_url: BaseUrl,
    /// The base URL if it has no path of its own: then a path can be joined with it, which takes one step less.
    root: Option<Url>,
    origins: Origins,
}

impl<S: TokenSource> BearerClient<S> {
    /// A client for the API at `base_url`, with the settings that `reqwest` has by itself.
    ///
    /// # Errors
    /// [`BuildError`] if `base_url` is no https URL (http is allowed for loopback), or if the HTTP client cannot be built.
    pub fn new(tokens: S, base_url: &str) -> Result<Self, BuildError> {
        let mut builder = Client::builder();
        if !BaseUrl::parse(base_url)?.is_https() {
            // Loopback: what goes there without TLS has no business at a proxy.
            builder = builder.no_proxy();
        }
        Self::over(tokens, base_url, builder.build().map_err(BuildError::Client)?)
    }

    /// A client for the API at `base_url` over an HTTP client of your own.
    ///
    /// # Errors
    /// [`BuildError`] if `base_url` is no https URL (http is allowed for loopback).
    pub fn over(tokens: S, base_url: &str, client: Client) -> Result<Self, BuildError> {
        let (base_url, origins) = (BaseUrl::parse(base_url)?, Origins::of(base_url)?);
        let root = Url::parse(base_url.as_str()).ok().filter(|url| url.path() == "/");
        Ok(Self(Arc::new(Inner { client, tokens: Prepared::new(tokens), base_url, root, origins })))
    }

    /// The API's address.
    #[must_use]
    pub fn base_url(&self) -> &BaseUrl {
        &self.0.base_url
    }

    /// A `GET` request.
    pub fn get(&self, path: &str) -> BearerRequest<'_, S> {
        self.request(Method::GET, path)
    }

    /// A `POST` request.
    pub fn post(&self, path: &str) -> BearerRequest<'_, S> {
        self.request(Method::POST, path)
    }

    /// A request of any method; `path` goes after the base URL and may have a query.
    pub fn request(&self, method: Method, path: &str) -> BearerRequest<'_, S> {
        let Inner { base_url, root, .. } = &*self.0;
        // What starts with two slashes would be joined as a host.
        let is_path = matches!(path.as_bytes(), [b'/'] | [b'/', b'!'..=b'.' | b'0'..=b'[' | b']'..=b'~', ..]);
        match root.as_ref().filter(|_| is_path).and_then(|root| root.join(path).ok()) {
            Some(url) => self.request_to(method, url),
            None => {
                let slash = if path.starts_with('/') { "" } else { "/" };
                self.request_to(method, format!("{base_url}{slash}{path}"))
            }
        }
    }

    /// A request to a whole address, such as one that the API gave; it must be of the API's origin.
    pub fn request_to(&self, method: Method, address: impl IntoUrl) -> BearerRequest<'_, S> {
        BearerRequest { client: self, builder: self.0.client.request(method, address) }
    }

    /// Sends a request that was made elsewhere.
    ///
    /// # Errors
    /// [`CallError`], see its variants. Any answer of the API is a success, a second 401 too.
    pub async fn execute(&self, mut request: Request) -> Result<Response, CallError<reqwest::Error, S::Error>> {
        let Inner { client, tokens, origins, .. } = &*self.0;
        if !origins.permit(request.url()) {
            return Err(CallError::OtherOrigin);
        }
        let attempt = Attempt::first(tokens).await.map_err(CallError::Token)?;
        let spare = again(&request);
        request.headers_mut().insert(AUTHORIZATION, attempt.authorization());
        let answer = client.execute(request).await.map_err(CallError::Send)?;
        if !origins.permit(answer.url()) {
            // A redirect led elsewhere, where no token went.
            return Ok(answer);
        }
        let next = attempt.after(answer.status(), answer.headers(), spare).await.map_err(CallError::Token)?;
        let Some((authorization, mut request)) = next else { return Ok(answer) };
        request.headers_mut().insert(AUTHORIZATION, authorization);
        client.execute(request).await.map_err(CallError::Send)
    }
}

/// The same request, to be sent once more if need be; none if its body is a stream.
fn again(request: &Request) -> Option<Request> {
    if request.body().is_some() || request.timeout().is_some() {
        return request.try_clone();
    }
    // What `try_clone` does, without the room that it makes for a timeout even where there is none.
    let mut spare = Request::new(request.method().clone(), request.url().clone());
    spare.headers_mut().clone_from(request.headers());
    *spare.version_mut() = request.version();
    Some(spare)
}

impl<S: TokenSource> Clone for BearerClient<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: TokenSource> fmt::Debug for BearerClient<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("BearerClient").field("base_url", &self.0.base_url).finish_non_exhaustive()
    }
}

/// A request of a [`BearerClient`].
#[must_use = "a request is sent by `send`"]
pub struct BearerRequest<'client, S: TokenSource = TokenHandle> {
    client: &'client BearerClient<S>,
    builder: RequestBuilder,
}

impl<S: TokenSource> BearerRequest<'_, S> {
    /// Sets whatever `reqwest` lets one set: `with(|request| request.header("accept", "application/json").body(text))`.
    pub fn with(mut self, set: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Self {
        self.builder = set(self.builder);
        self
    }

    /// Sends the request.
    ///
    /// # Errors
    /// As with [`BearerClient::execute`].
    pub async fn send(self) -> Result<Response, CallError<reqwest::Error, S::Error>> {
        self.client.execute(self.builder.build().map_err(CallError::Send)?).await
    }
}

impl<S: TokenSource> fmt::Debug for BearerRequest<'_, S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("BearerRequest").finish_non_exhaustive()
    }
}
