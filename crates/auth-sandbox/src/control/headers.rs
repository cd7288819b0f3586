//! Headers of every response of the page and the interface.

use axum::response::Response;
use http::{HeaderValue, header};

/// Adds headers that keep pages of other sites from using a response.
pub(super) fn guarded(mut response: Response) -> Response {
    for (name, value) in [
        ("cache-control", "no-store"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
    ] {
        response.headers_mut().insert(header::HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}
