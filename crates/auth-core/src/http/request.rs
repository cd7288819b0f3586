//! The request builder of `BearerClient`.

use std::fmt;
use std::time::Duration;

use auth_transport::{TokenSource, TransportError};
use http::{HeaderName, HeaderValue, Method};
use reqwest::{Body, IntoUrl, RequestBuilder};
use serde::Serialize;

use crate::cache::handle::TokenHandle;
use crate::http::call_error::CallError;
use crate::http::client::BearerClient;
use crate::http::response::BearerResponse;

/// A request of a [`BearerClient`] that is being built.
///
/// Invalid input, such as a header with a line break, is reported by [`BearerRequest::send`].
#[must_use = "a request is sent by `send`"]
pub struct BearerRequest<'client, S: TokenSource = TokenHandle> {
    client: &'client BearerClient<S>,
    builder: RequestBuilder,
    body_limit: usize,
}

/// Starts requests.
impl<S: TokenSource> BearerClient<S> {
    /// A `GET` request.
    pub fn get(&self, path: &str) -> BearerRequest<'_, S> {
        self.request(Method::GET, path)
    }

    /// A `HEAD` request.
    pub fn head(&self, path: &str) -> BearerRequest<'_, S> {
        self.request(Method::HEAD, path)
    }

    /// A `POST` request.
    pub fn post(&self, path: &str) -> BearerRequest<'_, S> {
        self.request(Method::POST, path)
    }

    /// A `PUT` request.
    pub fn put(&self, path: &str) -> BearerRequest<'_, S> {
        self.request(Method::PUT, path)
    }

    /// A `PATCH` request.
    pub fn patch(&self, path: &str) -> BearerRequest<'_, S> {
        self.request(Method::PATCH, path)
    }

    /// A `DELETE` request.
    pub fn delete(&self, path: &str) -> BearerRequest<'_, S> {
        self.request(Method::DELETE, path)
    }

    /// A request with any method; `path` is appended to the base URL and may have a query.
    pub fn request(&self, method: Method, path: &str) -> BearerRequest<'_, S> {
        let base_url = self.base_url();
        // A path that starts with two slashes would be parsed as a host.
        let is_path = matches!(path.as_bytes(), [b'/'] | [b'/', b'!'..=b'.' | b'0'..=b'[' | b']'..=b'~', ..]);
        // A path can be joined directly to a base URL without a path, which saves one parse.
        match Some(base_url.url()).filter(|url| is_path && url.path() == "/").and_then(|url| url.join(path).ok()) {
            Some(url) => self.request_to(method, url),
            None => {
                let slash = if path.starts_with('/') { "" } else { "/" };
                self.request_to(method, format!("{base_url}{slash}{path}"))
            }
        }
    }

    /// A request to an absolute URL, such as one that the API returned; it must have the API's origin.
    pub fn request_to(&self, method: Method, address: impl IntoUrl) -> BearerRequest<'_, S> {
        BearerRequest { client: self, builder: self.builder(method, address), body_limit: self.body_limit() }
    }
}

impl<S: TokenSource> BearerRequest<'_, S> {
    /// Adds a header. `Authorization` is overwritten when the request is sent.
    pub fn header<N, V>(self, name: N, value: V) -> Self
    where
        HeaderName: TryFrom<N>,
        <HeaderName as TryFrom<N>>::Error: Into<http::Error>,
        HeaderValue: TryFrom<V>,
        <HeaderValue as TryFrom<V>>::Error: Into<http::Error>,
    {
        self.with(|request| request.header(name, value))
    }

    /// Appends parameters to the query, from pairs or from a struct: `query(&[("page", "2")])`.
    pub fn query(self, parameters: &(impl Serialize + ?Sized)) -> Self {
        self.with(|request| request.query(parameters))
    }

    /// Sets the body: `content` as JSON.
    pub fn json(self, content: &(impl Serialize + ?Sized)) -> Self {
        self.with(|request| request.json(content))
    }

    /// Sets the body: `content` as `application/x-www-form-urlencoded`.
    pub fn form(self, content: &(impl Serialize + ?Sized)) -> Self {
        self.with(|request| request.form(content))
    }

    /// Sets the body: bytes, a text or a stream.
    pub fn body(self, content: impl Into<Body>) -> Self {
        self.with(|request| request.body(content))
    }

    /// Sets the time from sending the request to the last byte of the response body, instead of the client's timeout.
    /// It starts again if the request is repeated with another token.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.with(|request| request.timeout(timeout))
    }

    /// Sets the size in bytes above which reading the response body is an error, instead of the client's limit.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Applies any other setting of `reqwest`'s builder: `with(|request| request.version(version))`.
    pub fn with(mut self, set: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Self {
        self.builder = set(self.builder);
        self
    }

    /// Sends the request.
    ///
    /// # Errors
    /// As with [`BearerClient::execute`], and [`CallError::Request`] if the request cannot be built.
    pub async fn send(self) -> Result<BearerResponse, CallError<TransportError, S::Error>> {
        let request = self.builder.build().map_err(CallError::unbuilt)?;
        self.client.execute_with(request, self.body_limit).await
    }
}

impl<S: TokenSource> fmt::Debug for BearerRequest<'_, S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("BearerRequest").finish_non_exhaustive()
    }
}
