//! Which path leads where.

use std::sync::Arc;

use axum::{Router, body::Body, extract::Request, response::Response, routing::any};

use crate::{Raw, Vendor, resource, state::Shared, token_endpoint};

/// The routes of both vendors. Each takes every method, for wrong ones to be counted and answered as well.
pub(crate) fn router(shared: &Arc<Shared>) -> Router {
    [Vendor::Lean, Vendor::LeanIx].into_iter().fold(Router::new(), |router, vendor| {
        let token = Arc::clone(shared);
        let protected = Arc::clone(shared);
        router
            .route(
                vendor.token_path(),
                any(move |request: Request| async move { token_endpoint::handle(&token, vendor, request).await }),
            )
            .route(
                vendor.resource_path(),
                any(move |request: Request| async move { resource::handle(&protected, vendor, request).await }),
            )
    })
}

/// A response that is never sent: the connection plays these bytes instead.
pub(crate) fn hijack(raw: Raw) -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(raw);
    response
}
