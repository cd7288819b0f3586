//! The API of `serve`, described in `specs/access-token.yaml`.

mod request;
mod token;

use std::sync::Arc;

use auth_core::AccessToken;
use bytes::Bytes;
use chrono::SecondsFormat;
use http::request::Parts;
use http::{Method, Request, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use metrics::counter;
use serde::Serialize;

use crate::failure::Kind;
use crate::sidecar::admission::{caller, screened};
use crate::sidecar::answer::{Answer, Refusal, json, with_type};
use crate::sidecar::callers::Caller;
use crate::sidecar::connections::Handler;
use crate::sidecar::current::{Current, Shared};
use crate::sidecar::profiles::Profiles;
use crate::sidecar::refusals;
use crate::sidecar::screening::Arrival;

/// Answers the requests of `serve`.
pub(super) struct Api {
    pub(super) shared: Arc<Shared>,
}

/// The answer of `GET /v1/token`.
#[derive(Serialize)]
struct TokenBody<'token> {
    access_token: &'token str,
    token_type: &'static str,
    expires_in: u64,
    expires_at: String,
    scope: &'token str,
    profile: &'token str,
}

/// The answer of `POST /api/v1/token`.
#[derive(Serialize)]
struct TexasBody<'token> {
    access_token: &'token str,
    expires_in: u64,
    token_type: &'static str,
}

/// An error of `POST /api/v1/token` (RFC 6749 section 5.2).
#[derive(Serialize)]
struct TexasError<'refusal> {
    error: &'static str,
    error_description: &'refusal str,
}

/// The answer of `GET /readyz`.
#[derive(Serialize)]
struct Readiness<'profiles> {
    ready: bool,
    /// The profiles without a token.
    waiting: Vec<&'profiles str>,
}

impl Handler for Api {
    type Body = Full<Bytes>;

    async fn answer(self: Arc<Self>, arrival: Arrival, request: Request<Incoming>) -> Answer {
        let (head, body) = request.into_parts();
        if let Err(refusal) = screened(arrival, &head) {
            return refusal.answer();
        }
        let current = self.shared.current.load_full();
        match (head.uri.path(), head.method.clone()) {
            ("/healthz", Method::GET) => with_type(StatusCode::OK, "text/plain", "ok\n"),
            ("/readyz", Method::GET) => readiness(&current.profiles),
            ("/metrics", Method::GET) => match caller(&current.callers, arrival, &head).await {
                Ok(_) => with_type(
                    StatusCode::OK,
                    "text/plain; version=0.0.4",
                    self.shared.metrics.render(current.profiles.warm()),
                ),
                Err(refusal) => refusal.answer(),
            },
            ("/v1/token", Method::GET) => {
                let answer = self.plain(&current, arrival, &head).await;
                answer.unwrap_or_else(|refusal| refusal.answer())
            }
            ("/api/v1/token", Method::POST) => match self.texas(&current, arrival, &head, body).await {
                Ok(answer) => answer,
                Err(refusal) => refusal.answer_with(&TexasError {
                    error: oauth_name(&refusal),
                    error_description: &refusal.failure.message,
                }),
            },
            ("/healthz" | "/readyz" | "/metrics" | "/v1/token", _) => Refusal::method("GET").answer(),
            ("/api/v1/token", _) => Refusal::method("POST").answer(),
            _ => Refusal::new(StatusCode::NOT_FOUND, Kind::Usage, "this API has no such path").answer(),
        }
    }
}

impl Api {
    async fn plain(&self, current: &Current, arrival: Arrival, head: &Parts) -> Result<Answer, Refusal> {
        let caller = caller(&current.callers, arrival, head).await?;
        let wanted = request::query(&head.uri)?;
        let token = counted(&caller, &wanted.profile, token::token(&current.profiles, &caller, &wanted).await)?;
        let body = TokenBody {
            access_token: token.expose(),
            token_type: "Bearer",
            expires_in: token.remaining().as_secs(),
            expires_at: token.expires_at().to_rfc3339_opts(SecondsFormat::Secs, true),
            scope: token.scope().as_str(),
            profile: &wanted.profile,
        };
        Ok(json(StatusCode::OK, &body))
    }

    async fn texas(
        &self,
        current: &Current,
        arrival: Arrival,
        head: &Parts,
        body: Incoming,
    ) -> Result<Answer, Refusal> {
        let caller = caller(&current.callers, arrival, head).await?;
        let wanted = request::texas(&head.headers, &request::body(body, self.shared.limits.body).await?)?;
        let token = counted(&caller, &wanted.profile, token::token(&current.profiles, &caller, &wanted).await)?;
        let (access_token, expires_in) = (token.expose(), token.remaining().as_secs());
        Ok(json(StatusCode::OK, &TexasBody { access_token, expires_in, token_type: "Bearer" }))
    }
}

/// Counts what a caller got, and writes refusals to the log.
fn counted(caller: &Caller, profile: &str, result: Result<AccessToken, Refusal>) -> Result<AccessToken, Refusal> {
    let outcome = match &result {
        Ok(_) => "ok",
        Err(refusal) if refusal.status == StatusCode::FORBIDDEN => {
            if refusals::are_shown() {
                tracing::warn!(reason = "rights", caller = caller.name, ?profile, "request refused");
            }
            "rights"
        }
        Err(refusal) => refusal.failure.kind.name(),
    };
    // Without the profile: whoever asks for one that does not exist must not add a label.
    counter!("access_token_requests_total", "caller" => caller.name.clone(), "outcome" => outcome).increment(1);
    result
}

fn readiness(profiles: &Profiles) -> Answer {
    let waiting: Vec<&str> = profiles.warm().filter(|(_, is_warm)| !is_warm).map(|(name, _)| name).collect();
    let status = if waiting.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    json(status, &Readiness { ready: waiting.is_empty(), waiting })
}

/// The error code of RFC 6749 for a refusal.
fn oauth_name(refusal: &Refusal) -> &'static str {
    match refusal.failure.kind {
        Kind::Usage => "invalid_request",
        Kind::Refused => "unauthorized_client",
        Kind::Unavailable | Kind::RateLimited => "temporarily_unavailable",
        Kind::Other => "server_error",
    }
}
