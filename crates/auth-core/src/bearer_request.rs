//! A request of a client that sends tokens.

use std::fmt;
use std::time::Duration;

use auth_transport::{TokenSource, TransportError};
use http::{HeaderName, HeaderValue};
use reqwest::{Body, RequestBuilder};
use serde::Serialize;

use crate::{BearerClient, BearerResponse, CallError, TokenHandle};

/// A request of a [`BearerClient`].
///
/// What cannot be put into it, such as a header with a line break, is the error of [`BearerRequest::send`].
#[must_use = "a request is sent by `send`"]
pub struct BearerRequest<'client, S: TokenSource = TokenHandle> {
    client: &'client BearerClient<S>,
    builder: RequestBuilder,
    body_limit: usize,
}

impl<'client, S: TokenSource> BearerRequest<'client, S> {
    pub(crate) fn new(client: &'client BearerClient<S>, builder: RequestBuilder, body_limit: usize) -> Self {
        Self { client, builder, body_limit }
    }

    /// Adds a header. `Authorization` is set when the request is sent, whatever is added here.
    pub fn header<N, V>(self, name: N, value: V) -> Self
    where
        HeaderName: TryFrom<N>,
        <HeaderName as TryFrom<N>>::Error: Into<http::Error>,
        HeaderValue: TryFrom<V>,
        <HeaderValue as TryFrom<V>>::Error: Into<http::Error>,
    {
        self.with(|request| request.header(name, value))
    }

    /// Adds to the query, from pairs or a structure with members: `query(&[("page", "2")])`.
    pub fn query(self, parameters: &(impl Serialize + ?Sized)) -> Self {
        self.with(|request| request.query(parameters))
    }

    /// Sends this as JSON.
    pub fn json(self, content: &(impl Serialize + ?Sized)) -> Self {
        self.with(|request| request.json(content))
    }

    /// Sends this as `application/x-www-form-urlencoded`.
    pub fn form(self, content: &(impl Serialize + ?Sized)) -> Self {
        self.with(|request| request.form(content))
    }

    /// Sends these bytes or this text.
    pub fn body(self, content: impl Into<Body>) -> Self {
        self.with(|request| request.body(content))
    }

    /// Time from sending the request to the last byte of the answer's body, instead of that of the client. If the request is
    /// repeated with another token, it begins again.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.with(|request| request.timeout(timeout))
    }

    /// Size in bytes at which reading the answer's body stops with an error, instead of that of the client.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Sets whatever else `reqwest` lets one set: `with(|request| request.version(version))`.
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
