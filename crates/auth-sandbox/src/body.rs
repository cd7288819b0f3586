//! The body of a request.

use std::error::Error;

use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http_body_util::LengthLimitError;
use tokio::time::timeout;

use crate::{problem::Problem, refusal::Refusal, state::Shared};

/// Longest body that a request may have.
const MAX_BODY: usize = 16 * 1024;
/// Bytes that are read before the connection is dropped, so that the sender of a somewhat longer body gets the refusal.
const MAX_READ: usize = 1024 * 1024;

/// Why there is no body.
#[derive(Clone, Copy)]
pub(crate) enum Failure {
    TooLarge,
    /// Its framing is not that of RFC 9112, or it ends too early.
    Broken,
    Slow,
}

pub(crate) async fn read(shared: &Shared, body: Body) -> Result<Bytes, Failure> {
    match timeout(shared.patience.body, to_bytes(body, MAX_READ)).await {
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
    /// As a token endpoint says it.
    pub(crate) fn refusal(self) -> Refusal {
        match self {
            Self::TooLarge => Refusal::too_large(),
            Self::Broken => Refusal::invalid_request("the framing of the body is invalid, or the body ends too early"),
            Self::Slow => Refusal::slow_body(),
        }
    }

    /// As a resource says it.
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
