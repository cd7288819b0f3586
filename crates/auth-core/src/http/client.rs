//! Plain `reqwest` with a token in every request.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use auth_transport::{Attempt, BaseUrl, BuildError, Origins, TokenSource, Transport, TransportBuilder, TransportError};
use http::header::{ACCEPT_ENCODING, AUTHORIZATION};
use http::{Method, StatusCode};
use reqwest::{Client, IntoUrl, Request, RequestBuilder};

use crate::cache::handle::TokenHandle;
use crate::http::answered;
use crate::http::call_error::CallError;
use crate::http::prepared::Prepared;
use crate::http::response::BearerResponse;

/// An HTTP client for one API that sends a bearer token with every request (RFC 6750 section 2.1).
///
/// The token comes from a [`TokenSource`], usually a [`TokenHandle`]. If the API answers 401 because of the token
/// ([`Challenge::rejects_token`](crate::Challenge::rejects_token)), the client rejects the token and repeats the
/// request once with another one. A request whose body is a stream is not repeated. Requests to any other origin are
/// refused.
///
/// The HTTP settings are those of [`Transport`]: redirects are not followed but returned as the response; an exchange
/// times out after 60 seconds, body included; a body of more than 16 MiB is an error; `https` requires TLS 1.2 or newer
/// and a valid certificate; plain `http` works only on loopback and bypasses proxies; responses are not compressed, and
/// cookies are not kept. Connections are kept open for the next request. Cloning is cheap.
///
/// ```no_run
/// use auth_core::{BearerClient, TokenHandle};
///
/// async fn customers(tokens: TokenHandle) -> Result<String, Box<dyn std::error::Error>> {
///     let api = BearerClient::new(tokens, "https://sandbox.ae.leantech.me")?;
///     let answer = api.get("/customers/v1").query(&[("page", "0")]).send().await?.error_for_status()?;
///     Ok(answer.text().await?)
/// }
/// ```
///
/// [`auth_core::reqwest`](crate::reqwest) re-exports the `reqwest` whose types these methods use.
pub struct BearerClient<S: TokenSource = TokenHandle> {
    inner: Arc<Inner<S>>,
    /// Timeout of each request; `None` leaves it to the HTTP client.
    timeout: Option<Duration>,
    body_limit: usize,
}

struct Inner<S: TokenSource> {
    client: Client,
    /// The transport of the HTTP client; `None` if the program passed its own HTTP client.
    transport: Option<Transport>,
    tokens: Prepared<S>,
    base_url: BaseUrl,
    origins: Origins,
}

impl<S: TokenSource> BearerClient<S> {
    /// A client for the API at `base_url` with the settings described above.
    ///
    /// # Errors
    /// [`BuildError`] if `base_url` is not an https URL (http is allowed for loopback), or if the HTTP client cannot be
    /// built.
    pub fn new(tokens: S, base_url: &str) -> Result<Self, BuildError> {
        let transport = for_apis().build_to(&BaseUrl::parse(base_url)?)?;
        // The transport's client already has the timeout.
        Ok(Self { timeout: None, ..Self::through(tokens, base_url, transport)? })
    }

    /// A client for the API at `base_url` over a transport with your own settings: timeout, body limit, certificates,
    /// proxy.
    ///
    /// Limits that the transport does not set are those of an API, as above. The transport keeps connections open only
    /// if [`TransportBuilder::keep_connections`] was called.
    ///
    /// ```
    /// use std::time::Duration;
    /// use auth_core::{BearerClient, Secret, Transport};
    ///
    /// let transport = Transport::builder().timeout(Duration::from_secs(300)).keep_connections().build()?;
    /// let api = BearerClient::through(Secret::from("a token"), "https://api.example.com", transport)?;
    /// # Ok::<(), auth_core::BuildError>(())
    /// ```
    ///
    /// # Errors
    /// [`BuildError`] if `base_url` is not an https URL (http is allowed for loopback).
    pub fn through(tokens: S, base_url: &str, transport: Transport) -> Result<Self, BuildError> {
        let client = transport.client_to(&BaseUrl::parse(base_url)?).clone();
        let (timeout, body_limit) = (Some(transport.api_timeout()), transport.api_body_limit());
        Ok(Self { timeout, body_limit, ..Self::with(tokens, base_url, client, Some(transport))? })
    }

    /// A client for the API at `base_url` over an HTTP client of your own, whose settings replace those above.
    ///
    /// Requests still go to the API's origin only, and [`BearerResponse`] still limits bodies to 16 MiB. Everything
    /// else depends on `client`. A `reqwest` client with default settings
    ///
    /// - has no timeout, unless the request sets one ([`BearerRequest::timeout`](crate::BearerRequest::timeout));
    /// - follows up to 10 redirects. `reqwest` 0.13 sends the first request to another origin without the token, but
    ///   **sends the token when that origin redirects to itself**. Build the client with
    ///   `redirect(reqwest::redirect::Policy::none())`. A 401 after a redirect does not reject the token, since
    ///   `reqwest` does not report whether it was sent;
    /// - sends plain `http` to loopback through a proxy set in the environment, and resolves `localhost` with the
    ///   system's resolver;
    /// - does not send `Accept-Encoding: identity`.
    ///
    /// # Errors
    /// [`BuildError`] if `base_url` is not an https URL (http is allowed for loopback).
    pub fn over(tokens: S, base_url: &str, client: Client) -> Result<Self, BuildError> {
        Self::with(tokens, base_url, client, None)
    }

    fn with(tokens: S, base_url: &str, client: Client, transport: Option<Transport>) -> Result<Self, BuildError> {
        let (base_url, origins) = (BaseUrl::parse(base_url)?, Origins::of(base_url)?);
        let inner = Inner { client, transport, tokens: Prepared::new(tokens), base_url, origins };
        Ok(Self { inner: Arc::new(inner), timeout: None, body_limit: Transport::API_BODY_LIMIT })
    }

    /// Sets the size in bytes above which reading a body is an error.
    #[must_use]
    pub fn with_body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// The API's base URL.
    #[must_use]
    pub fn base_url(&self) -> &BaseUrl {
        &self.inner.base_url
    }

    pub(crate) fn builder(&self, method: Method, address: impl IntoUrl) -> RequestBuilder {
        self.inner.client.request(method, address)
    }

    pub(crate) fn body_limit(&self) -> usize {
        self.body_limit
    }

    /// Sends a request that was built elsewhere.
    ///
    /// # Errors
    /// [`CallError`], see its variants. Any response of the API is `Ok`, including a second 401.
    pub async fn execute(&self, request: Request) -> Result<BearerResponse, CallError<TransportError, S::Error>> {
        self.execute_with(request, self.body_limit).await
    }

    pub(crate) async fn execute_with(
        &self,
        mut request: Request,
        body_limit: usize,
    ) -> Result<BearerResponse, CallError<TransportError, S::Error>> {
        let Inner { client, tokens, origins, .. } = &*self.inner;
        if !origins.permit(request.url()) {
            return Err(CallError::OtherOrigin);
        }
        if request.timeout().is_none() && self.timeout.is_some() {
            *request.timeout_mut() = self.timeout;
        }
        let attempt = Attempt::first(tokens).await.map_err(CallError::Token)?;
        let spare = again(&request);
        // A stream cannot be repeated, so no copy keeps the address.
        let address = spare.is_none().then(|| request.url().clone());
        let accepts_codings = request.headers().contains_key(ACCEPT_ENCODING);
        request.headers_mut().insert(AUTHORIZATION, attempt.authorization());
        let answer = client.execute(request).await.map_err(|error| self.failed(error))?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            let asked = spare.as_ref().map(Request::url).or(address.as_ref());
            if !asked.is_some_and(|asked| answered::is_to(asked, answer.url())) {
                return Ok(BearerResponse::new(answer, body_limit, accepts_codings));
            }
        }
        let next = attempt.after(answer.status(), answer.headers(), spare).await.map_err(CallError::Token)?;
        let Some((authorization, mut request)) = next else {
            return Ok(BearerResponse::new(answer, body_limit, accepts_codings));
        };
        request.headers_mut().insert(AUTHORIZATION, authorization);
        let answer = client.execute(request).await.map_err(|error| self.failed(error))?;
        Ok(BearerResponse::new(answer, body_limit, accepts_codings))
    }

    fn failed(&self, error: reqwest::Error) -> CallError<TransportError, S::Error> {
        if error.is_builder() {
            return CallError::unbuilt(error);
        }
        let url = error.url().unwrap_or(self.inner.base_url.url());
        CallError::Send(match &self.inner.transport {
            Some(transport) => transport.error(url, &error),
            None => TransportError::of(url, &error),
        })
    }
}

/// A transport for APIs, which have slower and larger responses and more frequent calls than token endpoints.
fn for_apis() -> TransportBuilder {
    Transport::builder().timeout(Transport::API_TIMEOUT).body_limit(Transport::API_BODY_LIMIT).keep_connections()
}

/// A copy of the request, for a repetition; `None` if its body is a stream.
fn again(request: &Request) -> Option<Request> {
    if request.body().is_some() || request.timeout().is_some() {
        return request.try_clone();
    }
    // Like `try_clone`, which allocates for a timeout even if none is set.
    let mut spare = Request::new(request.method().clone(), request.url().clone());
    spare.headers_mut().clone_from(request.headers());
    *spare.version_mut() = request.version();
    Some(spare)
}

impl<S: TokenSource> Clone for BearerClient<S> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), ..*self }
    }
}

impl<S: TokenSource> fmt::Debug for BearerClient<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("BearerClient").field("base_url", &self.inner.base_url).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_has_a_minute_and_16_mib() {
        let debug = format!("{:?}", for_apis());
        assert!(debug.contains("timeout: 60s") && debug.contains("body_limit: 16777216"), "{debug}");
    }
}
