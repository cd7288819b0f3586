//! Sending the request of a call, and reading its response.

use std::time::Duration;

use http::header::{AUTHORIZATION, COOKIE};

use tokio::time::{Instant, timeout_at};

use crate::base_url::is_protected;
use crate::call::{Call, Placed};
use crate::exchange::Exchange;
use crate::failure::{self, TransportErrorKind};
use crate::limits::TimeLimit;
use crate::outcome::{Answer, Answered, Failure, is_error};
use crate::raw_body::RawBody;
use crate::sending_parts::add_cookie;
use crate::{Attempt, PayloadError, Sent, TransportError, body, coding, wipe, wire};

/// A timeout that never expires, for exchanges whose deadline is set elsewhere.
const NO_TIMEOUT: Duration = Duration::MAX;

impl Call {
    /// Sends `request`, and repeats it with another token if the server rejects the first.
    pub(crate) async fn exchange(&self, mut request: reqwest::Request) -> Result<Answer, Failure> {
        if !is_protected(request.url()) {
            let error = TransportError::at(request.url(), TransportErrorKind::Plaintext);
            return Err(error.in_operation(self.operation).into());
        }
        wipe::wipe_when_sent(&mut request);
        self.place_credentials(&mut request);
        let Some(tokens) = &self.tokens else { return Ok(self.send(request).await?) };
        let attempt = Attempt::first_for(tokens, self.scopes).await.map_err(|error| {
            let server = failure::server(request.url()).into();
            let exchange = Exchange { operation: self.operation, server, request_id: None };
            Failure::Token(error.in_call(exchange, None))
        })?;
        let spare = request.try_clone();
        request.headers_mut().insert(AUTHORIZATION, attempt.authorization());
        let answer = self.send(request).await?;
        let Answered { status, headers, .. } = &answer.answered;
        match attempt.after(*status, headers, spare).await {
            Ok(None) => Ok(answer),
            Ok(Some((authorization, mut again))) => {
                again.headers_mut().insert(AUTHORIZATION, authorization);
                Ok(self.send(again).await?)
            }
            Err(error) => Err(Failure::Token(error.in_call(answer.answered.exchange(self.operation), Some(*status)))),
        }
    }

    fn place_credentials(&self, request: &mut reqwest::Request) {
        if let Some(authorization) = &self.authorization {
            request.headers_mut().insert(AUTHORIZATION, authorization.clone());
        }
        for credential in &self.credentials {
            match credential {
                Placed::Header(name, value) if name == COOKIE => add_cookie(request.headers_mut(), value.clone()),
                Placed::Header(name, value) => {
                    request.headers_mut().append(name.clone(), value.clone());
                }
                Placed::Query(name, key) => {
                    request.url_mut().query_pairs_mut().append_pair(name, key.expose());
                }
            }
        }
    }

    /// The content of `request`, with its secrets added separately, so that even short ones are detected.
    fn sent(&self, request: &reqwest::Request) -> Sent {
        let placed = self.credentials.iter().filter_map(|credential| match credential {
            Placed::Query(_, key) => Some(key),
            Placed::Header(..) => None,
        });
        wire::noted().iter().chain(placed).fold(Sent::of(request), Sent::with_secret)
    }

    /// One request and its response.
    async fn send(&self, mut request: reqwest::Request) -> Result<Answer, TransportError> {
        let url = request.url().clone();
        let time = self.transport.limits().timeout(self.server);
        let start = Instant::now();
        // A stream has no deadline once its head has arrived.
        *request.timeout_mut() = Some(if self.streams { NO_TIMEOUT } else { time });
        let deadline = if self.streams { start.checked_add(time) } else { None };
        self.answer(request, deadline).await.map_err(|(kind, connecting)| {
            let limit = (kind == TransportErrorKind::Timeout).then(|| self.exceeded(start.elapsed(), connecting));
            TransportError::at(&url, kind).in_operation(self.operation).beyond(limit.flatten())
        })
    }

    /// The limit that an exchange exceeded when it ended after this time; `None` if the operating system ended it.
    fn exceeded(&self, after: Duration, connecting: bool) -> Option<TimeLimit> {
        let (whole, connect) = (self.transport.limits().timeout(self.server), self.transport.connect_timeout());
        if after >= whole {
            Some(TimeLimit::Exchange(whole))
        } else if connecting && after >= connect {
            Some(TimeLimit::Connect(connect))
        } else {
            None
        }
    }

    /// The response, or the failure and whether it occurred while connecting.
    async fn answer(
        &self,
        request: reqwest::Request,
        deadline: Option<Instant>,
    ) -> Result<Answer, (TransportErrorKind, bool)> {
        let client = self.transport.client_for(request.url()).ok_or((TransportErrorKind::Tls, true))?;
        let (url, sent) = (request.url().clone(), self.sent(&request));
        let response = within(deadline, client.execute(request)).await.ok_or((TransportErrorKind::Timeout, false))?;
        let mut response = response.map_err(|error| (self.transport.classify(&url, &error), error.is_connect()))?;
        let status = response.status();
        if let Some(redirect) = failure::redirect(&response, &url, &sent).filter(|_| !self.documents(status)) {
            return Err((redirect, false));
        }
        let headers = wipe::own(response.headers());
        let coding = coding::of(&headers).filter(|_| response.content_length() != Some(0));
        let encoded = coding.map(|coding| TransportErrorKind::Encoded { coding });
        let answered = |raw, problem| Answered { url, sent, status, headers, raw, problem };
        if self.streams && status.is_success() {
            if let Some(encoded) = encoded {
                return Err((encoded, false));
            }
            return Ok(Answer { response, answered: answered(RawBody::default(), None) });
        }
        let (limit, mut received) = (self.transport.limits().body(self.server), wipe::Received::default());
        let read = match encoded {
            Some(encoded) => Err(encoded),
            None => {
                let read = within(deadline, body::read(&mut response, limit, &mut received)).await;
                read.unwrap_or(Err(TransportErrorKind::Timeout))
            }
        };
        let body = match read {
            // The status of an error or a redirect is sufficient; its body is optional.
            Err(_) if is_error(status) || self.documents(status) => bytes::Bytes::new(),
            body => body.map_err(|kind| (kind, false))?,
        };
        let is_object = self.object && status.is_success();
        let problem = if is_object { PayloadError::of_object(status, &body) } else { None };
        let answered = answered(RawBody::of(&body), problem);
        let mut complete = http::Response::new(body);
        *complete.status_mut() = status;
        complete.headers_mut().clone_from(&answered.headers);
        drop(response);
        received.wipe().await;
        Ok(Answer { response: complete.into(), answered })
    }
}

/// The output of a future before the deadline, if there is one; `None` after it.
async fn within<F: Future>(deadline: Option<Instant>, future: F) -> Option<F::Output> {
    match deadline {
        None => Some(future.await),
        Some(deadline) => timeout_at(deadline, future).await.ok(),
    }
}
