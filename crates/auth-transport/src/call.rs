//! One call of a generated operation, from its arguments to a typed response or a redacted error.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::header::{AUTHORIZATION, COOKIE, HeaderName};
use http::{HeaderValue, StatusCode};
use progenitor_client::ResponseValue;
use serde::de::DeserializeOwned;

use crate::limits::Server;
use crate::outcome::{Answer, Outcome, is_error};
use crate::reading::read_body;
use crate::{
    BasicCredentials, ByteStream, Drift, Error, PayloadError, Reading, RequestError, RequestProblem, Secret, Sent,
    Tokens, Transport, wire,
};

/// The context of one call, which a generated client passes from the operation to its hook and back.
///
/// A generated operation creates one, passes a clone to the generator's client, and lets [`Call::finish`] wait for the
/// response. The generator's hook sends the request through [`Call::execute`]. The generator's code sees only complete bodies
/// below the limit, or a streaming body. Its own errors, which would show bodies, are replaced.
#[derive(Clone, Debug)]
pub struct Call {
    pub(crate) transport: Transport,
    pub(crate) operation: Option<&'static str>,
    pub(crate) server: Server,
    pub(crate) authorization: Option<HeaderValue>,
    pub(crate) tokens: Option<Tokens>,
    pub(crate) scopes: &'static [&'static str],
    pub(crate) credentials: Vec<Placed>,
    pub(crate) object: bool,
    pub(crate) streams: bool,
    redirects: &'static [&'static str],
    problem: Option<RequestProblem>,
    outcome: Arc<Mutex<Option<Outcome>>>,
}

/// A credential and its place in the request.
#[derive(Clone, Debug)]
pub(crate) enum Placed {
    Header(HeaderName, HeaderValue),
    Query(&'static str, Secret),
}

impl Call {
    /// A call over `transport`, with the limits of a token endpoint.
    #[must_use]
    pub fn new(transport: &Transport) -> Self {
        Self {
            transport: transport.clone(),
            operation: None,
            server: Server::TokenEndpoint,
            authorization: None,
            tokens: None,
            scopes: &[],
            credentials: vec![],
            object: false,
            streams: false,
            redirects: &[],
            problem: None,
            outcome: Arc::default(),
        }
    }

    /// Sets the `operationId`; errors of the call begin with it.
    #[must_use]
    pub fn of_operation(mut self, id: &'static str) -> Self {
        self.operation = Some(id);
        self
    }

    /// Uses the limits of an API for those that the transport does not set, see [`Transport`].
    #[must_use]
    pub fn with_api_limits(mut self) -> Self {
        self.server = Server::Api;
        self
    }

    /// Sends these credentials by HTTP Basic.
    #[must_use]
    pub fn with_basic(mut self, credentials: &BasicCredentials) -> Self {
        self.authorization = Some(credentials.header());
        self
    }

    /// Sends a token from this source as `Authorization: Bearer` (RFC 6750).
    ///
    /// The token is requested when the request is ready to be sent. If the source has none, nothing is sent, and
    /// [`Call::finish`] fails with [`Error::Token`]. If the server does not accept the token, the token is rejected and
    /// the request is repeated once with another one, see [`Attempt`](crate::Attempt); a request whose body is a stream
    /// is not repeated. The transport's timeout applies to each of the two exchanges.
    #[must_use]
    pub fn with_tokens(mut self, tokens: &Tokens) -> Self {
        self.tokens = Some(tokens.clone());
        self
    }

    /// Requests the token of [`with_tokens`](Self::with_tokens) for these scopes. Default: the scope of the source.
    #[must_use]
    pub fn requiring(mut self, scopes: &'static [&'static str]) -> Self {
        self.scopes = scopes;
        self
    }

    /// Sends this key in a header.
    #[must_use]
    pub fn with_header(self, name: &'static str, key: &Secret) -> Self {
        let value = key.clone().into_header().ok();
        self.placed(HeaderName::from_bytes(name.as_bytes()).ok(), value)
    }

    /// Sends this key in the `Authorization` header, after the name of an authentication scheme (RFC 9110 section 11.4).
    #[must_use]
    pub fn with_scheme(self, scheme: &'static str, key: &Secret) -> Self {
        let value = key.header_after(&format!("{scheme} ")).ok();
        self.placed(Some(AUTHORIZATION), value)
    }

    /// Sends this key in a cookie.
    #[must_use]
    pub fn with_cookie(self, name: &'static str, key: &Secret) -> Self {
        // A character that ends the cookie could start another.
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
            _ => self.problem = Some(RequestProblem::Credential),
        }
        self
    }

    /// Sends nothing, because the client lacks a key that the operation requires; this method of the client sets it.
    #[must_use]
    pub fn without(mut self, method: &'static str) -> Self {
        self.problem = Some(RequestProblem::NoKey(method));
        self
    }

    /// Requires the body of a success to be a JSON object, as documented.
    ///
    /// The types of generated crates would also accept a list and assign its values to the members in order. The object
    /// must not contain a name twice, known or unknown, since parsers disagree about such objects (RFC 8259 section 4);
    /// nested objects are not checked for this. The whole body must be UTF-8 (section 8.1).
    #[must_use]
    pub fn expecting_object(mut self) -> Self {
        self.object = true;
        self
    }

    /// Streams the body of a success, see [`Call::stream`]. The transport's timeout covers the head of the response and the bodies
    /// of errors.
    #[must_use]
    pub fn expecting_stream(mut self) -> Self {
        self.streams = true;
        self
    }

    /// Treats redirects with these statuses (such as `302`, or `3XX` for all) as responses, because the document describes them.
    /// They are not followed.
    #[must_use]
    pub fn expecting_redirects(mut self, statuses: &'static [&'static str]) -> Self {
        self.redirects = statuses;
        self
    }

    /// True for a redirect that the document describes.
    pub(crate) fn documents(&self, status: StatusCode) -> bool {
        status.is_redirection() && self.redirects.iter().any(|own| *own == status.as_str() || *own == "3XX")
    }

    /// The transport's `reqwest` client, for building requests.
    #[must_use]
    pub fn client(&self) -> reqwest::Client {
        self.transport.client().clone()
    }

    /// Sends `request` and reads the whole response, or the head of a streaming one.
    ///
    /// # Errors
    /// Never; the generator's hook requires this return type. After a failure, [`Call::finish`] returns the error, and the
    /// response returned here is a placeholder.
    pub async fn execute(&self, request: reqwest::Request) -> reqwest::Result<reqwest::Response> {
        // Boxed, because the surrounding futures would otherwise contain its many bytes several times.
        let exchange = Box::pin(self.exchange(request));
        let (outcome, response) = match wire::while_sending(exchange).await {
            Ok(Answer { response, answered }) => (Outcome::Answered(Box::new(answered)), response),
            Err(failure) => (Outcome::Failed(failure), http::Response::new(bytes::Bytes::new()).into()),
        };
        *self.outcome() = Some(outcome);
        Ok(response)
    }

    /// Turns the response that [`Call::execute`] returned into a streaming success.
    #[must_use]
    pub fn stream(&self, response: reqwest::Response) -> ResponseValue<ByteStream> {
        let (status, headers) = (response.status(), response.headers().clone());
        let server = match &*self.outcome() {
            Some(Outcome::Answered(answered)) => answered.server(),
            _ => String::new(),
        };
        let stream = ByteStream::new(response, self.transport.limits().idle(), server, self.operation);
        ResponseValue::new(stream, status, headers)
    }

    /// Reads the JSON body of a response that [`Call::execute`] returned, as [`read_json`](crate::read_json) does.
    ///
    /// # Errors
    /// If the body does not fit `T`; [`Call::finish`] replaces the error by one that names place and kind.
    pub async fn read<T: DeserializeOwned, E>(
        &self,
        response: reqwest::Response,
    ) -> Result<ResponseValue<T>, progenitor_client::Error<E>> {
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.map_err(progenitor_client::Error::ResponseBodyError)?;
        match read_body(&body) {
            Ok(Reading { value, drift }) => {
                self.report(drift);
                Ok(ResponseValue::new(value, status, headers))
            }
            Err(error) => {
                // For an error, the status decides, so that such a body is tolerated as well.
                if is_error(status) {
                    self.report(error.difference.clone());
                }
                if let Some(Outcome::Answered(answered)) = &mut *self.outcome() {
                    answered.problem = Some(PayloadError::of(status, error, &answered.sent));
                }
                Err(progenitor_client::Error::Custom(String::new()))
            }
        }
    }

    /// Tells the observers what an answer says other than its document.
    fn report(&self, drift: impl IntoIterator<Item = Drift>) {
        let mut drift = drift.into_iter().peekable();
        if drift.peek().is_some() {
            let sent = match &*self.outcome() {
                Some(Outcome::Answered(answered)) => answered.sent.clone(),
                _ => Sent::default(),
            };
            self.transport.drift.report(self.operation, &sent, drift);
        }
    }

    fn outcome(&self) -> MutexGuard<'_, Option<Outcome>> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the generator's `answer` and replaces its errors with ones that are safe to show.
    ///
    /// # Errors
    /// [`Error`], see its variants.
    pub async fn finish<T, E>(
        self,
        answer: impl Future<Output = Result<ResponseValue<T>, progenitor_client::Error<E>>>,
    ) -> Result<ResponseValue<T>, Error<E>> {
        let operation = self.operation;
        let invalid = |problem| Error::Request(RequestError::new(operation, problem));
        if let Some(problem) = self.problem {
            return Err(invalid(problem));
        }
        let result = wire::while_building(answer).await;
        let outcome = self.outcome().take();
        match (outcome, result) {
            (Some(Outcome::Failed(failure)), _) => Err(failure.into()),
            (Some(Outcome::Answered(mut answered)), Ok(value)) => match answered.problem.take() {
                None => Ok(value),
                Some(problem) => Err(answered.payload(operation, problem)),
            },
            (Some(Outcome::Answered(answered)), Err(error)) => Err(answered.error(operation, error)),
            // The hook was never reached.
            (None, result) => result.map_err(|error| invalid(RequestProblem::of(&error))),
        }
    }
}
