//! The body of a request.

use std::error::Error;

use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http_body_util::LengthLimitError;
use tokio::time::timeout;

use crate::{problem::Problem, refusal::Refusal, state::Shared};

/// Size of the largest permitted body in bytes.
const MAX_BODY: usize = 16 * 1024;
/// Bytes that are read before the connection is closed, so that a client with a moderately larger body receives the
/// refusal.
const MAX_READ: usize = 1024 * 1024;

/// Why a body cannot be read.
#[derive(Clone, Copy)]
pub(crate) enum Failure {
    TooLarge,
    /// Its framing violates RFC 9112, or it ends too early.
    Broken,
    Slow,
}

pub(crate) async fn read(shared: &Shared, body: Body) -> Result<Bytes, Failure> {
    match timeout(shared.timeouts.body, to_bytes(body, MAX_READ)).await {
        Ok(Ok(body)) if body.len() <= MAX_BODY => Ok(body),
        Ok(Ok(_)) => Err(Failure::TooLarge),
        Ok(Err(error)) if error.source().is_some_and(|source| source.is::<LengthLimitError>()) => {
            Err(Failure::TooLarge)
        }
        Ok(Err(_)) => Err(Failure::Broken),
        Err(_) => Err(Failure::Slow),
    }
}

impl Failure {
    /// The refusal of a token endpoint.
    pub(crate) fn refusal(self) -> Refusal {
        match self {
            Self::TooLarge => Refusal::too_large(),
            Self::Broken => Refusal::invalid_request("the framing of the body is invalid, or the body ends too early"),
            Self::Slow => Refusal::slow_body(),
        }
    }

    /// The refusal of a resource.
    pub(crate) fn problem(self) -> Problem {
        match self {
            Self::TooLarge => Problem::too_large(),
            Self::Broken => {
                Problem::invalid_parameters("the framing of the body is invalid, or the body ends too early")
            }
            Self::Slow => Problem::slow_body(),
        }
    }
}
