//! Forwards requests with a token.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use auth_core::{Scope, Transport};
use auth_transport::Challenge;
use bytes::Bytes;
use http::header::{AUTHORIZATION, LOCATION};
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Incoming;
use metrics::counter;
use reqwest::Body;
use tokio::time::timeout;
use tower_http::timeout::TimeoutBody;
use url::Url;

use super::headers;
use super::target::Upstream;
use super::upload::{EarlyEnd, Progress, Upload};
use crate::failure::{Failure, Kind};
use crate::sidecar::admission::{caller, screened};
use crate::sidecar::answer::Refusal;
use crate::sidecar::callers::Caller;
use crate::sidecar::connections::Handler;
use crate::sidecar::current::Shared;
use crate::sidecar::limits::Limits;
use crate::sidecar::profiles::Served;
use crate::sidecar::refusals;
use crate::sidecar::screening::Arrival;

/// Bytes of the largest body that is kept, so that its request can be repeated with another token.
const REPEATABLE: u64 = 64 * 1024;

/// Time for an exchange, however slowly it proceeds.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Forwards the requests of `proxy`.
pub(super) struct Forward {
    pub(super) shared: Arc<Shared>,
    pub(super) profile: String,
    /// The scope of the token; without one, that of the profile.
    pub(super) scope: Option<Scope>,
    pub(super) upstream: Upstream,
    pub(super) transport: Transport,
}

type BoxBody = UnsyncBoxBody<Bytes, Box<dyn StdError + Send + Sync>>;

impl Handler for Forward {
    type Body = BoxBody;

    async fn answer(self: Arc<Self>, arrival: Arrival, request: Request<Incoming>) -> Response<BoxBody> {
        let (head, body) = request.into_parts();
        let result = self.forward(arrival, &head, body).await;
        let outcome = result.as_ref().map_or_else(|refusal| refusal.failure.kind.name(), |_| "forwarded");
        counter!("access_token_proxy_requests_total", "outcome" => outcome).increment(1);
        result.unwrap_or_else(|refusal| refusal.answer().map(|body| body.map_err(Into::into).boxed_unsync()))
    }
}

impl Forward {
    async fn forward(&self, arrival: Arrival, head: &Parts, body: Incoming) -> Result<Response<BoxBody>, Refusal> {
        // A response to TRACE repeats the request, with the token.
        if matches!(head.method, Method::CONNECT | Method::TRACE) {
            let message = "the proxy forwards to one server only, and has no CONNECT and no TRACE";
            return Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, Kind::Usage, message));
        }
        screened(arrival, head)?;
        let current = self.shared.current.load_full();
        let caller = caller(&current.callers, arrival, head).await?;
        let tokens = current.profiles.get(&self.profile).ok_or_else(|| {
            Refusal::no_token(Failure::usage("the configuration no longer has the profile of this proxy"))
        })?;
        let scope = self.scope.as_ref().unwrap_or(tokens.default_scope());
        self.check(&caller, tokens.default_scope(), scope)?;
        let url = self
            .upstream
            .url(&head.uri)
            .ok_or_else(|| Refusal::bad_request("the target must be a path below the base URL of the upstream"))?;
        let body = upload(body, self.shared.limits).await?;
        let response = self.exchange((tokens, scope), head, &url, body).await?;
        Ok(self.response(&url, response))
    }

    fn check(&self, caller: &Caller, default: &Scope, scope: &Scope) -> Result<(), Refusal> {
        if caller.rights.permit(&self.profile, default, scope) {
            return Ok(());
        }
        if refusals::are_shown() {
            tracing::warn!(reason = "rights", caller = caller.name, "request refused");
        }
        Err(Refusal::forbidden(format!("the caller `{}` may not have the token of this proxy", caller.name)))
    }

    /// Sends a request with a token, and once more with another one if the upstream rejects the first. If there is no other one, the
    /// caller gets the rejection.
    async fn exchange(
        &self,
        (tokens, scope): (&Served, &Scope),
        head: &Parts,
        url: &Url,
        body: Upload,
    ) -> Result<reqwest::Response, Refusal> {
        let no_token = |error| Refusal::no_token(Failure::from(&error).of_profile(&self.profile));
        let token = tokens.token(scope, Duration::ZERO).await.map_err(no_token)?;
        let (body, progress, spare) = match body {
            Upload::Whole(bytes) => (Body::from(bytes.clone()), Progress::default(), Some(bytes)),
            Upload::Stream(body, progress) => (body, progress, None),
        };
        let mut headers = headers::of_request(&head.headers);
        headers.insert(AUTHORIZATION, token.authorization());
        let response = self.send(&head.method, url, headers.clone(), (body, progress)).await?;
        if !Challenge::rejects_token(response.status(), response.headers()) {
            return Ok(response);
        }
        // A body that cannot be repeated gets another token, too: the caller may send it once more.
        match (tokens.instead_of(&token, scope).await, spare) {
            (Some(other), Some(bytes)) => {
                headers.insert(AUTHORIZATION, other.authorization());
                self.send(&head.method, url, headers, (Body::from(bytes), Progress::default())).await
            }
            (None, _) | (_, None) => Ok(response),
        }
    }

    async fn send(
        &self,
        method: &Method,
        url: &Url,
        headers: HeaderMap,
        (body, progress): (Body, Progress),
    ) -> Result<reqwest::Response, Refusal> {
        let client = self.transport.client_to(self.upstream.base());
        let request = client.request(method.clone(), url.clone()).headers(headers).timeout(LONGEST).body(body);
        let refusal = |status, message: String| Refusal::new(status, Kind::Unavailable, message);
        let idle = self.shared.limits.idle;
        tokio::select! {
            biased;
            response = request.send() => match response {
                Ok(response) => Ok(response),
                Err(error) => Err(match progress.end() {
                    Some(end) => incomplete(end),
                    None => refusal(StatusCode::BAD_GATEWAY, self.transport.error(url, &error).to_string()),
                }),
            },
            // A second later than the body, so that it is known which side has stopped.
            () = progress.idle(idle + Duration::from_secs(1)) => {
                let message = format!("the upstream did not answer within {} seconds", idle.as_secs());
                Err(refusal(StatusCode::GATEWAY_TIMEOUT, message))
            }
        }
    }

    fn response(&self, url: &Url, response: reqwest::Response) -> Response<BoxBody> {
        let (mut head, body) = Response::<Body>::from(response).into_parts();
        head.headers = headers::of_response(&head.headers);
        // Followed or not, the request has been answered: what it did is not undone by an error.
        if let Some(location) = head.headers.remove(LOCATION)
            && let Some(mapped) = self.upstream.location(url, &location)
        {
            head.headers.insert(LOCATION, mapped);
        }
        head.extensions.clear();
        Response::from_parts(head, TimeoutBody::new(self.shared.limits.idle, body).boxed_unsync())
    }
}

/// Reads a small body of known length, so that the request can be repeated.
async fn upload(body: Incoming, limits: Limits) -> Result<Upload, Refusal> {
    if body.size_hint().exact().is_none_or(|length| length > REPEATABLE) {
        return Ok(Upload::stream(body, limits.idle));
    }
    match timeout(limits.body, body.collect()).await {
        Ok(Ok(body)) => Ok(Upload::Whole(body.to_bytes())),
        Ok(Err(_)) => Err(incomplete(EarlyEnd::Broken)),
        Err(_) => Err(incomplete(EarlyEnd::TooSlow)),
    }
}

fn incomplete(end: EarlyEnd) -> Refusal {
    match end {
        EarlyEnd::Broken => Refusal::bad_request("the body of the request is malformed or incomplete"),
        EarlyEnd::TooSlow => {
            Refusal::new(StatusCode::REQUEST_TIMEOUT, Kind::Usage, "the body of the request did not arrive in time")
        }
    }
}
