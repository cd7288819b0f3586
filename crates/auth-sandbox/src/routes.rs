//! The routes of the sandbox.

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    response::{IntoResponse, Response},
    routing::any,
};
use http::StatusCode;
use tower::ServiceExt as _;

use crate::{
    Endpoint, Vendor, body, control, host,
    oauth2::metadata,
    observe::Arrival,
    resource::{self, Resource},
    state::Shared,
    token_endpoint,
};

const RESOURCES: [Resource; 4] = [Resource::Customers, Resource::Customer, Resource::PollRuns, Resource::Generic];

/// The routes of all servers. Each accepts every method, so that requests with a wrong method are counted and
/// answered, too.
pub(crate) fn router(shared: &Arc<Shared>) -> Router {
    let mut router = Router::new();
    for vendor in Vendor::ALL {
        let shared = Arc::clone(shared);
        let handle = move |request: Request| async move {
            let (parts, body) = request.into_parts();
            let arrival = Arrival::new(Some(vendor), Endpoint::Token, &parts);
            token_endpoint::handle(&shared, vendor, arrival, &parts, body).await
        };
        router = router.route(vendor.token_path(), any(handle));
    }
    for resource in RESOURCES {
        let shared = Arc::clone(shared);
        let handle = move |request: Request| async move {
            let (parts, body) = request.into_parts();
            let arrival = Arrival::new(Some(resource.vendor()), Endpoint::Resource, &parts);
            resource::handle(&shared, resource, arrival, &parts, body).await
        };
        router = router.route(&resource.route(), any(handle));
    }
    if shared.control.is_some() {
        for path in control::ROUTES {
            let shared = Arc::clone(shared);
            let handle = move |request: Request| async move { control::handle(&shared, request).await };
            router = router.route(path, any(handle));
        }
    }
    for path in metadata::PATHS {
        let shared = Arc::clone(shared);
        let handle = move |request: Request| async move {
            let (parts, _) = request.into_parts();
            let arrival = Arrival::new(Some(Vendor::OAuth2), Endpoint::Metadata, &parts);
            metadata::handle(&shared, arrival, &parts).await
        };
        router = router.route(path, any(handle));
    }
    let shared = Arc::clone(shared);
    router.fallback(move |request: Request| async move { unknown(&shared, request).await })
}

/// Answers a request to any path.
pub(crate) async fn answer(router: Router, shared: &Shared, request: Request) -> Response {
    if let Err(refusal) = host::check(request.version(), request.headers()) {
        let (parts, _) = request.into_parts();
        let arrival = Arrival::new(None, Endpoint::Other, &parts);
        let code = refusal.code;
        let response = refusal.into_response();
        shared.observe(arrival, &response, Some(code), None);
        return response;
    }
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// Answers requests to unknown paths.
async fn unknown(shared: &Shared, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let arrival = Arrival::new(None, Endpoint::Other, &parts);
    let (response, code) = match body::read(shared, body).await {
        Ok(_) => (StatusCode::NOT_FOUND.into_response(), None),
        Err(failure) => {
            let refusal = failure.refusal();
            let code = refusal.code;
            (refusal.into_response(), Some(code))
        }
    };
    shared.observe(arrival, &response, code, None);
    response
}
