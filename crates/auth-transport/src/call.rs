//! One call of a generated operation, from its arguments to a typed answer or a redacted error.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use http::header::{AUTHORIZATION, COOKIE, HeaderName};
use http::{HeaderMap, HeaderValue, StatusCode};
use progenitor_client::ResponseValue;
use url::Url;

use crate::base_url::is_protected;
use crate::failure::{self, TransportErrorKind};
use crate::{
    Attempt, BasicCredentials, Error, PayloadError, Refusal, Secret, TokenUnavailable, Tokens, Transport,
    TransportError, body, wire,
};

/// The context of one call, which a generated client carries from the operation to its hook and back.
///
/// A generated operation makes one, hands a clone to the generator's client, and lets [`Call::finish`] wait for the
/// answer. The generator's hook sends through [`Call::execute`]. In between the generator sees only complete bodies
/// below the limit, and its own errors, which would show those bodies, are replaced.
#[derive(Clone, Debug)]
pub struct Call {
    transport: Transport,
    authorization: Option<HeaderValue>,
    tokens: Option<Tokens>,
    credentials: Vec<Placed>,
    invalid: bool,
    object: bool,
    outcome: Arc<Mutex<Outcome>>,
}

/// A credential at its place in the request.
#[derive(Clone, Debug)]
enum Placed {
    Header(HeaderName, HeaderValue),
    Query(&'static str, Secret),
}

/// What kept the hook from an answer.
#[derive(Debug)]
enum Failure {
    Token(TokenUnavailable),
    Transport(TransportError),
}

impl From<TokenUnavailable> for Failure {
    fn from(error: TokenUnavailable) -> Self {
        Self::Token(error)
    }
}

impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Self {
        Self::Transport(error)
    }
}

/// What the hook saw, for the error that the operation returns.
#[derive(Debug, Default)]
struct Outcome {
    failure: Option<Failure>,
    head: Option<(StatusCode, HeaderMap)>,
    body: bytes::Bytes,
    payload: Option<PayloadError>,
}

impl Call {
    /// A call over `transport`.
    #[must_use]
    pub fn new(transport: &Transport) -> Self {
        Self {
            transport: transport.clone(),
            authorization: None,
            tokens: None,
            credentials: vec![],
            invalid: false,
            object: false,
            outcome: Arc::default(),
        }
    }

    /// Sends these credentials by HTTP Basic.
    #[must_use]
    pub fn with_basic(mut self, credentials: &BasicCredentials) -> Self {
        self.authorization = Some(credentials.header());
        self
    }

    /// Sends a token of this source as `Authorization: Bearer` (RFC 6750).
    ///
    /// It is asked for when everything else is ready; where there is none, nothing is sent, and [`Call::finish`] fails with
    /// [`Error::Token`]. When the server does not accept the token, it is rejected and the request is sent once more with
    /// another one, as [`Attempt`] says; a body that is a stream cannot be sent again. The deadline of the transport is for
    /// each of the two exchanges.
    #[must_use]
    pub fn with_tokens(mut self, tokens: &Tokens) -> Self {
        self.tokens = Some(tokens.clone());
        self
    }

    /// Sends this key in a header.
    #[must_use]
    pub fn with_header(self, name: &'static str, key: &Secret) -> Self {
        let value = key.clone().into_header().ok();
        self.placed(HeaderName::from_bytes(name.as_bytes()).ok(), value)
    }

    /// Sends this key in a cookie.
    #[must_use]
    pub fn with_cookie(self, name: &'static str, key: &Secret) -> Self {
        // What ends a cookie would begin another.
        let clean = !key.expose().contains([';', ',', ' ', '"', '\\']);
        let value = clean.then(|| key.header_after(&format!("{name}=")).ok()).flatten();
        self.placed(Some(COOKIE), value)
    }

    /// Sends this key in the query.
    #[must_use]
    pub fn with_query(mut self, name: &'static str, key: &Secret) -> Self {
        self.credentials.push(Placed::Query(name, key.clone()));
        self
    }

    fn placed(mut self, name: Option<HeaderName>, value: Option<HeaderValue>) -> Self {
        match (name, value) {
            (Some(name), Some(value)) => self.credentials.push(Placed::Header(name, value)),
            _ => self.invalid = true,
        }
        self
    }

    /// Takes nothing but an object for a success whose body is one by the document.
    ///
    /// The types of generated crates would read the values of a list one after the other as its members. Nor may a name
    /// stand in it twice, known or unknown, since readers do not agree on what that says (RFC 8259 section 4), and it is
    /// UTF-8 throughout (section 8.1).
    #[must_use]
    pub fn expecting_object(mut self) -> Self {
        self.object = true;
        self
    }

    /// The `reqwest` client of the transport, to build requests with.
    #[must_use]
    pub fn client(&self) -> reqwest::Client {
        self.transport.client().clone()
    }

    /// Sends `request` and reads the whole answer.
    ///
    /// # Errors
    /// None of its own: the type is what the generator's hook must return. What went wrong is kept for
    /// [`Call::finish`], and the response given back in that case means nothing.
    pub async fn execute(&self, request: reqwest::Request) -> reqwest::Result<reqwest::Response> {
        let (outcome, response) = match wire::while_sending(self.exchange(request)).await {
            Ok(response) => {
                let head = Some((response.status(), response.headers().clone()));
                let is_object = self.object && response.status().is_success();
                let payload =
                    if is_object { PayloadError::of_object(response.status(), response.body()) } else { None };
                (Outcome { failure: None, head, body: response.body().clone(), payload }, response)
            }
            Err(failure) => {
                let outcome = Outcome { failure: Some(failure), ..Outcome::default() };
                (outcome, http::Response::new(bytes::Bytes::new()))
            }
        };
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = outcome;
        Ok(response.into())
    }

    /// Sends `request`, and sends it again if that is all that an unacceptable token takes.
    async fn exchange(&self, mut request: reqwest::Request) -> Result<http::Response<bytes::Bytes>, Failure> {
        if !is_protected(request.url()) {
            return Err(TransportError::at(request.url(), TransportErrorKind::Plaintext).into());
        }
        self.place_credentials(&mut request);
        let Some(tokens) = &self.tokens else { return Ok(self.send(request).await?) };
        let attempt = Attempt::first(tokens).await?;
        let spare = request.try_clone();
        request.headers_mut().insert(AUTHORIZATION, attempt.authorization());
        let response = self.send(request).await?;
        match attempt.after(response.status(), response.headers(), spare).await? {
            None => Ok(response),
            Some((authorization, mut again)) => {
                again.headers_mut().insert(AUTHORIZATION, authorization);
                Ok(self.send(again).await?)
            }
        }
    }

    fn place_credentials(&self, request: &mut reqwest::Request) {
        if let Some(authorization) = &self.authorization {
            request.headers_mut().insert(AUTHORIZATION, authorization.clone());
        }
        for credential in &self.credentials {
            match credential {
                Placed::Header(name, value) => {
                    request.headers_mut().append(name.clone(), value.clone());
                }
                Placed::Query(name, key) => {
                    request.url_mut().query_pairs_mut().append_pair(name, key.expose());
                }
            }
        }
    }

    /// One request and its whole answer.
    async fn send(&self, request: reqwest::Request) -> Result<http::Response<bytes::Bytes>, TransportError> {
        let url = request.url().clone();
        self.answer(&url, request).await.map_err(|kind| TransportError::at(&url, kind))
    }

    async fn answer(
        &self,
        url: &Url,
        request: reqwest::Request,
    ) -> Result<http::Response<bytes::Bytes>, TransportErrorKind> {
        let client = self.transport.client_for(url).ok_or(TransportErrorKind::Tls)?;
        let sent = look_alike(&request);
        let mut response = client.execute(request).await.map_err(|error| failure::classify(&error))?;
        if let Some(redirect) = failure::redirect(&response, &sent) {
            return Err(redirect);
        }
        let body = match body::read(&mut response, self.transport.body_limit()).await {
            // The status of an error says enough; its text is optional.
            Err(_) if is_error(response.status()) => bytes::Bytes::new(),
            body => body?,
        };
        let mut complete = http::Response::new(body);
        *complete.status_mut() = response.status();
        *complete.headers_mut() = std::mem::take(response.headers_mut());
        Ok(complete)
    }

    /// Waits for the generator's `answer` and makes its errors safe to show.
    ///
    /// # Errors
    /// [`Error`], see its variants.
    pub async fn finish<T, E>(
        self,
        answer: impl Future<Output = Result<ResponseValue<T>, progenitor_client::Error<E>>>,
    ) -> Result<ResponseValue<T>, Error<E>> {
        if self.invalid {
            return Err(Error::Request);
        }
        let result = wire::while_building(answer).await;
        let Outcome { failure, head, body, payload } =
            std::mem::take(&mut *self.outcome.lock().unwrap_or_else(PoisonError::into_inner));
        match (failure, head) {
            (Some(Failure::Token(error)), _) => Err(Error::Token(error)),
            (Some(Failure::Transport(error)), _) => Err(Error::Transport(error)),
            (None, Some((status, headers))) => match (result, payload) {
                (Ok(_), Some(payload)) => Err(Error::Payload(payload.reading(&body))),
                (result, _) => result.map_err(|error| answered(error, status, headers, body)),
            },
            // The hook was never reached.
            (None, None) => result.map_err(|_| Error::Request),
        }
    }
}

/// What can be looked at once a request is under way: the same, which shares its bytes, but without a body that is a stream.
fn look_alike(request: &reqwest::Request) -> reqwest::Request {
    request.try_clone().unwrap_or_else(|| {
        let mut same = reqwest::Request::new(request.method().clone(), request.url().clone());
        same.headers_mut().clone_from(request.headers());
        same
    })
}

/// True for 4xx and 5xx, and for what is beyond them, which no success is either.
fn is_error(status: StatusCode) -> bool {
    status.as_u16() >= 400
}

/// The error for an answer that the generator did not take for success.
fn answered<E>(
    error: progenitor_client::Error<E>,
    status: StatusCode,
    headers: HeaderMap,
    body: bytes::Bytes,
) -> Error<E> {
    match error {
        progenitor_client::Error::ErrorResponse(body) => {
            Error::Refused(Box::new(Refusal::new(status, headers, Ok(body.into_inner()))))
        }
        // Whatever the body of an error is, its status decides.
        _ if is_error(status) => Error::Refused(Box::new(Refusal::new(status, headers, Err(body)))),
        progenitor_client::Error::InvalidResponsePayload(_, error) => {
            Error::Payload(PayloadError::new(status, &error).reading(&body))
        }
        _ => Error::UnexpectedStatus(status),
    }
}
