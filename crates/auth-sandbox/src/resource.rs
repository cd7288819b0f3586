//! The protected resources (RFC 6750).

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{Method, StatusCode, header, request::Parts};
use serde::Serialize;
use serde_json::json;

use crate::{Vendor, body, form, media_type, observe::Arrival, problem::Problem, reply, script::Answer, state::Shared};

/// A resource with its operations.
#[derive(Clone, Copy)]
pub(crate) enum Resource {
    /// Lean's customers.
    Customers,
    /// One customer.
    Customer,
    /// The poll runs of SAP LeanIX.
    PollRuns,
    /// The resource of the server for RFC 6749.
    Generic,
}

impl Resource {
    pub(crate) fn vendor(self) -> Vendor {
        match self {
            Self::Customers | Self::Customer => Vendor::Lean,
            Self::PollRuns => Vendor::LeanIx,
            Self::Generic => Vendor::OAuth2,
        }
    }

    /// The path in the router's syntax.
    pub(crate) fn route(self) -> String {
        let path = self.vendor().resource_path();
        match self {
            Self::Customers | Self::PollRuns | Self::Generic => path.to_owned(),
            Self::Customer => format!("{path}/{{customer_id}}"),
        }
    }

    /// The permitted methods, for `Allow`.
    fn methods(self) -> &'static str {
        match self {
            Self::Customers => "GET, POST",
            Self::Customer | Self::PollRuns | Self::Generic => "GET",
        }
    }

    /// Performs the operation of a request with a valid token.
    fn act(self, shared: &Shared, parts: &Parts, body: &Bytes) -> Result<Response, Problem> {
        match self {
            Self::Customers if parts.method == Method::POST => {
                if !media_type::is_once(&parts.headers, "application/json") {
                    return Err(Problem::not_json());
                }
                let app_id = shared.credentials().lean_client_id.clone();
                success(StatusCode::CREATED, &shared.customers.create(body, &app_id)?)
            }
            Self::Customers => success(StatusCode::OK, &shared.customers.all()),
            Self::Customer => {
                let id = parts.uri.path().rsplit('/').next().unwrap_or_default();
                success(StatusCode::OK, &shared.customers.find(id)?)
            }
            Self::PollRuns => success(StatusCode::OK, &poll_runs()),
            Self::Generic => success(StatusCode::OK, &json!({ "status": "OK" })),
        }
    }
}

pub(crate) async fn handle(
    shared: &Shared,
    resource: Resource,
    arrival: Arrival,
    parts: &Parts,
    body: Body,
) -> Response {
    let vendor = resource.vendor();
    let provider = shared.provider(vendor);
    provider.count_resource_request();
    let body = body::read(shared, body).await;
    shared.record(vendor, parts, body.as_ref().unwrap_or(&Bytes::new()));

    let step = provider.resource_script.next();
    step.wait().await;
    let (response, error) = match (step.answer, body) {
        (Answer::Raw(raw), _) => (raw.into_response(), None),
        (Answer::Reply(reply), _) => (reply.into_response(), None),
        (Answer::Token(_), body) => match perform(shared, resource, parts, body) {
            Ok(response) => (response, None),
            Err(problem) => {
                let code = problem.code(vendor);
                (problem.into_response(vendor), code)
            }
        },
    };
    shared.observe(arrival, &response, error, None);
    response
}

fn perform(
    shared: &Shared,
    resource: Resource,
    parts: &Parts,
    body: Result<Bytes, body::Failure>,
) -> Result<Response, Problem> {
    let body = body.map_err(body::Failure::problem)?;
    check(shared, resource, parts)?;
    resource.act(shared, parts, &body)
}

/// Checks the method and the token.
fn check(shared: &Shared, resource: Resource, parts: &Parts) -> Result<(), Problem> {
    let allowed = resource.methods();
    if !allowed.split(", ").any(|method| parts.method == method) {
        return Err(Problem::method_not_allowed(allowed));
    }
    let query = form::fields(parts.uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    if query.iter().any(|(name, _)| name == "access_token") {
        return Err(Problem::invalid_request("the token must not be in the query string"));
    }
    let mut sent = parts.headers.get_all(header::AUTHORIZATION).iter();
    let token = match (sent.next(), sent.next()) {
        (Some(_), Some(_)) => {
            return Err(Problem::invalid_request("the Authorization header occurs more than once"));
        }
        (Some(value), None) => bearer(value.as_bytes()).ok_or_else(Problem::no_token)?,
        (None, _) => return Err(Problem::no_token()),
    };
    let vendor = resource.vendor();
    let provider = shared.provider(vendor);
    let claims = shared.key.verify(token, &provider.issuer).filter(|claims| provider.is_live(&claims.jti));
    let claims = claims.ok_or_else(Problem::invalid_token)?;
    if vendor == Vendor::Lean && !claims.has_scope("api") {
        return Err(Problem::insufficient_scope());
    }
    Ok(())
}

/// The token of an `Authorization: Bearer` value.
fn bearer(authorization: &[u8]) -> Option<&str> {
    let (scheme, token) = std::str::from_utf8(authorization).ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

fn success(status: StatusCode, content: &impl Serialize) -> Result<Response, Problem> {
    let text = serde_json::to_string(content).map_err(|_| Problem::server_error())?;
    Ok(reply::no_store(status, text))
}

fn poll_runs() -> serde_json::Value {
    json!({
        "status": "OK",
        "type": "PollRunListResponse",
        "message": null,
        "errors": [],
        "total": 1,
        "data": [{
            "id": "c3d4e5f6-a7b8-4901-9cde-012345678901",
            "pollId": "d4e5f6a7-b8c9-4012-adef-123456789012",
            "status": "IN_PROGRESS",
            "subject": "Review your applications",
        }],
    })
}
