//! The response of an API; its body is read up to a limit.

use std::fmt;

use auth_transport::{PayloadError, TransportError, TransportErrorKind};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};
use reqwest::{Response, Url};
use serde::de::DeserializeOwned;

/// The byte order mark. A text may start with it, but JSON parsers reject it; RFC 8259 section 8.1 permits ignoring it.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The response to a request of a [`BearerClient`](crate::BearerClient). Status and headers have arrived; the body has
/// not been read yet.
///
/// The request's timeout covers the body too. `Debug` shows status and server.
pub struct BearerResponse {
    response: Response,
    body_limit: usize,
    /// True if the program set `Accept-Encoding` and decodes bodies itself.
    accepts_codings: bool,
}

impl BearerResponse {
    pub(crate) fn new(response: Response, body_limit: usize, accepts_codings: bool) -> Self {
        Self { response, body_limit, accepts_codings }
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The URL of the response: that of the request, unless an HTTP client of the program's own followed redirects.
    #[must_use]
    pub fn url(&self) -> &Url {
        self.response.url()
    }

    /// Returns the response, or an error if its status is a redirect or 4xx, 5xx or higher.
    ///
    /// # Errors
    /// [`ResponseError::Status`] names server and status. It drops the body: check [`status`](Self::status) instead to
    /// keep it.
    pub fn error_for_status(self) -> Result<Self, ResponseError> {
        let status = self.status();
        match status.as_u16() {
            301..=303 | 307 | 308 | 400.. => Err(ResponseError::Status { status, server: self.server() }),
            _ => Ok(self),
        }
    }

    /// Reads the whole body.
    ///
    /// # Errors
    /// [`ResponseError::Transport`] if the body does not arrive in time, is incomplete, is larger than the limit, or is
    /// in a content coding and the request did not set `Accept-Encoding`.
    pub async fn bytes(mut self) -> Result<Bytes, ResponseError> {
        self.check_coding()?;
        let too_large = TransportErrorKind::BodyTooLarge { limit: self.body_limit };
        let announced = self.response.content_length().unwrap_or(0);
        if announced > self.body_limit as u64 {
            return Err(self.failed(too_large));
        }
        let (mut body, mut next) = (BytesMut::new(), self.next().await?);
        while let Some(chunk) = next {
            if chunk.len() > self.body_limit - body.len() {
                return Err(self.failed(too_large));
            }
            next = self.next().await?;
            if next.is_none() && body.is_empty() {
                // Most bodies arrive in one chunk, which needs no copy.
                return Ok(chunk);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    /// Reads the whole body as text; a byte order mark is dropped, invalid UTF-8 is replaced.
    ///
    /// # Errors
    /// As with [`BearerResponse::bytes`].
    pub async fn text(self) -> Result<String, ResponseError> {
        Ok(String::from_utf8_lossy(without_mark(&self.bytes().await?)).into_owned())
    }

    /// Reads the whole body as JSON.
    ///
    /// # Errors
    /// As with [`BearerResponse::bytes`], and [`ResponseError::Payload`] if it is not JSON or not a `T`.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T, ResponseError> {
        let status = self.status();
        let body = self.bytes().await?;
        serde_json::from_slice(without_mark(&body)).map_err(|error| PayloadError::new(status, &error).into())
    }

    /// Reads the next chunk of the body; `None` at the end. The limit does not apply to a body that is read in chunks.
    /// The timeout does: for a long stream, raise it with [`BearerRequest::timeout`](crate::BearerRequest::timeout).
    ///
    /// # Errors
    /// As with [`BearerResponse::bytes`], except for the limit.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, ResponseError> {
        self.check_coding()?;
        self.next().await
    }

    async fn next(&mut self) -> Result<Option<Bytes>, ResponseError> {
        match self.response.chunk().await {
            Ok(chunk) => Ok(chunk),
            Err(error) => Err(TransportError::of(self.response.url(), &error).into()),
        }
    }

    /// The `reqwest` response, whose methods read the body without a limit.
    #[must_use]
    pub fn into_reqwest(self) -> Response {
        self.response
    }

    fn check_coding(&self) -> Result<(), ResponseError> {
        if self.accepts_codings || self.response.content_length() == Some(0) {
            return Ok(());
        }
        TransportError::encoded(self.url(), self.headers()).map_or(Ok(()), |error| Err(error.into()))
    }

    fn failed(&self, kind: TransportErrorKind) -> ResponseError {
        TransportError::new(kind, self.server()).into()
    }

    fn server(&self) -> String {
        let (url, host) = (self.url(), self.url().host_str().unwrap_or_default());
        url.port_or_known_default().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }
}

fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body)
}

impl fmt::Debug for BearerResponse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("BearerResponse")
            .field("status", &self.status())
            .field("server", &self.server())
            .finish_non_exhaustive()
    }
}

/// Why a response cannot be used. `Display` and `Debug` show nothing of the body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// The status is an error or a redirect.
    #[error("{server} answered with status {status}{}", redirection(*.status))]
    #[non_exhaustive]
    Status {
        /// The status.
        status: StatusCode,
        /// Host and port of the server that answered.
        server: String,
    },
    /// The body does not arrive completely, is too large, or is in a content coding.
    #[error(transparent)]
    Transport(TransportError),
    /// The body is not JSON, or not the expected type.
    #[error(transparent)]
    Payload(PayloadError),
}

impl From<TransportError> for ResponseError {
    fn from(error: TransportError) -> Self {
        Self::Transport(error)
    }
}

impl From<PayloadError> for ResponseError {
    fn from(error: PayloadError) -> Self {
        Self::Payload(error)
    }
}

/// What the message adds for a redirect.
fn redirection(status: StatusCode) -> &'static str {
    if status.is_redirection() { "; redirects are not followed with a token" } else { "" }
}
