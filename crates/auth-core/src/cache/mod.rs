//! The cache: finds the token of a scope, decides what a caller gets, and sends the requests.
//!
//! A call comes in at `token_cache` or `handle`, which find the slot of its scope (`slot`). A fresh token is returned from
//! there without a lock. Otherwise `policy`, which is pure, decides; `request` sends a request in a task of its own, and
//! callers wait for its result on `in_flight`. What all scopes share (endpoint, circuit breaker, clock, observers) is in
//! `shared`.
//!
//! Nothing here knows vendors or HTTP: the endpoint is a [`TokenEndpoint`](crate::TokenEndpoint).

pub(crate) mod backoff;
#[cfg(feature = "blocking")]
pub(crate) mod blocking;
pub(crate) mod builder;
pub(crate) mod circuit_breaker;
pub(crate) mod eviction;
pub(crate) mod forbidden;
pub(crate) mod handle;
pub(crate) mod in_flight;
pub(crate) mod issuance_limit;
pub(crate) mod keep_warm;
#[cfg(all(test, shuttle))]
mod model;
pub(crate) mod observe;
pub(crate) mod policy;
pub(crate) mod request;
pub(crate) mod scopes;
pub(crate) mod shared;
pub(crate) mod slot;
pub(crate) mod slot_state;
pub(crate) mod sync;
pub(crate) mod token_cache;
